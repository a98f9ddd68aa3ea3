//! The bytes of every event that was ever stored: what is in `golden/*.jsonl` must be written and read so for good.
//!
//! A changed row means that journals which exist can no longer be read as they were written. Do not edit a row: give the
//! event a new version. A new variant does not compile before it is named below, and fails before it has a row;
//! `GOLDEN=add cargo test -p blackbox --test golden` writes the rows that are missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod added;
mod conversations;
mod plan;
mod rest;
mod run;

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::path::{Path, PathBuf};

use domain::change::Change;
use domain::ids::Digest;
use domain::kernel::{Machine, StreamId};
use domain::lane::Lane;
use domain::pool::Pool;
use domain::pull::Pull;
use domain::repository::Repository;
use engine::ports::{Record, StoredEvent};
use engine::{chain, codec};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One kind of stream: all its variants, and at least one sample of each.
struct Golden<E> {
    kind: &'static str,
    variants: &'static [&'static str],
    name: fn(&E) -> &'static str,
    samples: Vec<E>,
}

/// The names of an event's variants, and a function that tells them; it does not compile when one is missing.
macro_rules! golden {
    ($module:ident, $samples:expr, $($variant:ident),* $(,)?) => {
        crate::Golden {
            kind: stringify!($module),
            variants: &[$(stringify!($variant)),*],
            name: |event: &domain::$module::Event| match event {
                $(domain::$module::Event::$variant { .. } => stringify!($variant),)*
            },
            samples: $samples,
        }
    };
}
pub(crate) use golden;

fn file(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(format!("{kind}.jsonl"))
}

fn check<E: Serialize + DeserializeOwned + PartialEq + Debug>(golden: &Golden<E>) {
    let sampled: BTreeSet<&str> = golden.samples.iter().map(golden.name).collect();
    let variants: BTreeSet<&str> = golden.variants.iter().copied().collect();
    assert_eq!(
        sampled, variants,
        "every variant of {} has a sample",
        golden.kind
    );

    let path = file(golden.kind);
    let mut text = std::fs::read_to_string(&path).unwrap_or_default();
    for (index, sample) in golden.samples.iter().enumerate() {
        let stored = codec::encode(sample).unwrap();
        assert_eq!(
            stored.kind,
            (golden.name)(sample),
            "the type is the variant's name"
        );
        if text.lines().nth(index).is_none() && std::env::var("GOLDEN").is_ok_and(|v| v == "add") {
            writeln!(text, "{}", serde_json::to_string(&stored).unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let row = text.lines().nth(index);
        let row =
            row.unwrap_or_else(|| panic!("{} has no row for {}", path.display(), stored.kind));
        let released: StoredEvent = serde_json::from_str(row).unwrap();
        assert_eq!(
            stored, released,
            "{} is no longer stored as it was released",
            stored.kind
        );
        let read: E = codec::decode(&released).unwrap();
        assert_eq!(
            &read, sample,
            "{} is no longer read as it was written",
            stored.kind
        );
    }
    assert_eq!(
        text.lines().count(),
        golden.samples.len(),
        "{}: a row per sample",
        path.display()
    );
}

#[test]
fn events_of_runs_are_stored_as_they_were_released() {
    check(&run::golden());
}

#[test]
fn events_of_lanes_are_stored_as_they_were_released() {
    check(&rest::lane());
}

#[test]
fn events_of_checks_are_stored_as_they_were_released() {
    check(&rest::checks());
}

#[test]
fn events_of_pools_are_stored_as_they_were_released() {
    check(&rest::pool());
}

#[test]
fn events_of_groups_are_stored_as_they_were_released() {
    check(&rest::change());
}

#[test]
fn events_of_deliveries_are_stored_as_they_were_released() {
    check(&conversations::delivery());
}

#[test]
fn events_of_pull_requests_are_stored_as_they_were_released() {
    check(&conversations::pull());
}

#[test]
fn events_of_repositories_are_stored_as_they_were_released() {
    check(&rest::repository());
}

/// Two commits of one stream, with the hashes that every journal out there has for them.
#[test]
fn the_hash_chain_is_what_it_was_when_it_was_released() {
    let stream = StreamId::parse("pool/jobs").unwrap();
    let events = vec![StoredEvent {
        kind: "Resized".to_owned(),
        version: 1,
        body: "{\"capacity\":2}".to_owned(),
    }];
    let record = |number, previous: Digest| {
        let mut record = Record {
            number,
            id: format!("call-{number}"),
            previous,
            hash: Digest::new(""),
            at_ms: 1_767_225_600_000,
            actor: "function:scheduler".to_owned(),
            cause: "call".to_owned(),
            events: events.clone(),
        };
        record.hash = chain::hash(&stream, &record);
        record
    };
    let first = record(1, Digest::new("0".repeat(64)));
    let second = record(2, first.hash.clone());
    assert_eq!(first.hash.as_str(), FIRST);
    assert_eq!(second.hash.as_str(), SECOND);
    let start = engine::ports::Position::after(&[]);
    chain::verify(&stream, &start, &[first.clone(), second.clone()]).unwrap();

    // One bit in any field breaks it.
    let mut other = second;
    other.at_ms += 1;
    assert!(chain::verify(&stream, &start, &[first, other]).is_err());
}

const FIRST: &str = "d087ab594142fb8eeb32e2131f144122788c056a99ee5ca94055b6cf9b66f451";
const SECOND: &str = "23620402e10fe7db86af15acb047476578345be7e23540e64f0fbc1464631703";

/// What the fold makes of the released events, event by event. A changed row means that snapshots which are out there are not
/// what this program would make: raise the machine's `FOLD`, and write the rows anew with `GOLDEN=fold`.
fn check_fold<M: Machine>(golden: &Golden<M::Event>) {
    let version = M::FOLD.expect("a stream that never ends");
    let states = golden.samples.iter().scan(M::default(), |state, event| {
        *state = state.clone().evolve(event);
        Some(serde_json::to_string(state).unwrap())
    });
    let made: String = states.map(|state| format!("{version} {state}\n")).collect();
    let path = file(&format!("{}.fold", golden.kind));
    let released = std::fs::read_to_string(&path).unwrap_or_default();
    if released == made {
        return;
    }
    let was = released.split(' ').next().unwrap_or_default();
    assert_ne!(
        was,
        version.to_string(),
        "the fold of {} makes another state than before: raise its FOLD",
        golden.kind
    );
    assert!(
        std::env::var("GOLDEN").is_ok_and(|v| v == "fold"),
        "{} is of fold {was:?}, and the machine's is {version}",
        path.display()
    );
    std::fs::write(&path, made).unwrap();
}

#[test]
fn kept_states_are_those_of_their_fold() {
    check_fold::<Lane>(&rest::lane());
    check_fold::<Pool>(&rest::pool());
    check_fold::<Change>(&rest::change());
    check_fold::<Pull>(&conversations::pull());
    check_fold::<Repository>(&rest::repository());
}
