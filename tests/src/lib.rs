//! Purpose: what black-box tests need to use `slipway` as people do: its binary, repositories to push to, mail, processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only tests use it, and a test that cannot go on has failed"
)]

mod binary;
mod browser;
mod home;
pub mod lambda;
mod machine;
mod outbox;
pub mod processes;
mod repository;
pub mod stub;
mod wait;

pub use binary::{FUNCTIONS, Said, binary, functions, shipped, workspace};
pub use browser::decide;
pub use home::Home;
pub use machine::Machine;
pub use outbox::{Approval, approvals, read_approval};
pub use repository::{Repository, git};
pub use wait::{eventually, until};
