//! Purpose: decisions in comments on GitHub. The planner has found out of which run a line speaks; who decides, what, and
//! whether they may is read here, from the delivery itself.
//!
//! GitHub says who wrote the comment, and is asked again before anything is signed. It counts for an approver whom the machine
//! knows by that number and by that name: where numbers were made up, as on a laptop, nobody speaks for somebody else. The
//! release is named by its hash, so what is approved is what was read.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::delivery::{self, Delivery, Passed, Said};
use domain::ids::RunId;
use domain::kernel::StreamId;
use domain::run::Run;
use engine::approvals::is_known;
use engine::ports::Function;
use engine::{Fault, Invocation, Perform, queue, turn};
use github::Notice;
use github::commands::{self, Command, Decision, Facts, Line, Standing, answer};
use github::payload::Comment;
use github::text;

use crate::Deps;
use crate::decide::{Named, Wish, decide};
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
        let doubt = self.doubt(comment).await?;
        for (number, run) in &passed.decisions {
            let line = lines.iter().find(|line| line.number == *number);
            let one = match line {
                Some(line) => self.line((comment, doubt), line, run).await?,
                None => unreadable(),
            };
            said.insert(*number, one);
        }
        Ok(answer::to_comment(comment, &lines, &said))
    }

    /// Why nobody decides by this comment. What the journal has of it was written by functions that may not sign, so GitHub is
    /// asked whether it is what its author wrote.
    async fn doubt(&self, comment: &Comment) -> Result<Option<&'static str>, Fault> {
        let Some(host) = self.deps.host else {
            return Ok(Some("Nobody decides in comments on this machine."));
        };
        let written = host.written(comment.repository, comment.id).await?;
        let Some(written) = written else {
            return Ok(Some("The comment is gone, so nobody decides by it."));
        };
        let is_theirs = written.author.is_some_and(|author| {
            author.id == comment.sender.id && author.name.eq_ignore_ascii_case(&comment.login)
        });
        Ok(
            match is_theirs && !written.is_edited && written.body == comment.body {
                true => None,
                false => Some(
                    "The comment is not what its author wrote first, so nobody decides by it. Write a new one.",
                ),
            },
        )
    }

    async fn line(
        &self,
        (comment, doubt): (&Comment, Option<&'static str>),
        line: &Line,
        run: &RunId,
    ) -> Result<Said, Fault> {
        let command = line.read.as_ref().ok();
        let decision = command.and_then(|command| Some((command, Decision::of(command)?)));
        let Some((command, decision)) = decision else {
            return Ok(unreadable());
        };
        let located = match self.located(comment, decision, run).await {
            Ok(located) => located,
            Err(Refusal::Fault(fault)) => return Err(fault),
            Err(refusal) => return Ok(Said::no(sentence(&refusal))),
        };
        // It may be carried out for the second time, and the run and the comment may have gone on meanwhile.
        let mut made = located.approval.decisions.iter();
        if made.any(|one| one.person == located.person && one.approve == decision.approve) {
            return Ok(self.told(&located.run, decision));
        }
        if let Some(doubt) = doubt {
            return Ok(Said::no(doubt.to_owned()));
        }
        match self.decide(comment, command, decision, &located).await {
            Ok(run) => Ok(self.told(&run, decision)),
            Err(Refusal::Fault(fault) | Refusal::Unsure(fault)) => Err(fault),
            Err(refusal) => {
                tracing::info!(person = %comment.sender.id, %refusal, "no decision");
                Ok(Said::no(sentence(&refusal)))
            }
        }
    }

    /// The approval that is meant, with the sender's part in it.
    async fn located(
        &self,
        comment: &Comment,
        decision: Decision<'_>,
        run: &RunId,
    ) -> Result<Located, Refusal> {
        let (repository, person) = (comment.repository, comment.sender.id);
        let located =
            Located::by_person(self.deps, repository, run, decision.environment, person).await?;
        match decision.is_about(&located.approval.release) {
            true => Ok(located),
            false => Err(Refusal::OtherRelease(located.approval.release.to_string())),
        }
    }

    /// The run after the decision.
    async fn decide(
        &self,
        comment: &Comment,
        command: &Command,
        decision: Decision<'_>,
        located: &Located,
    ) -> Result<Run, Refusal> {
        // Where numbers were made up, somebody on GitHub may have an approver's. Whom the policy names is read when it is
        // decided; what somebody may do with the repository is nothing to this.
        let is_known = is_known(self.deps.people, comment.sender.id, &comment.login).await?;
        let own = std::slice::from_ref(decision.environment);
        let facts = Facts {
            approves: if is_known { own } else { &[] },
            ..Facts::of(comment, Standing::Outsider)
        };
        commands::authorised(command, &facts).map_err(Refusal::NotAllowed)?;
        let wish = Wish {
            approve: decision.approve,
            reason: decision.reason,
            release: decision.release.map_or(Named::Nothing, Named::Beginning),
        };
        Ok(decide(self.deps, located, &wish, self.call).await?.run)
    }

    /// Of which run a decision stands, and how many approvals it still needs.
    fn told(&self, run: &Run, decision: Decision<'_>) -> Said {
        let environment = decision.environment;
        let did = if decision.approve {
            "Approved"
        } else {
            "Rejected"
        };
        let about = run.opening.as_ref().map_or_else(String::new, |opening| {
            let (base, repository, run) = (self.deps.base_url, opening.repository, &opening.run);
            format!(" in [run {run}]({base}/runs/{repository}/{run})")
        });
        let missing = missing(run, decision).unwrap_or_default();
        let more = match (decision.approve, missing) {
            (true, 1) => "; one more approval is needed".to_owned(),
            (true, 2..) => format!("; {missing} more approvals are needed"),
            _ => String::new(),
        };
        Said::text(format!("{did} for `{environment}`{about}{more}."))
    }
}

fn missing(run: &Run, decision: Decision<'_>) -> Option<usize> {
    let approval = run.stages.get(decision.environment)?.approval.as_ref()?;
    let given = approval.decisions.iter().filter(|one| one.approve).count();
    Some(usize::from(approval.count).saturating_sub(given))
}

/// Who read the comment first has read it in another way, as another version of this program may.
fn unreadable() -> Said {
    Said::no("It could not be read again. Write it once more.".to_owned())
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
