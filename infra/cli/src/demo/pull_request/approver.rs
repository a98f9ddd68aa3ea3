//! Purpose: the designated person of the demo at GitHub: approves in a comment, by the hash of the release.

use async_trait::async_trait;
use domain::ids::Digest;

use super::super::follow::Approver;
use super::super::{APPROVER, PRODUCTION};
use super::page::NUMBER;
use super::stand_in::{REPOSITORY, StandIn};
use crate::failure::Failure;

/// Writes below the pull request.
pub struct ByComment<'a> {
    pub stand_in: &'a StandIn,
    /// Where the machine is.
    pub machine: &'a str,
}

#[async_trait]
impl Approver for ByComment<'_> {
    async fn approve(&self, release: &Digest) -> Result<Option<String>, Failure> {
        let (id, login, ..) = APPROVER;
        let text = format!("/approve {PRODUCTION} {}", release.short());
        let github = self.stand_in.github()?;
        let payload = github.comment(REPOSITORY.0, NUMBER, id, &text);
        self.stand_in
            .deliver(self.machine, "issue_comment", payload)
            .await?;
        Ok(Some(format!("{login} comments: {text}")))
    }
}
