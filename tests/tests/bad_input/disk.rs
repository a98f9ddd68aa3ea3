//! A disk that is full: what was acknowledged is kept, what was not is refused, and both are said.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use blackbox::{Home, Machine, binary, eventually, git};

use crate::webhook::{Hook, push, registered};

const QUICK: &str = "
version: 1
on: { push: { branches: [\"**\"] } }
jobs: { quick: { run: echo done } }
";

/// Blocks of 512 bytes that one file may have: enough to begin, not enough to go on.
const BLOCKS: u32 = 1200;
/// Deliveries after which even an empty journal is larger than that.
const MANY: usize = 400;

/// A machine whose files cannot grow beyond the limit. Its disk says no as a full one does; only the number of the error
/// differs (EFBIG for ENOSPC), and a test needs no disk of its own.
fn confined(home: &Home) -> Machine {
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {BLOCKS}; exec \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(binary());
    command
        .arg("--data")
        .arg(home.data())
        .args(["--json", "up", "--port", "0"]);
    command.env_remove("RUST_LOG").current_dir(home.folder());
    Machine::begin(home, &mut command)
}

#[test]
fn a_full_disk_is_said_and_loses_nothing_that_was_acknowledged() {
    let home = Home::new();
    let (shop, _) = registered(&home, QUICK);
    let machine = confined(&home);
    let hook = Hook::of(&home, &machine);
    let mut acknowledged = BTreeSet::new();
    let mut refused = None;
    for number in 0..MANY {
        let branch = format!("b-{number}");
        git(shop.folder(), &["checkout", "--quiet", "-b", &branch]);
        let commit = shop.commit(&branch);
        let body = push(&branch, &commit);
        let (status, text) = hook.post(&format!("guid-{number}"), &body, &hook.sign(&body));
        match status {
            202 => {
                acknowledged.insert(commit);
            }
            503 => {
                refused = Some(text);
                break;
            }
            other => panic!("{other}: {text}"),
        }
    }
    let refused = refused.expect("the limit is reached");
    assert!(refused.contains("deliver it again"), "{refused}");
    assert!(!acknowledged.is_empty());
    let said = std::fs::read_to_string(home.folder().join("up.err")).unwrap();
    assert!(said.contains("journal.sqlite"), "what: {said}");
    assert!(
        said.contains("free") || said.contains("space"),
        "what to do next: {said}"
    );
    // Reading goes on meanwhile.
    home.verify();
    assert_eq!(
        hook.agent
            .get(format!("{}/healthz", machine.url))
            .call()
            .unwrap()
            .status(),
        200
    );
    drop(machine);

    // There is room again.
    let machine = Machine::start(&home);
    eventually(
        "every acknowledged push has a run that ended",
        Duration::from_secs(300),
        || {
            let runs = home.runs();
            let ended = runs.iter().filter(|run| !run["finished_ms"].is_null());
            let ended: BTreeSet<String> = ended
                .map(|run| run["commit"].as_str().unwrap().to_owned())
                .collect();
            (ended == acknowledged && runs.len() == acknowledged.len()).then_some(())
        },
    );
    let good = home
        .runs()
        .iter()
        .filter(|run| run["status"] == "succeeded")
        .count();
    println!(
        "{} acknowledged before the disk was full, {good} of them succeeded",
        acknowledged.len()
    );
    home.verify();
    assert_eq!(machine.stop(), Some(0));
}
