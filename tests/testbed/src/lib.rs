//! Purpose: real counterparts for tests: installed once into a cache outside the tree, started on 127.0.0.1, stopped by pid.
//!
//! `cargo testbed` installs all of them; a test that needs one installs it when it is missing. None of them outlives the
//! process that started it, however that ends.

mod cache;
mod dynoxide;
mod ministack;
mod npm;
mod openapi;
mod sam;
mod server;
mod webhooks;

pub use cache::folder;
pub use dynoxide::Dynoxide;
pub use ministack::{Ministack, account, aws_tool};
pub use openapi::github_description;
pub use sam::sam;
pub use webhooks::webhook_examples;

/// Why a counterpart is not to be had here.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Missing(String);

/// What came of a test's wish for a counterpart: the counterpart, or nothing and a line that says "skipped: why".
///
/// # Panics
/// When the counterpart is missing and `CI` is set: there nothing is skipped.
#[allow(
    clippy::panic,
    reason = "a test whose counterpart must be there and is not has failed"
)]
pub fn or_skip<T>(started: Result<T, Missing>) -> Option<T> {
    match started {
        Ok(counterpart) => Some(counterpart),
        Err(missing) if std::env::var_os("CI").is_some() => {
            panic!("this test cannot be skipped here, since CI is set: {missing}")
        }
        Err(missing) => {
            eprintln!("skipped: {missing}");
            None
        }
    }
}

/// A counterpart that [`install_all`] looks after.
#[derive(Clone, Debug)]
pub struct Installed {
    pub name: &'static str,
    /// Its program or its file, or why it is not there.
    pub program: Result<std::path::PathBuf, Missing>,
}

/// Installs every counterpart that is not there yet; minutes when it is for the first time.
pub fn install_all() -> Vec<Installed> {
    vec![
        Installed {
            name: dynoxide::NAME,
            program: dynoxide::program(),
        },
        Installed {
            name: ministack::NAME,
            program: aws_tool("ministack"),
        },
        Installed {
            name: sam::NAME,
            program: sam(),
        },
        Installed {
            name: webhooks::NAME,
            program: webhook_examples(),
        },
        Installed {
            name: openapi::NAME,
            program: github_description(),
        },
    ]
}
