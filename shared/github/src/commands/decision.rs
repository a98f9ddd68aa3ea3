//! Purpose: the commands that decide about a deploy, as one: what is decided, about which environment, of which release.

use domain::ids::{Digest, EnvironmentName};

use super::{Command, ReleasePrefix};

/// What a line decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    pub environment: &'a EnvironmentName,
    pub approve: bool,
    /// The release that is meant; `None` = the only one that waits, which can be rejected so and not approved.
    pub release: Option<&'a ReleasePrefix>,
    /// Why it is rejected.
    pub reason: &'a str,
}

impl<'a> Decision<'a> {
    /// What a command decides; most decide nothing.
    pub fn of(command: &'a Command) -> Option<Self> {
        match command {
            Command::Approve {
                environment,
                release,
            } => Some(Self {
                environment,
                approve: true,
                release: Some(release),
                reason: "",
            }),
            Command::Reject {
                environment,
                release,
                reason,
            } => Some(Self {
                environment,
                approve: false,
                release: release.as_ref(),
                reason,
            }),
            _ => None,
        }
    }

    /// Whether it can be about this release.
    pub fn is_about(&self, release: &Digest) -> bool {
        self.release.is_none_or(|named| named.names(release))
    }
}
