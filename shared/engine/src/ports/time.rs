//! Purpose: the clock and the doorbells.

use async_trait::async_trait;
use domain::kernel::StreamId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// Tells the time, so that the simulator can.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The functions that are reached by doorbells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    Planner,
    Scheduler,
    Builder,
    Deployer,
    Approval,
    Notifier,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Planner,
        Self::Scheduler,
        Self::Builder,
        Self::Deployer,
        Self::Approval,
        Self::Notifier,
    ];

    /// The folder below `functions/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Scheduler => "scheduler",
            Self::Builder => "builder",
            Self::Deployer => "deployer",
            Self::Approval => "approval",
            Self::Notifier => "notifier",
        }
    }
}

/// "Look at this stream again." Carries no truth: it may be lost, late, doubled or reordered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Doorbell {
    pub stream: StreamId,
}

/// Sends doorbells to functions.
#[async_trait]
pub trait Doorbells: Send + Sync {
    async fn ring(&self, function: Function, doorbell: &Doorbell) -> Result<(), Fault>;
}
