//! Purpose: which function performs which effect. One exhaustive match for each kind of stream.

use domain::kernel::{Machine, StreamId};
use domain::run::TaskId;
use domain::{change, checks, delivery, lane, pool, pull, repository, run};

use crate::ports::Function;

/// An effect that belongs to a function.
pub trait Owned {
    /// The function whose permissions it takes to perform this.
    fn owner(&self) -> Function;
}

/// The function that looks at a stream whose neighbour has changed.
pub fn looks_at(stream: &StreamId) -> Function {
    match stream.kind() {
        checks::Checks::KIND | pull::Pull::KIND => Function::Notifier,
        _ => Function::Scheduler,
    }
}

impl Owned for run::Effect {
    fn owner(&self) -> Function {
        let by_task = |task: &TaskId| match task {
            TaskId::Job(_) => Function::Builder,
            TaskId::Deploy(_) | TaskId::Verify(_) | TaskId::Rollback(_) => Function::Deployer,
        };
        match self {
            Self::TakeTurn
            | Self::ReturnTurn
            | Self::TakeSlots(_)
            | Self::ReturnSlots(_)
            | Self::TakeLane(_)
            | Self::ReturnLane { .. }
            | Self::OpenApproval(_) => Function::Scheduler,
            Self::StartBuild(attempt)
            | Self::ObserveBuild { attempt, .. }
            | Self::StopBuild { attempt, .. } => by_task(&attempt.task),
            Self::Authorise(_) | Self::Settle { .. } => Function::Deployer,
            Self::MailApproval { .. } => Function::Notifier,
        }
    }
}

impl Owned for checks::Effect {
    fn owner(&self) -> Function {
        Function::Notifier
    }
}

impl Owned for pull::Effect {
    fn owner(&self) -> Function {
        Function::Notifier
    }
}

impl Owned for lane::Effect {
    fn owner(&self) -> Function {
        Function::Scheduler
    }
}

impl Owned for pool::Effect {
    fn owner(&self) -> Function {
        Function::Scheduler
    }
}

impl Owned for change::Effect {
    fn owner(&self) -> Function {
        Function::Scheduler
    }
}

impl Owned for repository::Effect {
    fn owner(&self) -> Function {
        Function::Scheduler
    }
}

impl Owned for delivery::Effect {
    fn owner(&self) -> Function {
        match self {
            Self::Plan => Function::Planner,
            Self::Decide => Function::Approval,
            Self::IntendReply | Self::Reply(_) => Function::Notifier,
        }
    }
}
