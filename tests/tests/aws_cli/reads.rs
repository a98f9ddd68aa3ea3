//! Commands that read: runs, one run, why it waits, the journal.

use super::world::{World, stream};

const FIRST: &str = "455aaaaaaaaa";
const SECOND: &str = "45bbbbbbbbbb";

fn world() -> Option<World> {
    let world = World::new("https://ci.example.org")?;
    world.open_run(FIRST);
    world.open_run(SECOND);
    Some(world)
}

#[test]
fn runs_are_listed_shown_and_explained() {
    let Some(world) = world() else { return };
    let runs = world.slipway(&["runs"]).expect(0).out;
    assert_eq!(runs.lines().count(), 3, "{runs}");
    assert!(runs.contains(FIRST) && runs.contains(SECOND), "{runs}");
    let of_shop = world.json(&["runs", "--repo", "acme/shop"]).expect(0);
    let names = of_shop.lines();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0]["repository"]["name"], "acme/shop");
    let unknown = world.slipway(&["runs", "--repo", "acme/shed"]).expect(2);
    assert!(
        unknown.err.contains("registered are: acme/shop"),
        "{}",
        unknown.err
    );

    let shown = world.slipway(&["show", "455"]).expect(0).out;
    assert!(
        shown.contains(FIRST) && shown.contains("unit") && shown.contains("acme/shop"),
        "{shown}"
    );
    let why = world.json(&["why", SECOND]).expect(0).json();
    assert_eq!(why["run"], SECOND, "{why:#}");
    let said = world.slipway(&["why", SECOND]).expect(0).out;
    assert!(said.contains(SECOND) && said.lines().count() >= 2, "{said}");
    let log = world.slipway(&["logs", FIRST]).expect(2).err;
    assert!(log.contains("has begun, so there is no log yet"), "{log}");
    // The environment names the stack as well as the option does.
    let mut command = world.command(&["runs", "--json"]);
    command.env("SLIPWAY_AWS", super::world::STACK);
    assert_eq!(blackbox::Said::by(&mut command).expect(0).lines().len(), 2);
}

#[test]
fn the_journal_is_read_exported_and_verified_also_when_a_row_was_changed() {
    let Some(world) = world() else { return };
    let listed = world.json(&["journal", "list", "run/"]).expect(0).lines();
    assert_eq!(listed.len(), 2);
    let records = world.json(&["journal", "show", FIRST]).expect(0).lines();
    assert_eq!(records[0]["events"][0]["type"], "RunOpened");
    let state = world.json(&["journal", "at", FIRST, "--commit", "1"]);
    assert_eq!(state.expect(0).json()["commit"], 1);
    let commits: usize = records.len() * 2;
    let exported = world.slipway(&["journal", "export"]).expect(0).lines();
    assert_eq!(exported.len(), commits);
    assert_eq!(exported[0]["p"], stream(SECOND).as_str());
    let one = world.slipway(&["journal", "export", FIRST]).expect(0);
    assert_eq!(one.lines().len(), records.len());

    let sound = world.slipway(&["journal", "verify"]).expect(0).out;
    assert!(
        sound.contains("the stack ci: every hash chain holds"),
        "{sound}"
    );
    let verified = world.json(&["journal", "verify"]).expect(0).json();
    assert_eq!(verified["total"]["streams"], 2);
    assert_eq!(verified["total"]["commits"], commits);

    let table = world.output("JournalTable");
    let key = format!(
        r#"{{"p": {{"S": "{}"}}, "n": {{"N": "1"}}}}"#,
        stream(FIRST)
    );
    world.aws(&[
        "dynamodb",
        "update-item",
        "--table-name",
        &table,
        "--key",
        &key,
        "--update-expression",
        "SET a = :a",
        "--expression-attribute-values",
        r#"{":a": {"S": "person:7"}}"#,
    ]);
    let corrupt = world.slipway(&["journal", "verify"]).expect(1);
    let row = format!("{} #1: ", stream(FIRST));
    assert!(corrupt.out.contains(&row), "{}", corrupt.out);
    assert!(
        corrupt.out.contains("the stack ci: the journal is corrupt"),
        "{}",
        corrupt.out
    );
    assert!(corrupt.err.contains("Mend no row"), "{}", corrupt.err);
    let verified = world.json(&["journal", "verify"]).expect(1).json();
    assert_eq!(verified["findings"].as_array().unwrap().len(), 1);
    // What is not true any more is not shown either.
    let refused = world.slipway(&["show", FIRST]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
}

#[test]
fn the_dashboard_is_where_the_stack_says() {
    let Some(world) = World::new("https://ci.example.org/") else {
        return;
    };
    let said = world.slipway(&["dashboard"]).expect(0);
    assert_eq!(said.out, "https://ci.example.org\n");
    assert!(said.err.contains("signed for IAM"), "{}", said.err);
    let none = world.slipway(&["runs"]).expect(0);
    assert!(none.err.contains("config/machine.yaml"), "{}", none.err);
}
