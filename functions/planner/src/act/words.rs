//! Purpose: words about a pull request that hold whatever its runs do, as somebody says them in a comment.

use std::collections::BTreeSet;

use domain::delivery::Said;
use domain::ids::JobId;
use domain::kernel::{StreamId, later};
use domain::pipeline;
use domain::plan::PlannedJob;
use domain::pull::{Command, Opening, Planned, Pull, Word};
use domain::run::{self, Run};
use engine::ports::PullRequest;
use engine::{Fault, Refused, load};
use github::commands::{Standing, closest};
use github::text;

use super::{Wisher, wish};
use crate::Planner;

/// Seconds by which the clock of GitHub may be behind ours, so that nothing counts as read that was pushed after the words.
const CLOCK_SECONDS: u32 = 5;

impl Planner<'_> {
    /// It must not be merged.
    pub(super) async fn hold(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
        reason: Option<&str>,
    ) -> Result<Said, Fault> {
        let word = Word::Hold {
            by: wisher.sender.id,
            reason: reason.map(str::to_owned),
        };
        self.speak(wisher, pull, line, &word).await
    }

    /// It may be merged again.
    pub(super) async fn unhold(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
    ) -> Result<Said, Fault> {
        let by = wisher.sender.id;
        let known = self.known(wisher, pull).await?;
        let is_others = known.words.held().is_some_and(|hold| hold.by != by);
        if is_others && wisher.standing < Standing::Member {
            return Ok(Said::no(
                "Somebody else holds it; a member can end that.".to_owned(),
            ));
        }
        self.speak(wisher, pull, line, &Word::Unhold { by }).await
    }

    /// The change looks good as it stands, or not any more.
    pub(super) async fn lgtm(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
        cancel: bool,
    ) -> Result<Said, Fault> {
        let by = wisher.sender.id;
        if cancel {
            let word = Word::TakenBack { by };
            return self.speak(wisher, pull, line, &word).await;
        }
        let commit = pull.head.clone();
        let word = Word::LooksGood { by, commit };
        match self.read_run(wisher, pull).await? {
            Some(_) => self.speak(wisher, pull, line, &word).await,
            None => Ok(not_read(pull)),
        }
    }

    /// A check of a job that failed counts as passed at the head; of a matrix every cell that failed.
    pub(super) async fn override_check(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
        check: &str,
        reason: &str,
    ) -> Result<Said, Fault> {
        let Some(run) = self.read_run(wisher, pull).await? else {
            return Ok(not_read(pull));
        };
        let jobs = run.opening.as_ref().map_or(&[][..], |o| &o.plan.jobs);
        let prefix = format!("{} / ", github::checks::SUMMARY);
        let name = check.strip_prefix(&prefix).unwrap_or(check);
        let wanted = pipeline::named(jobs, name);
        if wanted.is_empty() {
            return Ok(no_such_job(name, jobs));
        }
        let word = |job: &JobId| Word::Override {
            by: wisher.sender.id,
            job: job.clone(),
            commit: pull.head.clone(),
            reason: reason.to_owned(),
        };
        let known = self.known(wisher, pull).await?;
        let wish = wish(wisher, line);
        let followed = |job: &JobId| known.words.has_followed(&word(job), &wish);
        // Carried out for the second time, it may have run again since.
        let missed = |job: &&JobId| run.has_missed(job) || followed(job);
        let missed: Vec<&JobId> = wanted.iter().filter(missed).collect();
        let mut said = Said::no(format!(
            "{} has not failed at {}, so there is nothing to override.",
            text::code(name, text::LINE),
            pull.head.short()
        ));
        for job in missed {
            said = self.speak(wisher, pull, line, &word(job)).await?;
        }
        Ok(said)
    }

    /// What has not begun of the latest run that was there when this was said is not run.
    pub(super) async fn skip(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
    ) -> Result<Said, Fault> {
        let mut latest = None;
        for planned in self.known(wisher, pull).await?.runs.iter().rev() {
            let run = self.planned(wisher, planned).await?;
            if was_there(&run, wisher) {
                latest = run.stream().map(|stream| (stream, run));
                break;
            }
        }
        let Some((stream, run)) = latest else {
            return Ok(Said::no(
                "No run of this pull request was known when you said this.".to_owned(),
            ));
        };
        let wish = wish(wisher, line).id;
        if run.has_skipped(&wish) {
            return Ok(Said::done());
        }
        let by = wisher.sender.id;
        let skip = run::Command::Skip { by, wish };
        Ok(match self.give(&stream, &skip).await? {
            None => Said::done(),
            Some(why) => Said::no(format!("Nothing is skipped: {why}.")),
        })
    }

    /// The latest run at the head, if the head was shown when this was said: whoever speaks of what they have read must not
    /// speak of what was pushed after that.
    async fn read_run(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
    ) -> Result<Option<Run>, Fault> {
        let mut latest = None;
        for planned in self.known(wisher, pull).await?.runs.iter().rev() {
            if planned.commit != pull.head {
                continue;
            }
            let run = self.planned(wisher, planned).await?;
            let was_there = was_there(&run, wisher);
            latest = latest.or(Some(run));
            if was_there {
                return Ok(latest);
            }
        }
        Ok(None)
    }

    async fn planned(&self, wisher: &Wisher<'_>, planned: &Planned) -> Result<Run, Fault> {
        let stream = StreamId::run(wisher.repository, &planned.run);
        Ok(load(self.deps.journal, &stream).await?.state)
    }

    async fn speak(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
        word: &Word,
    ) -> Result<Said, Fault> {
        let stream = StreamId::pull(wisher.repository, pull.number);
        let wish = wish(wisher, line);
        let speak = Command::Speak {
            opening: Opening {
                repository: wisher.repository,
                number: pull.number,
            },
            word: word.clone(),
            wish: wish.clone(),
        };
        let done = self.invocation.submit::<Pull>(&stream, &speak).await;
        let state = done.map_err(Refused::into_fault)?.state;
        // It may be carried out for the second time.
        Ok(match state.words.has_followed(word, &wish) {
            true => Said::done(),
            false => Said::no("This came late: somebody has said something else since.".to_owned()),
        })
    }
}

/// Whether people could see this run when this was said.
fn was_there(run: &Run, wisher: &Wisher<'_>) -> bool {
    let opened = run.opened_at;
    opened.is_some_and(|opened| later(opened, CLOCK_SECONDS) <= wisher.said)
}

fn not_read(pull: &PullRequest) -> Said {
    Said::no(format!(
        "No run of {} was shown when you said this, so it may not be what you have read. Read it, and say it again.",
        pull.head.short()
    ))
}

fn no_such_job(wanted: &str, jobs: &[PlannedJob]) -> Said {
    let code = |name: &str| text::code(name, text::LINE);
    let names: BTreeSet<&str> = jobs
        .iter()
        .flat_map(|job| [job.id.as_str(), &job.name])
        .collect();
    let meant = closest(wanted, names.iter().copied());
    let meant = meant.map(|meant| format!(" Did you mean {}?", code(meant)));
    let all: Vec<String> = names.iter().map(|name| code(name)).collect();
    Said::no(format!(
        "There is no job {}; only checks of jobs are overridden: {}.{}",
        code(wanted),
        all.join(", "),
        meant.unwrap_or_default()
    ))
}
