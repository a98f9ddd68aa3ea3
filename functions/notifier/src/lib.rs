//! Purpose: the notifier function: tells people what they have to decide, and shows on GitHub what runs do.

mod announce;
mod checks;
mod comment;
pub mod dead;
mod mail;
mod reply;
mod words;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::ids::{EnvironmentName, PersonId};
use domain::kernel::StreamId;
use domain::run::{Command, Effect, Run};
use engine::approvals::{ApprovalView, Reads, Recipient, gather};
use engine::ports::{
    Announcer, Checks, Clock, Comments, Doorbells, Function, Journal, Keys, Mailer, NotShown,
    People, Person, Repositories, Sources,
};
use engine::{Fault, Invocation, Perform, queue, turn};

/// What the function may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    pub sources: &'a dyn Sources,
    pub people: &'a dyn People,
    pub repositories: &'a dyn Repositories,
    pub keys: &'a dyn Keys,
    pub mailer: &'a dyn Mailer,
    /// A topic that hears of approvals that wait; a host that has none tells people by mail only.
    pub announcer: Option<&'a dyn Announcer>,
    /// Where people see runs besides the dashboard; a host without GitHub has none.
    pub checks: Option<&'a dyn Checks>,
    /// Where people are answered and read how their pull requests stand; a host without GitHub has none.
    pub comments: Option<&'a dyn Comments>,
    /// Where the pages are: `https://ci.example.org`.
    pub base_url: &'a str,
}

/// Answers a batch of doorbells.
pub async fn handle(deps: &Deps<'_>, event: SqsEvent, call: &str) -> SqsBatchResponse {
    queue::answer(
        event,
        |stream| async move { look_at(deps, &stream, call).await },
    )
    .await
}

/// One turn on one stream; those of other kinds owe this function nothing.
async fn look_at(deps: &Deps<'_>, stream: &StreamId, call: &str) -> Result<(), Fault> {
    let id = format!("{call}/{stream}");
    let call = Invocation::new(
        deps.journal,
        deps.clock,
        deps.doorbells,
        "function:notifier",
        id.clone(),
    );
    let function = Function::Notifier;
    match (stream.kind(), deps.checks, deps.comments) {
        ("run", ..) => turn::<Run>(&call, function, &Notifier { deps }, stream)
            .await
            .map(|_| ()),
        ("checks", Some(checks), _) => {
            let display = checks::Display {
                deps,
                checks,
                call: &id,
            };
            turn::<domain::checks::Checks>(&call, function, &display, stream)
                .await
                .map(|_| ())
        }
        (kind @ ("pull" | "delivery"), _, Some(comments)) => {
            let writer = Writer {
                deps,
                comments,
                call: &id,
            };
            match kind {
                "pull" => turn::<domain::pull::Pull>(&call, function, &writer, stream)
                    .await
                    .map(|_| ()),
                _ => turn::<domain::delivery::Delivery>(&call, function, &writer, stream)
                    .await
                    .map(|_| ()),
            }
        }
        _ => Ok(()),
    }
}

/// One call that writes comments.
struct Writer<'a> {
    deps: &'a Deps<'a>,
    comments: &'a dyn Comments,
    /// Unique to this call: an update is made by the call that intended it.
    call: &'a str,
}

/// What a failure of GitHub means for whatever was to be told.
fn failure(fault: &NotShown) -> domain::update::Failure {
    match fault {
        NotShown::Unknown(_) => domain::update::Failure::Unknown,
        NotShown::Limited { until, .. } => domain::update::Failure::Limited { until: *until },
        NotShown::Refused(_) => domain::update::Failure::Refused,
    }
}

struct Notifier<'a> {
    deps: &'a Deps<'a>,
}

#[async_trait]
impl Perform<Run> for Notifier<'_> {
    async fn perform(
        &self,
        _: &StreamId,
        run: &Run,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        match effect {
            Effect::MailApproval {
                environment,
                person,
            } => self.mail_approval(run, environment, *person).await,
            _ => Ok(Vec::new()),
        }
    }
}

impl Notifier<'_> {
    /// Sends one person the mail. A person who cannot be reached is recorded, so that nobody waits for them unknowingly;
    /// a mail server that does not answer is tried again.
    async fn mail_approval(
        &self,
        run: &Run,
        environment: &EnvironmentName,
        person: PersonId,
    ) -> Result<Vec<Command>, Fault> {
        let told = match self.deps.people.person(person).await? {
            None => Err("the machine does not know this person any more".to_owned()),
            Some(known) => match known.address.clone() {
                None => Err(format!("{} has no mail address", known.login)),
                Some(address) => self.send(run, environment, &known, &address).await?,
            },
        };
        if is_first(run, environment) {
            announce::approval(self.deps, run, environment).await;
        }
        let environment = environment.clone();
        Ok(vec![match told {
            Ok(()) => Command::ApprovalMailed {
                environment,
                person,
            },
            Err(why) => {
                tracing::warn!(%person, why, "an approver was not told");
                Command::ApprovalNotMailed {
                    environment,
                    person,
                    why,
                }
            }
        }])
    }

    /// The inner error is for good: no later attempt can reach this person.
    async fn send(
        &self,
        run: &Run,
        environment: &EnvironmentName,
        person: &Person,
        address: &str,
    ) -> Result<Result<(), String>, Fault> {
        let deps = self.deps;
        let reads = Reads {
            journal: deps.journal,
            sources: deps.sources,
            people: deps.people,
            repositories: deps.repositories,
        };
        let facts = gather(&reads, run, environment).await?;
        let view = ApprovalView::of(run, environment, &facts, deps.clock.now());
        let view = view
            .ok_or_else(|| Fault::Malformed(format!("{environment} has no approval to tell of")))?;
        let recipient = Recipient {
            run: &view.run,
            environment,
            release: &view.release,
            person: person.id,
        };
        let link = recipient
            .link(deps.keys, deps.base_url, view.repository)
            .await?;
        let mail = mail::write(&mail::Letter {
            view: &view,
            person,
            address,
            link: &link,
            code: &recipient.code(deps.keys).await?,
        })?;
        match deps.mailer.send(&mail).await {
            Ok(()) => Ok(Ok(())),
            Err(fault) if fault.is_transient() => Err(fault),
            Err(fault) => Ok(Err(format!("the mail was refused: {fault}"))),
        }
    }
}

/// Whether nobody has been told yet, which is when whoever listens hears that an approval waits.
fn is_first(run: &Run, environment: &EnvironmentName) -> bool {
    let stage = run.stages.get(environment);
    let approval = stage.and_then(|stage| stage.approval.as_ref());
    approval.is_some_and(|approval| approval.opened_for.is_empty())
}
