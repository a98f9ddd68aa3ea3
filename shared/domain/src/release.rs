//! Purpose: the release set, which is what is tested, approved and promoted: the same bytes in every environment.

use serde::{Deserialize, Serialize};

use crate::ids::{CommitSha, Digest};

/// A named set of files that a build made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    pub name: String,
    /// SHA-256 over the sorted list of the files' paths, modes and digests; see [`digest_of`].
    pub digest: Digest,
    pub files: Vec<ArtifactFile>,
}

/// One file of an artifact, its bytes in the blob store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactFile {
    /// Relative, with forward slashes, no `..`.
    pub path: String,
    pub digest: Digest,
    /// Bytes.
    pub len: u64,
    pub executable: bool,
}

/// The digest of an artifact with these files, whatever their order.
pub fn digest_of(files: &[ArtifactFile]) -> Digest {
    let mut lines: Vec<String> = files
        .iter()
        .map(|file| {
            let mode = if file.executable { "x" } else { "-" };
            format!("{mode} {} {} {}\n", file.digest, file.len, file.path)
        })
        .collect();
    lines.sort();
    Digest::of(lines.concat().as_bytes())
}

/// The identity of a release: the commit, the rules that it was made by ([`Plan::rules`](crate::plan::Plan::rules)) and
/// every artifact's digest.
pub fn release_of(commit: &CommitSha, rules: &Digest, artifacts: &[Artifact]) -> Digest {
    let mut text = format!("commit {commit}\npipeline {rules}\n");
    let mut lines: Vec<String> = artifacts
        .iter()
        .map(|a| format!("artifact {} {}\n", a.digest, a.name))
        .collect();
    lines.sort();
    text.push_str(&lines.concat());
    Digest::of(text.as_bytes())
}
