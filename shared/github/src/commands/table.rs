//! Purpose: every command once: what it is called, what it takes, what it does, who may, where.

use super::Command;
use super::arguments::{Arguments, Mistake};

/// One command.
pub struct Row {
    /// Without the slash, in lower case.
    pub name: &'static str,
    /// As they are written: `<needed>`, `[may be left out]`.
    pub arguments: &'static str,
    /// One sentence.
    pub does: &'static str,
    pub who: Permission,
    pub place: Place,
    /// Whether the bot follows it; one that it does not is answered and not offered.
    pub is_followed: bool,
    /// Takes the arguments one after the other.
    pub(super) read: fn(&mut Arguments<'_>) -> Result<Command, Mistake>,
}

/// Who may give a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    Anybody,
    /// The author of the pull request, or a member of the organisation or of the repository.
    AuthorOrMember,
    /// A member who may write to the repository.
    Writer,
    /// An approver of the environment.
    Approver,
}

/// Where a command is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    PullRequest,
    /// Also in the comments of an issue.
    Anywhere,
}

impl Permission {
    /// Who can, as a phrase for a sentence.
    pub fn who(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::AuthorOrMember => "the author of the pull request or a member",
            Self::Writer => "a member with write permission",
            Self::Approver => "an approver of the environment",
        }
    }
}

impl Place {
    /// Where, as a phrase for a sentence.
    pub fn which(self) -> &'static str {
        match self {
            Self::PullRequest => "pull requests",
            Self::Anywhere => "pull requests and issues",
        }
    }
}

impl Row {
    /// `/approve <environment> <release>`
    pub fn usage(&self) -> String {
        let usage = format!("/{} {}", self.name, self.arguments);
        usage.trim_end().to_owned()
    }
}

/// Rows are equal when they are the same row.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Row {}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/{}", self.name)
    }
}

impl Command {
    /// Its row; every command has one.
    pub fn row(&self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.name == self.name())
    }
}

/// Every command, in the order in which people are told of them.
pub const TABLE: &[Row] = &[
    Row {
        name: "test",
        arguments: "[job]",
        who: Permission::AuthorOrMember,
        place: Place::PullRequest,
        is_followed: true,
        does: "Runs one job, or all of them, at the head of the pull request.",
        read: |a| Ok(Command::Test { job: a.job()? }),
    },
    Row {
        name: "retest",
        arguments: "",
        who: Permission::AuthorOrMember,
        place: Place::PullRequest,
        is_followed: true,
        does: "Runs again the jobs that failed.",
        read: |_| Ok(Command::Retest),
    },
    Row {
        name: "cancel",
        arguments: "",
        who: Permission::AuthorOrMember,
        place: Place::PullRequest,
        is_followed: true,
        does: "Cancels what is running for the pull request.",
        read: |_| Ok(Command::Cancel),
    },
    Row {
        name: "ok-to-test",
        arguments: "<commit>",
        who: Permission::Writer,
        place: Place::PullRequest,
        is_followed: true,
        does: "Trusts the code of a fork at this commit, and at no other, enough to run it.",
        read: |a| {
            Ok(Command::OkToTest {
                commit: a.commit()?,
            })
        },
    },
    Row {
        name: "hold",
        arguments: "[reason]",
        who: Permission::AuthorOrMember,
        place: Place::PullRequest,
        is_followed: true,
        does: "Keeps the pull request from being merged, through all pushes, until somebody ends the hold.",
        read: |a| {
            Ok(Command::Hold {
                reason: a.remark()?,
            })
        },
    },
    Row {
        name: "unhold",
        arguments: "",
        who: Permission::AuthorOrMember,
        place: Place::PullRequest,
        is_followed: true,
        does: "Ends a hold; somebody else's is ended by a member.",
        read: |_| Ok(Command::Unhold),
    },
    Row {
        name: "approve",
        arguments: "<environment> <release>",
        who: Permission::Approver,
        place: Place::Anywhere,
        is_followed: true,
        does: "Approves the deploy of a release, named by 12 or more characters of its hash.",
        read: |a| {
            Ok(Command::Approve {
                environment: a.environment()?,
                release: a.release()?,
            })
        },
    },
    Row {
        name: "reject",
        arguments: "<environment> [release] <reason>",
        who: Permission::Approver,
        place: Place::Anywhere,
        is_followed: true,
        does: "Rejects the deploy that waits for an approval; where several may be meant, the release says which.",
        read: |a| {
            Ok(Command::Reject {
                environment: a.environment()?,
                release: a.release_if_named(),
                reason: a.reason()?,
            })
        },
    },
    Row {
        name: "deploy",
        arguments: "<environment>",
        who: Permission::Writer,
        place: Place::PullRequest,
        is_followed: false,
        does: "Deploys the release of the pull request, by the rules of the environment.",
        read: |a| {
            Ok(Command::Deploy {
                environment: a.environment()?,
            })
        },
    },
    Row {
        name: "promote",
        arguments: "",
        who: Permission::Writer,
        place: Place::PullRequest,
        is_followed: false,
        does: "Takes the release on to the next environment, by the rules of that one.",
        read: |_| Ok(Command::Promote),
    },
    Row {
        name: "rollback",
        arguments: "<environment> <release> <reason>",
        who: Permission::Approver,
        place: Place::Anywhere,
        is_followed: false,
        does: "Deploys a release again that ran there before.",
        read: |a| {
            Ok(Command::Rollback {
                environment: a.environment()?,
                release: a.release()?,
                reason: a.reason()?,
            })
        },
    },
    Row {
        name: "freeze",
        arguments: "[reason]",
        who: Permission::Writer,
        place: Place::Anywhere,
        is_followed: true,
        does: "Lets no deploy of the repository begin until they are unfrozen.",
        read: |a| {
            Ok(Command::Freeze {
                reason: a.remark()?,
            })
        },
    },
    Row {
        name: "unfreeze",
        arguments: "",
        who: Permission::Writer,
        place: Place::Anywhere,
        is_followed: true,
        does: "Lets deploys begin again.",
        read: |_| Ok(Command::Unfreeze),
    },
    Row {
        name: "why",
        arguments: "",
        who: Permission::Anybody,
        place: Place::PullRequest,
        is_followed: true,
        does: "Says what the pull request waits for, and who can do something about it.",
        read: |_| Ok(Command::Why),
    },
    Row {
        name: "skip",
        arguments: "",
        who: Permission::Writer,
        place: Place::PullRequest,
        is_followed: true,
        does: "Skips the jobs of the latest run that have not begun; their checks and `slipway` stay unmet.",
        read: |_| Ok(Command::Skip),
    },
    Row {
        name: "override",
        arguments: "<check> <reason>",
        who: Permission::Writer,
        place: Place::PullRequest,
        is_followed: true,
        does: "Lets the check of a job that failed count as passed at this commit, which its author cannot; a name with spaces is put into double quotes.",
        read: |a| {
            Ok(Command::Override {
                check: a.check()?,
                reason: a.reason()?,
            })
        },
    },
    Row {
        name: "lgtm",
        arguments: "[cancel]",
        who: Permission::Writer,
        place: Place::PullRequest,
        is_followed: true,
        does: "Says that the change looks good at this commit, which its author cannot, or takes that back.",
        read: |a| {
            Ok(Command::Lgtm {
                cancel: a.cancel()?,
            })
        },
    },
    Row {
        name: "cherrypick",
        arguments: "<branch>",
        who: Permission::Writer,
        place: Place::PullRequest,
        is_followed: false,
        does: "Opens a pull request with the same change for another branch, once this one is merged.",
        read: |a| {
            Ok(Command::CherryPick {
                branch: a.branch()?,
            })
        },
    },
    Row {
        name: "help",
        arguments: "",
        who: Permission::Anybody,
        place: Place::Anywhere,
        is_followed: true,
        does: "Lists the commands.",
        read: |_| Ok(Command::Help),
    },
];
