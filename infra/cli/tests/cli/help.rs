use expect_test::expect;

use super::{said, slipway};

#[test]
fn help_teaches_by_example() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, _) = said(&mut slipway(dir.path(), &["--help"]));
    assert_eq!(code, 0);
    expect![[r#"
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
            help.contains("Examples:") && help.contains(&example) || command == "demo",
            "{command}:\n{help}"
        );
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{command}:\n{help}"
        );
        seen += 1;
    }
    assert_eq!(seen, 18, "{top}");
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
