//! Purpose: what is known besides the run itself: its places in lines, who may decide, and what people have said about its
//! pull request.

use std::collections::BTreeMap;

use domain::ids::{EnvironmentName, JobId, RunId};
use domain::words;

use super::Words;

/// Where a run stands in the lines that it waits in. What it does not wait for is not in here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// The run of the same group whose turn comes before.
    pub behind: Option<RunId>,
    /// Jobs that wait in the pool; 1 = next.
    pub jobs: BTreeMap<JobId, usize>,
    /// Somebody has frozen the deploys of the repository, and an environment would be next.
    pub frozen: bool,
    /// Environments whose turn is waited for.
    pub lanes: BTreeMap<EnvironmentName, Line>,
    /// Logins of those who may decide about an environment and have not.
    pub approvers: BTreeMap<EnvironmentName, Vec<String>>,
    /// What people have said about the pull request; also of a run that is over.
    pub words: Words,
}

/// A place in the line of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// 1 = next; `None` = it is about to be asked for, or granted.
    pub position: Option<usize>,
    /// The run that deploys there now.
    pub holder: Option<RunId>,
}

/// `, 3rd in line`; nothing where the place is not known.
pub(super) fn in_line(position: Option<usize>) -> String {
    let place = position.map(|position| format!(", {} in line", words::ordinal(position)));
    place.unwrap_or_default()
}

impl Line {
    /// What is waited for.
    pub(super) fn title(&self) -> String {
        let holder = self.holder.as_ref();
        let holder = holder.map(|run| format!("; run {run} deploys now"));
        let place = in_line(self.position);
        format!("Waits for its turn{place}{}", holder.unwrap_or_default())
    }
}
