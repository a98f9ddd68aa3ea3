//! What is said of a comment that GitHub does not take: later, never, or nobody knows.

use std::time::Duration;

use domain::delivery::Reaction;
use domain::ids::RepositoryId;
use engine::ports::{CommentUpdate, Comments as _, NotShown};
use fake_github::{Route, Trouble};
use github_api::Limits;

use super::super::SHOP;
use super::{ISSUE, PULL, looking, said, shop, text, unknown, update};

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, NotShown>) -> String {
    match result {
        Err(NotShown::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_rate_limit_says_when_it_ends_and_is_not_asked_again() {
    let scene = shop().await;
    let body = text("It runs.");
    let id = scene.github.write(&update(&body)).await.unwrap();
    let known = CommentUpdate {
        id: Some(id),
        ..update(&body)
    };
    let limits = [
        (Route::CreateComment, update(&body)),
        (Route::ChangeComment, known),
        (Route::Comments, looking(&body)),
    ];
    for (route, update) in limits {
        let limit = Trouble::SecondaryLimit(Some(300));
        scene.fake.trouble(route, [limit]);
        let limited = scene.github.write(&update).await;
        let Err(NotShown::Limited { until, .. }) = limited else {
            panic!("{limited:?}");
        };
        let ahead = until.duration_since(jiff::Timestamp::now()).as_secs();
        assert!(ahead >= 290, "{ahead}");
        let calls = scene.fake.all_calls();
        let again = scene.github.write(&update).await;
        assert!(matches!(again, Err(NotShown::Limited { .. })), "{again:?}");
        let react = scene.github.react(SHOP, id, Reaction::ThumbsUp).await;
        assert!(matches!(react, Err(NotShown::Limited { .. })), "{react:?}");
        assert_eq!(scene.fake.all_calls(), calls);
        scene.advance(301);
    }
    scene.fake.leave_quota(0);
    let limited = scene.github.write(&update(&body)).await;
    assert!(
        matches!(limited, Err(NotShown::Limited { .. })),
        "{limited:?}"
    );
    assert_eq!(said(&scene).len(), 1);
}

#[tokio::test]
async fn what_a_person_has_to_mend_is_a_refusal_that_says_so() {
    let body = text("It runs.");
    for permission in ["issues", "pull_requests"] {
        // Of an App that was installed without it, and of one that it was taken from later.
        for warm in [false, true] {
            let scene = shop().await;
            let update = CommentUpdate {
                thread: if permission == "issues" { ISSUE } else { PULL },
                ..looking(&body)
            };
            if warm {
                scene.github.write(&update).await.unwrap();
            }
            scene.fake.withdraw(permission);
            let why = refused(scene.github.write(&update).await);
            assert!(
                why.contains("`issues: write` and `pull_requests: write`"),
                "{why}"
            );
        }
    }
    let scene = shop().await;
    let nowhere = CommentUpdate {
        thread: 99,
        ..update(&body)
    };
    let why = refused(scene.github.write(&nowhere).await);
    assert!(why.contains("no issue or pull request #99"), "{why}");
    let nowhere = CommentUpdate {
        look_first: true,
        ..nowhere
    };
    refused(scene.github.write(&nowhere).await);
    let gone = CommentUpdate {
        repository: RepositoryId(99),
        ..update(&body)
    };
    let why = refused(scene.github.write(&gone).await);
    assert!(why.contains("is not installed on repository 99"), "{why}");
    let long = text(&"x".repeat(65_536));
    refused(scene.github.write(&update(&long)).await);
    assert_eq!(said(&scene).len(), 0);
}

#[tokio::test]
async fn an_outage_leaves_a_doubt() {
    let scene = shop().await;
    let body = text("It runs.");
    for route in [Route::CreateComment, Route::Comments, Route::ChangeComment] {
        let update = CommentUpdate {
            id: (route == Route::ChangeComment).then_some(5),
            look_first: route == Route::Comments,
            ..update(&body)
        };
        // 409 says neither that it was done nor that it is gone.
        let troubles = [502, 503, 408, 409].map(Trouble::Status);
        for trouble in troubles {
            if route == Route::Comments && trouble == Trouble::Status(409) {
                continue;
            }
            scene.fake.trouble(route, [trouble]);
            unknown(scene.github.write(&update).await);
        }
    }
    // Written, and the answer makes no sense.
    for words in ["", "{", "[]", r#"{"id":"5"}"#] {
        let trouble = Trouble::Body(words.to_owned());
        scene.fake.trouble(Route::CreateComment, [trouble.clone()]);
        unknown(scene.github.write(&update(&body)).await);
        if words != "[]" {
            scene.fake.trouble(Route::Comments, [trouble]);
            unknown(scene.github.write(&looking(&body)).await);
        }
    }
    // More than is read of an answer.
    let trouble = Trouble::Body(" ".repeat(17 << 20));
    scene.fake.trouble(Route::CreateComment, [trouble]);
    unknown(scene.github.write(&update(&body)).await);
    let limits = Limits {
        call: Duration::from_millis(300),
        ..Limits::default()
    };
    let mut scene = scene;
    scene.github = scene.github.with_limits(limits);
    scene.fake.trouble(Route::CreateComment, [Trouble::Hang]);
    unknown(scene.github.write(&update(&body)).await);
    assert_eq!(said(&scene).len(), 0);
}
