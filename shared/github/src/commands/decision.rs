//! Purpose: the commands that decide about a deploy, as one: what is decided, about which environment, of which release.

use domain::ids::{Digest, EnvironmentName};

use super::{Command, ReleasePrefix};

/// What a line decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    pub environment: &'a EnvironmentName,
    /// The release that is approved; `None` = it is rejected, whichever waits.
    pub approves: Option<&'a ReleasePrefix>,
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
                approves: Some(release),
                reason: "",
            }),
            Command::Reject {
                environment,
                reason,
            } => Some(Self {
                environment,
                approves: None,
                reason,
            }),
            _ => None,
        }
    }

    /// Whether it can be about this release: whoever approves has named it.
    pub fn is_about(&self, release: &Digest) -> bool {
        self.approves.is_none_or(|named| named.names(release))
    }
}
