//! Purpose: the sentences of every reason.

use expect_test::expect;

use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_772_366_400 + minute * 60).unwrap()
}

fn told(subject: &str, reason: &Reason, since: Option<i64>, until: Option<i64>) -> String {
    reason.sentence(subject, since.map(at), until.map(at), at(10))
}

type Case = (&'static str, Reason, Option<i64>, Option<i64>);

/// One of each reason: what waits, why, since and until which minute.
fn cases() -> Vec<Case> {
    let run = || Some(RunId::new("0a1b2c3d4e5f"));
    let turn = |behind| Reason::Turn {
        group: "refs/heads/main".to_owned(),
        behind,
    };
    let approval = Reason::Approval {
        people: Vec::new(),
        of: "Ana or Bo".to_owned(),
        given: 1,
        count: 2,
    };
    let lane = |holder, position, granted| Reason::Lane {
        holder,
        position,
        granted,
    };
    let deploys_frozen = |by: Option<&str>, why: Option<&str>| Reason::DeploysFrozen {
        by: by.map(str::to_owned),
        why: why.map(str::to_owned),
    };
    let held = |why: Option<&str>| Reason::Held {
        by: "Ana".to_owned(),
        why: why.map(str::to_owned),
    };
    let pool = |position| Reason::Pool {
        position,
        waiting: 7,
        running: 4,
        capacity: 4,
    };
    let stopping = |builds| Reason::Stopping {
        why: "cancelled: wrong branch".to_owned(),
        builds,
    };
    let deferred = Reason::Deferred {
        why: "the account's quota is used up".to_owned(),
    };
    let running = Reason::Running {
        limit_seconds: 1_200,
    };
    let given_up = Reason::Quarantined {
        stream: StreamId::run(RepositoryId(7), &RunId::new("0a1b2c3d4e5f")),
        why: "failed 10 times in a row: it makes no sense".to_owned(),
    };
    vec![
        ("the run", given_up, None, None),
        ("the run", turn(run()), Some(0), None),
        ("the run", turn(run()), Some(0), Some(43_200)),
        ("the run", turn(None), Some(0), None),
        ("the run", Reason::Trust, Some(0), None),
        ("production", Reason::FindingApprovers, None, None),
        ("production", approval, None, Some(2_000)),
        ("production", Reason::Frozen, None, Some(60)),
        ("staging", deploys_frozen(None, None), Some(3), None),
        (
            "staging",
            deploys_frozen(Some("Ana"), Some("the database is being moved")),
            Some(3),
            Some(70),
        ),
        ("the pull request", held(None), Some(3), None),
        ("the pull request", held(Some("look")), Some(3), None),
        ("staging", lane(run(), Some(2), false), Some(3), None),
        ("staging", lane(run(), Some(2), false), Some(3), Some(70)),
        ("staging", lane(None, Some(1), false), None, None),
        ("staging", lane(None, Some(1), false), None, Some(70)),
        ("staging", lane(None, None, true), None, None),
        ("production", Reason::Authorising, None, None),
        ("production", Reason::AboutToDeploy, None, None),
        ("unit", pool(Some(3)), Some(8), Some(43_200)),
        ("unit", pool(None), Some(8), None),
        ("unit", deferred, Some(8), Some(12)),
        ("unit", Reason::Starting, Some(9), None),
        ("the deploy to staging", running, Some(7), Some(27)),
        ("staging", Reason::Settling, None, None),
        ("staging", Reason::Returning, None, None),
        ("the run", stopping(0), None, None),
        ("the run", stopping(1), None, None),
    ]
}

#[test]
fn every_reason_says_what_it_waits_for() {
    let cases = cases();
    let sentences: Vec<String> = cases
        .iter()
        .map(|(subject, reason, since, until)| told(subject, reason, *since, *until))
        .collect();
    expect![[r#"
        Nobody works on the run any more: failed 10 times in a row: it makes no sense. Once that is repaired, `slipway journal release run/7/0a1b2c3d4e5f` puts it back to work.
        The run waits for its turn since 12:00 UTC, behind run 0a1b2c3d4e5f in group refs/heads/main.
        The run waits for its turn since 12:00 UTC, behind run 0a1b2c3d4e5f in group refs/heads/main, until 2026-03-31 12:00 UTC at the latest.
        The run is next in group refs/heads/main.
        The code of a fork waits since 12:00 UTC until a member with write permission has read and released this commit.
        production waits: finding the people who may approve it.
        production waits for approval by Ana or Bo until 2026-03-02 21:20 UTC (1 of 2 given).
        production is frozen until 13:00 UTC.
        staging waits: deploys of the repository are frozen since 12:03 UTC; /unfreeze or slipway unfreeze lets them begin again.
        staging waits, until 13:10 UTC at the latest: deploys of the repository are frozen since 12:03 UTC by Ana; /unfreeze or slipway unfreeze lets them begin again. Why: the database is being moved
        The pull request is held by Ana since 12:03 UTC: nothing is merged before somebody says /unhold.
        The pull request is held by Ana since 12:03 UTC: nothing is merged before somebody says /unhold. Why: look
        staging waits: run 0a1b2c3d4e5f deploys to it since 12:03 UTC, position 2 in line.
        staging waits: run 0a1b2c3d4e5f deploys to it since 12:03 UTC, position 2 in line, until 13:10 UTC at the latest.
        staging waits for its turn to deploy, position 1 in line.
        staging waits for its turn to deploy, position 1 in line, until 13:10 UTC at the latest.
        staging is free, and this run is next.
        production is next: its approvals are checked again.
        The deploy to production is about to begin.
        unit waits for a place since 12:08 UTC: position 3 of 7 in the pool of jobs, 4 of 4 places taken, until 2026-03-31 12:00 UTC at the latest.
        unit is about to get a place in the pool of jobs.
        unit is put off until 12:12 UTC: the account's quota is used up.
        unit waits for its build to begin since 12:09 UTC.
        The deploy to staging has been running for 3 min of at most 20 min.
        staging is settling: it ends when nothing that the deploy began works on it any more, however long that takes.
        staging is handed on to the next run.
        The run is stopping (cancelled: wrong branch).
        The run is stopping (cancelled: wrong branch); 1 build must end first.
    "#]]
    .assert_eq(&(sentences.join("\n") + "\n"));
}
