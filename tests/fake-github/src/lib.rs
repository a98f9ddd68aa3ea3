//! Purpose: GitHub as a value: changed by a test or by the demo, served over real HTTP to the real client.
//!
//! Answers come from real bare git repositories. What GitHub checks is checked: the App's JWT, the token's repository,
//! permissions and expiry. Every request and every answer is held to GitHub's own OpenAPI description, and a test in which one
//! is not as described fails when its [`FakeGitHub`] is dropped. [`FakeGitHub::end`] hands them over instead.

mod answer;
mod api;
mod app_routes;
mod auth;
mod bare;
mod codeload;
mod control;
mod conversations;
mod description;
mod endpoints;
mod git;
mod graphql;
mod judged;
mod reader;
mod routes;
mod server;
mod shapes;
mod world;

pub use bare::Bare;
pub use conversations::{Comment, Pull, Reaction, Role, User};
pub use description::{DESCRIPTION, Operation, cut};
pub use endpoints::operations;
pub use reader::Reader;
pub use server::{App, FakeGitHub, StartError};
pub use world::{CheckRun, Deployment, Route, Trouble};

/// The private key of the App in tests, as GitHub hands it out (PKCS#1). It opens nothing outside of tests.
pub const TEST_KEY: &str = include_str!("../keys/app.pem");
/// The same private key in PKCS#8.
pub const TEST_KEY_PKCS8: &str = include_str!("../keys/app.pkcs8.pem");
/// Its public half.
pub const TEST_PUBLIC_KEY: &str = include_str!("../keys/app.pub.pem");
