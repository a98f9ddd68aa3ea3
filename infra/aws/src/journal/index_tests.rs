#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

fn stream(name: &str) -> StreamId {
    StreamId::parse(name).unwrap()
}

#[test]
fn order_is_that_of_time_then_name() {
    let times = [i64::MIN, -2, -1, 0, 1, 1_700_000_000_000, i64::MAX];
    let mut last = String::new();
    for time in times {
        for name in ["run/1/a", "run/1/ab", "run/1/ä"] {
            let order = list_order(time, &stream(name));
            assert!(last < order, "{last} {order}");
            last = order;
        }
    }
    let longest = stream(&format!("run/{}", "x".repeat(MAX_NAME_BYTES - 4)));
    assert!(list_order(0, &longest).len() <= 1024);
}

#[test]
fn a_list_asks_every_partition_that_may_have_it() {
    let names = [
        "run/1/a",
        "run/12/b",
        "pool/x",
        "delivery/g-1",
        "change/1/a/b",
    ];
    for name in names.map(stream) {
        let partition = list_partition(&name);
        for end in 0..=name.as_str().len() {
            let prefix = &name.as_str()[..end];
            if let Some(asked) = list_partitions(prefix) {
                assert!(asked.contains(&partition), "{prefix}: {asked:?}");
            } else {
                assert!(!prefix.contains('/'), "{prefix}");
            }
        }
        assert!(due_shards().any(|shard| shard == due_shard(&name)));
    }
    assert_eq!(list_partitions("run/12/").unwrap().len(), 1);
    assert_eq!(list_partitions("run/").unwrap().len(), 16);
    assert_eq!(due_shards().count(), 16);
}

#[test]
fn streams_spread_over_the_shards() {
    let streams = (0..1_000).map(|n| stream(&format!("delivery/{n}")));
    let mut counts = std::collections::BTreeMap::new();
    for stream in streams {
        *counts.entry(due_shard(&stream)).or_insert(0) += 1;
        *counts.entry(list_partition(&stream)).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 32);
    assert!(
        counts.values().all(|count| (30..110).contains(count)),
        "{counts:?}"
    );
}
