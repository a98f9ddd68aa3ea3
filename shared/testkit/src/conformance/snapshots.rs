//! Purpose: checks of snapshots.

use domain::kernel::StreamId;
use engine::ports::{Appended, Folded, HeadUpdate, Inbox, Journal, Position, Record, Snapshot};

use super::{add, end, idle, record, stream};

fn with(state: &str) -> HeadUpdate {
    HeadUpdate {
        snapshot: Some(folded(state)),
        ..idle()
    }
}

fn folded(state: &str) -> Folded {
    Folded {
        version: 7,
        state: state.to_owned(),
    }
}

/// What has to be kept after this commit.
fn of(record: &Record, state: &str) -> Option<Snapshot> {
    Some(Snapshot {
        number: record.number,
        hash: record.hash.clone(),
        folded: folded(state),
    })
}

async fn offer(
    journal: &dyn Journal,
    id: &StreamId,
    position: &Position,
    record: &Record,
    state: &str,
) -> Appended {
    let update = with(state);
    let answer = journal.append(id, position, record, &update).await;
    answer.unwrap()
}

pub async fn there_is_none_before_one_is_kept(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("lane/1/production");
    assert_eq!(journal.snapshot(&id).await, Ok(None));
    add(journal, &id, "c1", 1, &idle()).await;
    assert_eq!(journal.snapshot(&id).await, Ok(None));
}

pub async fn a_snapshot_is_kept_with_its_commit(journal: &dyn Journal, _: &dyn Inbox) {
    let (id, other) = (stream("lane/1/größe"), stream("lane/1/größe/2"));
    let state = format!(
        "{{\"t\":\"日本語 🚀\",\"x\":\"{}\"}}",
        "y".repeat(90 * 1024)
    );
    add(journal, &id, "c1", 1, &idle()).await;
    let second = add(journal, &id, "c2", 2, &with(&state)).await;
    let third = add(journal, &other, "o1", 3, &with("{}")).await;
    assert_eq!(journal.snapshot(&id).await, Ok(of(&second, &state)));
    assert_eq!(journal.snapshot(&other).await, Ok(of(&third, "{}")));
    add(journal, &id, "c3", 4, &idle()).await;
    assert_eq!(journal.snapshot(&id).await, Ok(of(&second, &state)));
}

pub async fn a_later_snapshot_takes_its_place(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("lane/1/production");
    let position = end(journal, &id).await;
    let first = record(&id, &position, "c1", 1, "{}");
    assert_eq!(
        offer(journal, &id, &position, &first, "1").await,
        Appended::Done
    );
    let later = add(journal, &id, "c2", 2, &with("2")).await;
    assert_eq!(journal.snapshot(&id).await, Ok(of(&later, "2")));
    // A retry of the first, whose answer was lost, changes nothing any more.
    assert_eq!(
        offer(journal, &id, &position, &first, "1").await,
        Appended::Done
    );
    assert_eq!(journal.snapshot(&id).await, Ok(of(&later, "2")));
}

pub async fn a_refused_commit_keeps_no_snapshot(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("lane/1/production");
    let stale = end(journal, &id).await;
    let first = add(journal, &id, "c1", 1, &with("1")).await;
    let late = record(&id, &stale, "late", 2, "{}");
    assert_eq!(
        offer(journal, &id, &stale, &late, "late").await,
        Appended::Conflict
    );
    assert_eq!(journal.snapshot(&id).await, Ok(of(&first, "1")));
}

pub async fn a_snapshot_is_no_head(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("lane/1/production");
    add(journal, &id, "c1", 1, &with("1")).await;
    let listed = journal.heads("", None, 10).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|head| head.stream.as_str()).collect();
    assert_eq!(names, ["lane/1/production"]);
    let audit = engine::audit::verify_all(journal, "").await.unwrap();
    assert_eq!(audit.total().streams, 1);
}
