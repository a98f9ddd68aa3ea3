use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const ZERO: &str = "0000000000000000000000000000000000000000";

#[allow(
    clippy::needless_pass_by_value,
    reason = "an expectation is written where it is used"
)]
fn check(event: &str, body: &str, expected: Expect) {
    let text = match read(event, body) {
        Ok(Read::Asks(asked)) => format!(
            "{:?}\n{} of {}, rules of {}, before {}\nsent by {:?}",
            asked.trigger,
            asked.commit.as_ref().map_or("the head", CommitSha::short),
            asked.reference,
            asked.rules.as_ref().map_or("the head", CommitSha::short),
            asked.before.as_ref().map_or("nothing", CommitSha::short),
            asked.sender.map(|sender| sender.0),
        ),
        Ok(Read::Ignored { reason }) => format!("ignored: {reason}"),
        // The parser's column is left out: it depends on the features that the parser was built with.
        Err(error) => {
            let text = error.to_string();
            format!("error: {}", text.split(" at line").next().unwrap_or(&text))
        }
    };
    expected.assert_eq(&text);
}

fn push(reference: &str, before: &str, after: &str) -> String {
    format!(
        r#"{{"ref":"{reference}","before":"{before}","after":"{after}","deleted":false,"forced":true,
            "repository":{{"id":7,"name":"shop","full_name":"acme/shop"}},"sender":{{"id":3,"login":"ana"}}}}"#
    )
}

fn pull_request(action: &str, head_repository: &str) -> String {
    format!(
        r#"{{"action":"{action}","number":5,"repository":{{"id":7}},"sender":{{"id":3}},"pull_request":{{
            "head":{{"ref":"fix/a","sha":"{A}","repo":{head_repository}}},
            "base":{{"ref":"main","sha":"{B}","repo":{{"id":7}}}}}}}}"#
    )
}

#[test]
fn pushes() {
    check(
        "push",
        &push("refs/heads/feature/x", B, A),
        expect![[r#"
        Push { branch: "feature/x" }
        aaaaaaa of refs/heads/feature/x, rules of aaaaaaa, before bbbbbbb
        sent by Some(3)"#]],
    );
    check(
        "push",
        &push("refs/tags/v1.0", ZERO, A),
        expect![[r#"
        Tag { tag: "v1.0" }
        aaaaaaa of refs/tags/v1.0, rules of aaaaaaa, before nothing
        sent by Some(3)"#]],
    );
    check(
        "push",
        &push("refs/heads/main", A, ZERO),
        expect!["ignored: refs/heads/main was deleted"],
    );
    check(
        "push",
        &push("refs/notes/x", B, A),
        expect!["ignored: refs/notes/x is neither a branch nor a tag"],
    );
}

#[test]
fn sec_04_a_pull_request_runs_by_the_rules_of_its_base() {
    check(
        "pull_request",
        &pull_request("opened", r#"{"id":7}"#),
        expect![[r#"
        PullRequest { number: 5, base: "main", head: "fix/a" }
        aaaaaaa of refs/heads/fix/a, rules of bbbbbbb, before bbbbbbb
        sent by Some(3)"#]],
    );
    check(
        "pull_request",
        &pull_request("labeled", r#"{"id":7}"#),
        expect!["ignored: nothing follows from a pull request that was labeled"],
    );
}

#[test]
fn sec_03_code_of_a_fork_is_that_of_a_stranger_whatever_its_branch_is_called() {
    for head_repository in [r#"{"id":70}"#, "null"] {
        let body = pull_request("opened", head_repository);
        let Ok(Read::Asks(asked)) = read("pull_request", &body) else {
            panic!()
        };
        assert_eq!(asked.reference, "refs/pull/5/head");
        assert!(asked.stranger.is_some(), "{asked:?}");
    }
    let Ok(Read::Asks(own)) = read("pull_request", &pull_request("opened", r#"{"id":7}"#)) else {
        panic!()
    };
    assert_eq!((own.stranger, &*own.reference), (None, "refs/heads/fix/a"));
}

#[test]
fn sec_15_refs_and_commits_follow_gits_grammar() {
    check(
        "push",
        &push("refs/heads/--upload-pack=x", B, A),
        expect!["error: `refs/heads/--upload-pack=x` is not a ref that git allows"],
    );
    check(
        "push",
        &push("refs/heads/main", B, "-b"),
        expect!["error: `-b` is not a full commit name"],
    );
    for bad in [
        "main",
        "refs/heads/",
        "refs/heads/a..b",
        "refs/heads/a b",
        "refs/heads/.x",
        "refs/heads/a.lock",
        "refs/heads/a@{1}",
        "refs/heads/x\u{7}",
    ] {
        assert!(!is_reference(bad), "{bad}");
    }
    assert!(is_reference("refs/heads/feature/größe-1.2"));
}

#[test]
fn sec_21_a_body_under_another_name_is_refused_or_ignored() {
    check(
        "pull_request",
        &push("refs/heads/main", B, A),
        expect![
            "error: the body of `pull_request` is not what GitHub documents: missing field `action`"
        ],
    );
    check(
        "issues",
        &push("refs/heads/main", B, A),
        expect!["ignored: nothing follows from the event `issues`"],
    );
}

#[test]
fn sec_04_a_repeated_pull_request_stays_one_and_keeps_the_rules_of_its_base() {
    let wish = |rules: Option<CommitSha>| ManualBody {
        repository: RepositoryId(7),
        reference: "refs/heads/fix/a".to_owned(),
        commit: A.to_owned(),
        trigger: Some(Trigger::PullRequest {
            number: 5,
            base: "main".to_owned(),
            head: "fix/a".to_owned(),
        }),
        rules,
        before: Some(CommitSha::new(B)),
        repeats: Some(RunId::new("0a1b2c3d4e5f")),
        sender: Some(PersonId(3)),
        reason: "again".to_owned(),
    };
    check(
        MANUAL_EVENT,
        &serde_json::to_string(&wish(Some(CommitSha::new(B)))).unwrap(),
        expect![[r#"
        PullRequest { number: 5, base: "main", head: "fix/a" }
        aaaaaaa of refs/heads/fix/a, rules of bbbbbbb, before bbbbbbb
        sent by Some(3)"#]],
    );
    check(
        MANUAL_EVENT,
        &serde_json::to_string(&wish(None)).unwrap(),
        expect!["error: a pull request is repeated, and not by the rules of its base"],
    );
    // As the wishes were before they named what they repeat.
    let old = format!(
        r#"{{"repository":7,"reference":"refs/heads/main","commit":"{A}","sender":null,"reason":"x"}}"#
    );
    check(
        MANUAL_EVENT,
        &old,
        expect![[r#"
        Manual { branch: "main" }
        aaaaaaa of refs/heads/main, rules of aaaaaaa, before nothing
        sent by None"#]],
    );
}

#[test]
fn a_head_that_was_missed_is_handed_in_as_a_push_and_once() {
    let head = MissedHead {
        repository: RepositoryId(7),
        reference: "refs/heads/main".to_owned(),
        before: Some(CommitSha::new(B)),
        commit: CommitSha::new(A),
        sender: Some(PersonId(3)),
    };
    check(
        PUSH_EVENT,
        &head.body(),
        expect![[r#"
        Push { branch: "main" }
        aaaaaaa of refs/heads/main, rules of aaaaaaa, before bbbbbbb
        sent by Some(3)"#]],
    );
    let bare = MissedHead {
        before: None,
        sender: None,
        ..head.clone()
    };
    check(
        PUSH_EVENT,
        &bare.body(),
        expect![[r#"
        Push { branch: "main" }
        aaaaaaa of refs/heads/main, rules of aaaaaaa, before nothing
        sent by None"#]],
    );
    assert_eq!(head.guid(), bare.guid());
    let others = [
        MissedHead {
            repository: RepositoryId(8),
            ..head.clone()
        },
        MissedHead {
            reference: "refs/heads/side".to_owned(),
            ..head.clone()
        },
        MissedHead {
            commit: CommitSha::new(B),
            ..head.clone()
        },
    ];
    for other in others {
        assert_ne!(head.guid(), other.guid());
    }
}

proptest! {
    #[test]
    fn no_body_is_a_panic(event in "push|pull_request|slipway_schedule|slipway_manual", body in ".{0,200}") {
        let _outcome = read(&event, &body).is_ok();
    }
}
