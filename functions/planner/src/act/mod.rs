//! Purpose: wishes of people: commands in comments, and buttons of checks. Each is read, held against what the person may do at
//! this moment, carried out, and answered.
//!
//! Doing one twice does it once: runs are named after the delivery and its line, and all else is a command that a machine
//! takes once.

mod buttons;
mod carry_out;
mod freeze;
mod meant;
mod words;

use std::collections::BTreeMap;

use domain::delivery::{self, Answer, Passed, Said};
use domain::ids::RepositoryId;
use domain::wish::Wish;
use engine::Fault;
use engine::ports::{Login, PullRequest, PullRequests};
use github::Notice;
use github::commands::{self, Command, Decision, Facts, Line, Standing, answer};
use github::payload::{Account, Comment, Thread};
use jiff::Timestamp;

use crate::Planner;
use meant::Meant;

/// Who wishes something, and where.
pub(crate) struct Wisher<'a> {
    pub guid: &'a str,
    pub repository: RepositoryId,
    pub sender: Account,
    /// The sender's name, as GitHub gave it.
    pub login: &'a str,
    pub pull: Option<&'a PullRequest>,
    /// When it was said.
    pub said: Timestamp,
    /// The comment's number; 0 = a button was pressed.
    pub comment: u64,
    /// What they may do in the repository at this moment.
    pub standing: Standing,
}

impl Planner<'_> {
    /// What became of a notice, and what the person reads.
    pub(crate) async fn act(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        notice: &Notice,
    ) -> Result<delivery::Command, Fault> {
        match notice {
            Notice::Comment(comment) => self.comment(host, guid, comment).await,
            Notice::RerunCheck(check) => self.rerun_check(host, guid, check).await,
            Notice::RerunSuite(check) => self.rerun_suite(host, guid, check).await,
            Notice::Action { check, identifier } => self.press(host, guid, check, identifier).await,
            _ => Ok(ignored("nothing follows from this event")),
        }
    }

    async fn comment(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        comment: &Comment,
    ) -> Result<delivery::Command, Fault> {
        let repository = comment.repository;
        if self
            .deps
            .repositories
            .repository(repository)
            .await?
            .is_none()
        {
            return Ok(ignored(&format!(
                "repository {repository} is not registered here"
            )));
        }
        let lines = commands::parse(&comment.body);
        if lines.is_empty() {
            return Ok(ignored("there is no command in it"));
        }
        let pull = match comment.thread {
            Thread::Issue(_) => None,
            Thread::Pull { number, .. } => host.pull_request(repository, number).await?,
        };
        let wisher = Wisher {
            guid,
            repository,
            sender: comment.sender,
            login: &comment.login,
            pull: pull.as_ref(),
            said: comment.created,
            comment: comment.id,
            standing: self
                .standing(host, repository, comment.sender, &comment.login)
                .await?,
        };
        let facts = Facts {
            pull_author: pull.as_ref().and_then(|p| p.author.as_ref()).map(|a| a.id),
            ..Facts::of(comment, wisher.standing)
        };
        if let Err(refusal) = commands::by_its_author(&facts) {
            return Ok(ignored(&refusal.to_string()));
        }
        let mut passed = Passed {
            said: BTreeMap::new(),
            decisions: BTreeMap::new(),
        };
        for line in &lines {
            match self.line(&wisher, &facts, line).await? {
                Meant::Run(run) => {
                    passed.decisions.insert(line.number, run);
                }
                Meant::Nothing(said) => {
                    passed.said.insert(line.number, said);
                }
            }
        }
        Ok(match passed.decisions.is_empty() {
            true => answer::to_comment(comment, &lines, &passed.said),
            false => delivery::Command::PassOn(passed),
        })
    }

    /// Carries out one line, or finds out of which run it decides.
    async fn line(
        &self,
        wisher: &Wisher<'_>,
        facts: &Facts<'_>,
        line: &Line,
    ) -> Result<Meant, Fault> {
        let command = match &line.read {
            Ok(command) => command,
            Err(mistake) => return Ok(Meant::Nothing(Said::no(mistake.to_string()))),
        };
        if let Some(decision) = Decision::of(command) {
            return self.meant(wisher, facts, (command, decision)).await;
        }
        if self.has_begun(wisher, line.number, command).await? {
            return Ok(Meant::Nothing(Said::done()));
        }
        Ok(Meant::Nothing(match commands::authorised(command, facts) {
            Err(refusal) => Said::no(refusal.to_string()),
            Ok(()) => self.carry_out(wisher, line.number, command).await?,
        }))
    }

    /// Asked for every delivery: what somebody may do can end at any moment.
    async fn standing(
        &self,
        host: &dyn PullRequests,
        repository: RepositoryId,
        sender: Account,
        login: &str,
    ) -> Result<Standing, Fault> {
        let who = Login {
            id: sender.id,
            name: login.to_owned(),
        };
        host.standing(repository, &who).await
    }

    /// One wish that has been allowed.
    async fn carry_out(
        &self,
        wisher: &Wisher<'_>,
        line: usize,
        command: &Command,
    ) -> Result<Said, Fault> {
        match command {
            Command::Help => return Ok(Said::text(commands::help())),
            Command::Freeze { reason } => {
                return self.freeze(wisher, line, reason.as_deref()).await;
            }
            Command::Unfreeze => return self.unfreeze(wisher, line).await,
            _ => {}
        }
        let Some(pull) = wisher.pull else {
            return Ok(answer::not_there(command));
        };
        if !pull.is_open && !matches!(command, Command::Why | Command::Unhold) {
            return Ok(Said::no("This pull request is closed.".to_owned()));
        }
        match command {
            Command::Why => self.why(wisher, pull).await,
            Command::Test { job } => self.test(wisher, pull, line, job.as_ref()).await,
            Command::Retest => self.retest(wisher, pull, line).await,
            Command::Cancel => self.cancel(wisher, pull).await,
            Command::Hold { reason } => self.hold(wisher, pull, line, reason.as_deref()).await,
            Command::Unhold => self.unhold(wisher, pull, line).await,
            Command::Lgtm { cancel } => self.lgtm(wisher, pull, line, *cancel).await,
            Command::Override { check, reason } => {
                self.override_check(wisher, pull, line, check, reason).await
            }
            Command::Skip => self.skip(wisher, pull, line).await,
            Command::OkToTest { commit } => self.ok_to_test(wisher, pull, commit).await,
            other => Ok(answer::not_there(other)),
        }
    }
}

/// A line of a delivery is one wish, however often it is carried out.
fn wish(wisher: &Wisher<'_>, line: usize) -> Wish {
    Wish {
        id: format!("{}/{line}", wisher.guid),
        said: wisher.said,
        number: wisher.comment,
    }
}

fn ignored(reason: &str) -> delivery::Command {
    delivery::Command::Answer(Answer::Ignored {
        reason: reason.to_owned(),
    })
}
