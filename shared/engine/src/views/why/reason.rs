//! Purpose: the reasons for which a run waits, and their sentences.

use domain::ids::{PersonId, RunId};
use domain::kernel::StreamId;
use domain::pool::{Pool, Ticket};
use domain::run::{Phase, Run};
use domain::words::{clock_time, counted, duration};
use jiff::Timestamp;
use serde::Serialize;

/// Why something waits, or that it is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// For a person: it failed so often that nobody works on it any more.
    Quarantined {
        stream: StreamId,
        why: String,
    },
    /// For its turn in the concurrency group.
    Turn {
        group: String,
        /// `None` = its turn is about to be asked for or granted.
        behind: Option<RunId>,
    },
    /// For somebody who may release the code of a fork.
    Trust,
    FindingApprovers,
    Approval {
        /// Those who may decide and have not.
        people: Vec<PersonId>,
        /// Their names.
        of: String,
        given: usize,
        count: u8,
    },
    /// A freeze window holds.
    Frozen,
    /// Somebody has frozen all deploys of the repository.
    DeploysFrozen {
        /// Their name; `None` = somebody at the machine's own command line.
        by: Option<String>,
        why: Option<String>,
    },
    /// Somebody keeps the pull request from being merged; the run itself waits for nothing.
    Held {
        /// Their name.
        by: String,
        why: Option<String>,
    },
    /// For its turn in the environment.
    Lane {
        holder: Option<RunId>,
        /// 1 = next.
        position: Option<usize>,
        /// It has been granted, and the run will see it at once.
        granted: bool,
    },
    /// Decisions are checked again.
    Authorising,
    AboutToDeploy,
    /// For a place in the pool of jobs.
    Pool {
        /// 1 = next; `None` = it is about to be asked for, or granted.
        position: Option<usize>,
        waiting: usize,
        running: usize,
        capacity: usize,
    },
    /// The host of builds cannot start it now.
    Deferred {
        why: String,
    },
    /// The build was asked for and has not begun.
    Starting,
    Running {
        limit_seconds: u32,
    },
    /// The target has to come to rest.
    Settling,
    /// The environment goes back.
    Returning,
    /// It was cancelled or superseded; what runs has to end.
    Stopping {
        why: String,
        builds: usize,
    },
}

pub(super) fn stopping(run: &Run) -> Reason {
    let why = match (&run.cancelled, &run.superseded) {
        (Some(reason), _) => format!("cancelled: {reason}"),
        (None, Some(by)) => format!("superseded by run {by}"),
        (None, None) => String::new(),
    };
    let is_live = |phase: &Phase| matches!(phase, Phase::Requested { .. } | Phase::Started { .. });
    let builds = run
        .tasks
        .values()
        .filter(|task| is_live(&task.phase))
        .count();
    Reason::Stopping { why, builds }
}

pub(super) fn pool(pool: &Pool, ticket: &Ticket) -> Reason {
    Reason::Pool {
        position: pool.position(ticket),
        waiting: pool.waiting.len(),
        running: pool.holders.len(),
        capacity: pool.capacity,
    }
}

impl Reason {
    /// What holds everything up comes first, what is on its way last.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Quarantined { .. } => 0,
            Self::Stopping { .. } => 1,
            Self::Turn { .. } | Self::Trust => 2,
            Self::Approval { .. } => 3,
            Self::Frozen | Self::DeploysFrozen { .. } => 4,
            Self::Lane { .. } => 5,
            Self::Deferred { .. } => 6,
            Self::Pool {
                position: Some(_), ..
            } => 7,
            Self::Pool { .. } | Self::Starting => 8,
            Self::Held { .. } => 10,
            _ => 9,
        }
    }

    pub(super) fn sentence(
        &self,
        subject: &str,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> String {
        let at = |time: Option<Timestamp>| time.map(|time| clock_time(time, now));
        let since_text = at(since).map(|t| format!(" since {t}")).unwrap_or_default();
        let until_text = at(until).map(|t| format!(" until {t}")).unwrap_or_default();
        let end_text = at(until)
            .map(|t| format!(", until {t} at the latest"))
            .unwrap_or_default();
        match self {
            Self::Quarantined { stream, why } => format!(
                "Nobody works on {subject} any more: {why}. Once that is repaired, `slipway journal release {stream}` puts \
                 it back to work."
            ),
            Self::Turn { .. } => self.turn(subject, &since_text, &end_text),
            Self::Trust => format!(
                "The code of a fork waits{since_text} until a member with write permission has read and released this \
                 commit{end_text}."
            ),
            Self::FindingApprovers => {
                format!(
                    "{} waits: finding the people who may approve it.",
                    upper(subject)
                )
            }
            Self::Approval {
                of, given, count, ..
            } => format!(
                "{} waits for approval by {of}{until_text} ({given} of {count} given).",
                upper(subject),
            ),
            Self::Frozen => format!("{} is frozen{until_text}.", upper(subject)),
            Self::Held { by, why } => {
                let why = why.as_ref().map(|why| format!(" Why: {why}"));
                format!(
                    "{} is held by {by}{since_text}: nothing is merged before somebody says /unhold.{}",
                    upper(subject),
                    why.unwrap_or_default()
                )
            }
            Self::DeploysFrozen { .. } => self.deploys_frozen(subject, &since_text, &end_text),
            Self::Lane { .. } => self.lane(subject, &since_text, &end_text),
            Self::Authorising => {
                format!(
                    "{} is next: its approvals are checked again.",
                    upper(subject)
                )
            }
            Self::AboutToDeploy => format!("The deploy to {subject} is about to begin."),
            Self::Pool { .. } => self.pool(subject, &since_text, &end_text),
            Self::Deferred { why } => {
                format!("{} is put off{until_text}: {why}.", upper(subject))
            }
            Self::Starting => format!(
                "{} waits for its build to begin{since_text}.",
                upper(subject)
            ),
            Self::Running { limit_seconds } => {
                let ran = since.map_or(0, |since| millis(since, now));
                let (ran, limit) = (duration(ran), duration(u64::from(*limit_seconds) * 1_000));
                format!(
                    "{} has been running for {ran} of at most {limit}.",
                    upper(subject)
                )
            }
            Self::Settling => {
                format!(
                    "{} is settling: it ends when nothing that the deploy began works on it any more, however long that \
                     takes.",
                    upper(subject)
                )
            }
            Self::Returning => format!("{} is handed on to the next run.", upper(subject)),
            Self::Stopping { why, builds } => match builds {
                0 => format!("The run is stopping ({why})."),
                _ => {
                    let builds = counted(*builds as u64, "build");
                    format!("The run is stopping ({why}); {builds} must end first.")
                }
            },
        }
    }

    /// The reason comes last: it may be long, and be cut off.
    fn deploys_frozen(&self, subject: &str, since: &str, end: &str) -> String {
        let Self::DeploysFrozen { by, why } = self else {
            return String::new();
        };
        let by = by.as_ref().map(|by| format!(" by {by}"));
        let why = why.as_ref().map(|why| format!(" Why: {why}"));
        format!(
            "{} waits{end}: deploys of the repository are frozen{since}{by}; /unfreeze or slipway unfreeze lets them begin \
             again.{why}",
            upper(subject),
            by = by.unwrap_or_default(),
            why = why.unwrap_or_default(),
        )
    }

    fn turn(&self, subject: &str, since: &str, end: &str) -> String {
        let Self::Turn { group, behind } = self else {
            return String::new();
        };
        let subject = upper(subject);
        match behind {
            Some(run) => {
                format!(
                    "{subject} waits for its turn{since}, behind run {run} in group {group}{end}."
                )
            }
            None => format!("{subject} is next in group {group}."),
        }
    }

    fn lane(&self, subject: &str, since: &str, end: &str) -> String {
        let Self::Lane {
            holder,
            position,
            granted,
        } = self
        else {
            return String::new();
        };
        let place = position
            .map(|n| format!(", position {n} in line"))
            .unwrap_or_default();
        match holder {
            Some(run) => {
                format!(
                    "{} waits: run {run} deploys to it{since}{place}{end}.",
                    upper(subject)
                )
            }
            None if *granted => format!("{} is free, and this run is next.", upper(subject)),
            None => format!(
                "{} waits for its turn to deploy{place}{end}.",
                upper(subject)
            ),
        }
    }

    fn pool(&self, subject: &str, since: &str, end: &str) -> String {
        let Self::Pool {
            position,
            waiting,
            running,
            capacity,
        } = self
        else {
            return String::new();
        };
        match position {
            Some(position) => format!(
                "{} waits for a place{since}: position {position} of {waiting} in the pool of jobs, {running} of {capacity} \
                 places taken{end}.",
                upper(subject)
            ),
            None => format!(
                "{} is about to get a place in the pool of jobs.",
                upper(subject)
            ),
        }
    }
}

fn millis(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond().saturating_sub(from.as_millisecond())).unwrap_or(0)
}

/// `the deploy` at the beginning of a sentence. Names from the pipeline file keep their letters.
fn upper(subject: &str) -> String {
    match subject.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => subject.to_owned(),
    }
}
