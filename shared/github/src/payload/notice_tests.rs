use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

#[allow(
    clippy::needless_pass_by_value,
    reason = "an expectation is written where it is used"
)]
fn check(event: &str, body: &str, expected: Expect) {
    let text = match notice(event, body) {
        Ok(Notice::Ignored { reason }) => format!("ignored: {reason}"),
        Ok(notice) => format!("{notice:?}"),
        // The parser's column is left out: it depends on the features that the parser was built with.
        Err(error) => {
            let text = error.to_string();
            format!("error: {}", text.split(" at line").next().unwrap_or(&text))
        }
    };
    expected.assert_eq(&text);
}

/// The fields of every event, and more of its own.
fn event(more: &str) -> String {
    format!(
        r#"{{"repository":{{"id":7,"full_name":"acme/shop","owner":{{"id":9}}}},"sender":{{"id":3,"type":"User","login":"ana"}},{more}}}"#
    )
}

fn comment(action: &str, user: &str, issue: &str) -> String {
    event(&format!(
        r#""action":"{action}","issue":{issue},"comment":{{"id":11,"user":{user},"body":"/test\r\n","created_at":"2026-01-02T03:04:05Z","author_association":"OWNER"}}"#
    ))
}

const ISSUE: &str = r#"{"number":5,"user":{"id":4}}"#;
const PULL: &str = r#"{"number":5,"user":{"id":4},"pull_request":{"url":"https://evil.example"}}"#;
const BOT: &str = r#"{"id":3,"type":"Bot","login":"ana[bot]"}"#;

#[test]
fn comments() {
    check(
        "issue_comment",
        &comment("created", r#"{"id":3,"type":"User"}"#, PULL),
        expect![[
            r#"Comment(Comment { repository: RepositoryId(7), thread: Pull { number: 5, author: Some(PersonId(4)) }, id: 11, author: Account { id: PersonId(3), kind: User }, sender: Account { id: PersonId(3), kind: User }, login: "ana", body: "/test\r\n", created: 2026-01-02T03:04:05Z })"#
        ]],
    );
    check(
        "issue_comment",
        &comment("created", BOT, ISSUE),
        expect![[
            r#"Comment(Comment { repository: RepositoryId(7), thread: Issue(5), id: 11, author: Account { id: PersonId(3), kind: Bot }, sender: Account { id: PersonId(3), kind: User }, login: "ana", body: "/test\r\n", created: 2026-01-02T03:04:05Z })"#
        ]],
    );
    check(
        "issue_comment",
        &comment(
            "created",
            r#"{"id":3,"type":"Mannequin"}"#,
            r#"{"number":5,"user":null,"pull_request":null}"#,
        ),
        expect![[
            r#"Comment(Comment { repository: RepositoryId(7), thread: Issue(5), id: 11, author: Account { id: PersonId(3), kind: Other }, sender: Account { id: PersonId(3), kind: User }, login: "ana", body: "/test\r\n", created: 2026-01-02T03:04:05Z })"#
        ]],
    );
    check(
        "issue_comment",
        &comment("created", "null", PULL),
        expect!["ignored: the account that wrote the comment is gone"],
    );
}

#[test]
fn sec_27_edited_comments_are_ignored() {
    let user = r#"{"id":3,"type":"User"}"#;
    check(
        "issue_comment",
        &comment("edited", user, PULL),
        expect!["ignored: nothing follows from the action `edited` of a comment"],
    );
    check(
        "issue_comment",
        &comment("deleted", user, PULL),
        expect!["ignored: nothing follows from the action `deleted` of a comment"],
    );
}

#[test]
fn sec_28_what_an_app_writes_in_a_persons_name_is_ignored() {
    let user = r#"{"id":3,"type":"User"}"#;
    let via = |app: &str| {
        let app = format!(r#""performed_via_github_app":{app},"created_at""#);
        comment("created", user, PULL).replace(r#""created_at""#, &app)
    };
    check(
        "issue_comment",
        &via(r#"{"id":8,"slug":"helper"}"#),
        expect!["ignored: an app wrote the comment in the name of its author"],
    );
    assert!(matches!(
        notice("issue_comment", &via("null")),
        Ok(Notice::Comment(_))
    ));
}

/// A command from the delivery to the decision.
#[test]
fn sec_07_a_bot_with_a_persons_name_gives_no_command() {
    use crate::commands::{Facts, Refusal, Standing, authorised, parse};

    let decided = |user: &str| {
        let Ok(Notice::Comment(comment)) = notice("issue_comment", &comment("created", user, PULL))
        else {
            panic!()
        };
        let facts = Facts {
            action: "created",
            sender: comment.sender,
            author: comment.author,
            place: crate::commands::Place::PullRequest,
            pull_author: Some(domain::ids::PersonId(4)),
            standing: Standing::Writer,
            approves: &[],
        };
        let line = parse(&comment.body).remove(0);
        authorised(&line.read.unwrap(), &facts)
    };
    assert_eq!(decided(r#"{"id":3,"type":"User"}"#), Ok(()));
    assert_eq!(
        decided(r#"{"id":33,"type":"User"}"#),
        Err(Refusal::NotItsAuthor)
    );
    assert_eq!(decided(BOT), Err(Refusal::Bot));
}

fn check_run(action: &str, more: &str) -> String {
    event(&format!(
        r#""action":"{action}","check_run":{{"id":21,"head_sha":"{A}","external_id":"intent","app":{{"id":8}}}}{more}"#
    ))
}

#[test]
fn sec_26_buttons_of_checks_name_who_pressed() {
    check(
        "check_run",
        &check_run("rerequested", ""),
        expect![[
            r#"RerunCheck(Check { repository: RepositoryId(7), id: 21, app: Some(8), external: "intent", head: CommitSha("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), sender: Account { id: PersonId(3), kind: User }, login: "ana", pull_requests: [] })"#
        ]],
    );
    let more = r#","requested_action":{"identifier":"approve"}"#;
    check(
        "check_run",
        &check_run("requested_action", more),
        expect![[
            r#"Action { check: Check { repository: RepositoryId(7), id: 21, app: Some(8), external: "intent", head: CommitSha("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), sender: Account { id: PersonId(3), kind: User }, login: "ana", pull_requests: [] }, identifier: "approve" }"#
        ]],
    );
    check(
        "check_run",
        &check_run("requested_action", ""),
        expect!["error: a button of a check was pressed, and it is not said which"],
    );
    check(
        "check_run",
        &check_run("completed", ""),
        expect!["ignored: nothing follows from the action `completed` of a check run"],
    );
    let suite = |action: &str, head: &str| {
        event(&format!(
            r#""action":"{action}","check_suite":{{"id":22,"head_sha":"{head}","app":null}}"#
        ))
    };
    check(
        "check_suite",
        &suite("rerequested", A),
        expect![[
            r#"RerunSuite(Check { repository: RepositoryId(7), id: 22, app: None, external: "", head: CommitSha("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), sender: Account { id: PersonId(3), kind: User }, login: "ana", pull_requests: [] })"#
        ]],
    );
    check(
        "check_suite",
        &suite("rerequested", "-b"),
        expect!["error: `-b` is not a full commit name"],
    );
    check(
        "check_suite",
        &suite("requested", A),
        expect!["ignored: nothing follows from the action `requested` of a check suite"],
    );
    let nobody = check_run("rerequested", "").replace("sender", "somebody");
    check(
        "check_run",
        &nobody,
        expect![
            "error: the body of `check_run` is not what GitHub documents: missing field `sender`"
        ],
    );
}

#[test]
fn sec_15_refs_follow_gits_grammar() {
    let named = |kind: &str, name: &str| event(&format!(r#""ref":"{name}","ref_type":"{kind}""#));
    check(
        "create",
        &named("tag", "v1"),
        expect![[
            r#"TagCreated { repository: RepositoryId(7), tag: "v1", sender: Account { id: PersonId(3), kind: User } }"#
        ]],
    );
    check(
        "create",
        &named("tag", "--x"),
        expect!["error: `refs/tags/--x` is not a ref that git allows"],
    );
    check(
        "create",
        &named("branch", "main"),
        expect!["ignored: of a new branch its push says all"],
    );
    check(
        "delete",
        &named("tag", "v1"),
        expect![[
            r#"RefDeleted { repository: RepositoryId(7), reference: "refs/tags/v1", sender: Account { id: PersonId(3), kind: User } }"#
        ]],
    );
    check(
        "delete",
        &named("branch", "fix/a"),
        expect![[
            r#"RefDeleted { repository: RepositoryId(7), reference: "refs/heads/fix/a", sender: Account { id: PersonId(3), kind: User } }"#
        ]],
    );
    check(
        "delete",
        &named("branch", "a..b"),
        expect!["error: `refs/heads/a..b` is not a ref that git allows"],
    );
    check(
        "delete",
        &named("repository", "x"),
        expect!["ignored: nothing follows from a repository that was deleted"],
    );
    let group = |action: &str, reference: &str| {
        event(&format!(
            r#""action":"{action}","merge_group":{{"head_sha":"{A}","head_ref":"{reference}","base_sha":"{B}","base_ref":"refs/heads/main"}}"#
        ))
    };
    let reference = "refs/heads/gh-readonly-queue/main/pr-5-b";
    check(
        "merge_group",
        &group("checks_requested", reference),
        expect![[
            r#"MergeGroup(MergeGroup { repository: RepositoryId(7), head: CommitSha("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), reference: "refs/heads/gh-readonly-queue/main/pr-5-b", base: CommitSha("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"), onto: "refs/heads/main", sender: Some(PersonId(3)) })"#
        ]],
    );
    check(
        "merge_group",
        &group("checks_requested", "main"),
        expect!["error: `main` is not a ref that git allows"],
    );
    check(
        "merge_group",
        &group("destroyed", reference),
        expect![[
            r#"MergeGroupEnded(MergeGroup { repository: RepositoryId(7), head: CommitSha("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), reference: "refs/heads/gh-readonly-queue/main/pr-5-b", base: CommitSha("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"), onto: "refs/heads/main", sender: Some(PersonId(3)) })"#
        ]],
    );
}

#[test]
fn sec_49_what_becomes_of_repositories() {
    let installation = |action: &str| {
        format!(
            r#"{{"action":"{action}","installation":{{"id":31,"account":{{"id":9}}}},"repositories":[{{"id":7}},{{"id":8}}],"sender":{{"id":3,"type":"User"}}}}"#
        )
    };
    check(
        "installation",
        &installation("created"),
        expect![
            "Installed { installation: 31, account: 9, repositories: [RepositoryId(7), RepositoryId(8)], sender: Account { id: PersonId(3), kind: User } }"
        ],
    );
    check(
        "installation",
        &installation("deleted"),
        expect![
            "Uninstalled { installation: 31, repositories: [RepositoryId(7), RepositoryId(8)] }"
        ],
    );
    check(
        "installation",
        &installation("suspend"),
        expect!["ignored: nothing follows from the action `suspend` of an installation"],
    );
    check(
        "installation_repositories",
        r#"{"action":"removed","installation":{"id":31},"repositories_added":[],"repositories_removed":[{"id":7}]}"#,
        expect!["RepositoriesChanged { installation: 31, added: [], removed: [RepositoryId(7)] }"],
    );
    for (action, expected) in [
        (
            "renamed",
            expect![[r#"RepositoryRenamed { repository: RepositoryId(7), name: "acme/shop" }"#]],
        ),
        (
            "transferred",
            expect![[
                r#"RepositoryTransferred { repository: RepositoryId(7), name: "acme/shop", owner: 9 }"#
            ]],
        ),
        (
            "deleted",
            expect!["RepositoryDeleted { repository: RepositoryId(7) }"],
        ),
        (
            "archived",
            expect!["ignored: nothing follows from the action `archived` of a repository"],
        ),
    ] {
        check(
            "repository",
            &event(&format!(r#""action":"{action}""#)),
            expected,
        );
    }
    check(
        "ping",
        r#"{"zen":"x","hook_id":41}"#,
        expect!["Pong { hook: 41 }"],
    );
}

#[test]
fn sec_21_events_of_our_own_are_not_taken_from_github() {
    let tick = r#"{"repository":7,"name":"nightly","branch":"main","due":"2026-01-02T03:04:05Z"}"#;
    assert!(matches!(read("slipway_schedule", tick), Ok(Read::Asks(_))));
    check(
        "slipway_schedule",
        tick,
        expect!["ignored: nothing follows from the event `slipway_schedule`"],
    );
    check(
        "issues",
        "{}",
        expect!["ignored: nothing follows from the event `issues`"],
    );
    check(
        "ping",
        &comment("created", BOT, PULL),
        expect!["error: the body of `ping` is not what GitHub documents: missing field `hook_id`"],
    );
    check(
        "issue_comment",
        r#"{"action":"created"}"#,
        expect![
            "error: the body of `issue_comment` is not what GitHub documents: missing field `issue`"
        ],
    );
}

proptest! {
    #[test]
    fn no_body_is_a_panic(
        event in "push|pull_request|issue_comment|check_run|check_suite|create|delete|merge_group|installation|repository|ping",
        body in ".{0,200}",
    ) {
        let _outcome = notice(&event, &body).is_ok();
    }
}
