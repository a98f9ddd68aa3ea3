//! Purpose: the planner function: a delivery becomes a run, or is ignored with a reason.
//!
//! A comment or a button of a check is a wish of a person: it is carried out, or refused with a sentence ([`act`]).
//!
//! The pipeline file is read at the commit whose rules hold (for a pull request its base). A delivery planned twice comes to
//! the same run, because the run's name is made of the delivery's.

mod act;
mod closed;
mod facts;
mod merge_group;
mod plan;
mod proposal;
mod repositories;
mod trust;

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::delivery::{self, Answer};
use domain::ids::{Digest, RunId};
use domain::kernel::StreamId;
use engine::ports::{
    Clock, Doorbells, Function, Inbox, Journal, People, PullRequests, Repositories, Sources,
};
use engine::{Fault, Invocation, Perform, queue, turn};
use github::Notice;

/// What the function may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub inbox: &'a dyn Inbox,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    pub sources: &'a dyn Sources,
    pub people: &'a dyn People,
    pub repositories: &'a dyn Repositories,
    /// Where pull requests are, and people who comment on them; a host that has it shows there what runs do.
    pub host: Option<&'a dyn PullRequests>,
    /// Where the pages are: `https://ci.example.org`.
    pub base_url: &'a str,
}

/// Answers a batch of doorbells of deliveries.
pub async fn handle(deps: &Deps<'_>, event: SqsEvent, call: &str) -> SqsBatchResponse {
    queue::answer(event, |stream| async move {
        let id = format!("{call}/{stream}");
        let invocation = Invocation::new(
            deps.journal,
            deps.clock,
            deps.doorbells,
            "function:planner",
            id,
        );
        let planner = Planner {
            deps,
            invocation: &invocation,
        };
        turn::<delivery::Delivery>(&invocation, Function::Planner, &planner, &stream).await?;
        Ok(())
    })
    .await
}

struct Planner<'a> {
    deps: &'a Deps<'a>,
    invocation: &'a Invocation<'a>,
}

#[async_trait]
impl Perform<delivery::Delivery> for Planner<'_> {
    async fn perform(
        &self,
        stream: &StreamId,
        _state: &delivery::Delivery,
        effect: &delivery::Effect,
    ) -> Result<Vec<delivery::Command>, Fault> {
        if *effect != delivery::Effect::Plan {
            return Ok(Vec::new());
        }
        let guid = stream.rest();
        let Some(delivery) = self.deps.inbox.delivery(guid).await? else {
            return Err(Fault::Malformed(format!(
                "no delivery {guid} was ever accepted"
            )));
        };
        let ignored = |reason: String| delivery::Command::Answer(Answer::Ignored { reason });
        let command = match github::payload::kept(&delivery.event, &delivery.body) {
            Ok(Notice::Asks(asked)) => delivery::Command::Answer(self.follow(guid, &asked).await?),
            Ok(Notice::Ignored { reason }) => ignored(reason),
            Ok(notice) => match self.deps.host {
                Some(host) => match self.heed(host, guid, &notice).await? {
                    Some(answer) => delivery::Command::Answer(answer),
                    None => self.act(host, guid, &notice).await?,
                },
                None => ignored("nobody is answered by this host".to_owned()),
            },
            Err(error) => ignored(error.to_string()),
        };
        Ok(vec![command])
    }
}

/// The name of the run that a delivery leads to.
pub fn run_of(guid: &str) -> RunId {
    RunId::new(Digest::of(format!("run of {guid}").as_bytes()).short())
}
