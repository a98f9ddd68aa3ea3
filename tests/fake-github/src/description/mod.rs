//! Purpose: every exchange with this GitHub, held to GitHub's official OpenAPI description.
//!
//! Judged in this process, and not by a proxy in front of it: Prism resolves no path parameter with slashes in it
//! (`git/ref/heads/main`), reads every body whose media type ends in `+json` as JSON (raw files do, and are none), only warns
//! of a status that is not described, and would be one process more for every test.

mod cut;
mod exceptions;
mod judge;
mod schema;

use std::fmt;

pub use cut::cut;
pub(crate) use judge::{Answered, Asked, Description};

/// One operation of the description.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// `get`
    pub method: String,
    /// `/repos/{owner}/{repo}/git/ref/{ref}`
    pub path: String,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.to_uppercase(), self.path)
    }
}

/// The description as it is used here: `@octokit/openapi`, cut to the endpoints of this GitHub. A test holds it to the package.
pub const DESCRIPTION: &str = include_str!("../../schemas/openapi.json");
