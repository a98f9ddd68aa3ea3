//! Purpose: a fork in a scenario: a pull request whose code changes, and what people say below it.

use domain::ids::{CommitSha, Digest, PersonId, RepositoryId};

use super::people::{ANA, BEN, CHO, EVE, FAY};
use super::recipe::Recipe;
use super::world::{Push, Sent};

/// The only repository that is forked.
const REPOSITORY: RepositoryId = RepositoryId(101);
/// Its only pull request.
pub(super) const NUMBER: u64 = 5;
/// Milliseconds after which somebody says once more what may have come too early.
const AGAIN_MS: i64 = 1_800_000;

fn push(number: usize, recipe: &Recipe, author: PersonId, sender: PersonId) -> Push {
    let name = Digest::of(format!("fork {number}").as_bytes());
    Push {
        sent: Sent::Fork { number: NUMBER },
        repository: REPOSITORY,
        branch: "fix",
        commit: CommitSha::new(name.as_str().chars().take(40).collect::<String>()),
        before: CommitSha::new("0".repeat(40)),
        recipe: recipe.clone(),
        author,
        sender,
        guid: format!("guid-fork-{number}"),
    }
}

fn comment(about: &Push, body: String, sender: PersonId, index: usize) -> Push {
    Push {
        sent: Sent::Comment {
            number: NUMBER,
            body,
        },
        sender,
        guid: format!("guid-comment-{index}"),
        ..about.clone()
    }
}

fn about(proposed: &Push, sent: Sent, guid: &str) -> Push {
    Push {
        sent,
        guid: format!("guid-{guid}"),
        ..proposed.clone()
    }
}

/// Somebody closes the pull request, and thinks better of it, sometimes at once: then the notices may come the other way round.
fn closed_and_opened(rng: &mut fastrand::Rng, proposed: &Push, pushed_ms: i64) -> [(i64, Push); 2] {
    let closed = pushed_ms + rng.i64(500..400_000);
    let pause = match rng.bool() {
        true => rng.i64(1..2_000),
        false => rng.i64(2_000..400_000),
    };
    let number = NUMBER;
    [
        (closed, about(proposed, Sent::Closed { number }, "closed")),
        (
            closed + pause,
            about(proposed, Sent::Reopened { number }, "reopened"),
        ),
    ]
}

/// A stranger, as a rule, proposes something once or twice; some release it, some try to, some say other things.
pub(super) fn story(rng: &mut fastrand::Rng, recipe: &Recipe, horizon_ms: i64) -> Vec<(i64, Push)> {
    let author = if rng.u32(0..4) == 0 { ANA } else { EVE };
    let mut story = Vec::new();
    let mut at = rng.i64(0..60_000);
    let mut index = 0;
    let mut say = |at: i64, about: &Push, body: String, who: PersonId| {
        index += 1;
        (at, comment(about, body, who, index))
    };
    let count = rng.usize(1..=2);
    for number in 0..count {
        let sender = if rng.u32(0..4) == 0 { BEN } else { author };
        let proposed = push(number, recipe, author, sender);
        story.push((at, proposed.clone()));
        let pushed = at;
        let later = |rng: &mut fastrand::Rng| pushed + rng.i64(500..240_000);
        let release = format!("/ok-to-test {}", proposed.commit);
        if rng.u32(0..3) == 0 {
            story.push(say(later(rng), &proposed, release.clone(), EVE));
        }
        if rng.u32(0..3) > 0 {
            let who = rng.choice([BEN, CHO]).unwrap_or(CHO);
            story.push(say(later(rng), &proposed, release, who));
        }
        let words = [
            "/test",
            "/retest",
            "/cancel",
            "/why",
            "/help",
            "/tset",
            "/hold",
            "/freeze",
            "/unfreeze",
        ];
        // Whether it may be merged, at any time, also long after its run has ended.
        for _ in 0..rng.u32(0..4) {
            let holds = ["/hold", "/hold The database moves.", "/unhold"];
            let who = rng.choice([ANA, BEN, CHO, EVE, FAY]).unwrap_or(FAY);
            let when = rng.i64(0..horizon_ms * 2);
            if let Some(word) = rng.choice(holds) {
                story.push(say(when, &proposed, word.to_owned(), who));
            }
        }
        // What is bound to the commit, or to the run, some of it before and some after the next push.
        for _ in 0..rng.u32(0..4) {
            let bound = [
                "/lgtm",
                "/lgtm",
                "/lgtm cancel",
                "/skip",
                "/override j0 It is flaky.",
            ];
            let who = rng.choice([ANA, BEN, CHO, EVE, FAY]).unwrap_or(FAY);
            let when = at + rng.i64(500..600_000);
            if let Some(word) = rng.choice(bound) {
                story.push(say(when, &proposed, word.to_owned(), who));
            }
        }
        if let Some(word) = rng.choice(words).filter(|_| rng.bool()) {
            let who = rng.choice([ANA, BEN, EVE]).unwrap_or(EVE);
            story.push(say(later(rng), &proposed, word.to_owned(), who));
        }
        at += rng.i64(1_000..400_000);
        if number + 1 < count {
            continue;
        }
        // In the end a maintainer who is always there lets the last one run, or closes it, so that nothing waits for a month.
        let end = horizon_ms.max(at);
        if rng.u32(0..3) > 0 {
            let release = format!("Thank you!\r\n/ok-to-test {}", proposed.commit);
            story.push(say(end, &proposed, release.clone(), FAY));
            if rng.u32(0..3) == 0 {
                story.extend(closed_and_opened(rng, &proposed, pushed));
            }
            // Its run may not have been there yet.
            story.push(say(end + AGAIN_MS, &proposed, release, FAY));
        } else {
            let number = NUMBER;
            let when = rng.i64(pushed..=end);
            story.push((when, about(&proposed, Sent::Closed { number }, "closed")));
        }
        if rng.u32(0..2) == 0 {
            let who = rng.choice([BEN, CHO, EVE]).unwrap_or(BEN);
            let freeze = "/freeze The database is being moved.".to_owned();
            story.push(say(rng.i64(0..horizon_ms), &proposed, freeze, who));
        }
        story.push(say(end + 1_000, &proposed, "/unfreeze".to_owned(), FAY));
    }
    story
}
