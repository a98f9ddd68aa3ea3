//! Purpose: checks of the parts of a file against each other, one story each.

use expect_test::{Expect, expect};

use crate::pipeline::lint;

/// What is said about these lines under `version: 1`.
fn check(lines: &str, expected: &Expect) {
    let found: String = lint(&format!("version: 1\n{lines}"))
        .iter()
        .map(|d| {
            let help = d.help.as_deref().unwrap_or("-");
            format!(
                "{}:{}+{} {}: {} ({help})\n",
                d.line, d.column, d.length, d.code, d.message
            )
        })
        .collect();
    expected.assert_eq(&found);
}

#[test]
fn needs_name_other_jobs() {
    check(
        "jobs:\n  build: { run: x, needs: [build] }\n  test: { run: x, needs: [biuld, build, build, nothing] }\n",
        &expect![[r#"
            3:28+5 self-need: `build` needs itself (-)
            4:27+5 unknown-need: there is no job `biuld` (did you mean `build`? jobs of this file: `build`, `test`)
            4:41+5 duplicate-item: `build` is twice in `needs` (-)
            4:48+7 unknown-need: there is no job `nothing` (jobs of this file: `build`, `test`)
        "#]],
    );
}

#[test]
fn circles_are_named_once_each() {
    check(
        "jobs:\n  a: { run: x, needs: [c] }\n  b: { run: x, needs: [a] }\n  c: { run: x, needs: [b] }\n  \
         d: { run: x, needs: [a] }\n  e: { run: x, needs: [f] }\n  f: { run: x, needs: [e] }\n",
        &expect![[r#"
            3:24+1 needs-cycle: circle: `a` needs `c` needs `b` needs `a` (none of these can ever start: take one of the references out)
            7:24+1 needs-cycle: circle: `e` needs `f` needs `e` (none of these can ever start: take one of the references out)
        "#]],
    );
}

#[test]
fn a_matrix_is_bounded() {
    let many = (0..9).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    check(
        &format!("jobs:\n  a:\n    run: x\n    matrix: {{ a: [{many}], b: [{many}] }}\n"),
        &expect![[r#"
            5:13+1 too-many-cells: the matrix has 81 combinations, more than 64 (take values out; `exclude` does not help, all combinations count)
        "#]],
    );
    let cells = (0..60)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    let jobs: String = (0..5)
        .map(|n| format!("  j{n}: {{ run: x, matrix: {{ a: [{cells}] }} }}\n"))
        .collect();
    check(
        &format!("jobs:\n{jobs}"),
        &expect![[r#"
        7:3+2 too-many-jobs: here the file has more than 256 jobs (every cell of a matrix counts as a job)
    "#]],
    );
}

#[test]
fn include_and_exclude_fit_the_axes() {
    check(
        "jobs:\n  a:\n    run: x\n    matrix:\n      go: [1.24, 1.25]\n      os: [linux]\n      \
         exclude: [{ goo: 1.24 }, { go: 1.23 }]\n      include: [{ go: 1.26 }, { os: linux, go: 1.24 }]\n  \
         b: { run: x, matrix: { go: [1, \"1\"] } }\n  c: { run: x, matrix: { go: [1], exclude: [{ go: 1 }] } }\n",
        &expect![[r#"
            8:19+3 unknown-axis: `goo` is not an axis of this matrix (did you mean `go`? its axes: `go`, `os`)
            8:32+1 excludes-nothing: no combination has `go=1.23` (values are compared as they are written: `1.20` is not `1.2`)
            9:17+1 missing-axis: this entry says nothing about the axis `os` (an entry of `include` is one more cell, with a value for every axis)
            9:31+1 duplicate-cell: `go=1.24, os=linux` is in the matrix already (-)
            10:34+3 same-text: `1` is twice in `go` (-)
            11:24+1 matrix-without-cells: nothing is left of this matrix, so its job would never run (-)
        "#]],
    );
}

#[test]
fn gates_fit_their_reports() {
    check(
        "jobs:\n  a:\n    run: x\n    reports:\n      - { kind: sarif, path: x, gate: { max_failed: 0, max_new: 0 } }\n",
        &expect![[r#"
            6:41+10 gate-of-other-report: `max_failed` says nothing about a report of kind `sarif` (for this kind: `max_new`, `max_findings`)
        "#]],
    );
}

#[test]
fn names_are_given_once() {
    check(
        "on: { schedule: [{ name: n, cron: \"0 3 * * *\", branch: main }, { name: n, cron: \"0 4 * * *\", branch: main }] }\n\
         jobs:\n  a: { run: x, artifacts: [{ name: p, paths: [x] }] }\n  b: { run: x, artifacts: [{ name: p, paths: [x] }] }\n",
        &expect![[r#"
            2:72+1 duplicate-schedule: `n` is the name of another schedule (the other is in line 2)
            5:36+1 duplicate-artifact: `p` is the name of another artifact (the other is in line 4)
        "#]],
    );
}

#[test]
fn environments_come_after_environments_that_they_can_meet() {
    check(
        "jobs: { a: { run: x } }\nenvironments:\n  \
         one: { branches: [main], deploy: { run: x } }\n  \
         two: { after: oen, deploy: { run: x } }\n  \
         three: { after: one, branches: [\"release-*\"], tags: [\"v*\"], deploy: { run: x } }\n  \
         four: { after: one, branches: [\"m*\"], deploy: { run: x } }\n  \
         five: { after: six, deploy: { run: x } }\n  \
         six: { after: five, deploy: { run: x } }\n  \
         seven: { deploy: { run: x } }\n  \
         eight: { after: four, branches: [dev], deploy: { run: x } }\n  \
         nine: { after: nine, deploy: { run: x } }\n",
        &expect![[r#"
            5:17+3 unknown-after: there is no environment `oen` (did you mean `one`? environments of this file: `one`, `two`, `three`, `four`, `five`, `six`, `seven`, `eight`, `nine`)
            6:34+1 unreachable-environment: no run can reach `three` (it comes after `one`, and the two share no branch and no tag)
            8:18+3 after-cycle: circle: `five` comes after `six` comes after `five` (none of these can ever start: take one of the references out)
            10:3+5 environment-without-branches: `seven` does not say whose runs it takes (add `branches: [main]`, `tags: ["v*"]`, or `after: <environment>`)
            11:35+1 unreachable-environment: no run can reach `eight` (it comes after `four`, and the two share no branch and no tag)
            12:18+4 self-after: `nine` comes after itself (-)
        "#]],
    );
}

#[test]
fn an_approval_can_be_given() {
    check(
        "jobs: { a: { run: x } }\nenvironments:\n  \
         a: { branches: [main], deploy: { run: x }, approval: {} }\n  \
         b: { branches: [main], deploy: { run: x }, approval: { people: [ana], count: 2 } }\n  \
         c: { branches: [main], deploy: { run: x }, approval: { people: [ana], teams: [ops], count: 2 } }\n  \
         d: { branches: [main], deploy: { run: x }, approval: { poeple: [ana], expires: 1m } }\n  \
         e: { branches: [main], deploy: { run: x }, approval: { people: [ana, ana], exclude: [auther] } }\n",
        &expect![[r#"
            4:56+1 empty-approval: nobody can give this approval (name somebody: `people: [ana]` or `teams: [release-approvers]`)
            5:80+1 too-few-approvers: 2 people have to approve, but only one may (name more people or a team, or lower `count`)
            7:58+6 unknown-key: `poeple` is not a key of an approval (did you mean `people`? allowed here: `count`, `exclude`, `expires`, `people`, `teams`)
            7:82+2 duration-out-of-range: `1m` is not between 5m and 30d (-)
            8:72+3 duplicate-item: `ana` is twice in `people` (-)
            8:88+6 unknown-value: `auther` is not a value of `exclude` (did you mean `author`? allowed: `initiator`, `author`)
        "#]],
    );
}

#[test]
fn an_environment_is_seen_at_a_web_address() {
    check(
        "jobs: { a: { run: x } }\nenvironments:\n  \
         a: { branches: [main], url: \"https://shop.example.org\", deploy: { run: x } }\n  \
         b: { branches: [main], url: shop.example.org, deploy: { run: x } }\n  \
         c: { branches: [main], url: \"javascript:alert(1)\", deploy: { run: x } }\n  \
         d: { branches: [main], url: 8080, deploy: { run: x } }\n",
        &expect![[r#"
            5:31+16 bad-text: `shop.example.org` is not a web address (write it in full, without spaces: `https://shop.example.org`)
            6:31+21 bad-text: `javascript:alert(1)` is not a web address (write it in full, without spaces: `https://shop.example.org`)
            7:31+4 wrong-type: `url` must be an address such as `https://shop.example.org`, not a number (a text that looks like something else needs quotes: `"8080"`)
        "#]],
    );
}

#[test]
fn a_freeze_ends() {
    check(
        "jobs: { a: { run: x } }\nenvironments:\n  a:\n    branches: [main]\n    deploy: { run: x }\n    freeze:\n      \
         - { cron: \"0 0 * * *\", for: 24h }\n      - { cron: \"0 0 * * *\", for: 23h }\n      - { cron: \"0 0 * * *\", for: 32d }\n",
        &expect![[r#"
            8:9+1 endless-freeze: this freeze begins again before its 1d are over (shorten `for`, or let `cron` come less often)
            10:35+3 duration-out-of-range: `32d` is not between 1m and 31d (-)
        "#]],
    );
}

#[test]
fn lists_of_exceptions_alone_select_nothing() {
    check(
        "on: { push: { branches: [\"!dev\"] }, tag: [\"!v0*\"] }\njobs: { a: { run: x, if: { branch: [\"!dev\"] } } }\n",
        &expect![[r#"
            2:25+1 only-exceptions: `branches` only says what to leave out, so it selects nothing (say first what is meant: `"**"` is everything)
            2:42+1 only-exceptions: `tag` only says what to leave out, so it selects nothing (say first what is meant: `"**"` is everything)
            3:36+1 only-exceptions: `branch` only says what to leave out, so it selects nothing (say first what is meant: `"**"` is everything)
        "#]],
    );
}
