//! Purpose: paths of the API. A text of a stranger gets into one only after its grammar was checked, and encoded.

use std::fmt;

use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986, and the slash between the parts.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A path below the API, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route(String);

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Route {
    fn of(repository: RepositoryId, rest: &str) -> Self {
        Self(format!("/repositories/{repository}{rest}"))
    }

    /// <https://docs.github.com/en/rest/repos/repos#get-a-repository>
    pub fn repository(repository: RepositoryId) -> Self {
        Self::of(repository, "")
    }

    /// <https://docs.github.com/en/rest/git/refs#get-a-reference>
    pub fn reference(repository: RepositoryId, reference: &str) -> Result<Self, Fault> {
        let name = reference
            .strip_prefix("refs/")
            .filter(|_| github::payload::is_reference(reference))
            .ok_or_else(|| {
                Fault::Malformed(format!(
                    "{reference:?} is not a full git ref such as `refs/heads/main`"
                ))
            })?;
        let name = utf8_percent_encode(name, ENCODED);
        Ok(Self::of(repository, &format!("/git/ref/{name}")))
    }

    /// <https://docs.github.com/en/rest/git/commits#get-a-commit-object>
    pub fn commit(repository: RepositoryId, commit: &CommitSha) -> Result<Self, Fault> {
        Self::with(repository, "/git/commits/", commit)
    }

    /// <https://docs.github.com/en/rest/git/tags#get-a-tag>
    pub fn tag(repository: RepositoryId, tag: &CommitSha) -> Result<Self, Fault> {
        Self::with(repository, "/git/tags/", tag)
    }

    /// <https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-zip>
    pub fn zipball(repository: RepositoryId, commit: &CommitSha) -> Result<Self, Fault> {
        Self::with(repository, "/zipball/", commit)
    }

    /// All levels. <https://docs.github.com/en/rest/git/trees#get-a-tree>
    pub fn tree(repository: RepositoryId, commit: &CommitSha) -> Result<Self, Fault> {
        let commit = checked(commit)?;
        let rest = format!("/git/trees/{commit}?recursive=1");
        Ok(Self::of(repository, &rest))
    }

    /// Without pages, which gives the newest 250 commits and 300 files.
    /// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
    pub fn compare(
        repository: RepositoryId,
        base: &CommitSha,
        head: &CommitSha,
    ) -> Result<Self, Fault> {
        let (base, head) = (checked(base)?, checked(head)?);
        Ok(Self::of(repository, &format!("/compare/{base}...{head}")))
    }

    /// `None` for a path that no commit can have.
    /// <https://docs.github.com/en/rest/repos/contents#get-repository-content>
    pub fn contents(
        repository: RepositoryId,
        commit: &CommitSha,
        path: &str,
    ) -> Result<Option<Self>, Fault> {
        let commit = checked(commit)?;
        if !github::is_path(path) {
            return Ok(None);
        }
        let path = utf8_percent_encode(path, ENCODED);
        let rest = format!("/contents/{path}?ref={commit}");
        Ok(Some(Self::of(repository, &rest)))
    }

    /// <https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app>
    pub fn installation(repository: RepositoryId) -> Self {
        Self::of(repository, "/installation")
    }

    /// <https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>
    pub fn access_tokens(installation: u64) -> Self {
        Self(format!("/app/installations/{installation}/access_tokens"))
    }

    /// Moves of refs in the past 24 hours, the newest first, a hundred at a time.
    /// <https://docs.github.com/en/rest/repos/repos#list-repository-activities>
    pub fn activity(repository: RepositoryId, cursor: Option<&str>) -> Self {
        let cursor = cursor.map(|cursor| {
            let cursor = utf8_percent_encode(cursor, ENCODED);
            format!("&after={cursor}")
        });
        let cursor = cursor.unwrap_or_default();
        Self::of(
            repository,
            &format!("/activity?time_period=day&per_page=100{cursor}"),
        )
    }

    /// The newest first, a hundred at a time.
    /// <https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook>
    pub fn deliveries(cursor: Option<&str>) -> Self {
        let cursor = cursor.map(|cursor| {
            let cursor = utf8_percent_encode(cursor, ENCODED);
            format!("&cursor={cursor}")
        });
        let cursor = cursor.unwrap_or_default();
        Self(format!("/app/hook/deliveries?per_page=100{cursor}"))
    }

    /// <https://docs.github.com/en/rest/apps/webhooks#get-a-delivery-for-an-app-webhook>
    pub fn delivery(attempt: u64) -> Self {
        Self(format!("/app/hook/deliveries/{attempt}"))
    }

    /// <https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook>
    pub fn redelivery(attempt: u64) -> Self {
        Self(format!("/app/hook/deliveries/{attempt}/attempts"))
    }

    /// Its address is not below that of the REST API everywhere: see [`crate::client::Base`].
    pub fn graphql() -> Self {
        Self("/graphql".to_owned())
    }

    /// Those of this App, also where newer ones have the same name; 100 a page.
    /// <https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference>
    pub fn check_runs(
        repository: RepositoryId,
        commit: &CommitSha,
        app_id: u64,
        page: usize,
    ) -> Result<Self, Fault> {
        let commit = checked(commit)?;
        let rest = format!(
            "/commits/{commit}/check-runs?app_id={app_id}&filter=all&per_page=100&page={page}"
        );
        Ok(Self::of(repository, &rest))
    }

    /// Whether it is GraphQL's.
    pub fn is_graphql(&self) -> bool {
        self.0 == "/graphql"
    }

    fn with(repository: RepositoryId, folder: &str, sha: &CommitSha) -> Result<Self, Fault> {
        let sha = checked(sha)?;
        Ok(Self::of(repository, &format!("{folder}{sha}")))
    }
}

fn checked(commit: &CommitSha) -> Result<&CommitSha, Fault> {
    if commit.is_valid() {
        return Ok(commit);
    }
    Err(Fault::Malformed(format!(
        "{:?} is not a full commit name (40 or 64 lowercase hexadecimal characters)",
        commit.as_str()
    )))
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
