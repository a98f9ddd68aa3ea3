use std::fmt::Write as _;

use domain::ids::Digest;
use expect_test::{Expect, expect, expect_file};

use super::*;

const COMMIT: &str = "3f1a0c9d5b7e2468ace013579bdf02468ace1357";
const RELEASE: &str = "0a1b2c3d4e5f";

#[allow(
    clippy::needless_pass_by_value,
    reason = "an expectation is written where it is used"
)]
fn check(body: &str, expected: Expect) {
    let mut text = String::new();
    for line in parse(body) {
        match line.read {
            Ok(command) => writeln!(text, "{}: {command:?}", line.number).unwrap(),
            Err(mistake) => writeln!(text, "{}: {mistake}", line.number).unwrap(),
        }
    }
    expected.assert_eq(&text);
}

fn silent(body: &str) {
    assert_eq!(parse(body), [], "{body:?}");
}

/// A line that a person would write for each row.
fn sample(row: &Row) -> String {
    let words = row.arguments.split(' ').map(|argument| match argument {
        "[job]" => "unit",
        "<commit>" => COMMIT,
        "<environment>" => "production",
        "<release>" | "[release]" => RELEASE,
        "<reason>" | "[reason]" => "because it is late",
        "<check>" => "lint",
        "<branch>" => "release/1.2",
        "[cancel]" => "cancel",
        "" => "",
        other => panic!("no sample of {other}"),
    });
    let words: Vec<&str> = words.collect();
    format!("/{} {}", row.name, words.join(" "))
        .trim_end()
        .to_owned()
}

#[test]
fn every_row_is_read_and_written_as_one_command() {
    assert_eq!(TABLE.len(), 19);
    for row in TABLE {
        let line = sample(row);
        let read = parse(&line);
        let Ok(command) = &read[0].read else {
            panic!("{line}: {read:?}")
        };
        assert_eq!(command.row(), Some(row));
        assert_eq!(command.to_string(), line);
        let shouted = line.replacen(row.name, &row.name.to_uppercase(), 1);
        assert_eq!(parse(&shouted), read, "names may be written in any case");
        assert!(
            row.does.ends_with('.') && !row.does.contains('|'),
            "{}",
            row.does
        );
    }
}

#[test]
fn every_argument_that_is_needed_is_missed() {
    for row in TABLE {
        let words: Vec<String> = sample(row).split(' ').map(str::to_owned).collect();
        let needed = row.arguments.matches('<').count();
        for given in 0..needed {
            let line = words[..=given].join(" ");
            let read = parse(&line).remove(0).read;
            let mut arguments = row.arguments.split(' ').filter(|one| one.starts_with('<'));
            let name = arguments.nth(given).unwrap();
            match read {
                Err(Mistake::Missing { argument, .. }) => assert_eq!(format!("<{argument}>"), name),
                Err(Mistake::NoCommit { .. }) => assert_eq!(row.name, "ok-to-test"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}

/// `UPDATE_EXPECT=1 cargo test -p github` writes the page anew.
#[test]
fn the_page_of_the_documentation_is_the_table() {
    expect_file!["../../../../docs/commands.md"].assert_eq(&page());
    for row in TABLE.iter().filter(|row| row.is_followed) {
        assert!(help().contains(&format!("`{}`", row.usage())), "{row:?}");
    }
    silent(&help());
}

#[test]
fn commands_stand_between_words() {
    check(
        "Thanks!\r\n\r\n/test unit\r\n   /HOLD  \t\r\nAnd then\r/lgtm\r\n",
        expect![[r#"
            3: Test { job: Some(JobId("unit")) }
            4: Hold { reason: None }
            6: Lgtm { cancel: false }
        "#]],
    );
    check(
        "/test unit (go=1.24, os=linux)\n/override \"build (linux)\" flaky, see `log`\n/reject staging no | <b>never</b>",
        expect![[r#"
            1: Test { job: Some(JobId("unit (go=1.24, os=linux)")) }
            2: Override { check: "build (linux)", reason: "flaky, see `log`" }
            3: Reject { environment: EnvironmentName("staging"), release: None, reason: "no | <b>never</b>" }
        "#]],
    );
}

#[test]
fn mistakes_say_what_to_write() {
    check(
        "/tets\n/aprove production\n/approve production\n/approve production 0a1b2c3d4e5\n/approve production 0A1B2C3D4E5F\n/unhold on please\n/deploy Production\n/cherrypick --upload-pack=x\n/reject staging\n/override unit (go=1.24) it is flaky",
        expect![[r#"
            1: There is no command `/tets`. Did you mean `/test [job]`?
            2: There is no command `/aprove`. Did you mean `/approve <environment> <release>`?
            3: `<release>` is missing. Write `/approve <environment> <release>`.
            4: `0a1b2c3d4e5` is not the beginning of a release's hash, 12 to 64 of 0-9 and a-f. Write `/approve <environment> <release>`.
            5: `0A1B2C3D4E5F` is not the beginning of a release's hash, 12 to 64 of 0-9 and a-f. Write `/approve <environment> <release>`.
            6: `on please` is too much here. Write `/unhold`.
            7: `Production` is not the name of an environment, at most 63 of a-z, 0-9, `_` and `-`. Write `/deploy <environment>`.
            8: `--upload-pack=x` is not the name of a branch that git allows. Write `/cherrypick <branch>`.
            9: `<reason>` is missing. Write `/reject <environment> [release] <reason>`.
            10: `unit` is not the whole name: one with spaces is put into double quotes. Write `/override <check> <reason>`.
        "#]],
    );
}

#[test]
fn sec_03_trust_needs_the_whole_commit() {
    check(
        "/ok-to-test\n/ok-to-test 3f1a0c9\n/ok-to-test HEAD",
        expect![[r#"
            1: `/ok-to-test` needs the commit that you have read, for the branch may have moved since. Write `/ok-to-test <commit>`.
            2: `3f1a0c9` is not a full commit name, 40 or 64 of 0-9 and a-f; a short one can be met by another commit. Write `/ok-to-test <commit>`.
            3: `HEAD` is not a full commit name, 40 or 64 of 0-9 and a-f; a short one can be met by another commit. Write `/ok-to-test <commit>`.
        "#]],
    );
}

#[test]
fn sec_28_what_is_quoted_or_code_is_no_command() {
    for body in [
        "> /test",
        "> quoted\n/test",
        "- /test\n- a\n\n  /test",
        "1. a\n   /test",
        "```\n/test\n```",
        "````\n```\n/test\n```\n````",
        "~~~ sh\n/test\n~~~",
        "```\n/test",
        "    /test",
        "words\n    /test",
        "\t/test",
        "`/test`",
        "`a\n/test\nb`",
        "<!-- /test -->",
        "<!--\n\n/test\n\n-->",
        "<!--\n/test",
        "words <!-- a\n/test\n-->",
        "words <!-- a\n/test",
        "words <!-- a\n\n/test",
        "<div>\n/test\n</div>",
        "<pre>\n\n/test\n</pre>",
        "[a\n/test\nb](x)",
        "*a\n/test\nb*",
        "~~a\n/test\nb~~",
        "/test\n---",
        "# /test",
        "| a |\n| - |\n/test",
        "[^1]: note\n/test\n\n[^1]",
        "[x]: y\n'\n/test\n'",
        "please /test",
        "\\/test",
        "&#47;test",
        "//test",
    ] {
        silent(body);
    }
    // What follows is read again.
    for body in [
        "> a\n\n/test",
        "```\na\n```\n/test",
        "<!-- a -->\n/test",
        "`<!--`\n/test",
        "```\n<!--\n```\n/test",
    ] {
        assert_eq!(parse(body).len(), 1, "{body:?}");
    }
}

#[test]
fn paths_and_commands_of_others_are_left_alone() {
    for word in [
        "/usr/bin/foo",
        "/etc",
        "/home",
        "/tmp",
        "/var",
        "/opt",
        "/dev",
        "/bin",
        "/sbin",
        "/lib",
        "/root",
        "/srv",
        "/mnt",
        "/run",
        "/proc",
        "/sys",
        "/boot",
        "/assign @ana",
        "/kind bug",
        "/merge",
        "/close",
        "/label x",
        "/test/unit",
        "/",
        "/ test",
        "/shrug",
        "/deploys/12",
        "/joke",
        "/hold-my-beer",
    ] {
        silent(word);
    }
}

#[test]
fn sec_07_lookalikes_are_no_commands() {
    for body in [
        "／test",
        "∕test",
        "⁄test",
        "\u{200b}/test",
        "\u{a0}/test",
        "\u{feff}/test",
        "a\u{2028}/test",
        "a\u{b}/test",
    ] {
        silent(body);
    }
    check(
        "/tеst\n/te\u{200b}st\n/s\u{212a}ip\n/hold\u{a0}\n/test\u{a0}unit\n/test\u{3000}unit\n/deploy prod\u{200b}\n/deploy \u{202e}dorp\n/unhold \u{200b}",
        expect![[r#"
            1: There is no command `/tеst`. Did you mean `/test [job]`?
            2: There is no command `/test`. Did you mean `/test [job]`?
            3: There is no command `/sKip`. Did you mean `/skip`?
            4: After `/hold` stands a space that is not a plain one (U+00A0). Write `/hold [reason]`.
            5: After `/test` stands a space that is not a plain one (U+00A0). Write `/test [job]`.
            6: After `/test` stands a space that is not a plain one (U+3000). Write `/test [job]`.
            7: `prod` is not the name of an environment, at most 63 of a-z, 0-9, `_` and `-`. Write `/deploy <environment>`.
            8: `dorp` is not the name of an environment, at most 63 of a-z, 0-9, `_` and `-`. Write `/deploy <environment>`.
            9: What cannot be seen is too much here. Write `/unhold`.
        "#]],
    );
}

#[test]
fn a_comment_has_its_limits() {
    let many = parse(&"/hold\n".repeat(500));
    assert_eq!(many.len(), MAX_COMMANDS + 1);
    assert_eq!(many[MAX_COMMANDS].read, Err(Mistake::TooMany));
    assert_eq!(many[MAX_COMMANDS].number, 11);
    assert_eq!(
        many[MAX_COMMANDS - 1].read,
        Ok(Command::Hold { reason: None })
    );
    let long = format!("/hold\n{}", "ä".repeat(MAX_COMMENT - 6));
    assert_eq!(parse(&long).len(), 1);
    assert_eq!(parse(&format!("{long}ä"))[0].read, Err(Mistake::TooLong));
    check(
        &format!("/reject staging {}", "x".repeat(501)),
        expect![[r#"
            1: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not a reason of at most 500 characters. Write `/reject <environment> [release] <reason>`.
        "#]],
    );
}

#[test]
fn sec_10_a_prefix_names_one_release() {
    let release = Digest::of(b"release");
    let prefix = |len: usize| ReleasePrefix::new(&release.as_str()[..len]);
    assert!(prefix(11).is_none());
    assert!(prefix(12).unwrap().names(&release));
    assert!(prefix(64).unwrap().names(&release));
    assert!(!ReleasePrefix::new(RELEASE).unwrap().names(&release));
    assert!(
        !ReleasePrefix::new(RELEASE)
            .unwrap()
            .names(&Digest::new(RELEASE))
    );
}
