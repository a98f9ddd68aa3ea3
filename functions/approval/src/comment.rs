//! Purpose: decisions in comments on GitHub. The planner has found out of which run a line speaks; who decides, what, and
//! whether they may is read here, from the delivery itself.
//!
//! GitHub says who wrote the comment. It counts for an approver whom the machine knows by that number and by that name: where
//! numbers were made up, as on a laptop, nobody speaks for somebody else. The release is named by its hash, so what is approved
//! is what was read.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::delivery::{self, Delivery, Passed, Said};
use domain::ids::RunId;
use domain::kernel::StreamId;
use domain::run::Run;
use engine::approvals::is_designated;
use engine::ports::Function;
use engine::{Fault, Invocation, Perform, queue, turn};
use github::Notice;
use github::commands::{self, Command, Decision, Facts, Line, Place, Standing, answer};
use github::payload::{Comment, Thread};
use github::text;

use crate::Deps;
use crate::decide::{Decided, Named, Wish, decide};
use crate::located::Located;
use crate::refusal::Refusal;

/// Answers a batch of doorbells of deliveries.
pub async fn handle(deps: &Deps<'_>, event: SqsEvent, call: &str) -> SqsBatchResponse {
    queue::answer(event, |stream| async move {
        let id = format!("{call}/{stream}");
        let actor = "function:approval";
        let invocation =
            Invocation::new(deps.journal, deps.clock, deps.doorbells, actor, id.clone());
        let reader = Reader { deps, call: &id };
        turn::<Delivery>(&invocation, Function::Approval, &reader, &stream).await?;
        Ok(())
    })
    .await
}

struct Reader<'a> {
    deps: &'a Deps<'a>,
    call: &'a str,
}

#[async_trait]
impl Perform<Delivery> for Reader<'_> {
    async fn perform(
        &self,
        stream: &StreamId,
        state: &Delivery,
        effect: &delivery::Effect,
    ) -> Result<Vec<delivery::Command>, Fault> {
        let (delivery::Effect::Decide, Some(passed)) = (effect, &state.passed) else {
            return Ok(Vec::new());
        };
        let guid = stream.rest();
        let Some(delivery) = self.deps.inbox.delivery(guid).await? else {
            return Err(Fault::Malformed(format!(
                "no delivery {guid} was ever accepted"
            )));
        };
        match github::payload::kept(&delivery.event, &delivery.body) {
            Ok(Notice::Comment(comment)) => Ok(vec![self.answer(&comment, passed).await?]),
            _ => Err(Fault::Malformed(format!(
                "delivery {guid} is no comment, so nobody decides by it"
            ))),
        }
    }
}

impl Reader<'_> {
    /// Every line that was left, and then one answer to all of them.
    async fn answer(&self, comment: &Comment, passed: &Passed) -> Result<delivery::Command, Fault> {
        let lines = commands::parse(&comment.body);
        let mut said: BTreeMap<usize, Said> = passed.said.clone();
        for line in &lines {
            if let Some(run) = passed.decisions.get(&line.number) {
                said.insert(line.number, self.line(comment, line, run).await?);
            }
        }
        Ok(answer::to_comment(comment, &lines, &said))
    }

    async fn line(&self, comment: &Comment, line: &Line, run: &RunId) -> Result<Said, Fault> {
        let Ok(command) = &line.read else {
            return Err(Fault::Malformed(format!(
                "line {} of the comment is no command",
                line.number
            )));
        };
        let Some(decision) = Decision::of(command) else {
            return Err(Fault::Malformed(format!("`{command}` decides nothing")));
        };
        match self.decide(comment, command, decision, run).await {
            Ok(decided) => Ok(told(&decided, decision)),
            Err(Refusal::Fault(fault) | Refusal::Unsure(fault)) => Err(fault),
            Err(refusal) => {
                tracing::info!(person = %comment.sender.id, %refusal, "no decision");
                Ok(Said::no(sentence(&refusal)))
            }
        }
    }

    async fn decide(
        &self,
        comment: &Comment,
        command: &Command,
        decision: Decision<'_>,
        run: &RunId,
    ) -> Result<Decided, Refusal> {
        let deps = self.deps;
        let (repository, environment) = (comment.repository, decision.environment);
        let person = comment.sender.id;
        let located = Located::by_person(deps, repository, run, environment, person).await?;
        let approves = match self.is_approver(comment, &located).await? {
            true => std::slice::from_ref(environment),
            false => &[],
        };
        let facts = Facts {
            action: "created",
            sender: comment.sender,
            author: comment.author,
            place: match comment.thread {
                Thread::Pull { .. } => Place::PullRequest,
                Thread::Issue(_) => Place::Anywhere,
            },
            pull_author: None,
            // What somebody may do with the repository is nothing to this.
            standing: Standing::Outsider,
            approves,
        };
        commands::authorised(command, &facts).map_err(Refusal::NotAllowed)?;
        let wish = Wish {
            approve: decision.approves.is_some(),
            reason: decision.reason,
            release: decision.approves.map_or(Named::Nothing, Named::Beginning),
        };
        decide(deps, &located, &wish, self.call).await
    }

    /// Whether the machine knows the sender as GitHub does, and as one of those whom the policy names.
    async fn is_approver(&self, comment: &Comment, located: &Located) -> Result<bool, Fault> {
        let people = self.deps.people;
        let known = people.person(comment.sender.id).await?;
        let is_known =
            known.is_some_and(|person| person.login.eq_ignore_ascii_case(&comment.login));
        let stage = located.run.planned_stage(&located.environment);
        match stage.and_then(|stage| stage.approval.as_ref()) {
            Some(policy) if is_known => is_designated(people, policy, comment.sender.id).await,
            _ => Ok(false),
        }
    }
}

/// What is to be said of a decision that stands: how many are missing.
fn told(decided: &Decided, decision: Decision<'_>) -> Said {
    let missing = decision
        .approves
        .and_then(|_| missing(&decided.run, decision).filter(|missing| *missing > 0));
    match missing {
        None => Said::done(),
        Some(missing) => Said::text(format!(
            "Approved; `{}` needs {missing} more.",
            decision.environment
        )),
    }
}

fn missing(run: &Run, decision: Decision<'_>) -> Option<usize> {
    let approval = run.stages.get(decision.environment)?.approval.as_ref()?;
    let given = approval.decisions.iter().filter(|one| one.approve).count();
    Some(usize::from(approval.count).saturating_sub(given))
}

/// A refusal as a sentence that is safe to publish.
fn sentence(refusal: &Refusal) -> String {
    let text = match refusal {
        Refusal::NotAllowed(refusal) => return refusal.to_string(),
        Refusal::Unknown => "there is no such approval any more".to_owned(),
        other => other.to_string(),
    };
    let text = text::inline(&text, text::LINE);
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    let end = if text.ends_with('.') { "" } else { "." };
    first
        .into_iter()
        .chain(characters)
        .chain(end.chars())
        .collect()
}
