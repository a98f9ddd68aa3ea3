//! Purpose: one approval in words and numbers for the people who decide; the mail, the page and the terminal show this.
//!
//! Every text in it went through [`super::line`]: one line, of bounded length, nothing invisible.

use domain::ids::{CommitSha, Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use domain::lane::Deployed;
use domain::plan::Role;
use domain::report::{Finding, FindingCounts, Report, TestCounts, TestFailure};
use domain::run::{Approval, Opening, Run, Stage, TaskId};
use jiff::Timestamp;

use super::checks::{count_findings, failing, new_findings, reports};
use super::facts::Facts;
use super::standing::standing;
use super::text::{MAX_NAME, MAX_REASON, MAX_SENTENCE, MAX_TITLE, line};
use crate::ports::{Commit, Comparison};

/// Commits, tests, findings and artifacts that are listed one by one; the counts are always whole.
pub const MAX_LISTED: usize = 20;

/// One approval.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalView {
    pub repository: RepositoryId,
    pub repository_name: String,
    pub run: RunId,
    pub environment: EnvironmentName,
    /// `main`, `v1.2`: the ref without its folder.
    pub reference: String,
    /// `push`, `tag` …
    pub event: &'static str,
    pub commit: CommitSha,
    /// First line of the commit's message; empty when it cannot be read any more.
    pub title: String,
    pub initiator: Option<String>,
    pub author: Option<String>,
    /// What the approval is for.
    pub release: Digest,
    /// SHA-256 of the pipeline file.
    pub pipeline: Digest,
    /// At most [`MAX_LISTED`] of `artifact_count`.
    pub artifacts: Vec<ArtifactLine>,
    pub artifact_count: usize,
    pub changes: Changes,
    /// Why it is not known whether the environment still runs what was deployed last.
    pub doubt: Option<String>,
    pub tests: TestCounts,
    /// At most [`MAX_LISTED`].
    pub failing: Vec<FailingTest>,
    pub findings: FindingCounts,
    /// At most [`MAX_LISTED`] of `findings.new`.
    pub new_findings: Vec<Finding>,
    /// The environments that come first, in order.
    pub before: Vec<Before>,
    /// Approvals that are needed.
    pub count: u8,
    pub seats: Vec<Seat>,
    pub expires_at: Timestamp,
    pub standing: Standing,
}

/// One artifact of the release set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactLine {
    pub name: String,
    pub digest: Digest,
    pub files: usize,
    pub bytes: u64,
}

/// What the environment gets that it does not have now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Nothing was deployed there before.
    First,
    /// The commit is the one that runs there now.
    Same { deployed: Deployed },
    Since {
        deployed: Deployed,
        comparison: Comparison,
    },
    /// The two cannot be compared.
    Unknown { deployed: Deployed, why: String },
}

/// A test that failed although its job succeeded: a gate allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailingTest {
    /// `job/unit`.
    pub task: String,
    pub test: TestFailure,
}

/// How it went in an environment before this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    pub environment: EnvironmentName,
    /// `deployed`.
    pub word: &'static str,
    pub why: Option<String>,
    /// The verdict of its verification, where it has one.
    pub verified: Option<&'static str>,
}

/// One of those who were asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub person: PersonId,
    /// The name; `person 7` when they are not known any more.
    pub name: String,
    pub login: Option<String>,
    pub part: Part,
}

/// What a person has to do with the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    MayDecide,
    /// Their own change, and why it is.
    Excluded {
        why: &'static str,
    },
    Decided {
        approve: bool,
        reason: String,
        at: Timestamp,
    },
}

/// Where the approval stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// So many more approvals are needed.
    Open { missing: u8 },
    /// Approved; what happens now.
    Granted { now: String },
    /// It is over: in a word, and how.
    Over { word: &'static str, how: String },
}

impl ApprovalView {
    /// The approval of this environment in this run; `None` when none was opened.
    pub fn of(
        run: &Run,
        environment: &EnvironmentName,
        facts: &Facts,
        at: Timestamp,
    ) -> Option<Self> {
        let opening = run.opening.as_deref()?;
        let stage = run.stages.get(environment)?;
        let approval = stage.approval.as_ref()?;
        let artifacts = run.artifacts();
        let reports: Vec<(&TaskId, &Report)> = reports(run).collect();
        let name = |person: Option<PersonId>| person.map(|person| name_of(facts, person));
        Some(Self {
            repository: opening.repository,
            repository_name: line(&facts.repository_name, MAX_NAME),
            run: opening.run.clone(),
            environment: environment.clone(),
            reference: line(short_reference(&opening.reference), MAX_NAME),
            event: opening.trigger.event(),
            commit: opening.commit.clone(),
            title: facts
                .head
                .as_ref()
                .map(|head| line(&head.title, MAX_TITLE))
                .unwrap_or_default(),
            initiator: name(opening.parties.initiator),
            author: name(opening.parties.author).or_else(|| {
                let head = facts.head.as_ref()?;
                Some(line(&head.author_name, MAX_NAME))
            }),
            release: approval.release.clone(),
            pipeline: opening.plan.rules(),
            artifact_count: artifacts.len(),
            artifacts: artifacts
                .iter()
                .take(MAX_LISTED)
                .map(|artifact| ArtifactLine {
                    name: line(&artifact.name, MAX_NAME),
                    digest: artifact.digest.clone(),
                    files: artifact.files.len(),
                    bytes: artifact.files.iter().map(|file| file.len).sum(),
                })
                .collect(),
            changes: clean_changes(&facts.changes),
            doubt: facts.doubt.as_ref().map(|why| line(why, MAX_SENTENCE)),
            tests: run.test_counts(),
            failing: failing(&reports),
            findings: count_findings(&reports),
            new_findings: new_findings(&reports),
            before: before(run, environment),
            count: approval.count,
            seats: seats(opening, approval, facts),
            expires_at: approval.expires_at,
            standing: standing(run, stage, approval, facts, at),
        })
    }

    /// Whether anybody can still decide.
    pub fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Open { .. })
    }

    /// The part of one person.
    pub fn seat(&self, person: PersonId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.person == person)
    }
}

fn short_reference(reference: &str) -> &str {
    let known = ["refs/heads/", "refs/tags/"];
    known
        .iter()
        .find_map(|folder| reference.strip_prefix(folder))
        .unwrap_or(reference)
}

pub(super) fn name_of(facts: &Facts, person: PersonId) -> String {
    let known = facts.people.get(&person).map(|known| {
        let name = if known.name.trim().is_empty() {
            &known.login
        } else {
            &known.name
        };
        line(name, MAX_NAME)
    });
    known.unwrap_or_else(|| format!("person {person}"))
}

fn clean_changes(changes: &Changes) -> Changes {
    match changes {
        Changes::Since {
            deployed,
            comparison,
        } => {
            let mut comparison = comparison.clone();
            comparison.commits.truncate(MAX_LISTED);
            for commit in &mut comparison.commits {
                *commit = clean_commit(commit);
            }
            Changes::Since {
                deployed: deployed.clone(),
                comparison,
            }
        }
        Changes::Unknown { deployed, why } => Changes::Unknown {
            deployed: deployed.clone(),
            why: line(why, MAX_SENTENCE),
        },
        other => other.clone(),
    }
}

fn clean_commit(commit: &Commit) -> Commit {
    Commit {
        sha: commit.sha.clone(),
        title: line(&commit.title, MAX_TITLE),
        author_name: line(&commit.author_name, MAX_NAME),
        author_address: line(&commit.author_address, MAX_NAME),
        committer_address: line(&commit.committer_address, MAX_NAME),
        at_ms: commit.at_ms,
    }
}

/// The environments on the road before this one. The plan has no circle; the bound is the number of its stages.
fn before(run: &Run, environment: &EnvironmentName) -> Vec<Before> {
    let mut names = Vec::new();
    let mut next = run
        .planned_stage(environment)
        .and_then(|planned| planned.after.clone());
    while let Some(name) = next.take_if(|_| names.len() < run.stages.len()) {
        next = run
            .planned_stage(&name)
            .and_then(|planned| planned.after.clone());
        names.push(name);
    }
    names
        .into_iter()
        .rev()
        .map(|name| {
            let stage = run.stages.get(&name);
            let outcome = stage.and_then(Stage::outcome);
            let verified = run.tasks.get(&TaskId::Verify(name.clone()));
            Before {
                word: stage.map_or("unknown", |stage| stage.phase.word()),
                why: outcome.and_then(|o| o.why().map(|why| line(why, MAX_SENTENCE))),
                verified: verified
                    .and_then(|task| task.verdict())
                    .map(|verdict| verdict.word()),
                environment: name,
            }
        })
        .collect()
}

fn seats(opening: &Opening, approval: &Approval, facts: &Facts) -> Vec<Seat> {
    let part = |person: PersonId| {
        if let Some(decision) = approval.decisions.iter().find(|d| d.person == person) {
            return Part::Decided {
                approve: decision.approve,
                reason: line(&decision.reason, MAX_REASON),
                at: decision.at,
            };
        }
        if approval.may_decide(person) {
            return Part::MayDecide;
        }
        let why = if opening.parties.has(person, Role::Initiator) {
            "started this run"
        } else {
            "wrote this change"
        };
        Part::Excluded { why }
    };
    let seat = |person: &PersonId| Seat {
        person: *person,
        name: name_of(facts, *person),
        login: facts
            .people
            .get(person)
            .map(|known| line(&known.login, MAX_NAME)),
        part: part(*person),
    };
    approval.approvers.iter().map(seat).collect()
}
