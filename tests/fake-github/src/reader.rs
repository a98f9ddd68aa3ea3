//! Purpose: what this GitHub holds, for whoever shows it to people.

use std::sync::Arc;

use crate::conversations::{Comment, Pull, User};
use crate::world::{CheckRun, Deployment, World};

/// Reads and changes nothing; cheap to clone.
#[derive(Clone)]
pub struct Reader(pub(crate) Arc<World>);

impl Reader {
    pub fn pull(&self, repository: u64, number: u64) -> Option<Pull> {
        let state = self.0.state();
        state.conversations.pull(repository, number).cloned()
    }

    /// An account, by its number.
    pub fn user(&self, id: u64) -> User {
        self.0.state().conversations.user(id)
    }

    /// The comments of a thread that are there, oldest first.
    pub fn comments(&self, repository: u64, thread: u64) -> Vec<Comment> {
        let state = self.0.state();
        let all = state.conversations.thread(repository, thread);
        all.into_iter().cloned().collect()
    }

    /// The check runs of a commit, oldest first.
    pub fn check_runs(&self, commit: &str) -> Vec<CheckRun> {
        let state = self.0.state();
        let here = state.check_runs.iter().filter(|run| run.commit == commit);
        here.cloned().collect()
    }

    /// The deployments of a commit, oldest first.
    pub fn deployments(&self, commit: &str) -> Vec<Deployment> {
        let state = self.0.state();
        let here = state.deployments.iter().filter(|one| one.commit == commit);
        here.cloned().collect()
    }
}
