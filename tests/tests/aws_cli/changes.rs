//! Commands that append: the same words as on a laptop, and the functions are rung.

use super::world::{World, stream};

const RUN: &str = "455aaaaaaaaa";

#[test]
fn a_run_is_cancelled_and_run_once_more() {
    let Some(world) = World::new("https://ci.example.org") else {
        return;
    };
    world.open_run(RUN);
    let said = world.slipway(&["cancel", RUN, "--reason", "wrong branch"]);
    let said = said.expect(0);
    assert!(said.out.contains(RUN), "{}", said.out);
    assert_eq!(said.err, "", "nobody has to start a stack");
    let shown = world.json(&["show", RUN]).expect(0).json();
    assert!(
        shown["headline"].to_string().contains("wrong branch")
            || shown["cancelled"].to_string().contains("wrong branch"),
        "{shown:#}"
    );
    let bell = format!(r#"{{"stream":"{}"}}"#, stream(RUN));
    assert!(world.waiting("SchedulerQueue").contains(&bell));

    let again = world.json(&["retry", RUN]).expect(0).json();
    let guid = again["delivery"].as_str().unwrap();
    assert_eq!(again["repeats"], RUN);
    let bell = format!(r#"{{"stream":"delivery/{guid}"}}"#);
    assert_eq!(world.waiting("PlannerQueue"), [bell]);
    let listed = world.json(&["journal", "list", "delivery/"]).expect(0);
    assert_eq!(
        listed.lines()[0]["stream"].as_str(),
        Some(format!("delivery/{guid}").as_str())
    );
}
