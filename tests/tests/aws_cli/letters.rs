//! Dead letters: listed, shown, put back.

use super::world::{World, stream, wait};
use engine::ports::Journal as _;

const GOOD: &str = "455aaaaaaaaa";
const BAD: &str = "45bbbbbbbbbb";

fn bell(run: &str) -> String {
    format!(r#"{{"stream":"{}"}}"#, stream(run))
}

#[test]
fn dead_letters_are_listed_shown_and_put_back() {
    let Some(world) = World::new("https://ci.example.org") else {
        return;
    };
    let none = world.slipway(&["dlq", "list"]).expect(0);
    assert_eq!(none.err, "There are no dead letters.\n");
    world.open_run(GOOD);
    world.open_run(BAD);
    wait(async {
        let journal = world.journal().await;
        let why = Some("CodeBuild said no ten times");
        journal.quarantine(&stream(BAD), why).await.unwrap();
    });
    let first = world.send("BuilderDeadLetters", &bell(GOOD));
    let second = world.send("SchedulerDeadLetters", &bell(BAD));
    let third = world.send("SchedulerDeadLetters", "no doorbell");

    let listed = world.slipway(&["dlq", "list"]).expect(0).out;
    assert_eq!(listed.lines().count(), 4, "{listed}");
    for (id, words) in [
        (&first, ["builder", stream(GOOD).as_str()]),
        (&second, ["scheduler", "quarantined: CodeBuild said no"]),
        (&third, ["scheduler", "no doorbell"]),
    ] {
        let line = listed.lines().find(|line| line.starts_with(&id[..8]));
        let line = line.unwrap_or_else(|| panic!("{id}: {listed}"));
        assert!(words.iter().all(|word| line.contains(word)), "{line}");
    }
    let of_builder = world.json(&["dlq", "list", "--queue", "builder"]).expect(0);
    assert_eq!(of_builder.lines().len(), 1);
    assert_eq!(of_builder.lines()[0]["id"], first);

    let shown = world.slipway(&["dlq", "show", &second]).expect(0).out;
    assert!(
        shown.contains(&bell(BAD)) && shown.contains("quarantined"),
        "{shown}"
    );
    let unknown = world.slipway(&["dlq", "show", "nothing"]).expect(2).err;
    assert!(unknown.contains("no dead letter's id begins"), "{unknown}");

    let unsaid = world.slipway(&["dlq", "redrive"]).expect(2).err;
    assert!(unsaid.contains("--all"), "{unsaid}");
    let said = world.slipway(&["dlq", "redrive", &first]).expect(0).out;
    assert_eq!(
        said,
        format!(
            "{}  the builder is rung again for {}\n",
            &first[..8],
            stream(GOOD)
        )
    );
    assert_eq!(world.waiting("BuilderQueue"), [bell(GOOD)]);
    let said = world.slipway(&["dlq", "redrive", "--all"]).expect(0).out;
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(
        said.contains(&format!(
            "it stays in quarantine until `slipway journal release {}`",
            stream(BAD)
        )),
        "{said}"
    );
    assert!(said.contains("though it is no doorbell"), "{said}");
    assert_eq!(world.waiting("SchedulerQueue").len(), 2);
    assert_eq!(world.json(&["dlq", "list"]).expect(0).lines().len(), 0);

    let released = world.slipway(&["journal", "release", BAD]).expect(0).out;
    assert!(released.contains("is worked on again"), "{released}");
}

#[test]
fn without_a_stack_there_are_no_dead_letters() {
    let home = blackbox::Home::new();
    let said = home.slipway(&["dlq", "list"]).expect(2).err;
    assert!(said.contains("slipway dlq list --aws STACK"), "{said}");
}
