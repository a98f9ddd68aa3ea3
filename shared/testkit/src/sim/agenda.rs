//! Purpose: what happens in the world by itself, and how it is carried out: pushes, decisions, cancels, builds that claim
//! and end, people who leave, hosts that die.

use domain::ids::{BuildId, CommitSha, Digest, EnvironmentName, PersonId};
use domain::kernel::StreamId;
use domain::run::{Event, TaskId};
use engine::ports::Ending;

use super::driver::Sim;
use super::host::Work;
use super::people::{ANA, BEN, CHO, DEE, EVE};
use super::said;
use super::world::Push;

/// Something that will happen.
#[derive(Clone, Debug)]
pub enum Happening {
    /// Somebody pushes: the branch moves, and a delivery is on its way.
    Push(usize),
    /// A delivery reaches the webhook.
    Deliver { push: usize },
    /// Somebody who does not know the secret sends a delivery.
    Forge { push: usize, how: u32 },
    /// A build asks whether it may run.
    Claim { build: BuildId, tries: u32 },
    /// A build ends by itself.
    BuildEnds { build: BuildId, ending: Ending },
    /// A person decides, or tries to.
    Decide(Wish),
    /// A person cancels a run.
    Cancel { run: StreamId, by: PersonId },
    /// A person is removed from the machine.
    Remove(PersonId),
    /// The host of builds dies.
    HostDies,
}

/// What a person wants to decide.
#[derive(Clone, Debug)]
pub struct Wish {
    pub run: StreamId,
    pub environment: EnvironmentName,
    pub person: PersonId,
    pub approve: bool,
    pub release: Digest,
    pub way: Way,
}

/// How a decision reaches the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On the page of the approval function.
    Approval,
    /// In a comment on GitHub.
    Comment,
    /// Signed, but past the approval function's own checks.
    Direct,
    /// Written by somebody who has not got the signing key; the person knows nothing of it.
    Forged,
}

/// Pushes of a scenario.
const MAX_PUSHES: usize = 6;

impl Sim {
    /// Carries out one happening.
    pub(super) fn happen(&mut self, happening: Happening) {
        self.note(|| format!("happens: {happening:?}"));
        match happening {
            Happening::Push(index) => self.push(index),
            Happening::Deliver { push } => self.spawn(Work::Deliver { push }),
            Happening::Forge { push, how } => self.spawn(Work::Forge { push, how }),
            Happening::Claim { build, tries } => self.spawn(Work::Claim { build, tries }),
            Happening::BuildEnds { build, ending } => self.world.state().ends(&build, ending),
            Happening::Decide(wish) if wish.way == Way::Comment => self.comment(&wish),
            Happening::Decide(wish) => self.spawn(Work::Decide(wish)),
            Happening::Cancel { run, by } => self.spawn(Work::Cancel { run, by }),
            Happening::Remove(person) => {
                let mut state = self.world.state();
                let now = state.real_ms;
                state.removed.entry(person).or_insert(now);
            }
            Happening::HostDies => self.world.state().host_dies(),
        }
    }

    fn push(&mut self, index: usize) {
        let commits = self.world.journal.memory.commits();
        let mut state = self.world.state();
        let Some(push) = state.pushes.get(index).cloned() else {
            return;
        };
        state.begin(index, &push, commits);
        // Now and then a delivery comes after the one of the next push.
        let delay = if state.mishap(1_500) {
            state.rng.i64(10_000..400_000)
        } else {
            200
        };
        state.after(delay, Happening::Deliver { push: index });
        if state.mishap(2_000) {
            let later = state.rng.i64(1_000..1_500_000);
            state.after(later, Happening::Deliver { push: index });
        }
        if state.mishap(1_500) {
            let how = state.rng.u32(0..5);
            state.after(delay / 2, Happening::Forge { push: index, how });
        }
    }

    /// Somebody says below a pull request what they decide.
    fn comment(&mut self, wish: &Wish) {
        let index = {
            let mut state = self.world.state();
            let Some((run, said)) = said::decision(&state, wish) else {
                return;
            };
            state.wants(wish, &run);
            state.pushes.push(said);
            state.pushes.len() - 1
        };
        self.push(index);
    }

    /// What people do when they see this.
    pub(super) fn react(&mut self, stream: &StreamId, event: &Event) {
        match event {
            Event::RunOpened { .. } => {
                let mut state = self.world.state();
                if state.mishap(1_200) {
                    let delay = state.rng.i64(0..600_000);
                    state.after(
                        delay,
                        Happening::Cancel {
                            run: stream.clone(),
                            by: ANA,
                        },
                    );
                }
            }
            Event::ApprovalOpened {
                environment,
                release,
                approvers,
                excluded,
                expires_at,
                ..
            } => {
                let eligible: Vec<PersonId> = approvers
                    .iter()
                    .copied()
                    .filter(|p| !excluded.contains(p))
                    .collect();
                let wish = Wish {
                    run: stream.clone(),
                    environment: environment.clone(),
                    person: EVE,
                    approve: true,
                    release: release.clone(),
                    way: Way::Approval,
                };
                let left = expires_at.as_millisecond() - self.world.state().now().as_millisecond();
                self.people_decide(&wish, &eligible, left);
            }
            Event::DecisionMade { decision, .. } => {
                let mut state = self.world.state();
                if state.mishap(1_500) {
                    let delay = state.rng.i64(0..90_000);
                    state.after(delay, Happening::Remove(decision.person));
                }
            }
            Event::BuildClaimed { attempt, .. }
                if attempt.task == TaskId::Deploy("production".into()) =>
            {
                self.push_meanwhile(stream);
            }
            _ => {}
        }
    }

    /// Now and then somebody pushes while production is on its way.
    fn push_meanwhile(&mut self, run: &StreamId) {
        let mut state = self.world.state();
        if state.pushes.len() >= MAX_PUSHES || !state.mishap(2_500) {
            return;
        }
        let of_run = |push: &&Push| Some(planner::run_of(&push.guid)) == run.run_id();
        let Some(push) = state.pushes.iter().find(of_run).cloned() else {
            return;
        };
        let index = state.pushes.len();
        let guid = format!("{}-next-{index}", push.guid);
        let name = Digest::of(guid.as_bytes());
        state.pushes.push(Push {
            commit: CommitSha::new(name.as_str().chars().take(40).collect::<String>()),
            before: push.commit.clone(),
            guid,
            ..push
        });
        let delay = state.rng.i64(0..10_000);
        state.after(delay, Happening::Push(index));
    }

    fn people_decide(&mut self, wish: &Wish, eligible: &[PersonId], left_ms: i64) {
        let mut state = self.world.state();
        if !state.rates.unruly {
            // In a calm world everybody who may says yes.
            for person in eligible {
                state.after(
                    5_000,
                    Happening::Decide(Wish {
                        person: *person,
                        ..wish.clone()
                    }),
                );
            }
            return;
        }
        for person in [ANA, BEN, CHO, DEE, EVE] {
            let may = eligible.contains(&person);
            let decides = state.mishap(if may { 9_000 } else { 2_000 });
            if !decides {
                continue;
            }
            let delay = match state.rng.u32(0..10) {
                0 => left_ms + state.rng.i64(0..120_000),
                1 | 2 => state.rng.i64(0..left_ms.max(1)),
                _ => state.rng.i64(500..60_000),
            };
            let direct = state.rng.u32(0..3) == 0;
            let by_hand = match state.rng.u32(0..3) {
                0 => Way::Comment,
                _ => Way::Approval,
            };
            let mut own = Wish {
                person,
                way: if direct { Way::Direct } else { by_hand },
                ..wish.clone()
            };
            match state.rng.u32(0..16) {
                0 => own.approve = false,
                1 => {
                    own.release = Digest::of(b"another release");
                    own.way = Way::Direct;
                }
                2 => own.way = Way::Forged,
                3 => {
                    // The release of whatever run was approved before.
                    let before = state.wishes.last().map(|wish| wish.release.clone());
                    own.release = before.unwrap_or(own.release);
                    own.way = Way::Direct;
                }
                _ => {}
            }
            let twice = state.mishap(2_500);
            state.after(delay, Happening::Decide(own.clone()));
            if twice {
                let more = state.rng.i64(0..30_000);
                own.approve = state.rng.u32(0..4) > 0;
                own.way = Way::Direct;
                state.after(delay + more, Happening::Decide(own));
            }
        }
    }
}
