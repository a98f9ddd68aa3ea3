//! Purpose: help, version, completion and wrong usage.

use expect_test::expect;

use super::{said, slipway};

#[test]
fn help_teaches_by_example() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, _) = said(&mut slipway(dir.path(), &["--help"]));
    assert_eq!(code, 0);
    expect![[r#"
        Build, test and deploy what was pushed; ask before production; keep a journal of all of it.

        Usage: slipway [OPTIONS] [COMMAND]

        Commands:
          demo        Show the whole road in a minute: a sample repository from a push to production
          up          Run the machine: watch repositories, take webhooks, serve the pages
          lint        Check a pipeline file and list every mistake at once
          schema      Print the JSON Schema of the pipeline file, for editors
          run         Run the pipeline of the checkout you stand in, uncommitted changes included, without a
                      machine
          dashboard   Print the address of the pages of the machine that is running
          runs        List runs, newest first
          show        Show one run: jobs, tests, environments, approvals
          logs        Print the log of a task
          why         Say why a run waits, and for what
          approve     Approve the deployment of a release
          reject      Refuse the deployment of a release
          cancel      Stop a run
          retry       Run the same commit once more, as a new run
          freeze      Let no deploy of a repository begin until it is unfrozen
          unfreeze    Let the deploys of a repository begin again
          trust       Trust a repository again that was transferred to somebody else
          journal     Read the journal: any stream, its state at any moment, its hash chain
          dlq         Look at doorbells that no function of a stack could answer, and ring them again
          repo        Register the repositories of this machine
          people      Declare the people of this machine: who may be asked, and where
          github      Connect this machine with GitHub, as a GitHub App
          doctor      Say what is missing on this machine or between it and GitHub, and how to mend it
          completion  Print the completion script of a shell

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Global options:
              --data <DIR>    The machine's data directory [default: $XDG_DATA_HOME/slipway or
                              ~/.local/share/slipway] [env: SLIPWAY_DATA]
              --aws <STACK>   Speak to the machine that this CloudFormation stack is, instead of one on this
                              computer [env: SLIPWAY_AWS]
              --json          Answer for programs: one JSON document, or JSON lines where the answer is a
                              list or goes on
              --color <WHEN>  When to colour; `auto` = on a terminal, unless NO_COLOR is set [default: auto]
                              [possible values: auto, always, never]
          -v, --verbose...    Say on stderr what is being done; twice for more

        First steps:
          slipway                                    the whole road on a sample repository
          slipway lint                               check the pipeline file of this repository
          slipway run                                run its jobs here and now
          slipway repo add . && slipway up           watch it: a `git commit` starts a run
          slipway runs                               what happened, in another terminal
          slipway --aws slipway runs                 the same of the stack `slipway` on AWS

        `slipway COMMAND --help` shows examples of each.
        Exit status: 0 all is well, 1 the answer is no (a run failed, a file has mistakes),
        2 wrong usage or input, 3 the machine or something that it needs is not there.
    "#]]
    .assert_eq(&out);
}

/// Every command, found in the help itself, has a help with examples that begin with its own name.
#[test]
fn every_command_has_examples_of_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (_, top, _) = said(&mut slipway(dir.path(), &["--help"]));
    let mut seen = 0;
    for command in commands(&top) {
        let (code, help, _) = said(&mut slipway(dir.path(), &[command, "--help"]));
        assert_eq!(code, 0, "{command}");
        let example = format!("  slipway {command}");
        assert!(
            help.contains("Examples:") && help.contains(&example),
            "{command}:\n{help}"
        );
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{command}:\n{help}"
        );
        seen += 1;
    }
    assert_eq!(seen, 24, "{top}");
}

fn commands(help: &str) -> Vec<&str> {
    let list = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let names = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .map(|line| line.trim().split(' ').next().unwrap())
        .collect()
}

#[test]
fn an_unknown_command_is_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = said(&mut slipway(dir.path(), &["lnit"]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("unrecognized subcommand 'lnit'"), "{err}");
    assert!(err.contains("similar subcommand exists: 'lint'"), "{err}");
}

#[test]
fn the_version_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, _) = said(&mut slipway(dir.path(), &["--version"]));
    assert_eq!(
        (code, out),
        (0, format!("slipway {}\n", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn every_shell_has_its_completion() {
    let dir = tempfile::tempdir().unwrap();
    for (shell, sign) in [
        ("bash", "_slipway()"),
        ("zsh", "#compdef slipway"),
        ("fish", "complete -c slipway"),
    ] {
        let (code, out, _) = said(&mut slipway(dir.path(), &["completion", shell]));
        assert_eq!(code, 0, "{shell}");
        assert!(
            out.contains(sign) && out.contains("journal"),
            "{shell}: {out}"
        );
    }
    let (code, _, err) = said(&mut slipway(dir.path(), &["completion", "tcl"]));
    assert_eq!(code, 2);
    assert!(err.contains("bash"), "{err}");
}

#[test]
fn without_a_machine_it_is_said_how_to_get_one() {
    let dir = tempfile::tempdir().unwrap();
    for command in ["runs", "show", "why"] {
        let (code, out, err) = said(&mut slipway(dir.path(), &[command]));
        assert_eq!((code, out.as_str()), (3, ""), "{command}");
        assert!(err.contains("slipway up"), "{command}: {err}");
    }
    assert!(!dir.path().join("data").exists(), "reading makes nothing");
}

/// Only a build of this package alone is without them.
#[cfg(not(feature = "aws"))]
#[test]
fn without_the_clients_of_aws_it_is_said_how_to_get_them() {
    let dir = tempfile::tempdir().unwrap();
    for words in [&["runs"][..], &["dlq", "list"], &["dashboard"]] {
        let (code, out, err) = said(&mut slipway(
            dir.path(),
            &[&["--aws", "ci"], words].concat(),
        ));
        assert_eq!((code, out.as_str()), (3, ""), "{words:?}");
        assert!(
            err.contains("cargo install --path infra/cli --features aws"),
            "{err}"
        );
    }
}

/// Only a build of this package alone is without one.
#[cfg(not(feature = "github"))]
#[test]
fn without_a_client_of_github_it_is_said_how_to_get_one() {
    let dir = tempfile::tempdir().unwrap();
    let words = ["github", "setup", "--url", "https://ci.example.org"];
    let (code, out, err) = said(&mut slipway(dir.path(), &words));
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(
        err.contains("cargo install --path infra/cli --features github"),
        "{err}"
    );
}

#[test]
fn an_empty_name_of_a_stack_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let (code, _, err) = said(&mut slipway(dir.path(), &["--aws", "", "runs"]));
    assert_eq!(code, 2);
    assert!(err.contains("--aws needs the name of a stack"), "{err}");
    let (code, _, err) = said(slipway(dir.path(), &["runs"]).env("SLIPWAY_AWS", ""));
    assert_eq!(code, 3);
    assert!(err.contains("slipway up"), "{err}");
}
