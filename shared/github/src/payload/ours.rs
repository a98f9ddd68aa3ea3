//! Purpose: deliveries that a machine hands in itself: ticks of schedules, wishes of the command line, heads that no delivery
//! told of.

use domain::ids::{CommitSha, Digest, PersonId, RepositoryId, RunId};
use domain::plan::Trigger;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{PayloadError, Read, ask, commit};

/// The event name of a schedule's tick; only the machine itself hands one in.
pub const SCHEDULE_EVENT: &str = "slipway_schedule";
/// The event name of a run that a person asked for on the command line.
pub const MANUAL_EVENT: &str = "slipway_manual";

/// The event name of a push, GitHub's or one that is made up.
pub const PUSH_EVENT: &str = "push";

/// A tick, as the machine hands it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleBody {
    pub repository: RepositoryId,
    pub name: String,
    pub branch: String,
    /// When it was due; makes the body of every tick its own.
    pub due: jiff::Timestamp,
}

/// A wish of the command line: this commit once more, for the same reason and by the same rules as the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualBody {
    pub repository: RepositoryId,
    /// The full ref.
    pub reference: String,
    pub commit: String,
    /// What the run was about that is repeated; without it the person is what starts the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// The commit whose pipeline file holds; `None` = the commit itself, which what is to be merged may
    /// not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<CommitSha>,
    /// What paths are compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CommitSha>,
    /// The run that is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<RunId>,
    pub sender: Option<PersonId>,
    pub reason: String,
}

/// The head of a branch that GitHub made no delivery of. It is handed in as the push that it was, in GitHub's shape, so that
/// it is planned like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissedHead {
    pub repository: RepositoryId,
    /// The full ref.
    pub reference: String,
    /// Where the ref was before; `None` when it was not there.
    pub before: Option<CommitSha>,
    pub commit: CommitSha,
    pub sender: Option<PersonId>,
}

impl MissedHead {
    /// The same for one head of one ref, whoever looks and however often.
    pub fn guid(&self) -> String {
        let Self {
            repository,
            reference,
            commit,
            ..
        } = self;
        let whose = format!("head {repository} {reference} {commit}");
        format!("head-{}", Digest::of(whose.as_bytes()).as_str())
    }

    /// The body of the push. <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>
    pub fn body(&self) -> String {
        let zero = || "0".repeat(self.commit.as_str().len());
        let before = self.before.as_ref();
        let before = before.map_or_else(zero, |before| before.as_str().to_owned());
        json!({
            "ref": self.reference,
            "before": before,
            "after": self.commit,
            "created": self.before.is_none(),
            "deleted": false,
            "repository": { "id": self.repository },
            "sender": self.sender.map(|sender| json!({ "id": sender })),
        })
        .to_string()
    }
}

pub(super) fn read_tick(tick: ScheduleBody) -> Result<Read, PayloadError> {
    let reference = format!("refs/heads/{}", tick.branch);
    let trigger = Trigger::Schedule {
        name: tick.name,
        branch: tick.branch,
    };
    ask(tick.repository, trigger, reference, None, None, None)
}

pub(super) fn read_manual(wish: ManualBody) -> Result<Read, PayloadError> {
    let trigger = match wish.trigger {
        Some(trigger) => trigger,
        None => manual_trigger(&wish.reference),
    };
    let of_base = trigger.is_proposed();
    let before = wish.before.as_ref().map(CommitSha::as_str);
    let mut read = ask(
        wish.repository,
        trigger,
        wish.reference,
        Some(&wish.commit),
        before,
        wish.sender,
    )?;
    if let Read::Asks(asked) = &mut read {
        asked.repeats = wish.repeats;
        match wish.rules {
            Some(rules) => asked.rules = Some(commit(rules.as_str())?),
            None if of_base => return Err(PayloadError::NoRules),
            None => {}
        }
    }
    Ok(read)
}

fn manual_trigger(reference: &str) -> Trigger {
    match reference.strip_prefix("refs/tags/") {
        Some(tag) => Trigger::Tag {
            tag: tag.to_owned(),
        },
        None => Trigger::Manual {
            branch: reference
                .strip_prefix("refs/heads/")
                .unwrap_or(reference)
                .to_owned(),
        },
    }
}
