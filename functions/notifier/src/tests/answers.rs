//! Purpose: whoever asked for something is answered once, and a pull request says how its latest run ended.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::delivery::{self, Answer, Delivery, Reaction, Reply, ReplyEnd};
use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::pull::{self, Pull};
use domain::run::{Command, Opening};
use engine::ports::{CommentUpdate, Comments, Doorbell, NotShown};
use engine::{Invocation, load, queue};
use jiff::SignedDuration;
use testkit::yielding::block_on;

use super::world::{REPOSITORY, RUN, World};
use crate::{Deps, handle};

const NUMBER: u64 = 5;

/// A GitHub that keeps what it is told, and answers as it is told to.
#[derive(Default)]
pub(super) struct GitHub {
    comments: Mutex<Vec<(u64, String)>>,
    reactions: Mutex<BTreeSet<(u64, &'static str)>>,
    looked: Mutex<u32>,
    /// What it answers after it has done what it was asked for.
    fault: Mutex<Option<NotShown>>,
}

#[async_trait]
impl Comments for GitHub {
    async fn write(&self, update: &CommentUpdate<'_>) -> Result<u64, NotShown> {
        let mut comments = self.comments.lock().unwrap();
        assert!(update.body.contains(update.marker));
        *self.looked.lock().unwrap() += u32::from(update.look_first);
        let found = comments.iter().find(|one| one.1.contains(update.marker));
        let found = found.filter(|_| update.look_first).map(|one| one.0);
        let id = match update.id.or(found) {
            Some(id) => id,
            None => comments.len() as u64,
        };
        comments.retain(|one| one.0 != id);
        comments.push((id, update.body.to_owned()));
        self.fault.lock().unwrap().take().map_or(Ok(id), Err)
    }

    async fn react(
        &self,
        _: RepositoryId,
        comment: u64,
        reaction: Reaction,
    ) -> Result<(), NotShown> {
        let mut reactions = self.reactions.lock().unwrap();
        reactions.insert((comment, reaction.name()));
        Ok(())
    }
}

struct Scene {
    world: World,
    github: GitHub,
}

impl Scene {
    fn new() -> Self {
        Self {
            world: World::plain(),
            github: GitHub::default(),
        }
    }

    fn ring(&self, stream: &StreamId) {
        let world = &self.world;
        let deps = Deps {
            comments: Some(&self.github),
            ..super::deps(world)
        };
        let doorbell = Doorbell {
            stream: stream.clone(),
        };
        let event = queue::event(&[doorbell]).unwrap();
        let call = format!("call-{}", world.journal.commits());
        let answer = block_on(handle(&deps, event, &call));
        assert_eq!(answer.batch_item_failures.len(), 0);
    }

    fn call(&self) -> Invocation<'_> {
        let world = &self.world;
        Invocation::new(&world.journal, world, world, "function:setup", "setup")
    }

    /// A delivery that is answered with this.
    fn wish(&self, body: Option<&str>) -> StreamId {
        let reply = delivery::Command::Reply {
            answer: Answer::Answered {
                text: "done".to_owned(),
            },
            reply: Reply {
                repository: REPOSITORY,
                thread: NUMBER,
                comment: Some(77),
                reaction: Reaction::ThumbsUp,
                body: body.map(ToOwned::to_owned),
            },
        };
        let stream = StreamId::delivery("guid");
        block_on(self.call().submit::<Delivery>(&stream, &reply)).unwrap();
        stream
    }

    fn delivery(&self, stream: &StreamId) -> Delivery {
        block_on(load(&self.world.journal, stream)).unwrap().state
    }

    /// The pull request of the run.
    fn pull(&self) -> StreamId {
        self.plan(RUN)
    }

    /// The pull request, with this as its latest run.
    fn plan(&self, run: &str) -> StreamId {
        let opening = self.world.run(run).opening.unwrap();
        let plan = pull::Command::Plan {
            opening: pull::Opening {
                repository: REPOSITORY,
                number: NUMBER,
            },
            run: pull::Planned {
                run: opening.run,
                commit: opening.commit,
            },
        };
        let stream = StreamId::pull(REPOSITORY, NUMBER);
        block_on(self.call().submit::<Pull>(&stream, &plan)).unwrap();
        stream
    }

    fn cancel(&self, run: &str) {
        let reason = "for the test".to_owned();
        let cancel = Command::Cancel { by: None, reason };
        self.world.submit(run, &cancel);
    }

    fn comments(&self) -> Vec<String> {
        let comments = self.github.comments.lock().unwrap();
        comments.iter().map(|one| one.1.clone()).collect()
    }
}

#[test]
fn a_wish_is_answered_with_a_comment_and_a_reaction() {
    let scene = Scene::new();
    let stream = scene.wish(Some("Nothing runs."));
    scene.ring(&stream);
    assert_eq!(
        scene.comments(),
        ["Nothing runs.\n\n<!-- slipway: answers guid -->"]
    );
    assert_eq!(*scene.github.reactions.lock().unwrap(), [(77, "+1")].into());
    assert_eq!(scene.delivery(&stream).reply_end, Some(ReplyEnd::Given));
    // It has been said.
    scene.ring(&stream);
    assert_eq!(scene.comments().len(), 1);
}

#[test]
fn where_the_reaction_says_it_all_nothing_is_written() {
    let scene = Scene::new();
    let stream = scene.wish(None);
    scene.ring(&stream);
    assert_eq!(scene.comments(), [""; 0]);
    assert_eq!(scene.github.reactions.lock().unwrap().len(), 1);
}

#[test]
fn an_answer_whose_receipt_was_lost_is_looked_for_and_not_repeated() {
    let scene = Scene::new();
    let stream = scene.wish(Some("Nothing runs."));
    let lost = NotShown::Unknown("the line broke".to_owned());
    *scene.github.fault.lock().unwrap() = Some(lost);
    scene.ring(&stream);
    assert_eq!(scene.delivery(&stream).reply_end, None);
    assert_eq!(scene.github.reactions.lock().unwrap().len(), 0);
    // Not before its time.
    scene.ring(&stream);
    assert_eq!(*scene.github.looked.lock().unwrap(), 0);
    *scene.world.now.lock().unwrap() += SignedDuration::from_secs(5);
    scene.ring(&stream);
    assert_eq!(*scene.github.looked.lock().unwrap(), 1);
    assert_eq!(scene.comments().len(), 1);
    assert_eq!(scene.delivery(&stream).reply_end, Some(ReplyEnd::Given));
}

#[test]
fn a_pull_request_has_one_comment_that_says_how_its_latest_run_ended() {
    let scene = Scene::new();
    let stream = scene.pull();
    // It goes on, and its checks show that.
    scene.ring(&stream);
    assert_eq!(scene.comments(), [""; 0]);
    scene.cancel(RUN);
    scene.ring(&stream);
    let [comment] = &scene.comments()[..] else {
        panic!("{:?}", scene.comments())
    };
    assert!(comment.starts_with("**Cancelled** at "), "{comment}");
    assert!(comment.ends_with(github::checks::marker()), "{comment}");
    let pull: Pull = block_on(load(&scene.world.journal, &stream)).unwrap().state;
    use domain::kernel::Machine as _;
    assert!(pull.is_ended() && pull.comment == Some(0));
    scene.ring(&stream);
    assert_eq!(scene.comments().len(), 1);
}

#[test]
fn the_comment_compares_the_latest_run_with_the_one_before_that_has_reports() {
    let mut scene = Scene::new();
    let (overtaken, latest) = ("b1b2c3d4e5f6", "c1b2c3d4e5f6");
    scene.plan(RUN);
    scene.cancel(RUN);
    // Nothing of this one has run.
    let opening = scene.world.run(RUN).opening.unwrap();
    let opening = Opening {
        run: overtaken.into(),
        ..*opening
    };
    let open = Command::Open(Box::new(opening));
    scene.world.submit(overtaken, &open);
    scene.plan(overtaken);
    scene.cancel(overtaken);
    scene.world.say = |word| format!("{word}2");
    scene.world.bring_to_approval(latest, "3");
    let stream = scene.plan(latest);
    scene.cancel(latest);
    scene.ring(&stream);
    let comment = scene.comments().pop().unwrap();
    let tests = "Tests: 120 passed, 1 failed, 3 skipped\n\n\
                 New failing tests since 2222222:\n\n- cart::rounds2\n\n\
                 No longer failing since 2222222:\n\n- cart::rounds\n";
    assert!(comment.contains(tests), "{comment}");
}
