//! Purpose: the builder function: starts, observes and stops the builds of jobs, and answers the claims of every build.

mod claim;
mod notice;

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::kernel::StreamId;
use domain::run::{Command, Effect, Run};
use engine::ports::{Blobs, Builds, Clock, Doorbells, Function, Journal, Keys};
use engine::tasks::Tasks;
use engine::{Fault, Invocation, Perform, queue, turn};

pub use claim::claim;
pub use notice::notice;

/// What the function may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    pub builds: &'a dyn Builds,
    pub blobs: &'a dyn Blobs,
    pub keys: &'a dyn Keys,
}

/// Answers a batch of doorbells of runs.
pub async fn handle(deps: &Deps<'_>, event: SqsEvent, call: &str) -> SqsBatchResponse {
    queue::answer(event, |stream| async move {
        let id = format!("{call}/{stream}");
        let invocation = Invocation::new(
            deps.journal,
            deps.clock,
            deps.doorbells,
            "function:builder",
            id,
        );
        turn::<Run>(&invocation, Function::Builder, &Builder { deps }, &stream).await?;
        Ok(())
    })
    .await
}

struct Builder<'a> {
    deps: &'a Deps<'a>,
}

#[async_trait]
impl Perform<Run> for Builder<'_> {
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
            Effect::StartBuild(attempt) => tasks.start(run, attempt).await,
            Effect::ObserveBuild { attempt, build } => {
                tasks.observe(stream, run, attempt, build).await
            }
            Effect::StopBuild { build, .. } => builds.stop(build).await.map(|()| Vec::new()),
            other => Err(Fault::Malformed(format!(
                "the builder does not perform {other:?}"
            ))),
        }
    }
}
