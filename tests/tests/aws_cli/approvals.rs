//! A decision on AWS is one at the approval page: a machine on this computer serves it, at the address that the stack names.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use blackbox::{Approval, Home, Machine, Repository, Said, approvals, eventually};

use super::world::{STACK, World};

const PEOPLE: &str = "
people:
  - { id: 1, login: ana, email: ana@example.org }
  - { id: 2, login: bob, email: bob@example.org }
";

const PIPELINE: &str = "
version: 1
on: { push: { branches: [main] } }
jobs: { unit: { run: 'true' } }
environments:
  production:
    branches: [main]
    approval: { people: [bob], exclude: [initiator, author] }
    deploy: { run: 'true' }
";

/// A machine on which production waits, and bob's mail.
fn waiting(home: &Home) -> (Machine, Approval, String) {
    home.settings(PEOPLE);
    let shop = Repository::new(home.folder().join("shop"));
    shop.write(".slipway.yaml", PIPELINE).commit("Begin");
    let repository = home.register(&shop, &[]);
    let machine = Machine::start(home);
    home.watched(repository);
    shop.commit("Go <on> & on");
    let mail = eventually("bob has mail", Duration::from_secs(120), || {
        approvals(home, "bob@example.org").pop()
    });
    let release = home.show(&mail.run)["release"].as_str().unwrap().to_owned();
    (machine, mail, release)
}

/// Runs it with these lines as standard input.
fn typed(world: &World, words: &[&str], lines: &str) -> Said {
    let mut command = world.command(&[&["--aws", STACK], words].concat());
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    drop(input);
    Said::of(&child.wait_with_output().unwrap())
}

#[test]
fn a_person_approves_with_the_link_and_the_code_of_the_mail() {
    let home = Home::new();
    let (machine, mail, release) = waiting(&home);
    let Some(world) = World::new(&machine.url) else {
        return;
    };
    let link = mail.link.as_str();
    let foreign = link.replace("127.0.0.1", "localhost");
    let said = world.slipway(&["approve", &foreign, "--code", &mail.code]);
    let said = said.expect(2).err;
    assert!(said.contains("no approval link of the stack ci"), "{said}");

    let wrong = world.slipway(&["approve", link, "--code", "AAAAA-AAAAA"]);
    let wrong = wrong.expect(2);
    assert!(wrong.err.contains("hat is not the code"), "{}", wrong.err);
    assert!(wrong.out.contains(&release), "it says what is asked first");
    let unsaid = typed(&world, &["approve", link], "").expect(2).err;
    assert!(unsaid.contains("nothing was decided"), "{unsaid}");
    let words = ["approve", link, "--code", &mail.code, "--release", "000000"];
    let wrong = world.slipway(&words).expect(2).err;
    assert!(wrong.contains("ype the last 6 characters"), "{wrong}");

    let suffix = &release[release.len() - 6..];
    let lines = format!("{}\n{suffix}\n", mail.code);
    let said = typed(&world, &["approve", link], &lines).expect(0);
    for wanted in [
        "Deploy shop to production?",
        "Go <on> & on",
        &format!("You approved the release {release}."),
    ] {
        assert!(said.out.contains(wanted), "{wanted}: {}", said.out);
    }
    let shown = home.show(&mail.run);
    let decisions = &shown["stages"][0]["approval"]["decisions"];
    assert_eq!(decisions.as_array().unwrap().len(), 1, "{shown:#}");
    let again = world.slipway(&["reject", link, "--code", &mail.code, "--reason", "no"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert_eq!(machine.stop(), Some(0));
}
