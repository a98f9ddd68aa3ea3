//! Purpose: pull requests and comments as GitHub has them. It writes whatever it is asked to write, as often as it is asked.

use async_trait::async_trait;
use domain::delivery::Reaction;
use domain::ids::{PersonId, RepositoryId};
use domain::kernel::StreamId;
use domain::update::UPDATE_SECONDS;
use engine::Fault;
use engine::ports::{CommentUpdate, Comments, Login, NotShown, PullRequest, PullRequests, Written};
use github::commands::Standing;

use super::super::people::{EVE, login};
use super::{DEFAULT_BRANCH, Push, Sent, State, World};

/// Where the code of strangers is.
pub const FORK: RepositoryId = RepositoryId(999);

/// A comment of ours.
#[derive(Clone, Debug)]
pub struct Posted {
    pub id: u64,
    pub thread: u64,
    pub body: String,
}

#[async_trait]
impl PullRequests for World {
    async fn pull_request(
        &self,
        repository: RepositoryId,
        number: u64,
    ) -> Result<Option<PullRequest>, Fault> {
        self.call("github.pull", |state| {
            let head = state.pulls.get(&(repository, number));
            let head = head.and_then(|index| state.pushes.get(*index));
            let base = state.heads.get(&(repository, DEFAULT_BRANCH));
            Ok(head.zip(base).map(|(head, base)| PullRequest {
                number,
                author: Some(Login {
                    id: head.author,
                    name: login(head.author).to_owned(),
                }),
                head_branch: head.branch.to_owned(),
                head: head.commit.clone(),
                head_repository: Some(FORK),
                base_branch: DEFAULT_BRANCH.to_owned(),
                base: base.clone(),
                is_open: !state.closed.contains(&(repository, number)),
            }))
        })
        .await
    }

    async fn hosted(&self, _: RepositoryId) -> Result<Option<String>, Fault> {
        self.call("github.repository", |_| Ok(Some("acme/shop".to_owned())))
            .await
    }

    async fn standing(&self, _: RepositoryId, who: &Login) -> Result<Standing, Fault> {
        self.call("github.standing", |state| Ok(state.standing(who.id)))
            .await
    }

    async fn written(&self, _: RepositoryId, comment: u64) -> Result<Option<Written>, Fault> {
        self.call("github.comment", |state| {
            let index = usize::try_from(comment).unwrap_or(usize::MAX);
            let push = state.pushes.get(index);
            Ok(push.and_then(|push| match &push.sent {
                Sent::Comment { body, .. } => Some(Written {
                    author: Some(Login {
                        id: push.sender,
                        name: login(push.sender).to_owned(),
                    }),
                    body: body.clone(),
                    is_edited: false,
                }),
                _ => None,
            }))
        })
        .await
    }
}

#[async_trait]
impl Comments for World {
    async fn write(&self, update: &CommentUpdate<'_>) -> Result<u64, NotShown> {
        let unknown = |fault: Fault| NotShown::Unknown(fault.to_string());
        if let Some(limited) = self.limited() {
            return Err(limited);
        }
        let deadline = self.state().real_ms + i64::from(UPDATE_SECONDS) * 1_000;
        let found = match update.look_first {
            false => None,
            true => self
                .call("comments.find", |state| Ok(state.posted(update.marker)))
                .await
                .map_err(unknown)?,
        };
        self.call("comments.write", |state| {
            // Whoever slept for so long has no connection any more.
            if state.real_ms > deadline {
                return Err(Fault::Unavailable("GitHub did not answer".to_owned()));
            }
            Ok(state.write(update, update.id.or(found)))
        })
        .await
        .map_err(unknown)
    }

    async fn react(&self, _: RepositoryId, comment: u64, _: Reaction) -> Result<(), NotShown> {
        self.call("comments.react", |state| {
            state.reactions.insert(comment);
            Ok(())
        })
        .await
        .map_err(|fault| NotShown::Unknown(fault.to_string()))
    }
}

impl State {
    /// What somebody does reaches GitHub, when there are so many commits.
    pub fn begin(&mut self, index: usize, push: &Push, commits: usize) {
        match push.sent {
            Sent::Push => self.move_branch(push),
            Sent::Group => {
                let branch = (push.repository, push.branch);
                self.heads.insert(branch, push.commit.clone());
            }
            Sent::GroupEnded => {
                self.heads.remove(&(push.repository, push.branch));
            }
            Sent::Fork { number } => {
                self.pulls.insert((push.repository, number), index);
                let stream = StreamId::pull(push.repository, number);
                let head = (stream, self.real_ms, push.commit.clone());
                self.pull_heads.push(head);
            }
            Sent::Closed { number } => {
                self.closed.insert((push.repository, number));
                self.reopened.remove(&(push.repository, number));
            }
            Sent::Reopened { number } => {
                let pull = (push.repository, number);
                self.closed.remove(&pull);
                // A call that began at this very number may have asked before.
                self.reopened.insert(pull, commits + 1);
            }
            Sent::Comment { .. } => {
                self.said.insert(index, self.real_ms);
            }
        }
    }

    /// What somebody may do now.
    fn standing(&self, person: PersonId) -> Standing {
        match person == EVE || self.removed.contains_key(&person) {
            true => Standing::Outsider,
            false => Standing::Writer,
        }
    }

    fn posted(&self, marker: &str) -> Option<u64> {
        let there = self.comments.iter().find(|one| one.body.contains(marker));
        there.map(|one| one.id)
    }

    fn write(&mut self, update: &CommentUpdate<'_>, id: Option<u64>) -> u64 {
        let there = id.and_then(|id| self.comments.iter_mut().find(|one| one.id == id));
        if let Some(one) = there {
            one.body = update.body.to_owned();
            return one.id;
        }
        let id = 10_000 + self.comments.len() as u64;
        self.comments.push(Posted {
            id,
            thread: update.thread,
            body: update.body.to_owned(),
        });
        id
    }
}
