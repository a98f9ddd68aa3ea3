//! Purpose: the port `Sources` over GitHub.

use async_trait::async_trait;
use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use engine::ports::{Commit, Comparison, Sources};

use crate::github::{GitHub, JSON, MAX_JSON_BYTES, RAW};
use crate::route::Route;
use crate::shapes::{CommitBody, ReferenceBody, RepositoryBody, TagBody, parse};

/// Largest file that is read from a repository, bytes.
pub const MAX_FILE_BYTES: usize = 256 << 10;
/// A tag of a tag of a tag …: how far it is followed.
const MAX_TAG_DEPTH: usize = 4;

#[async_trait]
impl Sources for GitHub {
    /// A tag is answered with the commit that it stands for; one of something else is no ref here.
    async fn head(
        &self,
        repository: RepositoryId,
        reference: &str,
    ) -> Result<Option<CommitSha>, Fault> {
        let route = Route::reference(repository, reference)?;
        let Some(answer) = self.read(repository, &route, JSON, MAX_JSON_BYTES).await? else {
            return Ok(None);
        };
        let found: ReferenceBody = parse(&route, &answer.body)?;
        if found.name != reference {
            return Err(Fault::Malformed(format!(
                "GitHub answered {route} with another ref, {:?}",
                found.name
            )));
        }
        let mut object = found.object;
        for _ in 0..MAX_TAG_DEPTH {
            if object.kind != "tag" {
                break;
            }
            let route = Route::tag(repository, &object.sha)?;
            let Some(answer) = self.read(repository, &route, JSON, MAX_JSON_BYTES).await? else {
                return Ok(None);
            };
            object = parse::<TagBody>(&route, &answer.body)?.object;
        }
        Ok((object.kind == "commit" && object.sha.is_valid()).then_some(object.sha))
    }

    async fn default_branch(&self, repository: RepositoryId) -> Result<Option<String>, Fault> {
        let route = Route::repository(repository);
        let Some(answer) = self.read(repository, &route, JSON, MAX_JSON_BYTES).await? else {
            return Ok(None);
        };
        Ok(Some(
            parse::<RepositoryBody>(&route, &answer.body)?.default_branch,
        ))
    }

    /// A link to a file is answered with that file, as GitHub does; folders and submodules are no files.
    async fn file(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
        path: &str,
    ) -> Result<Option<String>, Fault> {
        let Some(route) = Route::contents(repository, commit, path)? else {
            return Ok(None);
        };
        let Some(answer) = self.read(repository, &route, RAW, MAX_FILE_BYTES).await? else {
            return Ok(None);
        };
        // What is no file is described in JSON, whatever was asked for.
        if !answer.content_type.contains(".raw") {
            return Ok(None);
        }
        match std::str::from_utf8(&answer.body) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(error) => Err(Fault::Malformed(format!(
                "{path} is not UTF-8 at {}: byte {}",
                commit.short(),
                error.valid_up_to() + 1
            ))),
        }
    }

    async fn commit(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
    ) -> Result<Option<Commit>, Fault> {
        let route = Route::commit(repository, commit)?;
        let Some(answer) = self.read(repository, &route, JSON, MAX_JSON_BYTES).await? else {
            return Ok(None);
        };
        let found: CommitBody = parse(&route, &answer.body)?;
        Ok(Some(found.into_commit(commit.clone())))
    }

    async fn changed_paths(
        &self,
        repository: RepositoryId,
        base: Option<&CommitSha>,
        commit: &CommitSha,
    ) -> Result<Option<Vec<String>>, Fault> {
        match base {
            None => Ok(None),
            Some(base) => self.paths_between(repository, base, commit).await,
        }
    }

    async fn compare(
        &self,
        repository: RepositoryId,
        base: &CommitSha,
        commit: &CommitSha,
    ) -> Result<Option<Comparison>, Fault> {
        self.comparison(repository, base, commit).await
    }
}
