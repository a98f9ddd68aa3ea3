//! Purpose: checks of heads: lists, the due index, rescheduling and quarantine.

use domain::ids::Digest;
use engine::ports::{Appended, Head, HeadCursor, HeadUpdate, Inbox, Journal};
use jiff::Timestamp;

use super::{add, due_at, end, idle, record, stream, time};

fn names(heads: &[Head]) -> Vec<&str> {
    heads.iter().map(|head| head.stream.as_str()).collect()
}

async fn due_names(journal: &dyn Journal, ms: i64, limit: usize) -> Vec<String> {
    let due = journal.due(time(ms), limit).await.unwrap();
    names(&due).into_iter().map(str::to_owned).collect()
}

pub async fn unknown_stream_has_no_head(journal: &dyn Journal, _: &dyn Inbox) {
    assert_eq!(journal.head(&stream("run/1/a")).await, Ok(None));
    assert_eq!(journal.heads("", None, 10).await, Ok(vec![]));
    assert_eq!(journal.due(Timestamp::MAX, 10).await, Ok(vec![]));
}

pub async fn head_follows_the_last_commit(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/ü");
    add(journal, &id, "c1", 100, &due_at(500)).await;
    let update = HeadUpdate {
        due: None,
        ended: true,
        summary: serde_json::json!({"title": "Füge „ß“ hinzu 🚀", "jobs": [1, 2.5, null, true]}),
        snapshot: None,
    };
    let last = add(journal, &id, "c2", 200, &update).await;
    let expected = Head {
        stream: id.clone(),
        number: 2,
        hash: last.hash,
        due: None,
        ended: true,
        summary: update.summary,
        failures: 0,
        quarantine: None,
        created_ms: 100,
        updated_ms: 200,
    };
    assert_eq!(journal.head(&id).await, Ok(Some(expected.clone())));
    assert_eq!(journal.heads("run/", None, 10).await, Ok(vec![expected]));
}

pub async fn conflict_leaves_the_head_alone(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    let stale = end(journal, &id).await;
    add(journal, &id, "c1", 1, &due_at(500)).await;
    let head = journal.head(&id).await;
    let late = record(&id, &stale, "late", 2, "{}");
    let appended = journal.append(&id, &stale, &late, &due_at(5)).await;
    assert_eq!(appended, Ok(Appended::Conflict));
    assert_eq!(journal.head(&id).await, head);
}

pub async fn due_is_sparse_ordered_and_limited(journal: &dyn Journal, _: &dyn Inbox) {
    for (name, due) in [("a", 300), ("b", 100), ("c", 200), ("d", 200), ("e", 999)] {
        add(
            journal,
            &stream(&format!("run/1/{name}")),
            "c1",
            1,
            &due_at(due),
        )
        .await;
    }
    add(journal, &stream("run/1/never"), "c1", 1, &idle()).await;
    assert_eq!(due_names(journal, 99, 10).await, [""; 0]);
    assert_eq!(due_names(journal, 100, 10).await, ["run/1/b"]);
    assert_eq!(
        due_names(journal, 300, 10).await,
        ["run/1/b", "run/1/c", "run/1/d", "run/1/a"]
    );
    assert_eq!(due_names(journal, 300, 2).await, ["run/1/b", "run/1/c"]);
    assert_eq!(due_names(journal, 300, 0).await, [""; 0]);

    // A commit without a due time takes the stream out.
    add(journal, &stream("run/1/b"), "c2", 2, &idle()).await;
    assert_eq!(due_names(journal, 300, 1).await, ["run/1/c"]);
}

pub async fn due_times_round_up_to_the_millisecond(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    let half = Timestamp::from_nanosecond(5_000_000_001).unwrap();
    let update = HeadUpdate {
        due: Some(half),
        ..idle()
    };
    add(journal, &id, "c1", 1, &update).await;
    let due = journal.head(&id).await.unwrap().unwrap().due;
    assert_eq!(due, Some(time(5_001)));
    assert_eq!(due_names(journal, 5_000, 10).await, [""; 0]);
    assert_eq!(due_names(journal, 5_001, 10).await, ["run/1/a"]);
    let before_epoch = Timestamp::from_nanosecond(-1_500_000).unwrap();
    journal
        .reschedule(&id, 1, Some(before_epoch), 0)
        .await
        .unwrap();
    let due = journal.head(&id).await.unwrap().unwrap().due;
    assert_eq!(due, Some(time(-1)));
}

pub async fn reschedule_needs_the_right_number(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    add(journal, &id, "c1", 1, &due_at(100)).await;
    add(journal, &id, "c2", 2, &due_at(100)).await;
    let before = journal.head(&id).await.unwrap().unwrap();
    for wrong in [0, 1, 3] {
        let moved = journal.reschedule(&id, wrong, Some(time(900)), 7).await;
        assert_eq!(moved, Ok(()));
        assert_eq!(journal.head(&id).await, Ok(Some(before.clone())));
    }
    journal
        .reschedule(&id, 2, Some(time(900)), 3)
        .await
        .unwrap();
    let after = journal.head(&id).await.unwrap().unwrap();
    assert_eq!((after.due, after.failures), (Some(time(900)), 3));
    assert_eq!((after.number, &after.hash), (2, &before.hash));
    assert_eq!(after.updated_ms, before.updated_ms);
    journal.reschedule(&id, 2, None, 0).await.unwrap();
    assert_eq!(due_names(journal, i64::from(i32::MAX), 10).await, [""; 0]);
}

pub async fn commit_clears_failures(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    add(journal, &id, "c1", 1, &idle()).await;
    journal.reschedule(&id, 1, None, 4).await.unwrap();
    add(journal, &id, "c2", 2, &idle()).await;
    assert_eq!(journal.head(&id).await.unwrap().unwrap().failures, 0);
}

pub async fn quarantine_hides_from_the_sweep_until_lifted(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    add(journal, &id, "c1", 50, &due_at(100)).await;
    add(journal, &stream("run/1/b"), "c1", 50, &due_at(90)).await;
    journal
        .reschedule(&id, 1, Some(time(100)), 10)
        .await
        .unwrap();
    let reason = "failed ten times: „timeout“";
    journal.quarantine(&id, Some(reason)).await.unwrap();
    let head = journal.head(&id).await.unwrap().unwrap();
    assert_eq!(head.quarantine.as_deref(), Some(reason));
    assert_eq!(due_names(journal, 1_000, 10).await, ["run/1/b"]);
    let listed = journal.heads("run/", None, 10).await.unwrap();
    assert_eq!(names(&listed), ["run/1/b", "run/1/a"]);

    journal.quarantine(&id, None).await.unwrap();
    let head = journal.head(&id).await.unwrap().unwrap();
    assert_eq!((head.quarantine, head.failures), (None, 0));
    assert_eq!(due_names(journal, 1_000, 10).await, ["run/1/a", "run/1/b"]);
    assert_eq!(due_names(journal, 0, 10).await, ["run/1/a"]);
}

pub async fn quarantine_survives_an_append(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    add(journal, &id, "c1", 1, &due_at(100)).await;
    journal.quarantine(&id, Some("why")).await.unwrap();
    add(journal, &id, "c2", 2, &due_at(100)).await;
    let head = journal.head(&id).await.unwrap().unwrap();
    assert_eq!((head.number, head.quarantine.as_deref()), (2, Some("why")));
    assert_eq!(due_names(journal, 1_000, 10).await, [""; 0]);
}

pub async fn unknown_stream_can_be_neither_moved_nor_quarantined(
    journal: &dyn Journal,
    _: &dyn Inbox,
) {
    let id = stream("run/1/a");
    let moved = journal.reschedule(&id, 0, Some(time(1)), 1).await;
    assert_eq!(moved, Ok(()));
    assert_eq!(journal.quarantine(&id, Some("why")).await, Ok(()));
    assert_eq!(journal.quarantine(&id, None).await, Ok(()));
    assert_eq!(journal.head(&id).await, Ok(None));
}

pub async fn list_is_newest_first_by_prefix(journal: &dyn Journal, _: &dyn Inbox) {
    let made = [
        ("run/1/old", 10),
        ("run/1/new", 30),
        ("run/12/mid", 20),
        ("lane/1/staging", 25),
        ("runner/1/x", 40),
    ];
    for (name, at) in made {
        add(journal, &stream(name), "c1", at, &idle()).await;
    }
    // A later commit does not move a stream: the list is by creation.
    add(journal, &stream("run/1/old"), "c2", 99, &idle()).await;
    for (prefix, expected) in [
        ("run/", &["run/1/new", "run/12/mid", "run/1/old"][..]),
        ("run/1/", &["run/1/new", "run/1/old"]),
        ("run/1", &["run/1/new", "run/12/mid", "run/1/old"]),
        ("lane/", &["lane/1/staging"]),
        ("pool/", &[]),
    ] {
        let listed = journal.heads(prefix, None, 10).await.unwrap();
        assert_eq!(names(&listed), expected, "{prefix}");
    }
    let all = journal.heads("", None, 2).await.unwrap();
    assert_eq!(names(&all), ["runner/1/x", "run/1/new"]);
    assert_eq!(journal.heads("", None, 0).await, Ok(vec![]));
}

pub async fn prefix_is_text_and_no_pattern(journal: &dyn Journal, _: &dyn Inbox) {
    for name in [
        "run/1/a%b",
        "run/1/a_b",
        "run/1/aXb",
        "run/1/a*b",
        "RUN/1/a%b",
        "run/1/ä",
    ] {
        add(journal, &stream(name), "c1", 1, &idle()).await;
    }
    for (prefix, expected) in [
        ("run/1/a%", "run/1/a%b"),
        ("run/1/a_", "run/1/a_b"),
        ("run/1/a*", "run/1/a*b"),
        ("RUN/", "RUN/1/a%b"),
        ("run/1/ä", "run/1/ä"),
    ] {
        let listed = journal.heads(prefix, None, 10).await.unwrap();
        assert_eq!(names(&listed), [expected], "{prefix}");
    }
}

/// Walks all pages of this size.
async fn walk(journal: &dyn Journal, prefix: &str, size: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor: Option<HeadCursor> = None;
    loop {
        let page = journal.heads(prefix, cursor.as_ref(), size).await.unwrap();
        assert!(page.len() <= size);
        let Some(last) = page.last() else {
            return found;
        };
        cursor = Some(last.cursor());
        found.extend(names(&page).into_iter().map(str::to_owned));
    }
}

pub async fn pages_are_exact_within_one_millisecond(journal: &dyn Journal, _: &dyn Inbox) {
    let mut expected: Vec<(i64, String)> = Vec::new();
    for n in 0..23 {
        let name = format!("run/1/{}", Digest::of(&[n]).short());
        let at = [5, 5, 5, 5, 9][usize::from(n % 5)];
        add(journal, &stream(&name), "c1", at, &idle()).await;
        add(journal, &stream(&format!("lane/1/{n}")), "c1", 5, &idle()).await;
        expected.push((at, name));
    }
    expected.sort();
    expected.reverse();
    let expected: Vec<String> = expected.into_iter().map(|(_, name)| name).collect();
    for size in [1, 2, 3, 22, 23, 24] {
        assert_eq!(
            walk(journal, "run/", size).await,
            expected,
            "pages of {size}"
        );
        assert_eq!(walk(journal, "", size).await.len(), 46, "pages of {size}");
    }
}

pub async fn pages_are_exact_while_heads_are_added(journal: &dyn Journal, _: &dyn Inbox) {
    for n in 0..6 {
        add(journal, &stream(&format!("run/1/{n}")), "c1", n, &idle()).await;
    }
    let first = journal.heads("run/", None, 3).await.unwrap();
    assert_eq!(names(&first), ["run/1/5", "run/1/4", "run/1/3"]);
    add(journal, &stream("run/1/newer"), "c1", 100, &idle()).await;
    add(journal, &stream("run/1/4"), "c2", 200, &idle()).await;
    let cursor = first.last().map(Head::cursor);
    let second = journal.heads("run/", cursor.as_ref(), 3).await.unwrap();
    assert_eq!(names(&second), ["run/1/2", "run/1/1", "run/1/0"]);
}
