//! Purpose: the port `RefMoves` over the activities that GitHub lists of a repository.

use async_trait::async_trait;
use domain::ids::{CommitSha, PersonId, RepositoryId};
use engine::Fault;
use engine::ports::{MovePage, Moves, RefMove, RefMoves};

use crate::github::{GitHub, JSON, MAX_JSON_BYTES};
use crate::pages::next_cursor;
use crate::route::Route;
use crate::session::Access;
use crate::shapes::{ActivityBody, parse};

#[async_trait]
impl RefMoves for GitHub {
    /// <https://docs.github.com/en/rest/repos/repos#list-repository-activities>
    async fn moves(&self, repository: RepositoryId, cursor: Option<&str>) -> Result<Moves, Fault> {
        let route = Route::activity(repository, cursor);
        let answer = match self.read(repository, &route, JSON, MAX_JSON_BYTES).await {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(Moves::Gone),
            Err(fault) if self.met_limit(repository, Access::Sources).await => {
                return Ok(Moves::Limited(fault));
            }
            Err(fault) => return Err(fault),
        };
        let listed: Vec<ActivityBody> = parse(&route, &answer.body)?;
        Ok(Moves::Page(MovePage {
            moves: listed.into_iter().map(ActivityBody::into_move).collect(),
            next: next_cursor(answer.link.as_deref(), "after"),
        }))
    }
}

impl ActivityBody {
    fn into_move(self) -> RefMove {
        RefMove {
            reference: self.reference,
            before: there(self.before),
            after: there(self.after),
            at: self.timestamp,
            by: self.actor.map(|actor| PersonId(actor.id)),
        }
    }
}

/// A commit that a ref was or is at; no commit is nothing but noughts.
fn there(commit: CommitSha) -> Option<CommitSha> {
    let is_there = commit.is_valid() && commit.as_str().bytes().any(|byte| byte != b'0');
    is_there.then_some(commit)
}
