//! Purpose: the expression that a build's `grep -E` gets matches what the glob matches, by globset's own judgement.

use std::io::Write as _;
use std::process::{Command, Stdio};

use domain::buildspec::expression;
use globset::GlobBuilder;
use proptest::prelude::*;

/// The lines that `grep -E` finds, as a build calls it.
fn grep(expression: &str, paths: &[String]) -> Vec<String> {
    let mut child = Command::new("grep")
        .args(["-E", "--", expression])
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let text: String = paths.iter().map(|path| format!("{path}\n")).collect();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.stderr.is_empty(),
        "{expression}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn globs(pattern: &str, paths: &[String]) -> Vec<String> {
    let plain = pattern
        .strip_prefix("./")
        .unwrap_or(pattern)
        .trim_end_matches('/');
    let matchers = [plain.to_owned(), format!("{plain}/**")].map(|glob| {
        let glob = GlobBuilder::new(&glob)
            .literal_separator(true)
            .backslash_escape(false)
            .build();
        glob.unwrap().compile_matcher()
    });
    let found = paths
        .iter()
        .filter(|path| matchers.iter().any(|matcher| matcher.is_match(path)));
    found.cloned().collect()
}

fn check(pattern: &str, paths: &[String]) {
    let Ok(expression) = expression(&[pattern.to_owned()]) else {
        return;
    };
    assert_eq!(
        grep(&expression, paths),
        globs(pattern, paths),
        "{pattern} as {expression}"
    );
}

#[test]
fn patterns_of_every_kind_find_what_globs_find() {
    let paths: Vec<String> = [
        "a",
        "ab",
        "a.b",
        "a/b",
        "a/b/c",
        "a/b/c.xml",
        "x.xml",
        "a-b",
        "a^b",
        "a]b",
        "a[b",
        "a\\b",
        "a{b",
        "a+b",
        "a(b)",
        "a|b",
        "a$",
        "^a",
        "é",
        "aéb",
        "dist/é/x",
        "a b",
        "-",
        "]",
        "^",
        "a,b",
        "*",
        "?",
        "a.",
    ]
    .map(str::to_owned)
    .to_vec();
    for pattern in [
        "a",
        "*",
        "**",
        "**/*.xml",
        "a/**",
        "a/**/c",
        "**/c",
        "a?b",
        "a[.]b",
        "a[!.]b",
        "a[^.]b",
        "a[]-]b",
        "[]]",
        "[^]]",
        "[!^-]",
        "a[a-z]",
        "a{b,.b}",
        "{a,x.xml}",
        "{a/b,a}",
        "é",
        "?",
        "??",
        "a+b",
        "a(b)",
        "a|b",
        "a$",
        "^a",
        "*.*",
        "a[[]b",
        "[a^]b",
        "a[^^]b",
        "a[-^]b",
        "{,a}b",
        "a[,-.]b",
        "dist/",
        "./a",
        "a{b}",
        "a.b*",
    ] {
        check(pattern, &paths);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pattern_finds_what_its_glob_finds(
        pattern in "([ab./*?^$+(){},-]|\\[!?[ab^.-]{1,3}\\]|\\*\\*/|/\\*\\*){1,8}",
        paths in prop::collection::vec("[ab.^$+(){},-]{1,3}(/[ab.^-]{1,3}){0,2}", 30),
    ) {
        check(&pattern, &paths);
    }
}
