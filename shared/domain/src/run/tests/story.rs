//! Purpose: a small language for stories about runs, and plans to tell them about.

use jiff::{SignedDuration, Timestamp};

use super::line::line;
use crate::ids::{CommitSha, Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use crate::kernel::Machine;
use crate::plan::{
    ApprovalPolicy, Concurrency, OnNew, Parties, Plan, PlannedJob, PlannedStage, Role, Step,
    Trigger,
};
use crate::run::{
    Attempt, Command, Decision, EndFacts, Event, Opening, Phase, Run, TaskId, Verdict,
};

pub(crate) const ANA: PersonId = PersonId(1);

/// A run and the time, and what has happened so far.
pub(crate) struct Story {
    pub run: Run,
    pub now: Timestamp,
    lines: Vec<String>,
    fence: u64,
}

fn step(command: &str) -> Step {
    Step {
        run: vec![command.to_owned()],
        env: Default::default(),
        timeout_seconds: 600,
        image: None,
    }
}

fn job(id: &str, needs: &[&str], retries: u8) -> PlannedJob {
    PlannedJob {
        id: id.into(),
        name: id.to_owned(),
        needs: needs.iter().map(|need| (*need).into()).collect(),
        skip: None,
        step: step(id),
        retries,
        reports: Vec::new(),
        artifacts: Vec::new(),
        cache: Vec::new(),
    }
}

fn stage(name: &str, after: Option<&str>, approval: Option<u8>, rollback: bool) -> PlannedStage {
    PlannedStage {
        environment: name.into(),
        after: after.map(Into::into),
        deploy: step("deploy"),
        verify: rollback.then(|| step("verify")),
        rollback: rollback.then(|| step("rollback")),
        approval: approval.map(|count| ApprovalPolicy {
            people: vec!["bob".to_owned()],
            teams: Vec::new(),
            count,
            exclude: vec![Role::Initiator, Role::Author],
            expires_seconds: 86_400,
        }),
        freeze: Vec::new(),
        url: None,
    }
}

/// The plans that stories are about.
pub(crate) fn plan(name: &str) -> Plan {
    let (jobs, stages) = match name {
        "jobs" => (
            vec![
                job("build", &[], 0),
                job("unit", &["build"], 1),
                job("lint", &[], 0),
            ],
            vec![],
        ),
        "road" => (
            vec![job("build", &[], 0)],
            vec![
                stage("staging", None, None, false),
                stage("production", Some("staging"), Some(1), false),
            ],
        ),
        "careful" => (
            vec![job("build", &[], 0)],
            vec![stage("staging", None, None, true)],
        ),
        "two approvals" => (vec![], vec![stage("production", None, Some(2), false)]),
        "frozen" => {
            let mut production = stage("production", None, Some(1), false);
            if let Some(approval) = &mut production.approval {
                approval.expires_seconds = 10 * 86_400;
            }
            production.freeze = vec![crate::plan::FreezeWindow {
                cron: "0 18 * * FRI".to_owned(),
                for_seconds: 62 * 3600,
                time_zone: "Asia/Shanghai".to_owned(),
            }];
            (vec![], vec![production])
        }
        "nothing" => (vec![], vec![]),
        other => panic!("no plan {other}"),
    };
    Plan {
        pipeline: Digest::of(b"pipeline"),
        jobs,
        stages,
        concurrency: Concurrency {
            group: "main".to_owned(),
            on_new: OnNew::Cancel,
        },
        environments: None,
    }
}

pub(crate) fn opening(plan_name: &str) -> Opening {
    Opening {
        repository: RepositoryId(7),
        run: RunId::new("r1"),
        delivery: "d1".to_owned(),
        trigger: Trigger::Push {
            branch: "main".to_owned(),
        },
        reference: "refs/heads/main".to_owned(),
        commit: CommitSha::new("c0ffee".repeat(6) + "c0ff"),
        parties: Parties {
            initiator: Some(ANA),
            author: Some(ANA),
        },
        plan: plan(plan_name),
        repeats: None,
        problem: None,
        has_checks: false,
        awaits_trust: false,
        proposal: None,
    }
}

impl Story {
    pub fn open(plan: &str) -> Self {
        Self::of(opening(plan))
    }

    pub fn of(opening: Opening) -> Self {
        // A Monday, noon UTC.
        let now = "2026-03-02T12:00:00Z".parse().unwrap();
        let mut story = Self {
            run: Run::default(),
            now,
            lines: Vec::new(),
            fence: 0,
        };
        story.give(&Command::Open(Box::new(opening)));
        story
    }

    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// One command of the story.
    pub fn tell(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
        self.lines.push(format!("> {line}"));
        match word {
            "turn" => self.give(&Command::TakeTurn),
            "slots" => {
                let wanted = self.run.attempts_that_want_a_slot().collect();
                self.give(&Command::GrantSlots(wanted));
            }
            "start" => self.start(first, more),
            "claim" => self.claim(first, more),
            "end" => self.end(first, more),
            "pass" => {
                for event in ["start", "claim", "end"] {
                    let result = if event == "end" { "ok" } else { "" };
                    self.quietly(event, rest, result);
                }
            }
            "lane" => {
                self.fence += 1;
                let (environment, fence) = (EnvironmentName::new(first), self.fence);
                self.give(&Command::GrantLane {
                    environment,
                    fence,
                    previous: None,
                });
            }
            "settle" => self.give(&Command::Settled {
                environment: first.into(),
            }),
            "return" => self.give(&Command::LaneReturned {
                environment: first.into(),
            }),
            "approvers" => {
                let approvers = people(more);
                let excluded = approvers.iter().copied().filter(|p| *p == ANA).collect();
                self.give(&Command::OpenApproval {
                    environment: first.into(),
                    approvers,
                    excluded,
                });
            }
            "approve" | "reject" => self.decide(first, more, word == "approve"),
            "authorise" => {
                let (environment, approvers) = (first.into(), people(more));
                self.give(&Command::Authorise {
                    environment,
                    approvers,
                });
            }
            "cancel" => self.give(&Command::Cancel {
                by: None,
                reason: rest.to_owned(),
            }),
            "skip" => self.give(&Command::Skip {
                by: ANA,
                wish: rest.to_owned(),
            }),
            "supersede" => self.give(&Command::Supersede {
                by: RunId::new(rest),
            }),
            "frozen" => {
                let attempt = self.attempt(first);
                self.give(&Command::DeferBuild {
                    attempt,
                    why: "deploys are frozen".to_owned(),
                    until: self.now,
                    frozen: true,
                });
            }
            "returns" => {
                let places = self.run.slots.union(&self.run.asked).cloned().collect();
                self.give(&Command::SlotsReturned(places));
                self.give(&Command::TurnReturned);
            }
            "wait" => {
                let hours: i64 = rest.trim_end_matches('h').parse().unwrap();
                self.now = self
                    .now
                    .checked_add(SignedDuration::from_hours(hours))
                    .unwrap();
                let events = self.run.advance(self.now);
                self.happen(events);
            }
            "owed" => {
                let owed = self.run.outstanding(self.now);
                self.lines
                    .extend(owed.iter().map(|effect| format!("  owed {effect:?}")));
            }
            other => panic!("no story word {other}"),
        }
    }

    fn quietly(&mut self, word: &str, task: &str, result: &str) {
        match word {
            "start" => self.start(task, result),
            "claim" => self.claim(task, result),
            _ => self.end(task, result),
        }
    }

    pub fn attempt(&self, task: &str) -> Attempt {
        let task = TaskId::try_from(task.to_owned()).unwrap();
        let number = self.run.tasks.get(&task).map_or(1, |task| task.attempt);
        Attempt { task, number }
    }

    fn start(&mut self, task: &str, build: &str) {
        let attempt = self.attempt(task);
        let build = if build.is_empty() {
            format!("b-{attempt}")
        } else {
            build.to_owned()
        };
        self.give(&Command::BuildStarted {
            attempt,
            build: build.as_str().into(),
        });
    }

    fn claim(&mut self, task: &str, build: &str) {
        let attempt = self.attempt(task);
        let build = if build.is_empty() {
            format!("b-{attempt}")
        } else {
            build.to_owned()
        };
        self.give(&Command::Claim {
            attempt,
            build: build.as_str().into(),
        });
    }

    fn end(&mut self, task: &str, result: &str) {
        let attempt = self.attempt(task);
        let build = match self.run.tasks.get(&attempt.task).map(|task| &task.phase) {
            Some(Phase::Started { build, .. }) => build.clone(),
            _ => format!("b-{attempt}").as_str().into(),
        };
        let (word, why) = result.split_once(' ').unwrap_or((result, "exit status 1"));
        let why = why.to_owned();
        let verdict = match word {
            "ok" => Verdict::Succeeded,
            "fail" => Verdict::Failed { why },
            "lost" => Verdict::Lost { why },
            "unclaimed" => Verdict::NotStarted { why },
            "late" => Verdict::TimedOut,
            "stopped" => Verdict::Cancelled,
            other => panic!("no result {other}"),
        };
        let end = Box::new(EndFacts::without_build(verdict, self.now));
        self.give(&Command::BuildEnded {
            attempt,
            build,
            end,
        });
    }

    fn decide(&mut self, environment: &str, rest: &str, approve: bool) {
        let (person, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let release = match reason {
            "other-release" => Digest::of(b"other"),
            _ => self
                .run
                .release
                .clone()
                .unwrap_or_else(|| Digest::of(b"none")),
        };
        let decision = Decision {
            person: PersonId(person.parse().unwrap()),
            approve,
            reason: reason.to_owned(),
            release,
            at: self.now,
            signature: String::new(),
        };
        self.give(&Command::Decide {
            environment: environment.into(),
            decision,
        });
    }

    pub fn give(&mut self, command: &Command) {
        match self.run.decide(self.now, command) {
            Ok(events) => {
                self.happen(events);
                let follow = self.run.advance(self.now);
                self.happen(follow);
            }
            Err(rejection) => self.lines.push(format!("  refused: {rejection}")),
        }
    }

    fn happen(&mut self, events: Vec<Event>) {
        for event in events {
            self.lines.push(format!("  {}", line(&event)));
            self.run = std::mem::take(&mut self.run).evolve(&event);
        }
    }
}

fn people(text: &str) -> Vec<PersonId> {
    text.split_whitespace()
        .map(|id| PersonId(id.parse().unwrap()))
        .collect()
}
