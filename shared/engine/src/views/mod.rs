//! Purpose: what people read of the journal, as plain data: the pages, the command line and the JSON show the same.
//!
//! A view reads and never changes anything. It holds no markup; text of strangers in it is as it came, and whoever shows
//! it escapes it there.

mod environments;
mod history;
mod log;
mod names;
mod run;
mod runs;
mod stage;
mod task;
mod why;

use crate::ports::{Journal, People, Repositories, Sources};

pub use environments::{
    DeployedView, EnvironmentView, EnvironmentsView, HolderView, LaneLine, MAX_LANE_LINES,
    RepositoryEnvironments, environments,
};
pub use history::{EventLine, named as task_name};
pub use log::{LogView, MAX_LOG_LINES, MAX_RAW_BYTES, RawLog, log, log_tail, raw_log};
pub use names::{RepositoryRef, Who};
pub use run::{CommitView, RunView, run};
pub use runs::{MAX_LOOKED_AT, RunRow, RunsFilter, RunsView, runs, short_reference, show_cursor};
pub use stage::{ApprovalLine, DecisionLine, StageView};
pub use task::{AttemptView, TaskView};
pub use why::{Reason, Wait, Why, why};

/// Where views read.
#[derive(Clone, Copy)]
pub struct Reads<'a> {
    pub journal: &'a dyn Journal,
    pub people: &'a dyn People,
    pub repositories: &'a dyn Repositories,
    /// For the titles of commits; without it, or when it does not answer, there are none.
    pub sources: Option<&'a dyn Sources>,
}
