//! Purpose: the commands about runs, on a journal that no machine works on.

use std::path::Path;

use domain::ids::{CommitSha, PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::pipeline::{self, Compiled, Facts};
use domain::plan::{Parties, Plan, Trigger};
use domain::run::{Command, Opening, Run};
use engine::ports::{Delivery, Inbox as _, Journal as _};
use engine::{Invocation, load};
use local::journal::SqliteJournal;
use serde_json::{Value, json};

use super::journal::{Noon, Silence};
use super::{said, slipway};

/// Begins with the same digits as the first run's id.
const REPOSITORY: RepositoryId = RepositoryId(4558);
const FIRST: &str = "455aaaaaaaaa";
const SECOND: &str = "45bbbbbbbbbb";

fn plan() -> Plan {
    let text = "version: 1\non: { push: {} }\njobs: { unit: { run: make test } }\n";
    let trigger = Trigger::Push {
        branch: "main".to_owned(),
    };
    match pipeline::compile(
        text,
        &Facts {
            trigger,
            changed_paths: None,
            environments: pipeline::Environments::Own,
        },
    ) {
        Ok(Compiled::Run(plan)) => plan,
        other => panic!("{other:?}"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

/// Two runs that were opened and that nobody works on.
fn two_runs(dir: &Path) -> SqliteJournal {
    let data = dir.join("data");
    std::fs::create_dir_all(&data).unwrap();
    let journal = SqliteJournal::open(&data.join("journal.sqlite")).unwrap();
    for id in [FIRST, SECOND] {
        let trigger = Trigger::Push {
            branch: "main".to_owned(),
        };
        open(&journal, id, trigger);
    }
    journal
}

fn open(journal: &SqliteJournal, id: &str, trigger: Trigger) {
    let opening = Opening {
        repository: REPOSITORY,
        run: RunId::new(id),
        delivery: format!("push-{id}"),
        trigger,
        reference: "refs/heads/main".to_owned(),
        commit: commit(),
        parties: Parties::default(),
        plan: plan(),
        repeats: None,
        problem: None,
        has_checks: false,
        awaits_trust: false,
        proposal: None,
    };
    let stream = StreamId::run(REPOSITORY, &opening.run);
    let open = Command::Open(Box::new(opening));
    let call = Invocation::new(journal, &Noon, &Silence, "function:planner", id);
    runtime()
        .block_on(call.submit::<Run>(&stream, &open))
        .unwrap();
}

fn commit() -> CommitSha {
    CommitSha::new("c0ffee".repeat(7).split_off(2))
}

#[test]
fn a_run_is_found_by_the_beginning_of_its_id_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(two_runs(dir.path()));
    for wanted in ["455", "455aaaaaaaaa", "4558/455", "run/4558/455aaaaaaaaa"] {
        let (code, out, err) = said(&mut slipway(dir.path(), &["show", wanted, "--json"]));
        assert_eq!(code, 0, "{wanted}: {err}");
        let view: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(view["run"], FIRST, "{wanted}");
    }
    let (code, out, err) = said(&mut slipway(dir.path(), &["show", "45"]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("2 runs have ids that begin with \"45\""),
        "{err}"
    );
    assert!(err.contains(FIRST) && err.contains(SECOND), "{err}");
    let (code, _, err) = said(&mut slipway(dir.path(), &["show", "9"]));
    assert_eq!(code, 2);
    assert!(
        err.contains("no run's id begins with \"9\"") && err.contains(FIRST),
        "{err}"
    );
}

#[test]
fn lists_are_lines_and_wrong_filters_are_said() {
    let dir = tempfile::tempdir().unwrap();
    drop(two_runs(dir.path()));
    let (code, out, _) = said(&mut slipway(dir.path(), &["runs", "--json"]));
    let runs: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((code, runs.len()), (0, 2));
    assert_eq!(runs[0]["status"], "queued");
    let (code, out, err) = said(&mut slipway(dir.path(), &["runs", "--status", "failed"]));
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("No run fits."), "{err}");
    let (code, _, err) = said(&mut slipway(dir.path(), &["runs", "--repo", "shop"]));
    assert_eq!(code, 2);
    assert!(
        err.contains("no repository here is called \"shop\""),
        "{err}"
    );
    let (code, out, _) = said(&mut slipway(dir.path(), &["why", FIRST]));
    assert_eq!(code, 0);
    assert!(out.starts_with(&format!("{FIRST}  queued\n  ")), "{out}");
    let (code, _, err) = said(&mut slipway(dir.path(), &["logs", FIRST]));
    assert_eq!(code, 2);
    assert!(err.contains("has begun, so there is no log yet"), "{err}");
}

#[test]
fn a_cancel_is_in_the_journal_when_the_command_returns() {
    let dir = tempfile::tempdir().unwrap();
    let journal = two_runs(dir.path());
    let cancel = ["cancel", FIRST, "--reason", "wrong branch"];
    let (code, out, err) = said(slipway(dir.path(), &cancel).env("USER", "ana"));
    assert_eq!(code, 0, "{err}");
    assert_eq!(out, format!("Run {FIRST} is cancelled.\n"));
    assert!(err.contains("The machine is not running"), "{err}");
    let stream = StreamId::run(REPOSITORY, &RunId::new(FIRST));
    let run: Run = runtime().block_on(load(&journal, &stream)).unwrap().state;
    assert_eq!(run.cancelled.as_deref(), Some("wrong branch"));
    let records = runtime().block_on(journal.read(&stream, 0)).unwrap();
    assert_eq!(records.last().unwrap().actor, "local:ana");
}

#[test]
fn a_retry_is_a_delivery_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let journal = two_runs(dir.path());
    let (code, out, err) = said(&mut slipway(dir.path(), &["retry", FIRST, "--json"]));
    assert_eq!(code, 0, "{err}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["repeats"], FIRST);
    let guid = answer["delivery"].as_str().unwrap();
    assert_eq!(answer["run"], planner::run_of(guid).as_str());
    let delivery = runtime().block_on(journal.delivery(guid)).unwrap().unwrap();
    assert_eq!(delivery.event, github::payload::MANUAL_EVENT);
    let head = runtime()
        .block_on(journal.head(&StreamId::delivery(guid)))
        .unwrap()
        .unwrap();
    assert!(head.due.is_some(), "the sweep of the machine finds it");
}

#[test]
fn sec_04_a_retry_of_a_pull_request_is_trusted_with_no_more_than_the_first_time() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, id) = (two_runs(dir.path()), "77cccccccccc");
    let trigger = Trigger::PullRequest {
        number: 5,
        base: "main".to_owned(),
        head: "fix".to_owned(),
    };
    open(&journal, id, trigger.clone());
    let retry = || said(&mut slipway(dir.path(), &["retry", id, "--json"]));
    let (code, _, err) = retry();
    assert_eq!(code, 1);
    assert!(err.contains("by the rules of which commit"), "{err}");

    let (head, base) = (commit(), CommitSha::new("b".repeat(40)));
    let body = json!({
        "action": "opened", "number": 5, "repository": { "id": REPOSITORY }, "sender": { "id": 3 },
        "pull_request": {
            "head": { "ref": "fix", "sha": head, "repo": { "id": REPOSITORY } },
            "base": { "ref": "main", "sha": base, "repo": { "id": REPOSITORY } },
        },
    });
    let first = Delivery {
        guid: format!("push-{id}"),
        event: "pull_request".to_owned(),
        body: body.to_string(),
        at_ms: 0,
    };
    runtime().block_on(journal.accept(&first)).unwrap();
    let (code, out, err) = retry();
    assert_eq!(code, 0, "{err}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    let guid = answer["delivery"].as_str().unwrap();
    let wish = runtime().block_on(journal.delivery(guid)).unwrap().unwrap();
    let Ok(github::Read::Asks(asked)) = github::read(&wish.event, &wish.body) else {
        panic!("{}", wish.body)
    };
    assert_eq!((asked.trigger, asked.commit), (trigger, Some(head)));
    assert_eq!(
        (asked.rules, asked.before),
        (Some(base.clone()), Some(base))
    );
    assert_eq!(asked.sender, Some(PersonId(3)));
    assert_eq!(asked.repeats, Some(RunId::new(id)));
}

#[test]
fn an_approval_that_is_not_open_is_not_given() {
    let dir = tempfile::tempdir().unwrap();
    drop(two_runs(dir.path()));
    let approve = ["approve", FIRST, "--as", "ana", "--code", "AAAAA-BBBBB"];
    let (code, _, err) = said(&mut slipway(dir.path(), &approve));
    assert_eq!(code, 1);
    assert!(err.contains("waits for no approval"), "{err}");
}
