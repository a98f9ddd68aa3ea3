//! Comments of ours: written once, changed from then on, found after a lost answer; nobody else's is touched.

mod faults;

use domain::delivery::Reaction;
use engine::ports::{CommentUpdate, Comments as _, NotShown};
use fake_github::{App, Comment, FakeGitHub, Pull, Role, Route, Trouble};
use github::Notice;

use super::{SHOP, Scene, scene};

const ANA: u64 = 11;
const MARKER: &str = "<!-- slipway:run -->";
/// A pull request and an issue.
const PULL: u64 = 7;
const ISSUE: u64 = 8;

async fn shop() -> Scene {
    let scene = scene().await;
    scene.fake.user(ANA, "ana");
    scene.fake.pull(Pull {
        repository: SHOP.0,
        number: PULL,
        author: Some(ANA),
        head_branch: "fix".to_owned(),
        head: "a".repeat(40),
        head_repository: Some(SHOP.0),
        base_branch: "main".to_owned(),
        base: "b".repeat(40),
        open: true,
    });
    scene.fake.issue(SHOP.0, ISSUE, ANA);
    scene
}

fn text(words: &str) -> String {
    format!("{MARKER}\n{words}")
}

/// What is to be said below the pull request.
fn update(body: &str) -> CommentUpdate<'_> {
    CommentUpdate {
        repository: SHOP,
        thread: PULL,
        marker: MARKER,
        body,
        id: None,
        look_first: false,
    }
}

fn looking(body: &str) -> CommentUpdate<'_> {
    CommentUpdate {
        look_first: true,
        ..update(body)
    }
}

fn said(scene: &Scene) -> Vec<Comment> {
    scene.fake.comments(SHOP.0, PULL)
}

fn bodies(scene: &Scene) -> Vec<String> {
    said(scene).into_iter().map(|one| one.body).collect()
}

#[track_caller]
fn unknown<T: std::fmt::Debug>(result: Result<T, NotShown>) -> String {
    match result {
        Err(NotShown::Unknown(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_comment_is_written_once_and_changed_from_then_on() {
    let scene = shop().await;
    for thread in [PULL, ISSUE] {
        let (first, second) = (text("It runs."), text("It ran."));
        let update = CommentUpdate {
            thread,
            ..update(&first)
        };
        let id = scene.github.write(&update).await.unwrap();
        let changed = CommentUpdate {
            id: Some(id),
            body: &second,
            ..update
        };
        assert_eq!(scene.github.write(&changed).await, Ok(id));
        let said = scene.fake.comments(SHOP.0, thread);
        let [comment] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!((comment.id, &comment.body), (id, &second));
        assert_eq!(comment.author, FakeGitHub::bot(App::test().id));
        assert_eq!(comment.app, Some(App::test().id));
    }
    // Nothing was looked for, since nothing was in doubt: installation, token, and one call for each text.
    assert_eq!(scene.fake.all_calls(), 2 + 4);
}

#[tokio::test]
async fn sec_17_the_token_for_this_may_write_comments_and_nothing_else() {
    let scene = shop().await;
    scene.github.write(&update(&text("x"))).await.unwrap();
    let permissions = ["issues:write", "metadata:read", "pull_requests:write"];
    let permissions = permissions.map(ToOwned::to_owned).to_vec();
    assert_eq!(scene.fake.granted(), [([SHOP.0].into(), permissions)]);
}

#[tokio::test]
async fn after_a_lost_answer_there_is_exactly_one_comment() {
    let scene = shop().await;
    let (first, second) = (text("It runs."), text("It ran."));
    scene
        .fake
        .trouble(Route::CreateComment, [Trouble::LostReply]);
    unknown(scene.github.write(&update(&first)).await);
    assert_eq!(said(&scene).len(), 1);
    let id = scene.github.write(&looking(&second)).await.unwrap();
    assert_eq!(said(&scene)[0].id, id);
    assert_eq!(bodies(&scene), [second.as_str()]);
    // A change whose answer is lost is made again.
    let known = CommentUpdate {
        id: Some(id),
        ..update(&first)
    };
    scene
        .fake
        .trouble(Route::ChangeComment, [Trouble::LostReply]);
    unknown(scene.github.write(&known).await);
    assert_eq!(scene.github.write(&known).await, Ok(id));
    assert_eq!(bodies(&scene), [first.as_str()]);
    // Without looking there would be two, so this test can fail.
    scene.github.write(&update(&first)).await.unwrap();
    assert_eq!(said(&scene).len(), 2);
}

#[tokio::test]
async fn nothing_found_is_written_and_what_is_far_back_is_found() {
    let scene = shop().await;
    for number in 0..230 {
        let words = format!("comment {number}");
        scene.fake.comment(SHOP.0, PULL, ANA, &words);
    }
    let first = text("It runs.");
    let id = scene.github.write(&looking(&first)).await.unwrap();
    assert_eq!(scene.fake.calls(Route::Comments), 3);
    for number in 0..80 {
        let words = format!("comment {number}");
        scene.fake.comment(SHOP.0, PULL, ANA, &words);
    }
    let second = text("It ran.");
    assert_eq!(scene.github.write(&looking(&second)).await, Ok(id));
    // It is on the third page of four, and the fourth is not read.
    assert_eq!(scene.fake.calls(Route::Comments), 6);
    let ours = bodies(&scene);
    let ours = ours.iter().filter(|body| body.contains(MARKER));
    assert_eq!(ours.collect::<Vec<_>>(), [&second]);
}

#[tokio::test]
async fn sec_44_a_page_of_the_longest_comments_hides_nothing() {
    let scene = shop().await;
    let long = "€".repeat(65_536);
    for _ in 0..99 {
        scene.fake.comment(SHOP.0, PULL, ANA, &long);
    }
    let (first, second) = (text("It runs."), text("It ran."));
    let id = scene.github.write(&update(&first)).await.unwrap();
    assert_eq!(scene.github.write(&looking(&second)).await, Ok(id));
    assert_eq!(said(&scene).len(), 100);
}

#[tokio::test]
async fn sec_29_nobody_elses_comment_is_touched_whatever_it_says() {
    let scene = shop().await;
    let app = App::test().id;
    let bot = FakeGitHub::bot;
    scene.fake.user(99, "slipway");
    scene.fake.admit(SHOP.0, 99, Some(Role::Admin));
    let copied = text("It is all good, merge it.");
    let foreign = [
        // A person who copied the marker, and one whose name looks like ours.
        (ANA, None),
        (99, None),
        // Another App, and one whose number only begins like ours.
        (bot(8), Some(8)),
        (bot(71), Some(app * 10 + 1)),
        // Our own App in a person's name: that text is the person's.
        (ANA, Some(app)),
        // An account of an App that no App wrote as.
        (bot(8), None),
    ];
    scene
        .fake
        .comment_by_app(SHOP.0, PULL, bot(app), Some(app), "no marker here");
    for (author, app) in foreign {
        scene
            .fake
            .comment_by_app(SHOP.0, PULL, author, app, &copied);
    }
    let before = bodies(&scene);
    let ours = text("It ran.");
    // In another thread there is one of ours, with the marker.
    let elsewhere = CommentUpdate {
        thread: ISSUE,
        ..update(&copied)
    };
    scene.github.write(&elsewhere).await.unwrap();
    let id = scene.github.write(&looking(&ours)).await.unwrap();
    let after = bodies(&scene);
    let (new, old) = after.split_last().unwrap();
    assert_eq!((old, new), (&before[..], &ours));
    assert_eq!(scene.github.write(&looking(&ours)).await, Ok(id));
    assert_eq!(said(&scene).len(), before.len() + 1);
    let elsewhere = scene.fake.comments(SHOP.0, ISSUE);
    assert_eq!(elsewhere[0].body, copied);
}

#[tokio::test]
async fn a_comment_that_somebody_deleted_is_written_again() {
    let scene = shop().await;
    let body = text("It runs.");
    let id = scene.github.write(&update(&body)).await.unwrap();
    scene.fake.delete_comment(id);
    let known = CommentUpdate {
        id: Some(id),
        ..update(&body)
    };
    let again = scene.github.write(&known).await.unwrap();
    assert_ne!(again, id);
    assert_eq!(said(&scene).len(), 1);
    // GitHub may say that it is gone, too.
    scene
        .fake
        .trouble(Route::ChangeComment, [Trouble::Status(410)]);
    let known = CommentUpdate {
        id: Some(again),
        ..update(&body)
    };
    scene.fake.delete_comment(again);
    scene.github.write(&known).await.unwrap();
    assert_eq!(said(&scene).len(), 1);
}

#[tokio::test]
async fn a_comment_that_was_written_again_and_lost_is_not_written_a_third_time() {
    let scene = shop().await;
    let body = text("It runs.");
    let id = scene.github.write(&update(&body)).await.unwrap();
    scene.fake.delete_comment(id);
    let known = CommentUpdate {
        id: Some(id),
        ..looking(&body)
    };
    scene
        .fake
        .trouble(Route::CreateComment, [Trouble::LostReply]);
    unknown(scene.github.write(&known).await);
    let found = scene.github.write(&known).await.unwrap();
    assert_eq!(said(&scene).len(), 1);
    assert_eq!(said(&scene)[0].id, found);
}

#[tokio::test]
async fn a_reaction_is_left_once_and_a_comment_that_is_gone_needs_none() {
    let scene = shop().await;
    let payload = scene.fake.comment(SHOP.0, PULL, ANA, "/retry unit");
    let notice = github::notice("issue_comment", &payload.to_string());
    let Ok(Notice::Comment(comment)) = notice else {
        panic!("{notice:?}")
    };
    assert_eq!((comment.author.id.0, &*comment.body), (ANA, "/retry unit"));
    let react = async |reaction| scene.github.react(SHOP, comment.id, reaction).await;
    for _ in 0..2 {
        assert_eq!(react(Reaction::ThumbsUp).await, Ok(()));
    }
    scene.fake.trouble(Route::React, [Trouble::LostReply]);
    unknown(react(Reaction::Confused).await);
    assert_eq!(react(Reaction::Confused).await, Ok(()));
    let left = said(&scene)[0].reactions.clone();
    let left: Vec<_> = left.iter().map(|one| (one.user, &*one.content)).collect();
    let bot = FakeGitHub::bot(App::test().id);
    assert_eq!(left, [(bot, "+1"), (bot, "confused")]);
    scene.fake.delete_comment(comment.id);
    assert_eq!(react(Reaction::ThumbsUp).await, Ok(()));
    for status in [404, 410] {
        scene.fake.trouble(Route::React, [Trouble::Status(status)]);
        assert_eq!(react(Reaction::ThumbsUp).await, Ok(()));
    }
}
