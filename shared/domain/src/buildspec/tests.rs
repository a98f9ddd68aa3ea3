//! Purpose: tests of the compiled form. That it does what it says is tested by running it: see the CodeBuild simulator.

use expect_test::{Expect, expect};

use super::*;
use crate::ids::Digest;
use crate::plan::{Gate, ReportKind};
use crate::release::{ArtifactFile, digest_of};

/// A job with these commands and nothing else.
fn with<T>(run: &[&str], change: impl FnOnce(&mut Owned), then: impl FnOnce(Job<'_>) -> T) -> T {
    let mut owned = Owned {
        run: run.iter().map(|command| (*command).to_owned()).collect(),
        ..Owned::default()
    };
    change(&mut owned);
    then(Job {
        run: &owned.run,
        env: &owned.env,
        facts: &owned.facts,
        timeout_seconds: 600,
        inputs: &owned.inputs,
        artifacts: &owned.artifacts,
        reports: &owned.reports,
        cache: &owned.cache,
        cache_scope: Some("c0ffee"),
    })
}

#[derive(Default)]
struct Owned {
    run: Vec<String>,
    env: BTreeMap<String, String>,
    facts: BTreeMap<String, String>,
    inputs: Vec<Artifact>,
    artifacts: Vec<ArtifactSpec>,
    reports: Vec<ReportSpec>,
    cache: Vec<CacheSpec>,
}

fn check(run: &[&str], change: impl FnOnce(&mut Owned), expected: &Expect) {
    let text = with(run, change, |job| compile(&job)).unwrap();
    let mut spec: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut shown = String::new();
    let variables = spec["env"]["variables"].as_object_mut().unwrap();
    for (name, value) in std::mem::take(variables) {
        let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
        let decoded = String::from_utf8(bytes).unwrap();
        if name == "SLIPWAY_PROGRAM" {
            assert_eq!(decoded, PROGRAM);
        } else {
            write!(shown, "--- {name}\n{decoded}").unwrap();
        }
    }
    let rest = serde_json::to_string_pretty(&spec).unwrap();
    expected.assert_eq(&format!("{rest}\n{shown}"));
}

fn artifact(name: &str, path: &str) -> Artifact {
    let files = vec![ArtifactFile {
        path: path.to_owned(),
        digest: Digest::of(b"hello"),
        len: 5,
        executable: true,
    }];
    Artifact {
        name: name.to_owned(),
        digest: digest_of(&files),
        files,
    }
}

#[test]
fn the_smallest_step() {
    check(
        &["make test"],
        |_| {},
        &expect![[r#"
            {
              "artifacts": {
                "base-directory": "slipway-out",
                "files": [
                  "**/*"
                ]
              },
              "env": {
                "variables": {}
              },
              "phases": {
                "build": {
                  "commands": [
                    "env -u SLIPWAY_CLAIM sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway step 600 10"
                  ]
                },
                "post_build": {
                  "commands": [
                    "sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway collect 10000 500"
                  ]
                },
                "pre_build": {
                  "commands": [
                    "sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway prepare",
                    "sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway claim 9",
                    "unset SLIPWAY_CLAIM"
                  ],
                  "on-failure": "ABORT"
                }
              },
              "version": 0.2
            }
            --- SLIPWAY_ENV
            with_variables() {
              go \
                'CI=true' \
                'TERM=dumb' \
                "$@"
            }
            --- SLIPWAY_JOB
            --- SLIPWAY_STEP
            make test
        "#]],
    );
}

#[test]
fn everything_that_a_job_declares_is_quoted() {
    let declare = |job: &mut Owned| {
        job.env = BTreeMap::from([("GREETING".to_owned(), "it's $(id) `id` \"\n".to_owned())]);
        job.facts = BTreeMap::from([("SLIPWAY_BRANCH".to_owned(), "main'; id; '".to_owned())]);
        job.inputs = vec![artifact("bundle", "it's/$(id).sh")];
        job.artifacts = vec![ArtifactSpec {
            name: "bundle".to_owned(),
            paths: vec!["dist/**".to_owned(), "it's.txt".to_owned()],
        }];
        job.reports = vec![ReportSpec {
            kind: ReportKind::Junit,
            path: "out/*.xml".to_owned(),
            gate: Gate::default(),
        }];
        job.cache = vec![CacheSpec {
            key: "go-${hash:go.sum}-1'".to_owned(),
            paths: vec!["./vendor/".to_owned()],
        }];
    };
    check(
        &["echo \"$SLIPWAY_BRANCH\"", "cat <<'EOF'\n$(id)\nEOF"],
        declare,
        &expect![[r#"
            {
              "artifacts": {
                "base-directory": "slipway-out",
                "files": [
                  "**/*"
                ]
              },
              "cache": {
                "key": "c0ffee",
                "paths": [
                  "slipway-cache/**/*"
                ]
              },
              "env": {
                "variables": {}
              },
              "phases": {
                "build": {
                  "commands": [
                    "env -u SLIPWAY_CLAIM sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway step 600 10"
                  ]
                },
                "post_build": {
                  "commands": [
                    "sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway collect 10000 500"
                  ]
                },
                "pre_build": {
                  "commands": [
                    "sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway prepare",
                    "sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway claim 9",
                    "unset SLIPWAY_CLAIM"
                  ],
                  "on-failure": "ABORT"
                }
              },
              "version": 0.2
            }
            --- SLIPWAY_ENV
            with_variables() {
              go \
                'CI=true' \
                'GREETING=it'\''s $(id) `id` "
            ' \
                'SLIPWAY_BRANCH=main'\''; id; '\''' \
                'TERM=dumb' \
                "$@"
            }
            --- SLIPWAY_JOB
            input '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' 'x' 'bundle/it'\''s/$(id).sh'
            artifact 0 'bundle' '^(dist/.*|dist/.*|it'\''s[.]txt|it'\''s[.]txt/.*)$' 'dist/**, it'\''s.txt'
            report 0 '^(out/[^/]*[.]xml|out/[^/]*[.]xml/.*)$' 'out/*.xml'
            key_text 'go-'
            key_hash 'go.sum'
            key_text '-1'\'''
            cached 'vendor'
            --- SLIPWAY_STEP
            echo "$SLIPWAY_BRANCH"
            cat <<'EOF'
            $(id)
            EOF
        "#]],
    );
}

#[test]
fn what_can_never_run_is_refused_with_a_sentence() {
    let refused =
        |run: &[&str], change: fn(&mut Owned)| with(run, change, |job| compile(&job)).unwrap_err();
    let mut all = vec![refused(&[], |_| {}), refused(&["a\0b"], |_| {})];
    let env = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    all.push(with(&["x"], |job| job.env = env("A;id", ""), |job| compile(&job)).unwrap_err());
    all.push(
        with(
            &["x"],
            |job| job.facts = env("A", "\0"),
            |job| compile(&job),
        )
        .unwrap_err(),
    );
    for path in ["../x", "/x", ".git/config", "a//b", "a\nb", ""] {
        all.push(
            with(
                &["x"],
                |job| job.inputs = vec![artifact("a", path)],
                |job| compile(&job),
            )
            .unwrap_err(),
        );
    }
    all.push(refused(&["x"], |job| {
        job.inputs = vec![artifact("a", "b")];
        job.inputs[0].files[0].executable = false;
    }));
    all.push(refused(&["x"], |job| {
        job.inputs = vec![artifact("a/b", "c")];
    }));
    all.push(refused(&["x"], |job| {
        job.artifacts = vec![ArtifactSpec {
            name: "a".to_owned(),
            paths: vec!["../*".to_owned()],
        }];
    }));
    all.push(refused(&["x"], |job| {
        job.cache = vec![CacheSpec {
            key: "${hash:../../etc/passwd}".to_owned(),
            paths: Vec::new(),
        }];
    }));
    let long = "x".repeat(MAX_BYTES);
    all.push(with(&[&long], |_| {}, |job| compile(&job)).unwrap_err());
    expect![[r#"
        the step has no commands, or one with a NUL byte
        the step has no commands, or one with a NUL byte
        "A;id" is not the name of an environment variable
        the environment variable A holds a NUL byte
        the artifact `a`, file "../x": the path leads out of it
        the artifact `a`, file "/x": the path leads out of it
        the artifact `a`, file ".git/config": the path leads out of it
        the artifact `a`, file "a//b": the path leads out of it
        the artifact `a`, file "a\nb": the path leads out of it
        the artifact `a`, file "": the path leads out of it
        the artifact `a` is not the one of digest aec542ffb09b
        the artifact "a/b" has no name for a folder
        "../*" is not a path below the checkout
        "../../etc/passwd" does not lie below the checkout
        the commands, variables and inputs of this step take 139 KiB; at most 96 KiB fit into a build on CodeBuild"#]].assert_eq(&all.join("\n"));
}

#[test]
fn a_pattern_becomes_one_expression() {
    let of = |patterns: &[&str]| {
        let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
        expression(&patterns).unwrap_or_else(|why| why)
    };
    let all = [
        of(&["dist"]),
        of(&["./dist/"]),
        of(&["**/*.xml", "a?c"]),
        of(&["a+b (1).t{x,y}t"]),
        of(&["[!a-c]", "[]^-]", "[^^]"]),
        of(&["é*"]),
        of(&["["]),
        of(&["/etc/*"]),
    ];
    expect![[r#"
        ^(dist|dist/.*)$
        ^(dist|dist/.*)$
        ^((/?|.*/)[^/]*[.]xml|(/?|.*/)[^/]*[.]xml/.*|a[^/]c|a[^/]c/.*)$
        ^(a[+]b [(]1[)][.]t(x|y)t|a[+]b [(]1[)][.]t(x|y)t/.*)$
        ^([^abc]|[^abc]/.*|[]^-]|[]^-]/.*|[^^]|[^^]/.*)$
        ^(é[^/]*|é[^/]*/.*)$
        "[" is not a pattern
        "/etc/*" is not a path below the checkout"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn a_claim_is_json_whatever_the_names_are() {
    let prefix = claim_prefix("1/ab/unit (x=\"\\\n)~1", "s3cret");
    let whole: serde_json::Value = serde_json::from_str(&format!("{prefix}\"p:1\"}}")).unwrap();
    assert_eq!(whole["intent"], "1/ab/unit (x=\"\\\n)~1");
    assert_eq!(whole["secret"], "s3cret");
    assert_eq!(whole["build"], "p:1");
    assert!(!prefix.contains('\n'));
}

/// What a shell makes of a word of single quotes and backslashes; `None` where anything else stands in it.
fn word(text: &str) -> Option<String> {
    let (mut read, mut inside) = (String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => inside = !inside,
            other if inside => read.push(other),
            '\\' => read.push(chars.next()?),
            _ => return None,
        }
    }
    (!inside).then_some(read)
}

proptest::proptest! {
    #[test]
    fn a_quoted_text_is_one_word(text in "['\\\\a$` \n]{0,12}|[^\0]{0,40}") {
        proptest::prop_assert_eq!(word(&quote(&text)), Some(text));
    }
}
