//! Purpose: the scheduler function: advances every machine, connects runs with their lanes, pools and groups, and sweeps
//! what is due.

mod change;
pub mod heads;
mod lane;
mod pool;
pub mod repair;
mod repository;
mod run;
pub mod schedule;
mod told;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::kernel::StreamId;
use engine::ports::{Clock, Doorbell, Doorbells, Function, Inbox, Journal, People, Sources};
use engine::{Fault, Invocation, queue, turn};

/// Streams that one sweep looks at; the next one goes on.
pub const MAX_SWEPT: usize = 200;

/// What the function may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub inbox: &'a dyn Inbox,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    pub sources: &'a dyn Sources,
    pub people: &'a dyn People,
    /// Jobs that may run at once.
    pub capacity: usize,
}

/// Answers a batch of doorbells.
pub async fn handle(deps: &Deps<'_>, event: SqsEvent, call: &str) -> SqsBatchResponse {
    queue::answer(
        event,
        |stream| async move { look_at(deps, &stream, call).await },
    )
    .await
}

/// Looks at everything that is due; tells how many streams that was.
pub async fn sweep(deps: &Deps<'_>, call: &str) -> Result<usize, Fault> {
    let due = deps.journal.due(deps.clock.now(), MAX_SWEPT).await?;
    let count = due.len();
    for head in due {
        let outcome = match head.stream.kind() {
            // Nobody has looked at it yet, so it is the planner's.
            "delivery" if head.number == 0 => {
                let doorbell = Doorbell {
                    stream: head.stream.clone(),
                };
                deps.doorbells.ring(Function::Planner, &doorbell).await
            }
            _ => look_at(deps, &head.stream, call).await,
        };
        if let Err(fault) = outcome {
            tracing::warn!(stream = %head.stream, %fault, "a swept stream failed");
        }
    }
    Ok(count)
}

/// One turn on one stream.
async fn look_at(deps: &Deps<'_>, stream: &StreamId, call: &str) -> Result<(), Fault> {
    let id = format!("{call}/{stream}");
    let call = Invocation::new(
        deps.journal,
        deps.clock,
        deps.doorbells,
        "function:scheduler",
        id,
    );
    let function = Function::Scheduler;
    let desk = Desk {
        deps,
        invocation: &call,
    };
    match stream.kind() {
        "run" => turn::<domain::run::Run>(&call, function, &desk, stream)
            .await
            .map(|_| ()),
        "checks" => turn::<domain::checks::Checks>(&call, function, &desk, stream)
            .await
            .map(|_| ()),
        "pull" => turn::<domain::pull::Pull>(&call, function, &desk, stream)
            .await
            .map(|_| ()),
        "delivery" => turn::<domain::delivery::Delivery>(&call, function, &desk, stream)
            .await
            .map(|_| ()),
        "lane" => turn::<domain::lane::Lane>(&call, function, &desk, stream)
            .await
            .map(|_| ()),
        "pool" => turn::<domain::pool::Pool>(&call, function, &desk, stream)
            .await
            .map(|_| ()),
        "change" => turn::<domain::change::Change>(&call, function, &desk, stream)
            .await
            .map(|_| ()),
        "repository" => turn::<domain::repository::Repository>(&call, function, &desk, stream)
            .await
            .map(|_| ()),
        kind => Err(Fault::Malformed(format!(
            "the scheduler knows no streams of kind `{kind}`"
        ))),
    }
}

/// What a performer works with.
struct Desk<'a> {
    deps: &'a Deps<'a>,
    invocation: &'a Invocation<'a>,
}
