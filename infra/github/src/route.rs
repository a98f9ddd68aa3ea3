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

/// Characters of the name of a person at most.
const MAX_LOGIN: usize = 39;
/// Characters of a manifest's code at most; GitHub's have 40.
const MAX_CODE: usize = 200;

/// A path below the API, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    path: String,
    /// What is said of it instead, where the path itself is a secret.
    shown: Option<&'static str>,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown.unwrap_or(&self.path))
    }
}

impl Route {
    fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            shown: None,
        }
    }

    /// The path itself.
    pub fn path(&self) -> &str {
        &self.path
    }

    fn of(repository: RepositoryId, rest: &str) -> Self {
        Self::new(format!("/repositories/{repository}{rest}"))
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
        Self::new(format!("/app/installations/{installation}/access_tokens"))
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
        Self::new(format!("/app/hook/deliveries?per_page=100{cursor}"))
    }

    /// <https://docs.github.com/en/rest/apps/webhooks#get-a-delivery-for-an-app-webhook>
    pub fn delivery(attempt: u64) -> Self {
        Self::new(format!("/app/hook/deliveries/{attempt}"))
    }

    /// <https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook>
    pub fn redelivery(attempt: u64) -> Self {
        Self::new(format!("/app/hook/deliveries/{attempt}/attempts"))
    }

    /// What goes wrong with it shows no code.
    /// <https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest>
    pub fn conversion(code: &str) -> Result<Self, Fault> {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if !(1..=MAX_CODE).contains(&code.len()) || !code.bytes().all(inner) {
            return Err(Fault::Rejected("this is no code of a manifest".to_owned()));
        }
        Ok(Self {
            path: format!("/app-manifests/{code}/conversions"),
            shown: Some("/app-manifests/CODE/conversions"),
        })
    }

    /// <https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app>
    pub fn app() -> Self {
        Self::new("/app")
    }

    /// <https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app>
    pub fn hook() -> Self {
        Self::new("/app/hook/config")
    }

    /// A hundred a page. <https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app>
    pub fn installations(page: usize) -> Self {
        Self::new(format!("/app/installations?per_page=100&page={page}"))
    }

    /// <https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch>
    pub fn rules(repository: RepositoryId, branch: &str) -> Result<Self, Fault> {
        let branch = encoded_branch(branch)?;
        let rest = format!("/rules/branches/{branch}?per_page=100");
        Ok(Self::of(repository, &rest))
    }

    /// <https://docs.github.com/en/rest/branches/branches#get-a-branch>
    pub fn branch(repository: RepositoryId, branch: &str) -> Result<Self, Fault> {
        let branch = encoded_branch(branch)?;
        Ok(Self::of(repository, &format!("/branches/{branch}")))
    }

    /// Its address is not below that of the REST API everywhere: see [`crate::client::Base`].
    pub fn graphql() -> Self {
        Self::new("/graphql")
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

    /// <https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request>
    pub fn pull_request(repository: RepositoryId, number: u64) -> Self {
        Self::of(repository, &format!("/pulls/{number}"))
    }

    /// `None` for what is no name of a person.
    /// <https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user>
    pub fn permission(repository: RepositoryId, login: &str) -> Option<Self> {
        let rest = format!("/collaborators/{login}/permission");
        is_login(login).then(|| Self::of(repository, &rest))
    }

    /// The same.
    /// <https://docs.github.com/en/rest/collaborators/collaborators#check-if-a-user-is-a-repository-collaborator>
    pub fn collaborator(repository: RepositoryId, login: &str) -> Option<Self> {
        let rest = format!("/collaborators/{login}");
        is_login(login).then(|| Self::of(repository, &rest))
    }

    /// Where a comment is written. <https://docs.github.com/en/rest/issues/comments#create-an-issue-comment>
    pub fn thread(repository: RepositoryId, number: u64) -> Self {
        Self::of(repository, &format!("/issues/{number}/comments"))
    }

    /// The oldest first, 100 a page. <https://docs.github.com/en/rest/issues/comments#list-issue-comments>
    pub fn comments(repository: RepositoryId, thread: u64, page: usize) -> Self {
        let rest = format!("/issues/{thread}/comments?per_page=100&page={page}");
        Self::of(repository, &rest)
    }

    /// <https://docs.github.com/en/rest/issues/comments#update-an-issue-comment>
    pub fn comment(repository: RepositoryId, id: u64) -> Self {
        Self::of(repository, &format!("/issues/comments/{id}"))
    }

    /// <https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue-comment>
    pub fn reactions(repository: RepositoryId, comment: u64) -> Self {
        Self::of(repository, &format!("/issues/comments/{comment}/reactions"))
    }

    /// Where deployments are created. <https://docs.github.com/en/rest/deployments/deployments#create-a-deployment>
    pub fn deployments(repository: RepositoryId) -> Self {
        Self::of(repository, "/deployments")
    }

    /// Those of a commit, 100 a page. <https://docs.github.com/en/rest/deployments/deployments#list-deployments>
    pub fn deployments_of(
        repository: RepositoryId,
        commit: &CommitSha,
        page: usize,
    ) -> Result<Self, Fault> {
        let commit = checked(commit)?;
        let rest = format!("/deployments?sha={commit}&task=deploy&per_page=100&page={page}");
        Ok(Self::of(repository, &rest))
    }

    /// Where a deployment gets a status.
    /// <https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>
    pub fn deployment_statuses(repository: RepositoryId, deployment: u64) -> Self {
        Self::of(repository, &format!("/deployments/{deployment}/statuses"))
    }

    /// The newest of its statuses; it never has as many.
    /// <https://docs.github.com/en/rest/deployments/statuses#list-deployment-statuses>
    pub fn deployment_statuses_of(repository: RepositoryId, deployment: u64) -> Self {
        let rest = format!("/deployments/{deployment}/statuses?per_page=100");
        Self::of(repository, &rest)
    }

    /// Whether it is GraphQL's.
    pub fn is_graphql(&self) -> bool {
        self.path == "/graphql"
    }

    fn with(repository: RepositoryId, folder: &str, sha: &CommitSha) -> Result<Self, Fault> {
        let sha = checked(sha)?;
        Ok(Self::of(repository, &format!("{folder}{sha}")))
    }
}

/// Whether a text can be the name of a person; those of managed users have an underscore, those of apps brackets.
/// <https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication>
fn is_login(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=MAX_LOGIN).contains(&text.len()) && text.bytes().all(allowed)
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

fn encoded_branch(branch: &str) -> Result<String, Fault> {
    if !github::payload::is_reference(&format!("refs/heads/{branch}")) {
        return Err(Fault::Malformed(format!(
            "{branch:?} is no name of a branch"
        )));
    }
    Ok(utf8_percent_encode(branch, ENCODED).to_string())
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
