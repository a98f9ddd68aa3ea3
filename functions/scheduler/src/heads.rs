//! Purpose: heads of branches that no delivery told of are handed in as the push that they were.
//!
//! The list of deliveries says nothing of a webhook that was switched off, and nothing after three days. So once an hour each
//! repository's own history of its refs is read, and the last move of each branch compared with what came in: the runs of
//! pushes, and the deliveries that led to none. GitHub's history tells when a branch moved, by whom and from where, so a made-up
//! push says what the lost one said. Nothing is remembered between two looks: the guid is made of repository, ref and commit, so
//! a head is handed in once, whoever looks and however often.

use std::collections::{BTreeMap, BTreeSet};

use domain::delivery::Answer;
use domain::ids::{CommitSha, RepositoryId};
use domain::kernel::StreamId;
use domain::plan::Trigger;
use engine::ports::{
    Accepted, Clock, Delivery, Doorbells, Head, Inbox, Journal, Moves, RefMove, RefMoves,
    Repositories, Repository, Sources,
};
use engine::{Fault, hand_in};
use github::payload::{MissedHead, PUSH_EVENT, is_of_queue, is_reference};
use jiff::{SignedDuration, Timestamp};

/// A head that is younger is left alone: its delivery may be on its way.
pub const MIN_AGE: SignedDuration = SignedDuration::from_mins(10);
/// How far back a repository's history is read; the port asks for no more.
pub const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);
/// Pages of a hundred moves that are read of one repository at most; what is older was looked at before.
pub const MAX_PAGES: usize = 10;
/// Pages of a hundred heads of the journal that are read at most; where that is not enough nothing is certain, and nothing is
/// handed in.
const MAX_HEAD_PAGES: usize = 100;
const PAGE: usize = 100;
/// How far the clocks of GitHub and of this machine may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(1);
pub(crate) const HOUR_SECONDS: i64 = 3_600;

/// What the look may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub inbox: &'a dyn Inbox,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    pub sources: &'a dyn Sources,
    pub repositories: &'a dyn Repositories,
    pub moves: &'a dyn RefMoves,
}

/// What one look came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Repositories that were looked at.
    pub repositories: usize,
    /// Heads that are deliveries since.
    pub made: usize,
    /// Repositories that could not be looked at.
    pub failed: usize,
    /// A rate limit ended the look; the next one begins elsewhere.
    pub limited: bool,
}

/// A ref and a commit of a repository.
type Place = (RepositoryId, String, CommitSha);

/// Looks at every repository once. Which comes first changes from hour to hour, so a rate limit that ends the look keeps none
/// from being looked at for long.
///
/// # Errors
/// When the list of repositories cannot be read.
pub async fn look(deps: &Deps<'_>) -> Result<Looked, Fault> {
    let mut repositories = deps.repositories.repositories().await?;
    if !repositories.is_empty() {
        let hour = deps.clock.now().as_second().div_euclid(HOUR_SECONDS);
        let count = i64::try_from(repositories.len()).unwrap_or(i64::MAX);
        let first = usize::try_from(hour.rem_euclid(count)).unwrap_or(0);
        repositories.rotate_left(first);
    }
    let mut look = Look {
        deps,
        without_run: None,
        done: Looked::default(),
    };
    for repository in &repositories {
        match look.at(repository).await {
            Ok(true) => look.done.repositories += 1,
            Ok(false) => {
                look.done.limited = true;
                break;
            }
            Err(fault) => {
                look.done.failed += 1;
                tracing::warn!(repository = repository.name, %fault, "heads were not compared");
            }
        }
    }
    let made = look.done.made as u64;
    if made > 0 {
        tracing::warn!(metric.DeliveriesRepaired = made, "heads had no delivery");
    }
    Ok(look.done)
}

/// One look, with what is read for several repositories.
struct Look<'a> {
    deps: &'a Deps<'a>,
    /// Heads whose delivery led to no run, or is not planned yet; read when it is needed first.
    without_run: Option<BTreeSet<Place>>,
    done: Looked,
}

impl Look<'_> {
    /// `false` when a rate limit does not let it.
    async fn at(&mut self, repository: &Repository) -> Result<bool, Fault> {
        // Nothing of it would run, and where the App was removed GitHub would only refuse.
        let standing = engine::standing(self.deps.journal, repository.id).await?;
        if standing.barred().is_some() {
            return Ok(true);
        }
        let Some(moves) = self.last_moves(repository).await? else {
            return Ok(false);
        };
        let now = self.deps.clock.now();
        let mut heads = Vec::new();
        for step in moves.into_values() {
            let old = step.at.checked_add(MIN_AGE).is_ok_and(|end| end <= now);
            let recent = step.at.checked_add(LOOK_BACK).is_ok_and(|end| end > now);
            let is_branch =
                step.reference.starts_with("refs/heads/") && is_reference(&step.reference);
            let is_branch = is_branch && !is_of_queue(&step.reference);
            let (true, Some(head)) = (old && recent && is_branch, missed(repository.id, &step))
            else {
                continue;
            };
            let ours = StreamId::delivery(&head.guid());
            if self.deps.journal.head(&ours).await?.is_none() {
                heads.push((head, step.at));
            }
        }
        let heads = self.without_delivery(repository.id, heads).await?;
        for head in heads {
            self.hand_in(&head).await?;
        }
        Ok(true)
    }

    /// The last move of each ref; `None` when a rate limit does not let it be read.
    async fn last_moves(
        &self,
        repository: &Repository,
    ) -> Result<Option<BTreeMap<String, RefMove>>, Fault> {
        let mut last = BTreeMap::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let moves = self.deps.moves;
            let page = match moves.moves(repository.id, cursor.as_deref()).await? {
                Moves::Page(page) => page,
                Moves::Gone => {
                    let name = &repository.name;
                    let why = format!("GitHub shows this App no repository {name} any more");
                    return Err(Fault::Malformed(why));
                }
                Moves::Limited(fault) => {
                    tracing::warn!(metric.RepairsDeferred = 1u64, %fault, "heads are compared later");
                    return Ok(None);
                }
            };
            for step in page.moves {
                last.entry(step.reference.clone()).or_insert(step);
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        Ok(Some(last))
    }

    /// Those of which nothing came in, although this machine had a run of the repository before they moved: what was pushed
    /// before it was registered is none of its business.
    async fn without_delivery(
        &mut self,
        repository: RepositoryId,
        mut heads: Vec<(MissedHead, Timestamp)>,
    ) -> Result<Vec<MissedHead>, Fault> {
        let Some(oldest) = heads.iter().map(|(_, at)| *at).min() else {
            return Ok(Vec::new());
        };
        // Before the runs: what is planned meanwhile has one.
        let without_run = match self.without_run.take() {
            Some(read) => read,
            None => self.deps.without_run().await?,
        };
        let prefix = format!("run/{repository}/");
        let runs = self.deps.heads_since(&prefix, oldest).await?;
        let first = runs.iter().map(|run| run.created_ms).min();
        let pushed = runs.iter().filter_map(|run| pushed(repository, run));
        let built: BTreeSet<Place> = pushed.collect();
        heads.retain(|(head, at)| {
            let place = (repository, head.reference.clone(), head.commit.clone());
            let known_before = first.is_some_and(|first| first < at.as_millisecond());
            known_before && !built.contains(&place) && !without_run.contains(&place)
        });
        self.without_run = Some(without_run);
        Ok(heads.into_iter().map(|(head, _)| head).collect())
    }

    /// Makes it a delivery, if the branch is still there and still at this commit.
    async fn hand_in(&mut self, head: &MissedHead) -> Result<(), Fault> {
        let MissedHead {
            repository,
            reference,
            commit,
            ..
        } = head;
        let now_at = self.deps.sources.head(*repository, reference).await?;
        if now_at.as_ref() != Some(commit) {
            return Ok(());
        }
        let guid = head.guid();
        let delivery = Delivery {
            guid: guid.clone(),
            event: PUSH_EVENT.to_owned(),
            body: head.body(),
            at_ms: self.deps.clock.now().as_millisecond(),
        };
        let Deps {
            inbox, doorbells, ..
        } = *self.deps;
        if hand_in(inbox, doorbells, &delivery).await? == Accepted::New {
            tracing::warn!(delivery = guid, %repository, reference, %commit, "a head had no delivery");
            self.done.made += 1;
        }
        Ok(())
    }
}

impl Deps<'_> {
    /// The heads of the journal that were made since then, and some before.
    ///
    /// # Errors
    /// When there are more than can be read.
    async fn heads_since(&self, prefix: &str, since: Timestamp) -> Result<Vec<Head>, Fault> {
        let mut all: Vec<Head> = Vec::new();
        for _ in 0..MAX_HEAD_PAGES {
            let cursor = all.last().map(Head::cursor);
            let page = self.journal.heads(prefix, cursor.as_ref(), PAGE).await?;
            let is_last = page.len() < PAGE;
            all.extend(page);
            let past = |head: &Head| head.created_ms < since.as_millisecond();
            if is_last || all.last().is_some_and(past) {
                return Ok(all);
            }
        }
        let most = MAX_HEAD_PAGES * PAGE;
        Err(Fault::Malformed(format!(
            "there are more than {most} of {prefix} since {since}, too many to be sure of any"
        )))
    }

    /// The heads of pushes that came in and led to no run, or are not planned yet.
    async fn without_run(&self) -> Result<BTreeSet<Place>, Fault> {
        let since = self.clock.now().checked_sub(LOOK_BACK + SKEW);
        let since = since.unwrap_or(Timestamp::MIN);
        let mut places = BTreeSet::new();
        for head in self.heads_since("delivery/", since).await? {
            let summary: Option<domain::delivery::Summary> =
                serde_json::from_value(head.summary).ok();
            let answer = summary.and_then(|summary| summary.answer);
            if matches!(
                answer,
                Some(Answer::Planned { .. } | Answer::Answered { .. })
            ) {
                continue;
            }
            let Some(delivery) = self.inbox.delivery(head.stream.rest()).await? else {
                continue;
            };
            // What cannot be read tells of no head.
            let Ok(github::Read::Asks(asked)) = github::read(&delivery.event, &delivery.body)
            else {
                continue;
            };
            if let (Trigger::Push { .. }, Some(commit)) = (&asked.trigger, asked.commit) {
                places.insert((asked.repository, asked.reference, commit));
            }
        }
        Ok(places)
    }
}

fn missed(repository: RepositoryId, step: &RefMove) -> Option<MissedHead> {
    Some(MissedHead {
        repository,
        reference: step.reference.clone(),
        before: step.before.clone(),
        commit: step.after.clone()?,
        sender: step.by,
    })
}

/// The head of a run that a push led to.
fn pushed(repository: RepositoryId, run: &Head) -> Option<Place> {
    let summary: domain::run::Summary = serde_json::from_value(run.summary.clone()).ok()?;
    let commit = summary.commit?;
    (summary.event == "push").then_some((repository, summary.reference, commit))
}
