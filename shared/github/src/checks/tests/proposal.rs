//! Purpose: a pull request that changes the pipeline file says what it would become, and that it does not hold yet.

use domain::run::Proposal;

use super::*;

fn proposing(mistakes: &[&str], diff: &str) -> Run {
    let mut run = two_jobs();
    let opening = run.opening.as_mut().unwrap();
    opening.trigger = Trigger::PullRequest {
        number: 5,
        base: "main".to_owned(),
        head: "fix".to_owned(),
    };
    opening.proposal = Some(Proposal {
        rules: CommitSha::new("b".repeat(40)),
        mistakes: mistakes.iter().map(|text| (*text).to_owned()).collect(),
        diff: diff.to_owned(),
    });
    run
}

fn summary(run: &Run) -> String {
    view(run, "https://ci.example.org").checks[0]
        .summary
        .clone()
}

fn section(run: &Run) -> String {
    let summary = summary(run);
    summary.split("\n\n| Job").next().unwrap().to_owned()
}

#[test]
fn what_it_changes_is_shown_as_a_difference() {
    let run = proposing(&[], "@@ -1 +1 @@\n-version: 1\n+version: 1 # one\n");
    expect![[r#"
        ### Pipeline file

        What runs is the version of main at bbbbbbb. The one of this pull request is another: it changes the file, or its branch is behind. Its own version has no mistakes.

        ```diff
        @@ -1 +1 @@
        -version: 1
        +version: 1 # one
        ```"#]]
    .assert_eq(&section(&run));
}

#[test]
fn mistakes_are_listed_and_no_text_of_it_leaves_its_place() {
    let run = proposing(
        &["line 2: `steps` is not @acme's word"],
        "@@ -1 +1 @@\n-a\n+````\n+[x](https://evil.example)\n",
    );
    expect![[r#"
        ### Pipeline file

        What runs is the version of main at bbbbbbb. The one of this pull request is another: it changes the file, or its branch is behind. Its own version cannot be used:

        - line 2: \`steps\` is not @(parted)acme's word

        `````diff
        @@ -1 +1 @@
        -a
        +````
        +[x](https://evil.example)
        `````"#]]
    .assert_eq(&section(&run).replace('\u{200b}', "(parted)"));
}

#[test]
fn a_fork_that_waits_shows_it_to_whoever_reads_before_releasing() {
    let mut run = proposing(&[], "@@ -1 +1 @@\n-a\n+b\n");
    run.opening.as_mut().unwrap().awaits_trust = true;
    let summary = summary(&run);
    assert!(summary.contains("/ok-to-test"), "{summary}");
    assert!(
        summary.ends_with("```diff\n@@ -1 +1 @@\n-a\n+b\n```"),
        "{summary}"
    );
}

#[test]
fn a_pull_request_that_leaves_it_alone_says_nothing() {
    assert!(!summary(&two_jobs()).contains("Pipeline file"));
}
