//! Purpose: what came of a seed, in numbers and, if a law was broken, in words.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// A law that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// `S5`, `L1`, …
    pub law: &'static str,
    pub what: String,
    /// The step after which it was seen.
    pub step: u64,
    /// The machine's own time.
    pub at: Timestamp,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            law,
            what,
            step,
            at,
        } = self;
        write!(f, "{law} at step {step}, {at}: {what}")
    }
}

/// How much happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Polls of tasks: one await each.
    pub steps: u64,
    pub commits: u64,
    pub runs: u64,
    /// Runs that ended with success.
    pub succeeded: u64,
    /// Deploys that ran code.
    pub deploys: u64,
    /// Tasks that died at an await; a dead process counts each of its tasks.
    pub crashes: u64,
    /// Calls that failed without effect.
    pub failed_calls: u64,
    /// Calls whose reply was lost after they took effect.
    pub ambiguous: u64,
    /// Messages that were delivered twice.
    pub duplicates: u64,
    pub lost_messages: u64,
    /// Builds whose claim was refused: effects that would have happened twice or too late.
    pub refused: u64,
}

impl Stats {
    /// Adds what another seed did.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.commits += other.commits;
        self.runs += other.runs;
        self.succeeded += other.succeeded;
        self.deploys += other.deploys;
        self.crashes += other.crashes;
        self.failed_calls += other.failed_calls;
        self.ambiguous += other.ambiguous;
        self.duplicates += other.duplicates;
        self.lost_messages += other.lost_messages;
        self.refused += other.refused;
    }
}

/// What came of one seed.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub seed: u64,
    pub stats: Stats,
    /// The first law that did not hold; the seed ends there.
    pub violation: Option<Violation>,
    /// Over the whole log of steps: the same seed gives the same number.
    pub fingerprint: u64,
    /// The log itself, if it was asked for.
    pub trace: Vec<String>,
}
