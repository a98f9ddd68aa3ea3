//! Purpose: the few fields of GitHub's answers that are read; new ones are tolerated.

use domain::ids::CommitSha;
use engine::Fault;
use engine::ports::Commit;
use github::app::Grant;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::route::Route;

/// Longest title of a commit, characters.
const MAX_TITLE: usize = 200;

/// Reads an answer. The fault says where it is wrong and shows nothing of it: it may be a token or a private file.
pub(crate) fn parse<'a, T: Deserialize<'a>>(route: &Route, body: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        Fault::Malformed(format!(
            "GitHub's answer to {route} is not what it documents ({:?} error at line {}, column {})",
            error.classify(),
            error.line(),
            error.column()
        ))
    })
}

#[derive(Deserialize)]
pub(crate) struct InstallationBody {
    pub id: u64,
}

/// The App that something was made by.
#[derive(Deserialize)]
pub(crate) struct ViaBody {
    pub id: u64,
}

/// The App itself.
#[derive(Deserialize)]
pub(crate) struct AppBody {
    pub id: u64,
    pub slug: String,
    #[serde(flatten)]
    pub grant: Grant,
}

/// An installation as lists have it.
#[derive(Deserialize)]
pub(crate) struct InstalledBody {
    pub id: u64,
    pub account: Option<OwnerBody>,
    #[serde(flatten)]
    pub grant: Grant,
    pub suspended_at: Option<Timestamp>,
}

/// An account; that of an enterprise has a slug instead of a login.
#[derive(Deserialize)]
pub(crate) struct OwnerBody {
    #[serde(alias = "slug")]
    pub login: String,
}

#[derive(Deserialize)]
pub(crate) struct HookBody {
    pub url: Option<String>,
    pub content_type: Option<String>,
    /// `"0"`, `"1"`, or one of them as a number.
    #[serde(default, deserialize_with = "switch")]
    pub insecure_ssl: Option<String>,
}

/// A switch that GitHub writes as a text or as a number.
fn switch<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(u64),
    }
    let value = Option::<Either>::deserialize(from)?;
    Ok(value.map(|value| match value {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    }))
}

#[derive(Deserialize)]
pub(crate) struct TokenBody {
    pub token: String,
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
pub(crate) struct RepositoryBody {
    pub node_id: String,
    /// `owner/name`
    pub full_name: String,
    pub default_branch: String,
}

/// One attempt as lists have it. `status_code` is 0 when nobody answered.
#[derive(Deserialize)]
pub(crate) struct AttemptBody {
    pub id: u64,
    pub guid: String,
    pub event: String,
    pub delivered_at: Timestamp,
    pub status_code: u16,
}

/// One move of a ref.
#[derive(Deserialize)]
pub(crate) struct ActivityBody {
    #[serde(rename = "ref")]
    pub reference: String,
    /// Nothing but noughts where there is none.
    pub before: CommitSha,
    pub after: CommitSha,
    pub timestamp: Timestamp,
    pub actor: Option<ActorBody>,
}

#[derive(Deserialize)]
pub(crate) struct ActorBody {
    pub id: u64,
}

/// One attempt with what was sent.
#[derive(Deserialize)]
pub(crate) struct DeliveryBody {
    pub request: RequestBody,
}

#[derive(Deserialize)]
pub(crate) struct RequestBody {
    pub payload: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
pub(crate) struct ReferenceBody {
    #[serde(rename = "ref")]
    pub name: String,
    pub object: ObjectBody,
}

#[derive(Deserialize)]
pub(crate) struct TagBody {
    pub object: ObjectBody,
}

#[derive(Deserialize)]
pub(crate) struct ObjectBody {
    #[serde(rename = "type")]
    pub kind: String,
    pub sha: CommitSha,
}

#[derive(Deserialize)]
pub(crate) struct CommitBody {
    pub message: String,
    pub author: PersonBody,
    pub committer: PersonBody,
}

#[derive(Deserialize)]
pub(crate) struct PersonBody {
    pub name: String,
    pub email: String,
    pub date: Timestamp,
}

/// A commit as lists have it.
#[derive(Deserialize)]
pub(crate) struct ListedCommit {
    pub sha: CommitSha,
    pub commit: CommitBody,
}

#[derive(Deserialize)]
pub(crate) struct ComparisonBody {
    pub status: String,
    pub total_commits: u64,
    pub commits: Vec<ListedCommit>,
    #[serde(default)]
    pub files: Vec<FileBody>,
}

#[derive(Deserialize)]
pub(crate) struct FileBody {
    pub filename: String,
    pub previous_filename: Option<String>,
    pub additions: u64,
    pub deletions: u64,
}

#[derive(Deserialize)]
pub(crate) struct TreeBody {
    pub tree: Vec<EntryBody>,
    pub truncated: bool,
}

#[derive(Deserialize)]
pub(crate) struct EntryBody {
    pub path: String,
    pub mode: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub sha: String,
}

impl CommitBody {
    pub fn into_commit(self, sha: CommitSha) -> Commit {
        let title = self
            .message
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty());
        Commit {
            sha,
            title: title.unwrap_or_default().chars().take(MAX_TITLE).collect(),
            author_name: self.author.name,
            author_address: self.author.email,
            committer_address: self.committer.email,
            at_ms: self.committer.date.as_millisecond(),
        }
    }
}
