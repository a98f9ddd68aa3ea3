//! Purpose: what people have said about the pull request of a run: in the check of the whole run, and in the comment.

use std::collections::BTreeMap;

use domain::checks::{Check, Conclusion, Status};
use domain::ids::{CommitSha, JobId, PersonId};
use domain::pull;
use domain::run::{Outcome, Run, Stage, StageOutcome};

use super::{MAX_NAME, MAX_TITLE, text};

/// Characters of a reason in Markdown.
const MAX_WHY: usize = 500;
/// What stands before the names of those who have looked.
pub const LOOKS: &str = "Looks good at this commit to";

/// What was said about the pull request, as far as it holds at the commit of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// It must not be merged.
    pub hold: Option<Said>,
    /// Names of those to whom the change looks good.
    pub looks: Vec<String>,
    /// Jobs that count as passed though they did not pass.
    pub overrides: BTreeMap<JobId, Said>,
}

/// Who said something, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Their name.
    pub by: String,
    pub why: Option<String>,
}

impl Words {
    /// As a pull request has them at this commit, with the names of people.
    pub fn of(words: &pull::Words, commit: &CommitSha, name: impl Fn(PersonId) -> String) -> Self {
        let hold = words.held().map(|hold| Said {
            by: name(hold.by),
            why: hold.reason.clone(),
        });
        let overrides = words.overrides_at(commit).map(|(job, one)| {
            let (by, why) = (name(one.by), Some(one.reason.clone()));
            (job.clone(), Said { by, why })
        });
        Self {
            hold,
            looks: words.looks_at(commit).map(|look| name(look.by)).collect(),
            overrides: overrides.collect(),
        }
    }

    /// The people whose names are shown.
    pub fn people(words: &pull::Words, commit: &CommitSha) -> Vec<PersonId> {
        let held = words.held().map(|hold| hold.by);
        let looked = words.looks_at(commit).map(|look| look.by);
        let overrode = words.overrides_at(commit).map(|(_, one)| one.by);
        held.into_iter().chain(looked).chain(overrode).collect()
    }

    /// The check of the whole run: what was overridden counts as passed, and nothing is merged while somebody holds it.
    pub(super) fn on_whole(&self, run: &Run, mut check: Check) -> Check {
        if let Some(names) = self.all_that_missed(run) {
            check.status = Status::Completed(Conclusion::Success);
            let title = format!("Counts as passed: {names} overridden");
            check.title = text::line(&title, MAX_TITLE);
        }
        let passed = check.status == Status::Completed(Conclusion::Success);
        if let Some(hold) = self.hold.as_ref().filter(|_| passed) {
            check.status = Status::Completed(Conclusion::ActionRequired);
            let title = format!("Held by {}", hold.sentence());
            check.title = text::line(&title, MAX_TITLE);
        }
        check
    }

    /// The jobs because of which alone a run has failed, if each of them is overridden. Nothing was done to an environment.
    fn all_that_missed(&self, run: &Run) -> Option<String> {
        let failed = run.finished.as_ref()?.outcome == Outcome::Failed;
        let opening = run.opening.as_ref().filter(|_| failed)?;
        let untouched = |stage: &Stage| {
            let outcome = stage.outcome();
            matches!(outcome, Some(StageOutcome::Untouched { .. }))
        };
        if opening.problem.is_some() || !run.stages.values().all(untouched) {
            return None;
        }
        let jobs = opening.plan.jobs.iter().map(|job| &job.id);
        let missed: Vec<&JobId> = jobs
            .filter(|job| run.has_passed(job) != Some(true))
            .collect();
        let overridden = |job: &&JobId| run.has_missed(job) && self.overrides.contains_key(*job);
        let names: Vec<&str> = missed.iter().map(|job| job.as_str()).collect();
        (!names.is_empty() && missed.iter().all(overridden)).then(|| names.join(", "))
    }

    /// The check of a job. GitHub counts a neutral one as passed:
    /// <https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/troubleshooting-required-status-checks>
    pub(super) fn on_job(&self, run: &Run, job: &JobId, mut check: Check) -> Check {
        let said = self.overrides.get(job).filter(|_| run.has_missed(job));
        if let Some(said) = said {
            check.status = Status::Completed(Conclusion::Neutral);
            let title = format!("Overridden by {}", said.sentence());
            check.title = text::line(&title, MAX_TITLE);
            let by = text::markdown(&said.sentence(), MAX_WHY);
            check.summary = text::bounded(format!("**Overridden** by {by}\n\n{}", check.summary));
        }
        check
    }

    /// Markdown, one part for each that there is something to say of.
    pub(super) fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        if let Some(hold) = &self.hold {
            let why = hold.why.as_ref();
            let why = why.map(|why| format!(": {}", text::markdown(why, MAX_WHY)));
            parts.push(format!(
                "**Held by {}**{}\n\nNothing is merged that requires this check before somebody ends the hold with \
                 `/unhold`.",
                text::markdown(&hold.by, MAX_NAME),
                why.unwrap_or_default()
            ));
        }
        if !self.overrides.is_empty() {
            let mut lines = vec!["**Overridden at this commit**".to_owned(), String::new()];
            lines.extend(self.overrides.iter().map(|(job, said)| {
                let job = text::markdown(job.as_str(), MAX_NAME);
                format!("- {job}, by {}", text::markdown(&said.sentence(), MAX_WHY))
            }));
            parts.push(lines.join("\n"));
        }
        if !self.looks.is_empty() {
            let names = self.looks.iter().map(|name| text::markdown(name, MAX_NAME));
            let names: Vec<String> = names.collect();
            parts.push(format!("{LOOKS} {}", names.join(", ")));
        }
        parts
    }
}

impl Said {
    /// `ana: the database moves`
    fn sentence(&self) -> String {
        let why = self.why.as_ref().map(|why| format!(": {why}"));
        format!("{}{}", self.by, why.unwrap_or_default())
    }
}
