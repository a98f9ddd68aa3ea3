//! Purpose: the planner function: a delivery becomes a run, or is ignored with a reason.
//!
//! The pipeline file is read at the commit whose rules hold (for a pull request its base). A delivery planned twice comes to
//! the same run, because the run's name is made of the delivery's.

mod facts;

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::checks::{self, Checks};
use domain::delivery::{self, Answer};
use domain::ids::{CommitSha, Digest, RunId};
use domain::kernel::StreamId;
use domain::pipeline::{Compiled, Diagnostic, FILE_NAME};
use domain::plan::{Concurrency, OnNew, Plan, Trigger};
use domain::run::{Command, Opening, Run};
use domain::{pipeline, repository};
use engine::ports::{
    Clock, Commit, Doorbells, Function, Inbox, Journal, People, Repositories, Sources,
};
use engine::{Fault, Invocation, Perform, queue, turn};
use github::{Asked, Read};

/// Mistakes of a pipeline file that a run's headline lists; `slipway lint` shows all.
const MAX_LISTED: usize = 5;

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
    /// Whether this host shows on GitHub what runs do.
    pub has_checks: bool,
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
        let delivery::Effect::Plan = effect;
        let guid = stream.rest();
        let Some(delivery) = self.deps.inbox.delivery(guid).await? else {
            return Err(Fault::Malformed(format!(
                "no delivery {guid} was ever accepted"
            )));
        };
        let answer = match github::read(&delivery.event, &delivery.body) {
            Ok(Read::Asks(asked)) => self.plan(guid, &asked).await?,
            Ok(Read::Ignored { reason }) => Answer::Ignored { reason },
            Err(error) => Answer::Ignored {
                reason: error.to_string(),
            },
        };
        Ok(vec![delivery::Command::Answer(answer)])
    }
}

impl Planner<'_> {
    async fn plan(&self, guid: &str, asked: &Asked) -> Result<Answer, Fault> {
        let ignored = |reason: String| Ok(Answer::Ignored { reason });
        let Some(repository) = self.deps.repositories.repository(asked.repository).await? else {
            return ignored(format!(
                "repository {} is not registered here",
                asked.repository
            ));
        };
        let commit = match &asked.commit {
            Some(commit) => Some(commit.clone()),
            None => {
                self.deps
                    .sources
                    .head(asked.repository, &asked.reference)
                    .await?
            }
        };
        let Some(commit) = commit else {
            return ignored(format!(
                "{} does not exist in {}",
                asked.reference, repository.name
            ));
        };
        let Some(read) = self.commit(asked, &commit).await? else {
            return ignored(gone(&commit, &repository.name));
        };
        let rules = asked.rules.as_ref().unwrap_or(&commit);
        if rules != &commit && self.commit(asked, rules).await?.is_none() {
            return ignored(gone(rules, &repository.name));
        }
        let sources = self.deps.sources;
        match sources.file(asked.repository, rules, FILE_NAME).await {
            Ok(Some(text)) => self.compile(guid, asked, &read, &text).await,
            Ok(None) => ignored(format!(
                "there is no {FILE_NAME} at commit {}",
                rules.short()
            )),
            // It is there and nobody can read it: whoever pushed it has to see that, so there is a run that says so.
            Err(Fault::Malformed(why)) => {
                self.open(guid, asked, &read, empty_plan("", asked), Some(why))
                    .await
            }
            Err(fault) => Err(fault),
        }
    }

    async fn commit(&self, asked: &Asked, commit: &CommitSha) -> Result<Option<Commit>, Fault> {
        self.deps.sources.commit(asked.repository, commit).await
    }

    async fn compile(
        &self,
        guid: &str,
        asked: &Asked,
        commit: &Commit,
        text: &str,
    ) -> Result<Answer, Fault> {
        let facts = facts::facts(self.deps, asked, &commit.sha).await?;
        let answer = match pipeline::compile(text, &facts) {
            Ok(Compiled::Run(plan)) => self.open(guid, asked, commit, plan, None).await?,
            Ok(Compiled::NotTriggered { reason }) => Answer::Ignored { reason },
            Err(mistakes) => {
                let (plan, problem) = (empty_plan(text, asked), problem_of(&mistakes));
                self.open(guid, asked, commit, plan, Some(problem)).await?
            }
        };
        self.set_schedules(asked, text).await?;
        Ok(answer)
    }

    async fn open(
        &self,
        guid: &str,
        asked: &Asked,
        commit: &Commit,
        plan: Plan,
        problem: Option<String>,
    ) -> Result<Answer, Fault> {
        let run = run_of(guid);
        let stream = StreamId::run(asked.repository, &run);
        let opening = Opening {
            repository: asked.repository,
            run: run.clone(),
            delivery: guid.to_owned(),
            trigger: asked.trigger.clone(),
            reference: asked.reference.clone(),
            commit: commit.sha.clone(),
            parties: facts::parties(self.deps, asked, commit).await?,
            plan,
            repeats: asked.repeats.clone(),
            problem,
            has_checks: self.deps.has_checks,
        };
        let shown = self.deps.has_checks.then(|| checks_of(&opening));
        let open = Command::Open(Box::new(opening));
        let opened = self.invocation.submit::<Run>(&stream, &open).await;
        opened.map_err(engine::Refused::into_fault)?;
        if let Some(shown) = shown {
            self.show(shown).await?;
        }
        Ok(Answer::Planned {
            repository: asked.repository,
            run,
        })
    }

    /// From here on somebody looks at the run for GitHub.
    async fn show(&self, opening: checks::Opening) -> Result<(), Fault> {
        let stream = StreamId::checks(opening.repository, &opening.run);
        let open = checks::Command::Open(opening);
        let opened = self.invocation.submit::<Checks>(&stream, &open).await;
        opened.map(|_| ()).map_err(engine::Refused::into_fault)
    }

    /// A pushed branch decides about the schedules that run on it.
    async fn set_schedules(&self, asked: &Asked, text: &str) -> Result<(), Fault> {
        let (Trigger::Push { branch }, Ok(file)) = (&asked.trigger, pipeline::read(text)) else {
            return Ok(());
        };
        let mut schedules = pipeline::schedules(&file);
        schedules.retain(|schedule| schedule.branch == *branch);
        let stream = StreamId::repository(asked.repository);
        let command = repository::Command::SetSchedules {
            repository: asked.repository,
            branch: branch.clone(),
            schedules,
        };
        let set = self
            .invocation
            .submit::<repository::Repository>(&stream, &command)
            .await;
        set.map(|_| ()).map_err(engine::Refused::into_fault)
    }
}

/// The name of the run that a delivery leads to.
pub fn run_of(guid: &str) -> RunId {
    RunId::new(Digest::of(format!("run of {guid}").as_bytes()).short())
}

fn checks_of(opening: &Opening) -> checks::Opening {
    checks::Opening {
        repository: opening.repository,
        run: opening.run.clone(),
        commit: opening.commit.clone(),
        pull_request: match opening.trigger {
            Trigger::PullRequest { number, .. } => Some(number),
            _ => None,
        },
    }
}

fn gone(commit: &CommitSha, repository: &str) -> String {
    format!(
        "commit {} is not in {repository} any more; a push that replaced it has a delivery of its own",
        commit.short()
    )
}

fn empty_plan(text: &str, asked: &Asked) -> Plan {
    Plan {
        pipeline: Digest::of(text.as_bytes()),
        jobs: Vec::new(),
        stages: Vec::new(),
        concurrency: Concurrency {
            group: asked.reference.clone(),
            on_new: OnNew::Queue,
        },
        environments: None,
    }
}

/// Positions and sentences without a line of the file: what a headline may show to anybody.
fn problem_of(mistakes: &[Diagnostic]) -> String {
    let count = match mistakes.len() {
        1 => "a mistake".to_owned(),
        many => format!("{many} mistakes"),
    };
    let listed: Vec<String> = mistakes
        .iter()
        .take(MAX_LISTED)
        .map(|mistake| format!("line {}: {}", mistake.line, mistake.message))
        .collect();
    format!("{FILE_NAME} has {count}: {}", listed.join("; "))
}
