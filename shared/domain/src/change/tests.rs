//! Purpose: stories of a concurrency group.

use super::*;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn enter(run: &str, commit: &str, on_new: OnNew, head: &str) -> Command {
    Command::Enter {
        repository: RepositoryId(7),
        run: RunId::new(run),
        commit: CommitSha::new(commit),
        on_new,
        head: Some(CommitSha::new(head)),
    }
}

fn give(change: Change, command: &Command) -> (Change, Vec<Event>) {
    let mut events = change.decide(AT, command).unwrap();
    let change = events.iter().fold(change, Change::evolve);
    let follow = change.advance(AT);
    let change = follow.iter().fold(change, Change::evolve);
    events.extend(follow);
    (change, events)
}

fn granted(change: &Change) -> Vec<&str> {
    change
        .members
        .iter()
        .filter(|m| m.granted)
        .map(|m| m.run.as_str())
        .collect()
}

#[test]
fn a_new_run_asks_the_older_ones_to_make_way() {
    let (change, _) = give(Change::default(), &enter("r1", "a", OnNew::Cancel, "a"));
    let (change, _) = give(change, &enter("r2", "b", OnNew::Cancel, "b"));
    assert_eq!(granted(&change), ["r1", "r2"]);
    let ask = Effect::Supersede {
        run: RunId::new("r1"),
        by: RunId::new("r2"),
    };
    assert!(change.outstanding(AT).contains(&ask));

    let answer = Command::SupersedeAnswered {
        run: RunId::new("r1"),
        accepted: false,
    };
    let (change, _) = give(change, &answer);
    assert!(!change.outstanding(AT).contains(&ask));
    assert_eq!(give(change, &answer).1, []);
}

#[test]
fn in_a_queue_runs_follow_each_other() {
    let (change, _) = give(Change::default(), &enter("r1", "a", OnNew::Queue, "a"));
    let (change, _) = give(change, &enter("r2", "b", OnNew::Queue, "b"));
    let (change, _) = give(change, &enter("r3", "c", OnNew::Queue, "c"));
    assert_eq!(granted(&change), ["r1"]);
    assert_eq!(change.before(&RunId::new("r3")), Some(&RunId::new("r2")));
    let (change, _) = give(
        change,
        &Command::Leave {
            run: RunId::new("r2"),
        },
    );
    let (change, _) = give(
        change,
        &Command::Leave {
            run: RunId::new("r1"),
        },
    );
    assert_eq!(granted(&change), ["r3"]);
}

#[test]
fn a_push_that_comes_after_the_one_that_replaced_it_is_stale() {
    let (change, _) = give(Change::default(), &enter("r2", "b", OnNew::Cancel, "b"));
    let stale = change.decide(AT, &enter("r1", "a", OnNew::Cancel, "b"));
    assert_eq!(
        stale,
        Err(Rejection::Stale {
            by: RunId::new("r2")
        })
    );
    // Nobody has seen the newer commit yet: then the older one goes on until it is superseded.
    assert!(
        change
            .decide(AT, &enter("r3", "c", OnNew::Cancel, "d"))
            .is_ok()
    );
    // In a queue every commit has its run.
    assert!(
        change
            .decide(AT, &enter("r1", "a", OnNew::Queue, "b"))
            .is_ok()
    );
}

#[test]
fn a_run_enters_once() {
    let (change, _) = give(Change::default(), &enter("r1", "a", OnNew::Cancel, "a"));
    let (change, _) = give(
        change,
        &Command::Leave {
            run: RunId::new("r1"),
        },
    );
    assert_eq!(give(change, &enter("r1", "a", OnNew::Cancel, "a")).1, []);
}

#[test]
fn a_member_never_enters_again_however_many_came_after_it() {
    let many = MAX_RECENT + 5;
    let mut change = Change::default();
    for number in 0..many {
        let (run, commit) = (format!("r{number}"), format!("c{number}"));
        (change, _) = give(change, &enter(&run, &commit, OnNew::Queue, &commit));
    }
    assert_eq!(change.members.len(), many);
    // It asks again whenever it is looked at.
    assert_eq!(
        give(change.clone(), &enter("r1", "c1", OnNew::Queue, "c1")).1,
        []
    );
    let (change, _) = give(
        change,
        &Command::Leave {
            run: RunId::new("r0"),
        },
    );
    assert_eq!(granted(&change), ["r1"]);
    assert_eq!(give(change, &enter("r1", "c1", OnNew::Cancel, "c9")).1, []);
}
