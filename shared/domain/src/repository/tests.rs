//! Purpose: stories of schedules, one event for every tick, also for those that did not happen; and of freezes.

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

#[test]
fn a_freeze_is_its_first_and_ends_when_somebody_says_so() {
    let now = at("2026-03-02T12:00:00Z");
    let freeze = |by, reason: &str, wish: &str| Command::Freeze {
        repository: RepositoryId(7),
        by: Some(PersonId(by)),
        reason: Some(reason.to_owned()),
        wish: wish.to_owned(),
    };
    let thaw = |wish: &str| Command::Unfreeze {
        by: None,
        wish: wish.to_owned(),
    };
    let take = |repository: Repository, command: &Command| {
        let events = repository.decide(now, command).unwrap();
        (
            events.iter().fold(repository, Repository::evolve),
            events.len(),
        )
    };
    let (repository, new) = take(Repository::default(), &freeze(12, "the release", "one"));
    assert_eq!((repository.frozen().is_some(), new), (true, 1));
    let (repository, new) = take(repository, &freeze(13, "another one", "two"));
    assert_eq!(new, 0);
    let frozen = repository.frozen().unwrap();
    assert_eq!(frozen.by, Some(PersonId(12)));
    assert_eq!(frozen.reason.as_deref(), Some("the release"));
    assert_eq!(repository.summary().freeze.as_ref(), Some(frozen));
    let (repository, new) = take(repository, &thaw("three"));
    assert_eq!((repository.frozen(), new), (None, 1));
    let (repository, new) = take(repository, &thaw("four"));
    assert_eq!(new, 0);

    // What is brought again changes nothing that came after it.
    let (repository, new) = take(repository, &freeze(12, "the release", "one"));
    assert_eq!(new, 0);
    let (repository, new) = take(repository, &freeze(13, "an incident", "five"));
    assert_eq!(new, 1);
    assert_eq!(take(repository.clone(), &thaw("three")).1, 0);

    for reason in ["", "  ", &"x".repeat(MAX_REASON + 1)] {
        let asked = freeze(12, reason, "six");
        assert_eq!(repository.decide(now, &asked), Err(Rejection::Reason));
    }
}
