//! Purpose: whether an App was granted what it asked for: nothing less, and nothing more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::{EVENTS, PERMISSIONS};

/// Permissions and events of an App or of one of its installations, as GitHub answers them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Grant {
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
    #[serde(default)]
    pub events: BTreeSet<String>,
}

/// One thing that was granted and not asked for, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Asked for, and not granted so; `granted` is what there is instead.
    Permission {
        name: String,
        wanted: &'static str,
        granted: Option<String>,
    },
    PermissionUnasked {
        name: String,
        granted: String,
    },
    EventMissing(String),
    EventUnasked(String),
}

impl Grant {
    /// What the table asks for.
    pub fn requested() -> Self {
        let permissions = PERMISSIONS.iter();
        let permissions = permissions.map(|row| (row.name.to_owned(), row.level.name().to_owned()));
        Self {
            permissions: permissions.collect(),
            events: EVENTS.iter().map(|row| row.name.to_owned()).collect(),
        }
    }

    /// Where this differs from what the table asks for, both ways; empty = granted is what was requested.
    pub fn differences(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        for row in PERMISSIONS {
            let granted = self.permissions.get(row.name);
            if granted.map(String::as_str) != Some(row.level.name()) {
                found.push(Difference::Permission {
                    name: row.name.to_owned(),
                    wanted: row.level.name(),
                    granted: granted.cloned(),
                });
            }
        }
        let unasked = self.permissions.iter();
        let unasked =
            unasked.filter(|(name, _)| !PERMISSIONS.iter().any(|row| row.name == name.as_str()));
        found.extend(
            unasked.map(|(name, granted)| Difference::PermissionUnasked {
                name: name.clone(),
                granted: granted.clone(),
            }),
        );
        let missing = EVENTS.iter().filter(|row| !self.events.contains(row.name));
        found.extend(missing.map(|row| Difference::EventMissing(row.name.to_owned())));
        let unasked = self.events.iter();
        let unasked = unasked.filter(|name| !EVENTS.iter().any(|row| row.name == name.as_str()));
        found.extend(unasked.map(|name| Difference::EventUnasked(name.clone())));
        found
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permission {
                name,
                wanted,
                granted: None,
            } => write!(f, "{name}: {wanted} was asked for and not granted"),
            Self::Permission {
                name,
                wanted,
                granted: Some(granted),
            } => write!(f, "{name}: {wanted} was asked for, {granted} was granted"),
            Self::PermissionUnasked { name, granted } => {
                write!(f, "{name}: {granted} was granted and not asked for")
            }
            Self::EventMissing(name) => write!(f, "the event {name} is not delivered"),
            Self::EventUnasked(name) => {
                write!(f, "the event {name} is delivered and was not asked for")
            }
        }
    }
}
