//! Purpose: whoever asked for something in a comment is answered there: a reaction, and a comment where there is more to say.

use async_trait::async_trait;
use domain::delivery::{Command, Delivery, Effect, Reply};
use domain::kernel::StreamId;
use engine::ports::{CommentUpdate, NotShown};
use engine::{Fault, Perform};

use crate::Writer;

#[async_trait]
impl Perform<Delivery> for Writer<'_> {
    async fn perform(
        &self,
        stream: &StreamId,
        state: &Delivery,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        let Some(reply) = state.owed_reply() else {
            return Ok(Vec::new());
        };
        match effect {
            Effect::Plan | Effect::Decide => Ok(Vec::new()),
            Effect::IntendReply => Ok(vec![Command::IntendReply {
                call: self.call.to_owned(),
            }]),
            Effect::Reply(number) => {
                if !state
                    .updates
                    .is_made_by(*number, self.call, self.deps.clock.now())
                {
                    return Ok(Vec::new());
                }
                let look_first = !state.updates.may_create();
                Ok(vec![match self.answer(stream, reply, look_first).await {
                    Ok(()) => Command::Replied { number: *number },
                    Err(fault) => {
                        tracing::warn!(%fault, "nobody answered a comment");
                        Command::NotReplied {
                            number: *number,
                            why: fault.to_string(),
                            failure: crate::failure(&fault),
                        }
                    }
                }])
            }
        }
    }
}

impl Writer<'_> {
    /// The comment first: a reaction is left twice without harm, and says that all has been said.
    async fn answer(
        &self,
        stream: &StreamId,
        reply: &Reply,
        look_first: bool,
    ) -> Result<(), NotShown> {
        if let Some(text) = &reply.body {
            let marker = format!("<!-- slipway: answers {} -->", stream.rest());
            let body = format!("{text}\n\n{marker}");
            let update = CommentUpdate {
                repository: reply.repository,
                thread: reply.thread,
                marker: &marker,
                body: &body,
                id: None,
                look_first,
            };
            self.comments.write(&update).await?;
        }
        match reply.comment {
            Some(comment) => {
                let repository = reply.repository;
                self.comments
                    .react(repository, comment, reply.reaction)
                    .await
            }
            None => Ok(()),
        }
    }
}
