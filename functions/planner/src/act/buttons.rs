//! Purpose: buttons of checks: run again one or all of them, release the code of a fork. Whoever presses one is held to what
//! the command would ask of them; what runs again keeps its commit and its trust.

use domain::delivery::{self, Answer, Said};
use domain::ids::{RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::plan::Trigger;
use domain::run::{Run, Summary, TaskId};
use engine::ports::{PullRequest, PullRequests};
use engine::{Fault, load};
use github::checks::{CANCEL, OK_TO_TEST};
use github::commands::{self, Command, Facts, Place, Standing, answer};
use github::payload::{Check, Notice};

use super::{Wisher, ignored};
use crate::Planner;
use crate::plan::Wish;

/// Runs of a repository that are looked through for those of a commit.
const MAX_LOOKED_AT: usize = 200;

impl Planner<'_> {
    /// One check again: its job and what has not passed; of the whole, what has not passed.
    pub(super) async fn rerun_check(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        check: &Check,
    ) -> Result<delivery::Command, Fault> {
        let Some(run) = self.run_of_check(check).await? else {
            return Ok(ignored("the check is none of ours"));
        };
        let task = check.external.split_once('/').map(|(_, task)| task);
        let task = task.and_then(|task| TaskId::try_from(task.to_owned()).ok());
        let command = match task {
            Some(TaskId::Job(job)) => Command::Test { job: Some(job) },
            _ => Command::Retest,
        };
        self.pressed(host, guid, check, &run, &command).await
    }

    /// All checks of a commit again.
    pub(super) async fn rerun_suite(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        check: &Check,
    ) -> Result<delivery::Command, Fault> {
        let test = Command::Test { job: None };
        match self.run_of_commit(check, guid).await? {
            Some(run) => self.pressed(host, guid, check, &run, &test).await,
            None => Ok(ignored("no run of ours is about this commit")),
        }
    }

    /// A run of the commit that has not ended, else the newest; none that this very delivery has made.
    async fn run_of_commit(&self, check: &Check, guid: &str) -> Result<Option<Run>, Fault> {
        let prefix = format!("run/{}/", check.repository);
        let heads = self
            .deps
            .journal
            .heads(&prefix, None, MAX_LOOKED_AT)
            .await?;
        let mut newest = None;
        for head in heads {
            let summary: Summary = serde_json::from_value(head.summary).unwrap_or_default();
            if summary.commit.as_ref() != Some(&check.head) {
                continue;
            }
            let run: Run = load(self.deps.journal, &head.stream).await?.state;
            let is_other = run.opening.as_ref().is_some_and(|o| o.delivery != guid);
            if is_other && !run.is_over() {
                return Ok(Some(run));
            }
            newest = newest.or(Some(run).filter(|_| is_other));
        }
        Ok(newest)
    }

    /// A button that a check of ours offers.
    pub(super) async fn press(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        check: &Check,
        identifier: &str,
    ) -> Result<delivery::Command, Fault> {
        let Some(run) = self.run_of_check(check).await? else {
            return Ok(ignored("the check is none of ours"));
        };
        let command = match identifier {
            // The check is that of one commit, so the button names it as the command does.
            OK_TO_TEST => Command::OkToTest {
                commit: check.head.clone(),
            },
            CANCEL => Command::Cancel,
            _ => return Ok(ignored("no check of ours has this button")),
        };
        self.pressed(host, guid, check, &run, &command).await
    }

    async fn pressed(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        check: &Check,
        run: &Run,
        command: &Command,
    ) -> Result<delivery::Command, Fault> {
        let repository = check.repository;
        let pull = match run.opening.as_ref().map(|opening| &opening.trigger) {
            Some(Trigger::PullRequest { number, .. }) => {
                host.pull_request(repository, *number).await?
            }
            _ => None,
        };
        let wisher = Wisher {
            guid,
            repository,
            sender: check.sender,
            login: &check.login,
            pull: pull.as_ref(),
            said: self.deps.clock.now(),
            comment: 0,
            standing: self
                .standing(host, repository, check.sender, &check.login)
                .await?,
        };
        let thread = pull.as_ref().map(|pull| pull.number);
        let author = pull.as_ref().and_then(|pull| pull.author.as_ref());
        let facts = Facts {
            action: "created",
            sender: check.sender,
            author: check.sender,
            place: Place::PullRequest,
            // A run of a branch has no author of its own: only members may.
            pull_author: author.map(|author| author.id),
            standing: wisher.standing,
            approves: &[],
        };
        if self.has_begun(&wisher, 0, command).await? {
            return Ok(answer::to_button(repository, thread, Said::done()));
        }
        let said = match commands::authorised(command, &facts) {
            Err(refusal) if !refusal.is_answered() => return Ok(ignored(&refusal.to_string())),
            Err(refusal) => Said::no(refusal.to_string()),
            Ok(()) if *command == Command::Cancel => {
                // A branch may be in the middle of a deploy.
                let may = pull.is_some() || facts.standing >= Standing::Writer;
                match may {
                    true => self.cancel_run(&wisher, run).await?,
                    false => Said::no(
                        "A run of a branch is cancelled by a member with write permission."
                            .to_owned(),
                    ),
                }
            }
            Ok(()) => match &pull {
                Some(pull) => self.of_pull(&wisher, pull, check, command).await?,
                None => self.of_branch(&wisher, run, command).await?,
            },
        };
        Ok(answer::to_button(repository, thread, said))
    }

    /// A button stays on the commit that it was shown at.
    async fn of_pull(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        check: &Check,
        command: &Command,
    ) -> Result<Said, Fault> {
        if pull.head != check.head {
            return Ok(Said::no(format!(
                "{} is not the head of this pull request any more; {} is.",
                check.head.short(),
                pull.head.short()
            )));
        }
        self.carry_out(wisher, 0, command).await
    }

    /// The run of the check, and no other.
    async fn cancel_run(&self, wisher: &Wisher<'_>, run: &Run) -> Result<Said, Fault> {
        // It may be carried out for the second time.
        if run.cancelled.is_some() {
            return Ok(Said::done());
        }
        let Some(opening) = run.opening.as_ref().filter(|_| !run.is_over()) else {
            return Ok(Said::no("This run has ended already.".to_owned()));
        };
        let cancel = domain::run::Command::Cancel {
            by: Some(wisher.sender.id),
            reason: "asked for by the button of its check".to_owned(),
        };
        let stream = StreamId::run(wisher.repository, &opening.run);
        Ok(match self.give(&stream, &cancel).await? {
            None => Said::done(),
            Some(why) => Said::no(format!("It could not be cancelled: {why}.")),
        })
    }

    /// A push again, for the same reason and by the same rules. Its release has to be built of one run, so all of it runs.
    async fn of_branch(
        &self,
        wisher: &Wisher<'_>,
        run: &Run,
        command: &Command,
    ) -> Result<Said, Fault> {
        let Some(opening) = &run.opening else {
            return Ok(Said::no("There is no such run.".to_owned()));
        };
        if matches!(command, Command::Retest | Command::Test { .. }) && !run.is_over() {
            return Ok(Said::no(format!("Run {} has not ended yet.", opening.run)));
        }
        let first = self.deps.inbox.delivery(&opening.delivery).await?;
        let notice = first.map(|first| github::payload::kept(&first.event, &first.body));
        let asked = match notice {
            Some(Ok(Notice::Asks(asked))) => Some(*asked),
            Some(Ok(Notice::MergeGroup(group))) => self.asked_of_group(&group).await?,
            _ => None,
        };
        let Some(mut asked) = asked else {
            return Ok(Said::no(format!(
                "The delivery of run {} is not kept, so it cannot be repeated; push again.",
                opening.run
            )));
        };
        asked.commit = Some(opening.commit.clone());
        asked.repeats = Some(opening.run.clone());
        // Whoever started the first run may not approve the second one either.
        asked.sender = asked.sender.or(opening.parties.initiator);
        let wish = Wish {
            guid: wisher.guid,
            name: wisher.guid,
            asked: &asked,
            good: None,
            awaits_trust: run.waits_for_trust(),
        };
        Ok(match self.plan(&wish).await? {
            Answer::Ignored { reason } => Said::no(format!("Nothing runs: {reason}.")),
            _ => Said::done(),
        })
    }

    /// The run that a check of ours is about.
    async fn run_of_check(&self, check: &Check) -> Result<Option<Run>, Fault> {
        let name = check.external.split('/').next().unwrap_or_default();
        if !is_run(name) {
            return Ok(None);
        }
        let run = self.load_run(check.repository, &RunId::new(name)).await?;
        let about = run.opening.as_ref().map(|opening| &opening.commit);
        Ok((about == Some(&check.head)).then_some(run))
    }

    async fn load_run(&self, repository: RepositoryId, run: &RunId) -> Result<Run, Fault> {
        let stream = StreamId::run(repository, run);
        Ok(load(self.deps.journal, &stream).await?.state)
    }
}

/// The name of a run: 12 hexadecimal characters.
fn is_run(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_hexdigit())
}
