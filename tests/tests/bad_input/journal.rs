//! A journal that somebody changed behind Slipway's back.

use blackbox::{Home, Machine, Repository, eventually, until};
use rusqlite::Connection;
use serde_json::Value;

use crate::is;

const SLOW: &str = "
version: 1
on: { push: { branches: [main] } }
jobs: { slow: { run: sleep 5, retries: 0 } }
";

const QUICK: &str = "
version: 1
on: { push: { branches: [main] } }
jobs: { quick: { run: echo done } }
";

/// Changes one byte of a commit and leaves no other trace.
fn tamper(home: &Home, stream: &str, commit: i64) {
    let file = Connection::open(home.data().join("journal.sqlite")).unwrap();
    let guard: String = file
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'journal_no_update'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let changed =
        "UPDATE journal SET a = replace(a, 'function:', 'functiom:') WHERE p = ?1 AND n = ?2";
    assert!(
        file.execute(changed, (stream, commit)).is_err(),
        "the journal itself refuses it"
    );
    file.execute_batch("DROP TRIGGER journal_no_update")
        .unwrap();
    assert_eq!(file.execute(changed, (stream, commit)).unwrap(), 1);
    file.execute_batch(&guard).unwrap();
}

#[test]
fn a_changed_row_is_named_and_only_its_stream_stops() {
    let home = Home::new();
    let slow = Repository::new(home.folder().join("slow"));
    slow.write(".slipway.yaml", SLOW).commit("Begin");
    let quick = Repository::new(home.folder().join("quick"));
    quick.write(".slipway.yaml", QUICK).commit("Begin");
    let repositories = [home.register(&slow, &[]), home.register(&quick, &[])];
    let machine = Machine::start(&home);
    repositories
        .iter()
        .for_each(|repository| home.watched(*repository));
    let bad = slow.commit("Never ends");
    until("the slow run works", || {
        home.runs().iter().any(|run| run["commit"] == bad)
            && home.show("latest")["jobs"][0]["status"] == "running"
    });
    let run = home.show("latest")["run"].as_str().unwrap().to_owned();
    machine.kill9();
    home.verify();

    let stream = format!("run/{}/{run}", repositories[0]);
    tamper(&home, &stream, 2);
    let said = home.slipway(&["journal", "verify"]).expect(1);
    assert!(said.out.contains(&format!("{stream} #2")), "{}", said.out);
    assert_eq!(
        said.out.matches('✗').count(),
        1,
        "one finding: {}",
        said.out
    );
    let found = home
        .slipway(&["--json", "journal", "verify"])
        .expect(1)
        .json();
    assert_eq!(found["findings"][0]["stream"], stream);
    assert_eq!(found["findings"][0]["commit"], 2);

    // The machine goes on without it, and touches it no more.
    let machine = Machine::start(&home);
    let why = eventually(
        "the stream is quarantined",
        std::time::Duration::from_secs(120),
        || {
            let heads = home.lines(&["journal", "list", &stream]);
            heads[0]["quarantine"].as_str().map(str::to_owned)
        },
    );
    assert!(why.contains("its content does not match its hash"), "{why}");
    for message in ["Goes on", "And on", "And on"] {
        let good = quick.commit(message);
        until("the other repository's run succeeds", || {
            is(&home, &good, "succeeded")
        });
    }
    let heads = home.lines(&["journal", "list"]);
    let stopped: Vec<&Value> = heads
        .iter()
        .filter(|head| !head["quarantine"].is_null())
        .collect();
    assert_eq!(stopped.len(), 1, "{stopped:#?}");
    let said = home.slipway(&["show", &run]).expect(1);
    assert!(said.err.contains(&format!("{stream} #2")), "{}", said.err);
    assert!(
        said.err.contains("journal verify"),
        "what to do next: {}",
        said.err
    );
    let listed = home.runs();
    let row = listed
        .iter()
        .find(|row| row["run"] == run.as_str())
        .unwrap();
    assert!(!row["quarantine"].is_null(), "{row:#}");
    assert_eq!(machine.stop(), Some(0));
}
