//! Purpose: stories and the model of the lane: one holder at a time, whatever comes in whatever order.

use stateright::{Checker, Model, Property};

use super::*;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn run(name: u8) -> RunId {
    RunId::new(format!("r{name}"))
}

fn give(lane: Lane, command: &Command) -> (Lane, Vec<Event>) {
    let mut events = lane.decide(AT, command).unwrap();
    let mut lane = events.iter().fold(lane, Lane::evolve);
    let follow = lane.advance(AT);
    lane = follow.iter().fold(lane, Lane::evolve);
    events.extend(follow);
    (lane, events)
}

fn take(name: u8) -> Command {
    Command::Take {
        repository: RepositoryId(7),
        run: run(name),
    }
}

fn give_back(name: u8, outcome: StageOutcome) -> Command {
    let release = Some((CommitSha::new("c"), Digest::of(&[name])));
    Command::Return {
        run: run(name),
        outcome,
        release,
    }
}

#[test]
fn runs_hold_the_lane_one_after_another_and_fences_grow() {
    let (lane, _) = give(Lane::default(), &take(1));
    let (lane, _) = give(lane, &take(2));
    let (lane, events) = give(lane, &take(2));
    assert_eq!(events, [], "asking twice is asking once");
    assert_eq!(
        (
            lane.fence_of(&run(1)),
            lane.fence_of(&run(2)),
            lane.position(&run(2))
        ),
        (Some(1), None, Some(1))
    );

    let (lane, _) = give(lane, &give_back(1, StageOutcome::Deployed));
    assert_eq!(lane.fence_of(&run(2)), Some(2));
    assert_eq!(lane.deployed.as_ref().map(|d| d.run.clone()), Some(run(1)));
    let (lane, events) = give(lane, &give_back(1, StageOutcome::Deployed));
    assert_eq!(events, [], "giving back twice frees nobody else's lane");
    assert_eq!(lane.fence_of(&run(2)), Some(2));
}

#[test]
fn a_failed_deploy_leaves_a_doubt_that_a_good_one_clears() {
    let (lane, _) = give(Lane::default(), &take(1));
    let failed = StageOutcome::Failed {
        why: "exit status 1".to_owned(),
    };
    let (lane, _) = give(lane, &give_back(1, failed));
    assert_eq!(lane.doubt.as_deref(), Some("exit status 1"));
    assert_eq!(lane.deployed, None);
    let (lane, _) = give(lane, &take(2));
    let (lane, _) = give(lane, &give_back(2, StageOutcome::Deployed));
    assert_eq!(
        (lane.doubt, lane.deployed.map(|d| d.run)),
        (None, Some(run(2)))
    );
}

#[test]
fn a_lane_takes_no_more_than_its_bound() {
    let mut lane = give(Lane::default(), &take(0)).0;
    for name in 0..MAX_WAITING {
        let run = RunId::new(format!("w{name}"));
        lane = give(
            lane,
            &Command::Take {
                repository: RepositoryId(7),
                run,
            },
        )
        .0;
    }
    assert_eq!(lane.decide(AT, &take(1)), Err(Rejection::Full));
}

/// Three runs ask, use and give back one lane. Each knows only what it was told; messages are doubled, late and lost: a run
/// may ask, work and give back at any moment that its own knowledge allows, again and again.
struct Road;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    holder: Option<(u8, u64)>,
    waiting: Vec<u8>,
    fence: u64,
    /// What each run knows: the fence it was told of.
    told: [Option<u64>; 3],
    /// Runs that touch the target now, and the fence under which.
    at_work: Vec<(u8, u64)>,
    done: [bool; 3],
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Ask(u8),
    Begin(u8),
    End(u8),
    GiveBack(u8),
}

impl Place {
    fn lane(&self) -> Lane {
        Lane {
            repository: Some(RepositoryId(7)),
            holder: self.holder.map(|(name, fence)| Holder {
                run: run(name),
                fence,
                since: AT,
            }),
            waiting: self.waiting.iter().map(|name| run(*name)).collect(),
            fence: self.fence,
            ..Lane::default()
        }
    }

    fn store(&mut self, lane: &Lane) {
        let name = |run: &RunId| run.as_str().as_bytes()[1] - b'0';
        self.holder = lane
            .holder
            .as_ref()
            .map(|holder| (name(&holder.run), holder.fence));
        self.waiting = lane.waiting.iter().map(name).collect();
        self.fence = lane.fence;
    }
}

impl Model for Road {
    type State = Place;
    type Action = Step;

    fn init_states(&self) -> Vec<Place> {
        vec![Place {
            holder: None,
            waiting: Vec::new(),
            fence: 0,
            told: [None; 3],
            at_work: Vec::new(),
            done: [false; 3],
        }]
    }

    fn actions(&self, place: &Place, steps: &mut Vec<Step>) {
        for name in 0..3u8 {
            let index = usize::from(name);
            let works = place.at_work.iter().any(|(at_work, _)| *at_work == name);
            if !place.done[index] {
                steps.push(Step::Ask(name));
            }
            if place.told[index].is_some() && !place.done[index] && !works {
                steps.push(Step::Begin(name));
            }
            if works {
                steps.push(Step::End(name));
            }
            // Whoever is done may say so any number of times.
            if place.done[index] && !works {
                steps.push(Step::GiveBack(name));
            }
        }
    }

    fn next_state(&self, place: &Place, step: Step) -> Option<Place> {
        let mut next = place.clone();
        match step {
            Step::Ask(name) => {
                let lane = give(place.lane(), &take(name)).0;
                next.store(&lane);
                next.told[usize::from(name)] = lane.fence_of(&run(name));
            }
            Step::Begin(name) => next.at_work.push((name, place.told[usize::from(name)]?)),
            Step::End(name) => {
                next.at_work.retain(|(at_work, _)| *at_work != name);
                next.done[usize::from(name)] = true;
            }
            Step::GiveBack(name) => {
                next.store(&give(place.lane(), &give_back(name, StageOutcome::Deployed)).0);
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "one run at a time touches the target",
                |_, place: &Place| place.at_work.len() <= 1,
            ),
            Property::always(
                "whoever touches the target has the highest fence",
                |_, place: &Place| place.at_work.iter().all(|(_, fence)| *fence == place.fence),
            ),
            Property::sometimes("all three have their turn", |_, place: &Place| {
                place.done.iter().all(|done| *done) && place.holder.is_none()
            }),
        ]
    }
}

#[test]
fn in_every_order_one_run_at_a_time_touches_the_target() {
    let checker = Road.checker().spawn_bfs().join();
    assert!(
        checker.unique_state_count() > 50,
        "{}",
        checker.unique_state_count()
    );
    checker.assert_properties();
}
