//! Purpose: what each command does to the runs of a pull request.

use std::collections::BTreeSet;

use domain::delivery::{Answer, Said};
use domain::ids::{CommitSha, JobId};
use domain::kernel::StreamId;
use domain::pipeline;
use domain::plan::Trigger;
use domain::pull::Pull;
use domain::run::{Command, Run, TaskId};
use engine::ports::PullRequest;
use engine::views;
use engine::{Fault, Refused, load};
use github::commands::Command as Asks;
use github::payload::Asked;
use github::text;

use super::Wisher;
use crate::Planner;
use crate::plan::{Good, Wish};

impl Planner<'_> {
    /// Every job, or one of them and those that have not passed yet: what has not passed never hides behind what has.
    pub(super) async fn test(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
        job: Option<&JobId>,
    ) -> Result<Said, Fault> {
        let before = self.latest(wisher, pull).await?;
        let good = match (job, &before) {
            (None, _) => None,
            (Some(job), None) => {
                return Ok(Said::no(format!(
                    "Nothing has run at {} yet, so it is not known whether there is a job {}. `/test` runs all.",
                    pull.head.short(),
                    text::code(job.as_str(), text::LINE),
                )));
            }
            (Some(job), Some(run)) => {
                let jobs = run.opening.as_ref().map_or(&[][..], |o| &o.plan.jobs);
                let wanted = pipeline::named(jobs, job.as_str());
                if wanted.is_empty() {
                    let names: BTreeSet<String> = jobs
                        .iter()
                        .map(|job| text::code(&job.name, text::LINE))
                        .collect();
                    let names: Vec<String> = names.into_iter().collect();
                    return Ok(Said::no(format!(
                        "There is no job {}; there are {}.",
                        text::code(job.as_str(), text::LINE),
                        names.join(", "),
                    )));
                }
                let mut good = passed(run);
                good.jobs.retain(|job| !wanted.contains(job));
                Some(good)
            }
        };
        self.again(wisher, pull, line, before.as_ref(), good).await
    }

    /// Whether the run that this line asks for is there. Whoever opened it may have died before all knew of it, and what is
    /// refused now was allowed then.
    pub(super) async fn has_begun(
        &self,
        wisher: &Wisher<'_>,
        line: usize,
        command: &Asks,
    ) -> Result<bool, Fault> {
        if !matches!(command, Asks::Test { .. } | Asks::Retest) {
            return Ok(false);
        }
        let name = format!("{}/{line}", wisher.guid);
        let nothing = Answer::Ignored {
            reason: String::new(),
        };
        let known = self.or_known(wisher.repository, &name, nothing).await?;
        Ok(matches!(known, Answer::Planned { .. }))
    }

    /// The jobs that have not passed at the head.
    pub(super) async fn retest(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
    ) -> Result<Said, Fault> {
        let before = self.latest(wisher, pull).await?;
        let Some(run) = &before else {
            return self.again(wisher, pull, line, None, None).await;
        };
        if !run.is_over() {
            return Ok(Said::no(format!(
                "Run {} has not ended yet; `/cancel` ends it.",
                name(run)
            )));
        }
        let good = passed(run);
        let jobs = run.opening.as_ref().map_or(0, |o| o.plan.jobs.len());
        if jobs > 0 && good.jobs.len() == jobs {
            return Ok(Said::no(
                "Every job has passed at this commit. `/test` runs them all again.".to_owned(),
            ));
        }
        self.again(wisher, pull, line, before.as_ref(), Some(good))
            .await
    }

    /// A run of the head, named after the line that asks for it. It has the trust of the one before, if that was the same in
    /// all that trust depends on.
    async fn again(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
        before: Option<&Run>,
        good: Option<Good>,
    ) -> Result<Said, Fault> {
        let asked = asked(wisher, pull);
        let is_own = pull.head_repository == Some(wisher.repository);
        let same = before.filter(|run| {
            run.opening.as_ref().is_some_and(|opening| {
                (&opening.trigger, &opening.reference) == (&asked.trigger, &asked.reference)
            })
        });
        if !is_own && same.is_none_or(Run::waits_for_trust) {
            return Ok(Said::no(format!(
                "The code at {} is that of a fork and has not been released. A member with write permission can, with \
                 `/ok-to-test {}`.",
                pull.head.short(),
                pull.head
            )));
        }
        let wish = Wish {
            guid: wisher.guid,
            name: &format!("{}/{line}", wisher.guid),
            asked: &asked,
            good,
            awaits_trust: false,
        };
        Ok(match self.plan(&wish).await? {
            Answer::Ignored { reason } => Said::no(format!(
                "Nothing runs: {}.",
                text::inline(&reason, text::LINE)
            )),
            _ => Said::done(),
        })
    }

    /// What has not ended of the pull request.
    pub(super) async fn cancel(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
    ) -> Result<Said, Fault> {
        let mut ended = 0;
        for planned in self.known(wisher, pull).await?.runs {
            let stream = StreamId::run(wisher.repository, &planned.run);
            let run: Run = load(self.deps.journal, &stream).await?.state;
            if run.is_over() {
                continue;
            }
            let cancel = Command::Cancel {
                by: Some(wisher.sender.id),
                reason: format!("asked for below pull request #{}", pull.number),
            };
            ended += usize::from(self.give(&stream, &cancel).await?.is_none());
        }
        Ok(match ended {
            0 => Said::no("Nothing of this pull request is running.".to_owned()),
            _ => Said::done(),
        })
    }

    /// The commit has to be the head: what the person has read is what will run.
    pub(super) async fn ok_to_test(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        commit: &CommitSha,
    ) -> Result<Said, Fault> {
        if *commit != pull.head {
            return Ok(Said::no(format!(
                "The head of this pull request is {} now. Read it, and release that one.",
                pull.head.short()
            )));
        }
        let Some(planned) = self.known(wisher, pull).await?.run_at(commit).cloned() else {
            return Ok(Said::no(format!(
                "No run waits at {}; its delivery may still be on its way.",
                commit.short()
            )));
        };
        let stream = StreamId::run(wisher.repository, &planned.run);
        let trust = Command::Trust {
            commit: commit.clone(),
            by: wisher.sender.id,
        };
        Ok(match self.give(&stream, &trust).await? {
            None => Said::done(),
            Some(why) => Said::no(format!("It could not be released: {why}.")),
        })
    }

    /// What the latest run waits for.
    pub(super) async fn why(&self, wisher: &Wisher<'_>, pull: &PullRequest) -> Result<Said, Fault> {
        let known = self.known(wisher, pull).await?;
        let Some(planned) = known.latest() else {
            let held = known
                .words
                .held()
                .map(|_| " It is held; `/unhold` lets it be merged.");
            let held = held.unwrap_or_default();
            return Ok(Said::text(format!("Nothing has run here yet.{held}")));
        };
        let stream = StreamId::run(wisher.repository, &planned.run);
        let deps = self.deps;
        let told = views::why(deps.journal, deps.people, &stream, deps.clock.now()).await?;
        let Some(told) = told else {
            return Ok(Said::text("Nothing has run here yet.".to_owned()));
        };
        let mut lines = vec![format!(
            "[Run {run}]({base}/runs/{repository}/{run}) at {commit}: {sentence}",
            run = planned.run,
            base = deps.base_url,
            repository = wisher.repository,
            commit = planned.commit.short(),
            sentence = text::inline(&told.sentence, text::LINE),
        )];
        lines.extend(told.waits.iter().map(|wait| {
            let subject = text::inline(&wait.subject, text::LINE);
            format!("- {subject}: {}", text::inline(&wait.sentence, text::LINE))
        }));
        Ok(Said::text(lines.join("\n")))
    }

    /// The runs that the pull request has had.
    pub(super) async fn known(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
    ) -> Result<Pull, Fault> {
        let stream = StreamId::pull(wisher.repository, pull.number);
        Ok(load(self.deps.journal, &stream).await?.state)
    }

    /// The latest run at the head that was not made by this very delivery, which may be carried out for the second time.
    async fn latest(&self, wisher: &Wisher<'_>, pull: &PullRequest) -> Result<Option<Run>, Fault> {
        let known = self.known(wisher, pull).await?;
        for planned in known.runs.iter().rev() {
            if planned.commit != pull.head {
                continue;
            }
            let stream = StreamId::run(wisher.repository, &planned.run);
            let run: Run = load(self.deps.journal, &stream).await?.state;
            if run
                .opening
                .as_ref()
                .is_some_and(|o| o.delivery != wisher.guid)
            {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// Gives a run a command; answers why it said no.
    pub(super) async fn give(
        &self,
        stream: &StreamId,
        command: &Command,
    ) -> Result<Option<String>, Fault> {
        match self.invocation.submit::<Run>(stream, command).await {
            Ok(_) => Ok(None),
            Err(Refused::Rejected(rejection)) => Ok(Some(rejection.to_string())),
            Err(Refused::Fault(fault)) => Err(fault),
        }
    }
}

/// The wish that a push to the pull request would be.
fn asked(wisher: &Wisher<'_>, pull: &PullRequest) -> Asked {
    let is_own = pull.head_repository == Some(wisher.repository);
    Asked {
        repository: wisher.repository,
        trigger: Trigger::PullRequest {
            number: pull.number,
            base: pull.base_branch.clone(),
            head: pull.head_branch.clone(),
        },
        reference: match is_own {
            true => format!("refs/heads/{}", pull.head_branch),
            false => format!("refs/pull/{}/head", pull.number),
        },
        commit: Some(pull.head.clone()),
        rules: Some(pull.base.clone()),
        before: Some(pull.base.clone()),
        sender: Some(wisher.sender.id),
        repeats: None,
        // Whether it is trusted has been looked at.
        stranger: None,
    }
}

/// What has passed in a run, so that it need not run again.
fn passed(run: &Run) -> Good {
    let jobs = run.tasks.keys().filter_map(|id| match id {
        TaskId::Job(job) if run.has_passed(job) == Some(true) => Some(job.clone()),
        _ => None,
    });
    Good {
        jobs: jobs.collect(),
        why: format!("it passed at this commit in run {}", name(run)),
    }
}

fn name(run: &Run) -> &str {
    run.opening.as_ref().map_or("?", |o| o.run.as_str())
}
