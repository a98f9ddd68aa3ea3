//! Pull requests as they stand, and how people stand to a repository: asked anew each time, and no more than GitHub says.

use domain::ids::{CommitSha, PersonId, RepositoryId};
use engine::ports::{CommentUpdate, Comments as _, Login, PullRequest, PullRequests as _, Written};
use fake_github::{FakeGitHub, Pull, Role, Route, Trouble};
use github::commands::Standing;
use serde_json::{Value, json};

use super::{SHOP, Scene, malformed, scene, unavailable};

const ANA: u64 = 11;

fn login(id: u64, name: &str) -> Login {
    Login {
        id: PersonId(id),
        name: name.to_owned(),
    }
}

fn pull(number: u64) -> Pull {
    Pull {
        repository: SHOP.0,
        number,
        author: Some(ANA),
        head_branch: "fix/größe".to_owned(),
        head: "a".repeat(40),
        head_repository: Some(SHOP.0),
        base_branch: "main".to_owned(),
        base: "b".repeat(40),
        open: true,
    }
}

async fn shop() -> Scene {
    let scene = scene().await;
    scene.fake.user(ANA, "ana");
    scene
}

async fn standing(scene: &Scene, id: u64, name: &str) -> Standing {
    let who = login(id, name);
    scene.github.standing(SHOP, &who).await.unwrap()
}

#[tokio::test]
async fn a_pull_request_is_read_as_it_stands() {
    let scene = shop().await;
    scene.fake.pull(pull(7));
    let expected = PullRequest {
        number: 7,
        author: Some(login(ANA, "ana")),
        head_branch: "fix/größe".to_owned(),
        head: CommitSha::new("a".repeat(40)),
        head_repository: Some(SHOP),
        base_branch: "main".to_owned(),
        base: CommitSha::new("b".repeat(40)),
        is_open: true,
    };
    let read = async |number| scene.github.pull_request(SHOP, number).await;
    assert_eq!(read(7).await, Ok(Some(expected.clone())));
    // Unchanged, it costs no quota; changed, it is read anew.
    let used = scene.fake.quota_used();
    assert_eq!(read(7).await, Ok(Some(expected.clone())));
    assert_eq!(scene.fake.quota_used(), used);
    let (head, head_repository) = ("c".repeat(40), Some(99));
    scene.fake.pull(Pull {
        head: head.clone(),
        head_repository,
        open: false,
        ..pull(7)
    });
    let forked = PullRequest {
        head: CommitSha::new(head),
        head_repository: Some(RepositoryId(99)),
        is_open: false,
        ..expected.clone()
    };
    assert_eq!(read(7).await, Ok(Some(forked)));
    scene.fake.pull(Pull {
        author: None,
        head_repository: None,
        ..pull(7)
    });
    let orphan = PullRequest {
        author: None,
        head_repository: None,
        ..expected
    };
    assert_eq!(read(7).await, Ok(Some(orphan)));
    // What is left of accounts and forks that were deleted is not described.
    let violations = scene.fake.take_violations();
    assert_eq!(violations.len(), 3, "{violations:#?}");
    assert!(
        violations
            .iter()
            .all(|one| one.contains("null is not of type"))
    );
    // An issue is none, and neither is what is not there.
    scene.fake.issue(SHOP.0, 8, ANA);
    assert_eq!(read(8).await, Ok(None));
    assert_eq!(read(9).await, Ok(None));
}

#[tokio::test]
async fn another_pull_request_than_the_one_asked_for_is_refused() {
    let scene = shop().await;
    scene.fake.pull(pull(7));
    let side = |sha: &str, repository: u64| json!({ "ref": "x", "sha": sha, "repo": { "id": repository } });
    let (sha, short) = ("a".repeat(40), "a".repeat(39));
    let body = |number: u64, head: &str, base: Value| json!({ "number": number, "state": "open", "user": null, "head": side(head, 1), "base": base });
    let bodies = [
        body(8, &sha, side(&sha, SHOP.0)),
        body(7, &sha, side(&sha, SHOP.0 + 1)),
        body(7, &short, side(&sha, SHOP.0)),
        body(7, &sha, side("main", SHOP.0)),
        body(7, &sha, json!({ "ref": "x", "sha": sha, "repo": null })),
        json!({}),
    ];
    for body in bodies {
        let trouble = Trouble::Body(body.to_string());
        scene.fake.trouble(Route::PullRequest, [trouble]);
        malformed(scene.github.pull_request(SHOP, 7).await);
    }
}

#[tokio::test]
async fn sec_17_the_token_for_this_may_read_pull_requests_and_nothing_else() {
    let scene = shop().await;
    scene.fake.pull(pull(7));
    scene.github.pull_request(SHOP, 7).await.unwrap();
    standing(&scene, ANA, "ana").await;
    let permissions = vec!["metadata:read".to_owned(), "pull_requests:read".to_owned()];
    assert_eq!(scene.fake.granted(), [([SHOP.0].into(), permissions)]);
}

#[tokio::test]
async fn what_somebody_was_let_in_as_says_how_they_stand() {
    let scene = shop().await;
    let rows = [
        (Some(Role::Admin), Standing::Writer),
        (Some(Role::Maintain), Standing::Writer),
        (Some(Role::Write), Standing::Writer),
        (Some(Role::Triage), Standing::Member),
        (Some(Role::Read), Standing::Member),
        (None, Standing::Outsider),
    ];
    for public in [false, true] {
        if public {
            scene.fake.publish(SHOP.0);
        }
        // Everybody reads a public repository, and is a stranger all the same.
        for (role, expected) in rows {
            scene.fake.admit(SHOP.0, ANA, role);
            let found = standing(&scene, ANA, "ana").await;
            assert_eq!(found, expected, "{role:?} {public}");
            assert_eq!(standing(&scene, ANA, "ANA").await, expected);
        }
    }
    assert_eq!(standing(&scene, 12, "nobody").await, Standing::Outsider);
}

#[tokio::test]
async fn sec_12_who_was_removed_is_an_outsider_at_once() {
    let scene = shop().await;
    scene.fake.admit(SHOP.0, ANA, Some(Role::Admin));
    assert_eq!(standing(&scene, ANA, "ana").await, Standing::Writer);
    scene.fake.admit(SHOP.0, ANA, None);
    assert_eq!(standing(&scene, ANA, "ana").await, Standing::Outsider);
    // An unchanged answer is GitHub's own word of now, and costs nothing.
    scene.fake.admit(SHOP.0, ANA, Some(Role::Write));
    standing(&scene, ANA, "ana").await;
    let (used, asked) = (scene.fake.quota_used(), scene.fake.calls(Route::Permission));
    assert_eq!(standing(&scene, ANA, "ana").await, Standing::Writer);
    assert_eq!(scene.fake.quota_used(), used);
    assert_eq!(scene.fake.calls(Route::Permission), asked + 1);
    // Where it cannot be asked, what was known counts for nothing.
    scene
        .fake
        .trouble(Route::Permission, [Trouble::Status(503)]);
    unavailable(scene.github.standing(SHOP, &login(ANA, "ana")).await);
}

#[tokio::test]
async fn sec_07_a_name_that_changed_hands_gives_no_rights() {
    let scene = shop().await;
    scene.fake.admit(SHOP.0, ANA, Some(Role::Admin));
    assert_eq!(standing(&scene, ANA, "ana").await, Standing::Writer);
    // Ana is called otherwise now, and somebody else has taken her name.
    scene.fake.user(ANA, "ana-maria");
    scene.fake.user(13, "ana");
    assert_eq!(standing(&scene, ANA, "ana").await, Standing::Outsider);
    assert_eq!(standing(&scene, 13, "ana").await, Standing::Outsider);
    // And the other way: an admin's name does not help who is somebody else.
    assert_eq!(standing(&scene, 13, "ana-maria").await, Standing::Outsider);
    assert_eq!(standing(&scene, ANA, "ana-maria").await, Standing::Writer);
}

#[tokio::test]
async fn sec_15_what_is_no_name_of_a_person_is_never_asked_for() {
    let scene = shop().await;
    scene.fake.admit(SHOP.0, ANA, Some(Role::Admin));
    let long = "x".repeat(40);
    let hostile = [
        "../x",
        "..",
        ".",
        "a%2Fb",
        "a/b",
        "x?y",
        "x#y",
        "",
        &long,
        "ana ",
        "ana\n",
        "änä",
        "renovate[bot]",
        "ana/permission?",
    ];
    for name in hostile {
        assert_eq!(
            standing(&scene, ANA, name).await,
            Standing::Outsider,
            "{name}"
        );
    }
    assert_eq!(scene.fake.all_calls(), 0);
    let managed = "x".repeat(30) + "-1_acmecorp".get(..9).unwrap_or_default();
    scene.fake.user(14, &managed);
    scene.fake.admit(SHOP.0, 14, Some(Role::Write));
    assert_eq!(managed.len(), 39);
    assert_eq!(standing(&scene, 14, &managed).await, Standing::Writer);
}

#[tokio::test]
async fn sec_02_what_github_does_not_say_is_never_more_rights() {
    let scene = shop().await;
    scene.fake.admit(SHOP.0, ANA, Some(Role::Read));
    let ana = login(ANA, "ana");
    let ask = async || scene.github.standing(SHOP, &ana).await;
    let answer = |permission: &str, user: Value| {
        let body = json!({ "permission": permission, "role_name": "admin", "user": user });
        Trouble::Body(body.to_string())
    };
    for (permission, user) in [
        ("owner", json!({ "id": ANA })),
        ("ADMIN", json!({ "id": ANA })),
        ("", json!({ "id": ANA })),
        ("admin", Value::Null),
    ] {
        scene
            .fake
            .trouble(Route::Permission, [answer(permission, user)]);
        assert_eq!(ask().await, Ok(Standing::Unknown), "{permission}");
    }
    for body in [
        "{}",
        "[]",
        "x",
        r#"{"permission":"admin","user":{"id":"11"}}"#,
    ] {
        let trouble = Trouble::Body(body.to_owned());
        scene.fake.trouble(Route::Permission, [trouble]);
        malformed(ask().await);
    }
    for route in [Route::Permission, Route::Collaborator] {
        scene.fake.trouble(route, [Trouble::Status(502)]);
        unavailable(ask().await);
        scene.fake.trouble(route, [Trouble::Status(403)]);
        malformed(ask().await);
        let elsewhere = format!("{}/x", scene.fake.codeload());
        scene.fake.trouble(route, [Trouble::Redirect(elsewhere)]);
        malformed(ask().await);
        scene.fake.trouble(route, [Trouble::Status(404)]);
        assert_eq!(ask().await, Ok(Standing::Outsider));
    }
    // Only 204 says yes.
    let trouble = Trouble::Body("{}".to_owned());
    scene.fake.trouble(Route::Collaborator, [trouble]);
    assert_eq!(ask().await, Ok(Standing::Unknown));
    assert_eq!(ask().await, Ok(Standing::Member));
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_here_too() {
    let scene = shop().await;
    scene.fake.admit(SHOP.0, ANA, Some(Role::Read));
    let ana = login(ANA, "ana");
    let limit = Trouble::SecondaryLimit(Some(30));
    scene.fake.trouble(Route::Collaborator, [limit]);
    unavailable(scene.github.standing(SHOP, &ana).await);
    let calls = scene.fake.all_calls();
    let text = unavailable(scene.github.standing(SHOP, &ana).await);
    assert!(text.contains("rate limit"), "{text}");
    unavailable(scene.github.pull_request(SHOP, 7).await);
    assert_eq!(scene.fake.all_calls(), calls);
    scene.advance(31);
    assert_eq!(standing(&scene, ANA, "ana").await, Standing::Member);
}

#[tokio::test]
async fn without_the_permission_nobody_has_rights() {
    let scene = shop().await;
    scene.fake.admit(SHOP.0, ANA, Some(Role::Admin));
    scene.fake.withdraw("pull_requests");
    let ana = login(ANA, "ana");
    let text = malformed(scene.github.standing(SHOP, &ana).await);
    assert!(
        text.contains("permissions requested are not granted"),
        "{text}"
    );
    let other = scene.github.standing(RepositoryId(99), &ana);
    assert!(malformed(other.await).contains("is not installed"));
}

#[tokio::test]
async fn a_comment_is_read_as_it_is_there_now() {
    let scene = shop().await;
    scene.fake.pull(pull(7));
    let number = |payload: &Value| payload["comment"]["id"].as_u64().unwrap();
    let said = "/approve production 0a1b2c3d4e5f\nthanks";
    let id = number(&scene.fake.comment(SHOP.0, 7, ANA, said));
    let read = async |id| scene.github.written(SHOP, id).await;
    let mut expected = Written {
        author: Some(login(ANA, "ana")),
        body: said.to_owned(),
        is_edited: false,
    };
    assert_eq!(read(id).await, Ok(Some(expected.clone())));
    // A reaction is no edit.
    let thumb = domain::delivery::Reaction::ThumbsUp;
    scene.github.react(SHOP, id, thumb).await.unwrap();
    assert_eq!(read(id).await, Ok(Some(expected.clone())));

    // Whoever may write can change what others have said.
    scene.fake.advance(60);
    let update = CommentUpdate {
        repository: SHOP,
        thread: 7,
        marker: "x",
        body: "/approve production ffffffffffff",
        id: Some(id),
        look_first: false,
    };
    scene.github.write(&update).await.unwrap();
    expected.body = update.body.to_owned();
    expected.is_edited = true;
    assert_eq!(read(id).await, Ok(Some(expected)));

    // What an App writes is no person's, in whose name it may be.
    for author in [ANA, FakeGitHub::bot(3)] {
        let by_app = scene
            .fake
            .comment_by_app(SHOP.0, 7, author, Some(3), "/test");
        let written = read(number(&by_app)).await.unwrap().unwrap();
        assert_eq!(written.author, None);
    }
    assert_eq!(read(id + 1_000).await, Ok(None));
    scene
        .fake
        .trouble(Route::ReadComment, [Trouble::Status(502)]);
    unavailable(read(id).await);
}

#[tokio::test]
async fn sec_49_what_a_repository_is_called_now_is_asked_by_its_number() {
    let scene = scene().await;
    scene.commit("one", &[("a", Some("1\n"))]);
    let name = async || scene.github.hosted(SHOP).await.unwrap();
    assert_eq!(name().await.as_deref(), Some("acme/shop"));
    scene.fake.rename(SHOP.0, "eve/shop");
    assert_eq!(name().await.as_deref(), Some("eve/shop"));
    // What GitHub does not say is no answer: nobody concludes that the App is gone.
    scene
        .fake
        .trouble(Route::Installation, [Trouble::Status(502)]);
    unavailable(scene.github.hosted(SHOP).await);
    scene.fake.uninstall(SHOP.0);
    assert_eq!(name().await, None);
}

#[tokio::test]
async fn what_github_still_takes_is_what_its_latest_answer_says() {
    let scene = scene().await;
    assert_eq!(scene.github.budgets(), []);
    scene.commit("one", &[("a", Some("1\n"))]);
    scene.fake.leave_quota(400);
    scene.github.hosted(SHOP).await.unwrap();
    let budgets = scene.github.budgets();
    let told: Vec<(&str, bool)> = budgets
        .iter()
        .map(|budget| (budget.resource.as_str(), budget.left < 400))
        .collect();
    assert_eq!(told, [("core", true)]);
}
