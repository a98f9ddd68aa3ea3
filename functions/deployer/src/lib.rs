//! Purpose: the deployer function: deploys, verifies and rolls back environments, after the decisions that permit it were
//! read again, and probes whether the target has come to rest.

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::guard::{Guard, holds};
use domain::ids::{BuildId, EnvironmentName};
use domain::kernel::StreamId;
use domain::run::{Attempt, Command, Effect, Run, TaskId};
use engine::approvals::is_designated;
use engine::ports::{Blobs, Builds, Clock, Doorbells, Function, Journal, Keys, People};
use engine::tasks::Tasks;
use engine::{Fault, Invocation, Perform, freeze, queue, turn};
use jiff::SignedDuration;

/// Seconds until a target that has not come to rest is probed again before a rollback.
const SETTLE_SECONDS: i64 = 10;
/// Seconds until a deploy that was frozen at the last moment is tried again.
const FROZEN_SECONDS: i64 = 60;

/// What the function may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    pub builds: &'a dyn Builds,
    pub blobs: &'a dyn Blobs,
    pub keys: &'a dyn Keys,
    pub people: &'a dyn People,
}

/// Answers a batch of doorbells of runs.
pub async fn handle(deps: &Deps<'_>, event: SqsEvent, call: &str) -> SqsBatchResponse {
    queue::answer(event, |stream| async move {
        let id = format!("{call}/{stream}");
        let invocation = Invocation::new(
            deps.journal,
            deps.clock,
            deps.doorbells,
            "function:deployer",
            id,
        );
        turn::<Run>(&invocation, Function::Deployer, &Deployer { deps }, &stream).await?;
        Ok(())
    })
    .await
}

struct Deployer<'a> {
    deps: &'a Deps<'a>,
}

#[async_trait]
impl Perform<Run> for Deployer<'_> {
    async fn perform(
        &self,
        stream: &StreamId,
        run: &Run,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        let Deps {
            journal,
            clock,
            builds,
            blobs,
            keys,
            ..
        } = *self.deps;
        let tasks = Tasks {
            journal,
            clock,
            builds,
            blobs,
            keys,
        };
        match effect {
            Effect::StartBuild(attempt) => match self.must_wait(run, attempt).await? {
                Some(wait) => Ok(vec![wait]),
                None => tasks.start(run, attempt).await,
            },
            Effect::ObserveBuild { attempt, build } => {
                tasks.observe(stream, run, attempt, build).await
            }
            Effect::StopBuild { build, .. } => builds.stop(build).await.map(|()| Vec::new()),
            Effect::Authorise(environment) => self.authorise(run, environment).await,
            Effect::Settle {
                environment,
                builds,
            } => self.settle(environment, builds).await,
            other => Err(Fault::Malformed(format!(
                "the deployer does not perform {other:?}"
            ))),
        }
    }
}

impl Deployer<'_> {
    /// Reads every decision's signature and its person's membership once more; a doubt is a no. While deploys are frozen
    /// nothing is checked: the lane is kept, and so is the wait.
    async fn authorise(
        &self,
        run: &Run,
        environment: &EnvironmentName,
    ) -> Result<Vec<Command>, Fault> {
        let approval = run
            .stages
            .get(environment)
            .and_then(|stage| stage.approval.as_ref());
        let policy = run
            .planned_stage(environment)
            .and_then(|stage| stage.approval.as_ref());
        let (Some(opening), Some(approval), Some(policy)) = (&run.opening, approval, policy) else {
            return Ok(Vec::new());
        };
        let frozen = freeze(self.deps.journal, opening.repository).await?;
        if frozen.is_some() {
            return Ok(Vec::new());
        }
        let mut approvers = Vec::new();
        for decision in approval
            .decisions
            .iter()
            .filter(|decision| decision.approve)
        {
            let text = decision.signed_text(&opening.run, environment);
            let signed = self
                .deps
                .keys
                .verify(text.as_bytes(), &decision.signature)
                .await?;
            if signed && is_designated(self.deps.people, policy, decision.person).await? {
                approvers.push(decision.person);
            }
        }
        Ok(vec![Command::Authorise {
            environment: environment.clone(),
            approvers,
        }])
    }

    /// Why a build cannot begin yet.
    async fn must_wait(&self, run: &Run, attempt: &Attempt) -> Result<Option<Command>, Fault> {
        match &attempt.task {
            TaskId::Deploy(_) => self.wait_for_thaw(run, attempt).await,
            TaskId::Rollback(environment) => self.wait_for_rest(run, attempt, environment).await,
            TaskId::Job(_) | TaskId::Verify(_) => Ok(None),
        }
    }

    /// Somebody may have frozen deploys after the lane was taken. A deploy that was claimed goes on.
    async fn wait_for_thaw(&self, run: &Run, attempt: &Attempt) -> Result<Option<Command>, Fault> {
        let Some(opening) = &run.opening else {
            return Ok(None);
        };
        let frozen = freeze(self.deps.journal, opening.repository).await?;
        Ok(frozen.map(|_| {
            let why = "deploys of the repository are frozen".to_owned();
            self.put_off(attempt, why, FROZEN_SECONDS, true)
        }))
    }

    fn put_off(&self, attempt: &Attempt, why: String, seconds: i64, frozen: bool) -> Command {
        let now = self.deps.clock.now();
        let wait = SignedDuration::from_secs(seconds);
        Command::DeferBuild {
            attempt: attempt.clone(),
            why,
            until: now.checked_add(wait).unwrap_or(now),
            frozen,
        }
    }

    /// A rollback begins only when nothing that the deploy began works on the target any more.
    async fn wait_for_rest(
        &self,
        run: &Run,
        attempt: &Attempt,
        environment: &EnvironmentName,
    ) -> Result<Option<Command>, Fault> {
        let deploy = run.tasks.get(&TaskId::Deploy(environment.clone()));
        let builds = deploy
            .iter()
            .flat_map(|task| &task.past)
            .filter_map(|past| past.build.as_ref());
        for build in builds {
            if !self.deps.builds.is_settled(build).await? {
                let why = format!("what the deploy began still works on {environment}");
                return Ok(Some(self.put_off(attempt, why, SETTLE_SECONDS, false)));
            }
        }
        Ok(None)
    }

    async fn settle(
        &self,
        environment: &EnvironmentName,
        builds: &[BuildId],
    ) -> Result<Vec<Command>, Fault> {
        let mut settled = true;
        for build in builds {
            settled &= self.deps.builds.is_settled(build).await?;
        }
        let environment = environment.clone();
        Ok(if holds(Guard::LaneWaitsForSettling, settled) {
            vec![Command::Settled { environment }]
        } else {
            Vec::new()
        })
    }
}
