//! Purpose: stories of schedules, one event for every tick, also for those that did not happen; and of freezes.

use jiff::SignedDuration;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn nightly(catch_up: bool) -> ScheduleSpec {
    ScheduleSpec {
        name: "nightly".to_owned(),
        cron: "0 3 * * *".to_owned(),
        branch: "main".to_owned(),
        time_zone: "UTC".to_owned(),
        catch_up,
    }
}

fn set(repository: Repository, now: Timestamp, schedules: Vec<ScheduleSpec>) -> Repository {
    let set = Command::SetSchedules {
        repository: RepositoryId(7),
        branch: "main".to_owned(),
        schedules,
    };
    let events = repository.decide(now, &set).unwrap();
    events.iter().fold(repository, Repository::evolve)
}

fn pass(repository: Repository, now: Timestamp) -> (Repository, Vec<Event>) {
    let events = repository.advance(now);
    (events.iter().fold(repository, Repository::evolve), events)
}

#[test]
fn a_tick_is_fired_once_and_owed_until_it_is_handed_in() {
    let repository = set(
        Repository::default(),
        at("2026-03-02T12:00:00Z"),
        vec![nightly(false)],
    );
    assert_eq!(
        repository.wake_at(Timestamp::MIN),
        Some(at("2026-03-03T03:00:00Z"))
    );
    let (repository, events) = pass(repository, at("2026-03-03T02:59:59Z"));
    assert_eq!(events, []);
    let (repository, events) = pass(repository, at("2026-03-03T03:00:01Z"));
    assert!(matches!(
        events[..],
        [Event::TickFired {
            late_seconds: 1,
            ..
        }]
    ));
    assert_eq!(pass(repository.clone(), at("2026-03-03T03:00:02Z")).1, []);

    let [Effect::DeliverTick(tick)] = &repository.outstanding(at("2026-03-03T03:00:02Z"))[..]
    else {
        panic!()
    };
    let delivered = repository
        .decide(
            at("2026-03-03T03:00:02Z"),
            &Command::TickDelivered(tick.clone()),
        )
        .unwrap();
    let repository = delivered.iter().fold(repository, Repository::evolve);
    assert_eq!(repository.outstanding(at("2026-03-03T03:00:02Z")), []);
    assert_eq!(
        repository.wake_at(Timestamp::MIN),
        Some(at("2026-03-04T03:00:00Z"))
    );
}

#[test]
fn a_tick_that_comes_too_late_is_skipped_with_a_reason_or_caught_up() {
    for (catch_up, fired) in [(false, false), (true, true)] {
        let repository = set(
            Repository::default(),
            at("2026-03-02T12:00:00Z"),
            vec![nightly(catch_up)],
        );
        // The machine was down for two nights.
        let (repository, events) = pass(repository, at("2026-03-04T09:00:00Z"));
        assert_eq!(events.len(), 1);
        assert_eq!(matches!(events[0], Event::TickFired { .. }), fired);
        assert_eq!(
            repository.wake_at(Timestamp::MIN),
            Some(at("2026-03-05T03:00:00Z"))
        );
    }
}

#[test]
fn a_schedule_that_stays_keeps_its_place_and_one_that_is_gone_is_gone() {
    let repository = set(
        Repository::default(),
        at("2026-03-02T12:00:00Z"),
        vec![nightly(false)],
    );
    let again = Command::SetSchedules {
        repository: RepositoryId(7),
        branch: "main".to_owned(),
        schedules: vec![nightly(false)],
    };
    assert_eq!(
        repository.decide(at("2026-03-03T04:00:00Z"), &again),
        Ok(vec![])
    );
    let repository = set(repository, at("2026-03-03T04:00:00Z"), vec![]);
    assert_eq!(repository.wake_at(Timestamp::MIN), None);
    assert!(repository.is_ended());
}

/// A repository, and what is said about freezing it.
struct Said(Repository);

impl Said {
    /// Whether it counts; `minute` is when it was said.
    fn say(&mut self, id: &str, minute: i64, command: impl FnOnce(Wish) -> Command) -> bool {
        let now = at("2026-03-02T12:00:00Z");
        let said = now + SignedDuration::from_mins(minute);
        let wish = Wish {
            id: id.to_owned(),
            said,
            number: 0,
        };
        let events = self.0.decide(now, &command(wish)).unwrap();
        let before = std::mem::take(&mut self.0);
        self.0 = events.iter().fold(before, Repository::evolve);
        !events.is_empty()
    }

    fn freeze(&mut self, id: &str, minute: i64, reason: &str) -> bool {
        self.say(id, minute, |wish| freeze(reason, wish))
    }

    fn unfreeze(&mut self, id: &str, minute: i64) -> bool {
        self.say(id, minute, |wish| Command::Unfreeze { by: None, wish })
    }

    fn reason(&self) -> Option<&str> {
        self.0.frozen().and_then(|freeze| freeze.reason.as_deref())
    }
}

fn freeze(reason: &str, wish: Wish) -> Command {
    Command::Freeze {
        repository: RepositoryId(7),
        by: Some(PersonId(12)),
        reason: Some(reason.to_owned()),
        wish,
    }
}

#[test]
fn what_was_said_last_about_freezing_holds() {
    let mut said = Said(Repository::default());
    assert!(said.freeze("one", 0, "the release"));
    assert_eq!(said.0.summary().freeze.as_ref(), said.0.frozen());
    // Somebody has another reason.
    assert!(said.freeze("two", 5, "an incident"));
    assert_eq!(said.reason(), Some("an incident"));
    // What is brought again changes nothing, and neither does what was said before and comes late.
    assert!(!said.freeze("one", 0, "the release") && !said.unfreeze("three", 3));
    assert_eq!(said.reason(), Some("an incident"));
    // Two lines of one comment are said at the same time.
    assert!(said.unfreeze("four/1", 7) && said.freeze("four/2", 7, "no, wait"));
    assert_eq!(said.reason(), Some("no, wait"));
    assert!(said.unfreeze("five", 9));
    assert_eq!(said.0.frozen(), None);
}

/// Found by the simulator: a freeze that was on its way for long froze deploys that had been unfrozen since.
#[test]
fn a_freeze_that_comes_after_its_end_freezes_nothing() {
    let mut said = Said(Repository::default());
    assert!(said.unfreeze("later", 7));
    assert!(!said.freeze("earlier", 0, "the release"));
    assert_eq!(said.0.frozen(), None);
}

#[test]
fn a_reason_is_neither_empty_nor_endless() {
    for reason in ["", "  ", &"x".repeat(MAX_REASON + 1)] {
        let wish = Wish {
            id: "one".to_owned(),
            said: at("2026-03-02T12:00:00Z"),
            number: 0,
        };
        let asked = freeze(reason, wish);
        let answer = Repository::default().decide(at("2026-03-02T12:00:00Z"), &asked);
        assert_eq!(answer, Err(Rejection::Reason));
    }
}

#[test]
fn whoever_waits_for_the_end_of_a_freeze_is_rung_once() {
    let hold = |run: &str| Command::Hold {
        repository: RepositoryId(7),
        run: run.into(),
    };
    let now = at("2026-03-02T12:00:00Z");
    let mut said = Said(Repository::default());
    // Nobody waits for what has not begun.
    assert_eq!(said.0.decide(now, &hold("r1")), Ok(vec![]));
    assert!(said.freeze("one", 0, "the release"));
    for (run, news) in [("r1", 1), ("r1", 0), ("r2", 1)] {
        let events = said.0.decide(now, &hold(run)).unwrap();
        assert_eq!(events.len(), news);
        said.0 = events.iter().fold(said.0, Repository::evolve);
    }
    let wish = Wish {
        id: "two".to_owned(),
        said: at("2026-03-02T12:05:00Z"),
        number: 0,
    };
    let events = said
        .0
        .decide(now, &Command::Unfreeze { by: None, wish })
        .unwrap();
    said.0 = events.iter().fold(said.0, Repository::evolve);
    let rung: Vec<String> = events
        .iter()
        .flat_map(|event| said.0.neighbours(event))
        .map(|stream| stream.to_string())
        .collect();
    assert_eq!(rung, ["run/7/r1", "run/7/r2"]);
    assert_eq!(said.0.held, Vec::<crate::ids::RunId>::new());
}

#[test]
fn those_who_wait_for_the_end_of_a_freeze_are_bounded() {
    let now = at("2026-03-02T12:00:00Z");
    let mut said = Said(Repository::default());
    said.freeze("one", 0, "the release");
    for number in 0..MAX_HELD + 5 {
        let hold = Command::Hold {
            repository: RepositoryId(7),
            run: format!("r{number}").as_str().into(),
        };
        let events = said.0.decide(now, &hold).unwrap();
        said.0 = events.iter().fold(said.0, Repository::evolve);
    }
    assert_eq!(said.0.held.len(), MAX_HELD);
}

fn told(repository: Repository, command: &Command) -> (Repository, usize) {
    let events = repository
        .decide(at("2026-03-02T12:00:00Z"), command)
        .unwrap();
    let after = events.iter().fold(repository, Repository::evolve);
    (after, events.len())
}

fn hosted(name: Option<&str>) -> Command {
    Command::Hosted {
        repository: RepositoryId(7),
        name: name.map(str::to_owned),
    }
}

#[test]
fn sec_49_a_transferred_repository_has_no_trust_until_somebody_gives_it() {
    let transfer = |notice: &str| Command::Transfer {
        repository: RepositoryId(7),
        notice: notice.to_owned(),
        to: "eve/shop".to_owned(),
    };
    let (repository, _) = told(Repository::default(), &transfer("one"));
    let barred = repository.summary().barred.unwrap();
    assert!(barred.contains("was transferred to eve/shop"), "{barred}");
    let (repository, news) = told(repository, &Command::Admit { by: None });
    assert_eq!((news, repository.standing.barred()), (1, None));
    // The notice that comes again takes nothing away, another one does; and nobody trusts what was not transferred.
    let (repository, news) = told(repository, &transfer("one"));
    assert_eq!((news, repository.standing.barred()), (0, None));
    let (_, news) = told(repository.clone(), &Command::Admit { by: None });
    assert_eq!(news, 0);
    let (repository, _) = told(repository, &transfer("two"));
    assert!(repository.standing.barred().is_some());
}

#[test]
fn sec_49_a_name_is_only_what_people_read_and_an_app_that_is_back_is_back() {
    let (repository, news) = told(Repository::default(), &hosted(Some("acme/store")));
    assert_eq!((news, repository.standing.barred()), (1, None));
    assert_eq!(repository.summary().name.as_deref(), Some("acme/store"));
    let (repository, news) = told(repository, &hosted(Some("acme/store")));
    assert_eq!(news, 0);
    let (repository, news) = told(repository, &hosted(None));
    let why = "the GitHub App was removed from the repository";
    assert_eq!(
        (news, repository.standing.barred().as_deref()),
        (1, Some(why))
    );
    let (repository, news) = told(repository, &hosted(None));
    assert_eq!(news, 0);
    let (repository, news) = told(repository, &hosted(Some("acme/store")));
    assert_eq!((news, repository.standing.barred()), (1, None));
}
