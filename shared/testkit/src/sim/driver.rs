//! Purpose: the loop of one seed: what goes on next, what breaks, when time passes; the checks after every step.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use github::Secrets;

use super::check::{Broken, Checker};
use super::executor::Executor;
use super::faults::Rates;
use super::host::{Answer, Work, begin};
use super::ledger::Entry;
use super::report::{Outcome, Stats, Violation};
use super::scenario::Scenario;
use super::world::World;

/// Calls under way at once.
const MAX_TASKS: usize = 6;
/// Steps of a seed's first phase.
const MAX_FAULTY_STEPS: u64 = 40_000;
/// Steps that everything may take to come to rest.
const MAX_CALM_STEPS: u64 = 200_000;
/// Milliseconds between sweeps at first; doubled while nothing changes.
const SWEEP_MS: i64 = 15_000;
/// The same where a road is counted: what the schedule of `template.yaml` says.
const CALM_SWEEP_MS: i64 = 60_000;
/// Doublings of that at most.
const MAX_DOUBLINGS: u32 = 12;

/// How a seed is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Keep the log of steps.
    pub trace: bool,
    /// Run the full road, calm but for a crash at this step; `u64::MAX` = no crash.
    pub crash_at: Option<u64>,
    /// With `crash_at`: the whole process dies, not one task.
    pub whole_process: bool,
}

/// A seed under way.
pub struct Sim {
    pub(super) world: Arc<World>,
    pub(super) executor: Executor<Work, Answer>,
    checker: Checker,
    pub(super) rng: fastrand::Rng,
    rates: Rates,
    options: Options,
    horizon_ms: i64,
    calls: u64,
    steps: u64,
    pub(super) crashes: u64,
    sweep_ms: i64,
    next_sweep_ms: i64,
    pub(super) next_repair_ms: i64,
    idle_sweeps: u32,
    commits_swept: usize,
    log: DefaultHasher,
    trace: Vec<String>,
}

/// Runs one seed to its end or to the first law that does not hold.
pub fn run_seed(seed: u64, options: Options) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (rates, scenario) = match options.crash_at {
        Some(_) => (Rates::CALM, Scenario::full_road()),
        None => (Rates::of(&mut rng), Scenario::of(&mut rng)),
    };
    match started(seed, rng, rates, scenario, options) {
        Some(sim) => sim.finish(seed),
        None => unstarted(seed),
    }
}

/// Takes one scenario on a calm day, and tells what it took.
pub(super) fn calm(scenario: Scenario) -> (Outcome, Vec<Entry>) {
    let rng = fastrand::Rng::with_seed(0);
    let options = Options::default();
    let Some(mut sim) = started(0, rng, Rates::CALM, scenario, options) else {
        return (unstarted(0), Vec::new());
    };
    sim.sweep_ms = CALM_SWEEP_MS;
    sim.next_sweep_ms += CALM_SWEEP_MS;
    let world = Arc::clone(&sim.world);
    world.ledger.open();
    (sim.finish(0), world.ledger.take())
}

fn started(
    seed: u64,
    rng: fastrand::Rng,
    rates: Rates,
    scenario: Scenario,
    options: Options,
) -> Option<Sim> {
    let secrets = Secrets::new(vec![b"the simulator's webhook secret".to_vec()]).ok()?;
    let world = World::new(seed, rates, scenario.pool, secrets);
    let sim = Sim::new(Arc::clone(&world), rng, rates, options, scenario.horizon_ms);
    scenario.begin(&world);
    Some(sim)
}

fn unstarted(seed: u64) -> Outcome {
    let what = "the webhook secret was not taken".to_owned();
    let at = jiff::Timestamp::UNIX_EPOCH;
    let violation = Some(Violation {
        law: "start",
        what,
        step: 0,
        at,
    });
    Outcome {
        seed,
        stats: Stats::default(),
        violation,
        fingerprint: 0,
        trace: Vec::new(),
    }
}

impl Sim {
    fn new(
        world: Arc<World>,
        rng: fastrand::Rng,
        rates: Rates,
        options: Options,
        horizon_ms: i64,
    ) -> Self {
        let start = world.state().real_ms;
        Self {
            world,
            executor: Executor::default(),
            checker: Checker::default(),
            rng,
            rates,
            options,
            horizon_ms: start + horizon_ms,
            calls: 0,
            steps: 0,
            crashes: 0,
            sweep_ms: SWEEP_MS,
            next_sweep_ms: start,
            next_repair_ms: start,
            idle_sweeps: 0,
            commits_swept: 0,
            log: DefaultHasher::new(),
            trace: Vec::new(),
        }
    }

    fn finish(mut self, seed: u64) -> Outcome {
        let broken = self.run().err();
        self.outcome(seed, broken)
    }

    fn run(&mut self) -> Result<(), Broken> {
        while self.steps < MAX_FAULTY_STEPS && !self.is_past_horizon() && !self.is_at_rest() {
            self.step()?;
        }
        self.calm_down();
        let limit = self.steps + MAX_CALM_STEPS;
        while !self.is_at_rest() {
            if self.steps > limit {
                return Err(self.checker.stuck(&self.world));
            }
            self.step()?;
        }
        self.checker.at_rest(&self.world)
    }

    /// Faults stop. What was done stays done.
    fn calm_down(&mut self) {
        self.world.faults.stop();
        self.rates = Rates::CALM;
        self.world.state().rates = Rates::CALM;
        self.idle_sweeps = 0;
        self.note(|| "faults stop".to_owned());
    }

    fn is_past_horizon(&self) -> bool {
        self.world.state().real_ms >= self.horizon_ms
    }

    fn is_at_rest(&self) -> bool {
        let state = self.world.state();
        self.executor.is_empty()
            && state.queue.is_empty()
            && state.agenda.is_empty()
            && !state.gap
            && self.checker.all_ended(&self.world.journal.memory)
    }

    /// One line of the log; it also counts towards the seed's fingerprint.
    pub(super) fn note(&mut self, line: impl FnOnce() -> String) {
        if self.options.trace {
            let at = self.world.state().now();
            self.trace
                .push(format!("{:>6} {at} {}", self.steps, line()));
        }
    }

    /// Begins one call.
    pub(super) fn spawn(&mut self, work: Work) {
        self.calls += 1;
        let call = format!("call-{}", self.calls);
        self.note(|| format!("{call} begins: {work:?}"));
        self.world.ledger.note(|| Entry::Invoked(work.function()));
        let future = begin(&self.world, &work, call);
        let began = self.world.journal.memory.commits();
        self.executor.spawn(work, began, future);
    }

    /// One thing goes on.
    fn step(&mut self) -> Result<(), Broken> {
        let due = self.world.state().due();
        if let Some(happening) = due {
            "happening".hash(&mut self.log);
            self.happen(happening);
            return self.check();
        }
        self.sweep_if_due();
        self.repair_if_due();
        let tasks = self.executor.len();
        let begin_another = tasks == 0 || (tasks < MAX_TASKS && self.rng.u32(0..6) == 0);
        if begin_another && self.deliver_message() {
            return Ok(());
        }
        if tasks == 0 && self.executor.is_empty() {
            self.pass_time();
            return Ok(());
        }
        self.go_on()
    }

    /// Polls one task, or ends it there.
    fn go_on(&mut self) -> Result<(), Broken> {
        let index = self.rng.usize(0..self.executor.len());
        self.steps += 1;
        self.small_time_passes();
        let planned = self.options.crash_at == Some(self.steps);
        if planned && self.options.whole_process || self.rng.u32(0..10_000) < self.rates.process {
            self.process_dies();
            return self.check();
        }
        if planned || self.rng.u32(0..10_000) < self.rates.crash {
            if let Some(work) = self.executor.crash(index) {
                self.crashed(work);
            }
            return self.check();
        }
        self.world.state().call_began = self.executor.began(index).unwrap_or_default();
        let polled = self.executor.poll(index);
        (self.steps, index, polled.is_some()).hash(&mut self.log);
        if let Some((work, answer)) = polled {
            self.note(|| format!("ended: {work:?}: {answer:?}"));
            self.answered(work, answer);
        }
        self.check()
    }

    fn small_time_passes(&mut self) {
        let jump = self.rng.u32(0..10_000) < self.rates.jump;
        let mut state = self.world.state();
        state.real_ms += self.rng.i64(0..30);
        if jump {
            match self.rng.u32(0..3) {
                // The host slept.
                0 => state.real_ms += self.rng.i64(1_000..1_200_000),
                // Its clock was set.
                1 => state.skew_ms = self.rng.i64(-5_000..5_000),
                _ => state.real_ms += self.rng.i64(1_000..60_000),
            }
        }
    }

    fn sweep_if_due(&mut self) {
        let now = self.world.state().real_ms;
        if now < self.next_sweep_ms || self.executor.any(|work| matches!(work, Work::Sweep)) {
            return;
        }
        let machine_now = self.world.state().now();
        if self
            .world
            .journal
            .memory
            .next_due()
            .is_none_or(|due| due > machine_now)
        {
            return;
        }
        let commits = self.world.journal.memory.commits();
        self.idle_sweeps = if commits > self.commits_swept {
            0
        } else {
            self.idle_sweeps + 1
        };
        self.commits_swept = commits;
        let wait = self.sweep_ms << self.idle_sweeps.min(MAX_DOUBLINGS);
        self.next_sweep_ms = now + wait;
        self.spawn(Work::Sweep);
    }

    /// Nothing can go on before something happens: time passes until then.
    fn pass_time(&mut self) {
        let due = self.world.journal.memory.next_due();
        let repair = self.next_repair();
        let mut state = self.world.state();
        let sweep = due.map(|due| {
            let real = due.as_millisecond().saturating_sub(state.skew_ms);
            real.max(self.next_sweep_ms)
        });
        let message = state.queue.iter().map(|m| m.ready_ms).min();
        let happening = state.agenda.keys().next().map(|(at, _)| *at);
        let next = [sweep, repair, message, happening]
            .into_iter()
            .flatten()
            .min();
        state.real_ms = next.unwrap_or(state.real_ms + 1_000).max(state.real_ms + 1);
        "time".hash(&mut self.log);
        // Not a poll, but it counts: a seed whose time passes for ever is stuck.
        self.steps += 1;
    }

    /// Holds everything that is new against the laws; lets people react to it.
    fn check(&mut self) -> Result<(), Broken> {
        let news = self.checker.after_step(&self.world)?;
        for (stream, hash, events) in news {
            hash.hash(&mut self.log);
            if self.options.trace {
                let kinds: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
                self.note(|| format!("commit on {stream}: {}", kinds.join(", ")));
            }
            for event in &events {
                if let super::check::News::Run(event) = event {
                    self.react(&stream, event);
                }
            }
        }
        Ok(())
    }

    fn outcome(self, seed: u64, broken: Option<Broken>) -> Outcome {
        let state = self.world.state();
        let (failed_calls, ambiguous) = self.world.faults.counts();
        let (runs, succeeded, deploys) = self.checker.figures();
        let stats = Stats {
            steps: self.steps,
            commits: self.world.journal.memory.commits() as u64,
            runs,
            succeeded,
            deploys,
            crashes: self.crashes,
            failed_calls,
            ambiguous,
            duplicates: state.duplicates,
            lost_messages: state.lost_messages,
            refused: state.refused,
        };
        let violation = broken.map(|Broken { law, what }| Violation {
            law,
            what,
            step: self.steps,
            at: state.now(),
        });
        let fingerprint = self.log.finish();
        Outcome {
            seed,
            stats,
            violation,
            fingerprint,
            trace: self.trace,
        }
    }
}
