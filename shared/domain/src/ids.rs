//! Purpose: the identities that events, streams and plans speak of.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is; where the text comes from outside, its reader has checked it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

number_id! {
    /// A repository, by the number that GitHub (or the local registry) gave it. Names change, numbers do not.
    RepositoryId
}
number_id! {
    /// A person, by number; names and addresses live outside the journal, so that they can be erased.
    PersonId
}
text_id! {
    /// A run: 12 hexadecimal characters derived from the delivery that asked for it.
    RunId
}
text_id! {
    /// One job of a plan, with its matrix cell: `unit` or `unit (go=1.24)`.
    JobId
}
text_id! {
    /// The name of an environment in the pipeline file: `staging`, `production`.
    EnvironmentName
}
text_id! {
    /// A git commit: 40 (SHA-1) or 64 (SHA-256) lowercase hexadecimal characters.
    CommitSha
}
text_id! {
    /// A SHA-256 in lowercase hexadecimal.
    Digest
}
text_id! {
    /// The host's name for one build: a CodeBuild ARN, or the process builder's directory name.
    BuildId
}

impl Digest {
    /// The SHA-256 of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(hex::encode(sha2::Sha256::digest(bytes)))
    }

    /// Whether the text is a digest: 64 lowercase hexadecimal characters.
    pub fn is_valid(&self) -> bool {
        self.0.len() == 64
            && self
                .0
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }

    /// The first 12 characters: what people read and type.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl CommitSha {
    /// The first 7 characters, as git shows it.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }

    /// Whether the text is a full object name.
    pub fn is_valid(&self) -> bool {
        matches!(self.0.len(), 40 | 64)
            && self
                .0
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }
}
