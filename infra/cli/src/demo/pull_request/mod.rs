//! Purpose: `slipway demo --github`: the whole road of a pull request, at a stand-in for GitHub that speaks GitHub's own API over
//! HTTP on this computer, and a page of what people would see there.

mod approver;
mod change;
mod markdown;
mod page;
mod shown;
mod stand_in;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use domain::ids::RepositoryId;
use domain::run::Run;
use fake_github::{FakeGitHub, Pull};

use super::follow::{Follower, LOOK_EVERY, PATIENCE};
use super::road::Road;
use super::sample::Sample;
use super::{INITIATOR, directory, people, say_more, stay_or_stop};
use crate::args::{DemoArgs, Global};
use crate::failure::Failure;
use crate::home::Home;
use crate::live::Live;
use crate::machine::{Hosting, Machine};
use crate::output;
use approver::ByComment;
use change::{BASE, BRANCH, TITLE};
use page::{NUMBER, Scene};
use shown::Shown;
use stand_in::{REPOSITORY, StandIn};

/// The page as it was at the end, beside the journal.
const PAGE: &str = "pull-request.html";
/// What somebody asks in a comment.
const QUESTION: &str = "/why";
/// What somebody says before it may be merged, and then.
const HOLD: &str = "/hold Bob wants to see it first.";
const UNHOLD: &str = "/unhold";

/// Goes the road; the exit status is 0 only when GitHub shows what is true: checks, deployments, comments.
pub async fn run(global: &Global, args: &DemoArgs) -> Result<u8, Failure> {
    let begun = Instant::now();
    let dir = directory(global)?;
    let home = Home::open(&dir)?;
    people(&dir)?;
    let sample = Sample::make(&dir, INITIATOR.2, INITIATOR.3)?;
    sample.push(BASE)?;
    let (number, name) = REPOSITORY;
    let repository = RepositoryId(number);
    home.repositories
        .add(&sample.bare, name, Some(repository), None)?;
    let mut scene = None;
    let stand_in = StandIn::start(&sample.bare, |reader| {
        page::router(scene.insert(Scene::new(reader)).clone())
    })
    .await?;
    let scene = scene.ok_or_else(|| Failure::unavailable("the stand-in shows no page"))?;
    let hosting = Hosting::github(stand_in.connect(&dir).await?);
    let machine = Machine::start_at(home.clone(), hosting, args.port.unwrap_or(0)).await?;
    stand_in.register(&dir, &machine.url)?;
    let live = Live::new(global.json);
    live.say(&format!("dashboard  {}", machine.dashboard))?;
    live.say(&format!("journal    {}", dir.display()))?;
    let story = Story {
        follower: Follower {
            home: &home,
            repository,
            json: global.json,
            begun,
            approver: &ByComment {
                stand_in: &stand_in,
                machine: &machine.url,
            },
        },
        sample: &sample,
        stand_in: &stand_in,
        scene: &scene,
        machine: &machine.url,
    };
    let told = story.tell(global.json).await;
    scene.over.store(true, Ordering::SeqCst);
    let mut violations = stand_in.github()?.take_violations();
    let (url, page) = (story.page(), keep(&scene, &dir)?);
    let stays = args.stay && told.is_ok();
    if stays {
        live.say(&format!("The pull request stays at {url}"))?;
    }
    if let Some(status) = stay_or_stop(machine, stays, &live).await? {
        return Ok(status);
    }
    let late = stand_in.end();
    // While it stays, browsers may ask for anything.
    if !stays {
        violations.extend(late);
    }
    let merged = told.inspect_err(|_| {
        for wrong in &violations {
            tracing::error!(wrong, "not as GitHub describes its API");
        }
    })?;
    let road = Road::read(&home, &sample, repository, &merged, begun).await?;
    let shown = Shown::of(&scene, violations);
    report(global, &dir, &road, &shown, (&url, &page))
}

/// Writes the page beside the journal; gives its path.
fn keep(scene: &Scene, dir: &Path) -> Result<String, Failure> {
    let file = dir.join(PAGE);
    std::fs::write(&file, scene.render("")?).map_err(|error| {
        Failure::unavailable(format!("{} cannot be written: {error}", file.display()))
    })?;
    Ok(file.display().to_string())
}

fn report(
    global: &Global,
    dir: &Path,
    road: &Road,
    shown: &Shown,
    (url, page): (&str, &str),
) -> Result<u8, Failure> {
    let good = road.is_good() && shown.is_good();
    if global.json {
        let mut facts = road.facts(dir);
        facts["pull_request"] = url.into();
        facts["page"] = page.into();
        shown.add_to(&mut facts);
        output::json_line(&facts)?;
        return Ok(u8::from(!good));
    }
    road.say()?;
    shown.say()?;
    output::line(format!("page        {page}"))?;
    say_more(dir)?;
    Ok(u8::from(!good))
}

/// What people do at GitHub, one after the other.
struct Story<'a> {
    follower: Follower<'a>,
    sample: &'a Sample,
    stand_in: &'a StandIn,
    scene: &'a Arc<Scene>,
    /// Where the machine is.
    machine: &'a str,
}

impl Story<'_> {
    fn page(&self) -> String {
        format!("{}{}", self.stand_in.url(), page::path())
    }

    /// Tells it to the end; the run of the merge. Nobody merges what has failed: then it is the run of the pull request.
    async fn tell(&self, json: bool) -> Result<Run, Failure> {
        let mut live = Live::new(json);
        let (base, head) = self.open(&live).await?;
        let proposed = self.follower.follow(None, &mut live).await?;
        self.until("the checks of the pull request", || {
            Ok(shown::is_checked(self.scene, &head) && self.comments()? == 1)
        })
        .await?;
        live.say("comment    slipway says below the pull request how its run ended")?;
        self.ask(&live).await?;
        if !Road::succeeded(&proposed) {
            return Ok(proposed);
        }
        self.hold(&live, &head).await?;
        let merge = self.merge(&live, &base, &head).await?;
        let mut live = Live::new(json);
        let before = proposed.opening.as_ref().map(|opening| &opening.run);
        let merged = self.follower.follow(before, &mut live).await?;
        self.until("the checks and deployments of the merge", || {
            let answered = self.comments()? == shown::COMMENTS;
            let told = answered && shown::is_deployed(self.scene, &merge);
            Ok(shown::is_checked(self.scene, &merge) && (told || !Road::succeeded(&merged)))
        })
        .await?;
        Ok(merged)
    }

    /// Opens the pull request; its base and its head.
    async fn open(&self, live: &Live) -> Result<(String, String), Failure> {
        let (base, head) = change::propose(self.sample)?;
        let (id, login, ..) = INITIATOR;
        let github = self.github()?;
        github.pull(pull(&base, &head, true));
        live.say(&format!(
            "pull       {login} opens #{NUMBER}, {TITLE}: {}",
            self.page()
        ))?;
        let payload = github.pull_payload(REPOSITORY.0, NUMBER, "opened", id);
        self.deliver("pull_request", payload).await?;
        Ok((base, head))
    }

    /// Asks in a comment, and waits for the answer.
    async fn ask(&self, live: &Live) -> Result<(), Failure> {
        let (id, login, ..) = INITIATOR;
        let payload = self.github()?.comment(REPOSITORY.0, NUMBER, id, QUESTION);
        live.say(&format!("comment    {login} asks: {QUESTION}"))?;
        self.deliver("issue_comment", payload).await?;
        self.until("the answer to the comment", || Ok(self.comments()? == 2))
            .await?;
        live.say("comment    slipway answers")
    }

    /// Keeps it from being merged for a while: the check that a branch requires asks for action, and is green again.
    async fn hold(&self, live: &Live, head: &str) -> Result<(), Failure> {
        let (id, login, ..) = INITIATOR;
        for (words, conclusion) in [(HOLD, shown::NEEDS_ACTION), (UNHOLD, shown::GREEN)] {
            let payload = self.github()?.comment(REPOSITORY.0, NUMBER, id, words);
            live.say(&format!("comment    {login} says: {words}"))?;
            self.deliver("issue_comment", payload).await?;
            self.until("what was said, in the check of the head", || {
                Ok(shown::is_concluded(self.scene, head, conclusion))
            })
            .await?;
            let conclusion = conclusion.to_lowercase();
            live.say(&format!("check      slipway is {conclusion}"))?;
        }
        Ok(())
    }

    /// Merges, as the button does; the commit of the merge.
    async fn merge(&self, live: &Live, base: &str, head: &str) -> Result<String, Failure> {
        let merge = change::merge(self.sample, NUMBER)?;
        let (id, login, ..) = INITIATOR;
        let github = self.github()?;
        github.pull(pull(base, head, false));
        // It is set once only, here.
        let merge = self.scene.merged.get_or_init(|| merge).clone();
        live.say(&format!("merge      {login} merges #{NUMBER}"))?;
        let closed = github.pull_payload(REPOSITORY.0, NUMBER, "closed", id);
        self.deliver("pull_request", closed).await?;
        let reference = format!("refs/heads/{BASE}");
        let pushed = github.push_payload(REPOSITORY.0, &reference, (base, &merge), id);
        self.deliver("push", pushed).await?;
        Ok(merge)
    }

    /// How many comments are the App's.
    fn comments(&self) -> Result<usize, Failure> {
        let comments = self.github()?.comments(REPOSITORY.0, NUMBER);
        Ok(comments.iter().filter(|one| one.app.is_some()).count())
    }

    fn github(&self) -> Result<&FakeGitHub, Failure> {
        self.stand_in.github()
    }

    async fn deliver(
        &self,
        event: &'static str,
        payload: serde_json::Value,
    ) -> Result<(), Failure> {
        self.stand_in.deliver(self.machine, event, payload).await
    }

    /// Waits until GitHub shows it.
    async fn until(
        &self,
        what: &str,
        is_there: impl Fn() -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        while self.follower.begun.elapsed() < PATIENCE {
            if is_there()? {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let seconds = PATIENCE.as_secs();
        Err(Failure::unavailable(format!(
            "{what} did not come within {seconds} s"
        )))
    }
}

fn pull(base: &str, head: &str, open: bool) -> Pull {
    Pull {
        repository: REPOSITORY.0,
        number: NUMBER,
        author: Some(INITIATOR.0),
        head_branch: BRANCH.to_owned(),
        head: head.to_owned(),
        head_repository: Some(REPOSITORY.0),
        base_branch: BASE.to_owned(),
        base: base.to_owned(),
        open,
    }
}
