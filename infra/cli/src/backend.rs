//! Purpose: the machine that a command speaks to: a data directory of this computer, or a stack on AWS. Commands know its
//! ports, and which of the two it is only where they have to say different things.

use std::sync::Arc;

use engine::Invocation;
use engine::ports::{Doorbells, Inbox, Journal, Logs, People, Repositories, Sources};
use engine::views::Reads;
use uuid::Uuid;

use crate::args::Global;
use crate::cloud;
use crate::commands::actor;
use crate::data;
use crate::failure::Failure;
use crate::home::{Home, SystemClock};
use crate::machine::lock;
use crate::output;

/// The ports of one machine.
pub struct Backend {
    pub journal: Arc<dyn Journal>,
    pub inbox: Arc<dyn Inbox>,
    pub people: Arc<dyn People>,
    pub repositories: Arc<dyn Repositories>,
    /// `None` where only the functions may read repositories.
    pub sources: Option<Arc<dyn Sources>>,
    pub logs: Arc<dyn Logs>,
    /// They ring a machine that may sleep: whoever has changed a stream need not wait for an answer.
    pub doorbells: Arc<dyn Doorbells>,
    /// The data directory, when the machine is on this computer.
    pub home: Option<Home>,
}

impl Backend {
    /// The machine that the global options name. It has to be there.
    pub async fn open(global: &Global) -> Result<Self, Failure> {
        match &global.aws {
            Some(stack) => cloud::open(stack).await,
            None => Ok(Self::here(Home::existing(&data::dir(global)?)?)),
        }
    }

    fn here(home: Home) -> Self {
        Self {
            journal: home.journal.clone(),
            inbox: home.journal.clone(),
            people: home.people.clone(),
            repositories: home.repositories.clone(),
            sources: Some(home.sources.clone()),
            logs: Arc::new(home.logs()),
            doorbells: Arc::new(home.doorbells()),
            home: Some(home),
        }
    }

    /// One call of the user's, with an identity of its own.
    pub fn invocation(&self) -> Invocation<'_> {
        Invocation::new(
            &*self.journal,
            &SystemClock,
            &*self.doorbells,
            actor(),
            Uuid::new_v4().to_string(),
        )
    }

    /// Where views read.
    pub fn reads(&self) -> Reads<'_> {
        Reads {
            journal: &*self.journal,
            people: &*self.people,
            repositories: &*self.repositories,
            sources: self.sources.as_deref(),
        }
    }

    /// What begins a run, as advice to somebody who has none.
    pub fn first_run(&self) -> &'static str {
        first_run(self.home.is_some())
    }

    /// How a repository becomes known, as advice to somebody who has none.
    pub fn first_repository(&self) -> &'static str {
        match self.home {
            Some(_) => "`slipway repo add PATH` registers one",
            None => "name them in config/machine.yaml of the stack's bucket",
        }
    }

    /// Says so when nobody acts on a wish now.
    pub fn note_if_nobody_acts(&self) {
        if let Some(home) = &self.home {
            note_if_stopped(home);
        }
    }
}

/// See [`Backend::first_run`].
pub fn first_run(is_here: bool) -> &'static str {
    match is_here {
        true => "`slipway repo add PATH` and a commit make one while `slipway up` is running",
        false => {
            "a push to a repository of config/machine.yaml makes one, once the GitHub App is installed there"
        }
    }
}

/// Says so when no machine runs on this data directory.
pub fn note_if_stopped(home: &Home) {
    if lock::running(&home.dir).is_none() {
        output::note("The machine is not running; it acts when `slipway up` starts it.");
    }
}
