//! Purpose: the ports `Sources`, `Archives`, `DeliveryLog`, `RefMoves`, `Checks`, `PullRequests` and `Comments` over
//! GitHub's APIs, spoken to as a GitHub App; and the App itself: how it is made, and how it stands.
//!
//! Repositories are named by number, so a rename changes nothing. Only the configured API is spoken to; the one redirect
//! that is followed is that of an archive, and it carries no credential. Nothing here sleeps or repeats: what is
//! unavailable goes back to the queue.

mod answer;
mod app;
mod archives;
mod budget;
mod cache;
mod changes;
mod checks;
mod client;
mod comments;
mod convert;
mod deliveries;
mod github;
mod jwt;
mod moves;
mod pages;
mod pem;
mod pull_requests;
mod route;
mod session;
mod shapes;
mod show;
mod sources;

pub use app::{About, Hook, Installation, Look, Protection};
pub use archives::MAX_ARCHIVE_BYTES;
pub use budget::Budget;
pub use changes::{MAX_CHANGED_PATHS, MAX_LISTED_COMMITS};
pub use convert::{Hidden, NewApp, check_api, convert};
pub use github::{GitHub, Limits};
pub use pem::PemSigner;
pub use sources::MAX_FILE_BYTES;
