//! Purpose: the machine and GitHub, with the comments that people write there.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::delivery::{Command, Delivery, Passed, Reaction};
use domain::ids::{PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use engine::ports::{self, Doorbell, Inbox as _, Login, PullRequest, PullRequests, Written};
use engine::{Fault, Invocation, load, queue};
use github::commands::Standing;
use serde_json::json;
use testkit::yielding::block_on;

use super::browser::deps;
use super::world::{REPOSITORY, RUN, World};
use crate::{Deps, doorbells};

/// A comment that somebody writes below pull request 5.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub guid: &'a str,
    pub id: PersonId,
    pub login: &'a str,
    pub body: &'a str,
}

/// The machine, and GitHub with the comments that it has.
pub struct Shop {
    pub world: World,
    pub comments: Mutex<BTreeMap<u64, Written>>,
}

#[async_trait]
impl PullRequests for Shop {
    async fn pull_request(&self, _: RepositoryId, _: u64) -> Result<Option<PullRequest>, Fault> {
        Ok(None)
    }

    async fn standing(&self, _: RepositoryId, _: &Login) -> Result<Standing, Fault> {
        Ok(Standing::Unknown)
    }

    async fn hosted(&self, _: RepositoryId) -> Result<Option<String>, Fault> {
        Ok(Some("acme/shop".to_owned()))
    }

    async fn written(&self, _: RepositoryId, comment: u64) -> Result<Option<Written>, Fault> {
        Ok(self.comments.lock().unwrap().get(&comment).cloned())
    }
}

impl Shop {
    pub fn new() -> Self {
        Self {
            world: World::plain(),
            comments: Mutex::default(),
        }
    }

    /// Hands a comment in as the webhook does, and leaves its lines to the approval function as the planner does.
    pub fn leave(&self, words: &Words<'_>, decisions: &[usize]) -> StreamId {
        let decisions = decisions.iter().map(|line| (*line, RunId::from(RUN)));
        let passed = Passed {
            said: BTreeMap::new(),
            decisions: decisions.collect(),
        };
        self.leave_as(words, passed)
    }

    pub fn leave_as(&self, words: &Words<'_>, passed: Passed) -> StreamId {
        let comment = {
            let mut comments = self.comments.lock().unwrap();
            let id = 77 + comments.len() as u64;
            let written = Written {
                author: Some(Login {
                    id: words.id,
                    name: words.login.to_owned(),
                }),
                body: words.body.to_owned(),
                is_edited: false,
            };
            comments.insert(id, written);
            id
        };
        let user = json!({ "id": words.id, "login": words.login, "type": "User" });
        let body = json!({
            "action": "created",
            "issue": { "number": 5, "user": { "id": 1 }, "pull_request": {} },
            "comment": {
                "id": comment, "user": user, "body": words.body, "created_at": "2026-03-01T09:00:00Z",
            },
            "repository": { "id": REPOSITORY },
            "sender": user,
        });
        let delivery = ports::Delivery {
            guid: words.guid.to_owned(),
            event: "issue_comment".to_owned(),
            body: body.to_string(),
            at_ms: 0,
        };
        let world = &self.world;
        block_on(world.journal.accept(&delivery)).unwrap();
        let stream = StreamId::delivery(words.guid);
        let call = Invocation::new(&world.journal, world, world, "function:planner", "planned");
        block_on(call.submit::<Delivery>(&stream, &Command::PassOn(passed))).unwrap();
        stream
    }

    /// Rings the function; how many messages failed.
    pub fn ring(&self, stream: &StreamId) -> usize {
        let rung = [Doorbell {
            stream: stream.clone(),
        }];
        let call = format!("call-{}", super::codes::unique());
        let event = queue::event(&rung).unwrap();
        let deps = Deps {
            host: Some(self),
            ..deps(&self.world)
        };
        let answered = block_on(doorbells(&deps, event, &call));
        answered.batch_item_failures.len()
    }

    pub fn delivery(&self, stream: &StreamId) -> Delivery {
        block_on(load::<Delivery>(&self.world.journal, stream))
            .unwrap()
            .state
    }

    /// What somebody is answered who writes this.
    pub fn say(&self, guid: &str, (id, login): (PersonId, &str), body: &str) -> (Reaction, String) {
        let words = Words {
            guid,
            id,
            login,
            body,
        };
        let stream = self.leave(&words, &[1]);
        assert_eq!(self.ring(&stream), 0);
        said(&self.delivery(&stream))
    }

    /// `/approve` of the release that waits.
    pub fn approves(&self) -> String {
        let approval = self.world.approval(RUN);
        format!("/approve production {}", approval.release.short())
    }

    pub fn deciders(&self) -> Vec<PersonId> {
        let decisions = self.world.approval(RUN).decisions;
        decisions.iter().map(|one| one.person).collect()
    }
}

pub fn said(delivery: &Delivery) -> (Reaction, String) {
    let reply = delivery.reply.clone().unwrap();
    assert!(reply.thread == 5 && reply.comment.is_some());
    (reply.reaction, reply.body.unwrap_or_default())
}
