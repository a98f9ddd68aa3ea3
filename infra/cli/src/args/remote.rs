//! Purpose: what can be typed of decisions and of dead letters.

use clap::{Args, Subcommand, ValueEnum};
use engine::ports::Function;

use super::examples;

/// A decision: of a run on this computer, or behind a link of a mail of a stack.
#[derive(Clone, Debug, Args)]
pub struct DecideArgs {
    /// The beginning of the run's id, or `latest`; with --aws the link of the mail
    pub run: String,
    /// The environment [default: the one that waits for an approval]
    pub environment: Option<String>,
    /// Who you are: the login in machine.yaml; a link says it already
    #[arg(long = "as", value_name = "LOGIN")]
    pub login: Option<String>,
    /// The code of the mail that you received: XXXXX-XXXXX
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// The last six characters of the release's hash, to approve it
    #[arg(
        long,
        value_name = "HASH",
        default_value = "",
        hide_default_value = true
    )]
    pub release: String,
    /// Why; kept in the journal, needed to reject
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub reason: String,
}

/// Dead letters of a stack.
#[derive(Clone, Debug, Subcommand)]
pub enum DlqCommand {
    /// List them: whose queue, which stream, how often and since when
    #[command(after_help = examples::DLQ_LIST)]
    List {
        /// Only of this function's queue
        #[arg(long, value_name = "FUNCTION", value_enum)]
        queue: Option<Queue>,
    },
    /// Show one: its body, and how its stream stands
    #[command(after_help = examples::DLQ_SHOW)]
    Show {
        /// The beginning of the message's id
        id: String,
    },
    /// Put them back into the queues that they came from
    #[command(after_help = examples::DLQ_REDRIVE)]
    Redrive(RedriveArgs),
}

/// Which dead letters are put back.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(false))]
pub struct RedriveArgs {
    /// The beginning of the message's id
    #[arg(group = "which")]
    pub id: Option<String>,
    /// All of them
    #[arg(long, group = "which")]
    pub all: bool,
    /// Only of this function's queue
    #[arg(long, value_name = "FUNCTION", value_enum)]
    pub queue: Option<Queue>,
}

/// A function that is reached by a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Queue {
    Planner,
    Scheduler,
    Builder,
    Deployer,
    Approval,
    Notifier,
}

impl From<Queue> for Function {
    fn from(queue: Queue) -> Self {
        match queue {
            Queue::Planner => Self::Planner,
            Queue::Scheduler => Self::Scheduler,
            Queue::Builder => Self::Builder,
            Queue::Deployer => Self::Deployer,
            Queue::Approval => Self::Approval,
            Queue::Notifier => Self::Notifier,
        }
    }
}
