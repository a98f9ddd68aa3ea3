//! What is said of commands that are about this computer, of stacks that are not there, and of options that contradict.

use super::world::World;

#[test]
fn commands_of_this_computer_say_what_to_do_instead() {
    let Some(world) = World::new("https://ci.example.org") else {
        return;
    };
    for (words, wanted) in [
        (&["up"][..], "a stack runs by itself"),
        (&["demo"], "leave out --aws"),
        (&["run"], "leave out --aws"),
        (&["repo", "add", "."], "config/machine.yaml"),
        (&["people", "add", "bob"], "config/machine.yaml"),
        (&["approve", "latest"], "is no link"),
    ] {
        let said = world.slipway(words).expect(2);
        assert!(said.err.contains(wanted), "{words:?}: {}", said.err);
        assert_eq!(said.out, "", "{words:?}");
    }
    // What needs no machine works all the same.
    world.slipway(&["schema"]).expect(0);
    let both = world.slipway(&["--data", "here", "runs"]).expect(2).err;
    assert!(both.contains("leave one of them out"), "{both}");
    let mut command = world.command(&["--data", "here", "runs"]);
    command.env("SLIPWAY_AWS", super::world::STACK);
    let here = blackbox::Said::by(&mut command).expect(3).err;
    assert!(here.contains("there is no machine at"), "{here}");
}

#[test]
fn a_stack_that_is_not_there_is_named() {
    let Some(world) = World::new("https://ci.example.org") else {
        return;
    };
    let mut command = world.command(&["--aws", "nothing", "runs"]);
    let said = blackbox::Said::by(&mut command).expect(3).err;
    assert!(
        said.contains("there is no stack nothing in us-east-1") && said.contains("AWS_PROFILE"),
        "{said}"
    );
    let mut command = world.command(&["--aws", "nothing", "runs"]);
    command
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION");
    let said = blackbox::Said::by(&mut command).expect(3).err;
    assert!(said.contains("no region of AWS is set"), "{said}");
    let mut command = world.command(&["--aws", "ci", "runs"]);
    command.env_remove("AWS_ACCESS_KEY_ID");
    let said = blackbox::Said::by(&mut command).expect(3).err;
    assert!(said.contains("credentials"), "{said}");
}
