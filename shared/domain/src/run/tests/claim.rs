//! The handshake of a build's first step, in every order of its messages: starts whose answer was lost and that are made
//! again, answers that come late, twice or never, claims that are repeated, builds that die at any moment.

use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use stateright::{Checker, Model, Property};

use super::story::opening;
use crate::ids::BuildId;
use crate::kernel::Machine;
use crate::run::{Attempt, Command, EndFacts, Phase, Run, TaskId, Verdict};

const AT: Timestamp = Timestamp::UNIX_EPOCH;
/// Builds that the host starts in all; attempts that are lost are followed by others, so both meet.
const MAX_BUILDS: usize = 3;

/// One task (by its place in the plan) whose first step claims.
struct Handshake {
    plan: &'static str,
    task: TaskId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Life {
    /// Runs its first step.
    Asks,
    /// Was let in: runs code of the repository.
    Works,
    /// Gone, having worked.
    Worked,
    /// Gone without.
    Gone,
}

#[derive(Clone, Debug, PartialEq)]
struct Place {
    run: Run,
    /// The attempt that each build was started for, and what has become of it.
    builds: Vec<(u16, Life)>,
}

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        serde_json::to_string(&self.run).unwrap().hash(state);
        self.builds.hash(state);
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// The host starts a build for the attempt that is current; whether anybody hears of it is another step.
    Start,
    /// The host's answer arrives.
    Answer(usize),
    Claim(usize),
    /// The claim is recorded, but the build never reads the answer and asks again.
    ClaimUnheard(usize),
    End(usize),
    Observe(usize),
    Refuse,
}

fn name(index: usize) -> BuildId {
    BuildId::new(format!("b{index}"))
}

/// Gives a command and whatever the pool would answer to what follows; the answer says whether it was accepted.
fn give(run: &mut Run, command: &Command) -> bool {
    let Ok(events) = run.decide(AT, command) else {
        return false;
    };
    *run = events.iter().fold(std::mem::take(run), Run::evolve);
    let follow = run.advance(AT);
    *run = follow.iter().fold(std::mem::take(run), Run::evolve);
    let wanted: Vec<Attempt> = run.attempts_that_want_a_slot().collect();
    if !wanted.is_empty() {
        give(run, &Command::GrantSlots(wanted));
    }
    true
}

impl Handshake {
    fn attempt(&self, number: u16) -> Attempt {
        Attempt {
            task: self.task.clone(),
            number,
        }
    }

    fn end(&self, index: usize, place: &Place) -> Command {
        let (number, life) = place.builds[index];
        let verdict = match life {
            Life::Worked => Verdict::Lost {
                why: "the host died".to_owned(),
            },
            _ => Verdict::NotStarted {
                why: "it never asked".to_owned(),
            },
        };
        Command::BuildEnded {
            attempt: self.attempt(number),
            build: name(index),
            end: Box::new(EndFacts::without_build(verdict, AT)),
        }
    }

    fn worked(place: &Place) -> impl Iterator<Item = u16> + '_ {
        place
            .builds
            .iter()
            .filter(|(_, life)| matches!(life, Life::Works | Life::Worked))
            .map(|(attempt, _)| *attempt)
    }
}

impl Model for Handshake {
    type State = Place;
    type Action = Step;

    fn init_states(&self) -> Vec<Place> {
        let mut run = Run::default();
        give(&mut run, &Command::Open(Box::new(opening(self.plan))));
        give(&mut run, &Command::TakeTurn);
        if let Some(environment) = self.task.environment() {
            let build = Attempt {
                task: TaskId::Job("build".into()),
                number: 1,
            };
            let passed = EndFacts::without_build(Verdict::Succeeded, AT);
            for command in [
                Command::Claim {
                    attempt: build.clone(),
                    build: name(9),
                },
                Command::BuildEnded {
                    attempt: build,
                    build: name(9),
                    end: Box::new(passed),
                },
                Command::GrantLane {
                    environment: environment.clone(),
                    fence: 1,
                    previous: None,
                },
            ] {
                assert!(give(&mut run, &command), "{command:?}");
            }
        }
        assert!(matches!(
            run.tasks[&self.task].phase,
            Phase::Requested { .. }
        ));
        vec![Place {
            run,
            builds: Vec::new(),
        }]
    }

    fn actions(&self, place: &Place, steps: &mut Vec<Step>) {
        if place.builds.len() < MAX_BUILDS {
            // Also after the attempt has moved on: a call that was under way arrives when it arrives.
            steps.push(Step::Start);
        }
        for (index, (_, life)) in place.builds.iter().enumerate() {
            steps.push(Step::Answer(index));
            match life {
                Life::Asks => steps.extend([
                    Step::Claim(index),
                    Step::ClaimUnheard(index),
                    Step::End(index),
                ]),
                Life::Works => steps.push(Step::End(index)),
                Life::Worked | Life::Gone => steps.push(Step::Observe(index)),
            }
        }
        steps.push(Step::Refuse);
    }

    fn next_state(&self, place: &Place, step: Step) -> Option<Place> {
        let mut next = place.clone();
        match step {
            Step::Start => next
                .builds
                .push((place.run.tasks[&self.task].attempt, Life::Asks)),
            Step::Answer(index) => {
                let attempt = self.attempt(place.builds[index].0);
                let build = name(index);
                give(&mut next.run, &Command::BuildStarted { attempt, build });
            }
            Step::Claim(index) | Step::ClaimUnheard(index) => {
                let attempt = self.attempt(place.builds[index].0);
                let build = name(index);
                let let_in = give(&mut next.run, &Command::Claim { attempt, build });
                if step == Step::Claim(index) {
                    next.builds[index].1 = if let_in { Life::Works } else { Life::Gone };
                }
            }
            Step::End(index) => {
                let works = place.builds[index].1 == Life::Works;
                next.builds[index].1 = if works { Life::Worked } else { Life::Gone };
            }
            Step::Observe(index) => {
                let end = self.end(index, place);
                give(&mut next.run, &end);
            }
            Step::Refuse => {
                let attempt = self.attempt(place.run.tasks[&self.task].attempt);
                let why = "no such image".to_owned();
                give(&mut next.run, &Command::RefuseBuild { attempt, why });
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one build works for one attempt", |_, place: &Place| {
                let mut attempts: Vec<u16> = Self::worked(place).collect();
                let all = attempts.len();
                attempts.sort_unstable();
                attempts.dedup();
                attempts.len() == all
            }),
            Property::always(
                "what touches a target is done once",
                |model: &Self, place: &Place| {
                    !model.task.touches_target() || Self::worked(place).count() <= 1
                },
            ),
            Property::always(
                "nobody works for an attempt that has ended",
                |model: &Self, place: &Place| {
                    let task = &place.run.tasks[&model.task];
                    let ended = |attempt| task.past.iter().any(|past| past.number == attempt);
                    place
                        .builds
                        .iter()
                        .all(|(attempt, life)| *life != Life::Works || !ended(*attempt))
                },
            ),
            Property::sometimes("a build is let in", |_, place: &Place| {
                Self::worked(place).count() > 0
            }),
            Property::sometimes(
                "an attempt is followed by another",
                |model: &Self, place: &Place| place.run.tasks[&model.task].attempt > 1,
            ),
            Property::sometimes("a build is turned away", |_, place: &Place| {
                place.builds.len() > 1
                    && place.builds.iter().any(|(_, life)| *life == Life::Gone)
                    && Self::worked(place).count() == 1
            }),
        ]
    }
}

fn explore(plan: &'static str, task: TaskId) {
    let checker = Handshake { plan, task }.checker().spawn_bfs().join();
    let states = checker.unique_state_count();
    assert!(states > 500, "{states}");
    checker.assert_properties();
}

#[test]
fn in_every_order_one_build_works_for_an_attempt_of_a_job() {
    explore("jobs", TaskId::Job("build".into()));
}

#[test]
fn in_every_order_a_deploy_is_carried_out_once() {
    explore("road", TaskId::Deploy("staging".into()));
}
