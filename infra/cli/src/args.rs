//! Purpose: what can be typed: commands, options, and the examples that `--help` teaches by.

mod examples;
pub mod freeze;
mod github;
pub mod remote;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use freeze::{FreezeArgs, UnfreezeArgs};
pub use github::{GithubCommand, SetupArgs};
pub use remote::{DecideArgs, DlqCommand};

/// A CI/CD machine around one append-only journal.
#[derive(Debug, Parser)]
#[command(
    name = "slipway",
    version,
    about = "Build, test and deploy what was pushed; ask before production; keep a journal of all of it.",
    after_help = examples::TOP,
    disable_help_subcommand = true,
    propagate_version = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    /// What to do; nothing = `demo`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The machine's data directory [default: $XDG_DATA_HOME/slipway or ~/.local/share/slipway]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "SLIPWAY_DATA",
        hide_env_values = true
    )]
    pub data: Option<PathBuf>,
    /// Speak to the machine that this CloudFormation stack is, instead of one on this computer
    #[arg(
        long,
        global = true,
        value_name = "STACK",
        env = "SLIPWAY_AWS",
        hide_env_values = true
    )]
    pub aws: Option<String>,
    /// Answer for programs: one JSON document, or JSON lines where the answer is a list or goes on
    #[arg(long, global = true)]
    pub json: bool,
    /// When to colour; `auto` = on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Say on stderr what is being done; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the whole road in a minute: a sample repository from a push to production
    #[command(after_help = examples::DEMO)]
    Demo(DemoArgs),
    /// Run the machine: watch repositories, take webhooks, serve the pages
    #[command(after_help = examples::UP)]
    Up(UpArgs),
    /// Check a pipeline file and list every mistake at once
    #[command(after_help = examples::LINT)]
    Lint(LintArgs),
    /// Print the JSON Schema of the pipeline file, for editors
    #[command(after_help = examples::SCHEMA)]
    Schema,
    /// Run the pipeline of the checkout you stand in, uncommitted changes included, without a machine
    #[command(after_help = examples::RUN)]
    Run(RunArgs),
    /// Print the address of the pages of the machine that is running
    #[command(after_help = examples::DASHBOARD)]
    Dashboard,
    /// List runs, newest first
    #[command(after_help = examples::RUNS)]
    Runs(RunsArgs),
    /// Show one run: jobs, tests, environments, approvals
    #[command(after_help = examples::SHOW)]
    Show(RunArg),
    /// Print the log of a task
    #[command(after_help = examples::LOGS)]
    Logs(LogsArgs),
    /// Say why a run waits, and for what
    #[command(after_help = examples::WHY)]
    Why(RunArg),
    /// Approve the deployment of a release
    #[command(after_help = examples::APPROVE)]
    Approve(DecideArgs),
    /// Refuse the deployment of a release
    #[command(after_help = examples::REJECT)]
    Reject(DecideArgs),
    /// Stop a run
    #[command(after_help = examples::CANCEL)]
    Cancel(CancelArgs),
    /// Run the same commit once more, as a new run
    #[command(after_help = examples::RETRY)]
    Retry(RetryArgs),
    /// Let no deploy of a repository begin until it is unfrozen
    #[command(after_help = examples::FREEZE)]
    Freeze(FreezeArgs),
    /// Let the deploys of a repository begin again
    #[command(after_help = examples::UNFREEZE)]
    Unfreeze(UnfreezeArgs),
    /// Trust a repository again that was transferred to somebody else
    #[command(after_help = examples::TRUST)]
    Trust(UnfreezeArgs),
    /// Read the journal: any stream, its state at any moment, its hash chain
    #[command(subcommand, after_help = examples::JOURNAL)]
    Journal(JournalCommand),
    /// Look at doorbells that no function of a stack could answer, and ring them again
    #[command(subcommand, after_help = examples::DLQ)]
    Dlq(DlqCommand),
    /// Register the repositories of this machine
    #[command(subcommand, after_help = examples::REPO)]
    Repo(RepoCommand),
    /// Declare the people of this machine: who may be asked, and where
    #[command(subcommand, after_help = examples::PEOPLE)]
    People(PeopleCommand),
    /// Connect this machine with GitHub, as a GitHub App
    #[command(subcommand, after_help = examples::GITHUB)]
    Github(GithubCommand),
    /// Say what is missing on this machine or between it and GitHub, and how to mend it
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorArgs),
    /// Print the completion script of a shell
    #[command(after_help = examples::COMPLETION)]
    Completion {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

#[derive(Clone, Debug, Default, Args)]
pub struct DemoArgs {
    /// The port of the pages; 0 or nothing = a free one
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Keep the machine and its pages up at the end, until Ctrl-C
    #[arg(long)]
    pub stay: bool,
    /// Go by a pull request, at a stand-in for GitHub on this computer: its checks, its comments, its deployments
    #[arg(long)]
    pub github: bool,
}

#[derive(Clone, Debug, Args)]
pub struct UpArgs {
    /// The port on 127.0.0.1
    #[arg(long, value_name = "N", default_value_t = crate::args::DEFAULT_PORT)]
    pub port: u16,
}

/// The port of `slipway up`.
pub const DEFAULT_PORT: u16 = 4180;

#[derive(Clone, Debug, Args)]
pub struct LintArgs {
    /// The file; `-` = standard input [default: .slipway.yaml at the top of the repository]
    pub file: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// Only this job and what it needs
    #[arg(long, value_name = "JOB")]
    pub job: Option<String>,
    /// As if this had happened
    #[arg(long, value_enum, default_value_t = EventKind::Push)]
    pub event: EventKind,
    /// As if on this branch (for a tag: this tag) [default: the one that is checked out]
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
}

/// What `run` pretends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventKind {
    #[value(name = "push")]
    Push,
    #[value(name = "tag")]
    Tag,
    #[value(name = "pull_request", alias = "pull-request")]
    PullRequest,
}

#[derive(Clone, Debug, Args)]
pub struct RunsArgs {
    /// Only of this repository (name or id)
    #[arg(long, value_name = "REPO")]
    pub repo: Option<String>,
    /// Only of this branch or tag
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// Only in this status: running, failed, "awaiting approval" …
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
}

#[derive(Clone, Debug, Args)]
pub struct RunArg {
    /// The beginning of the run's id, or `latest`
    #[arg(default_value = "latest")]
    pub run: String,
}

#[derive(Clone, Debug, Args)]
pub struct LogsArgs {
    /// The beginning of the run's id, or `latest`
    pub run: String,
    /// `unit`, `deploy/staging` … [default: the task that failed, or else the one that ran last]
    pub task: Option<String>,
    /// Go on with what is still to come, until the task has ended
    #[arg(short, long)]
    pub follow: bool,
    /// Another attempt than the last one
    #[arg(long, value_name = "N")]
    pub attempt: Option<u16>,
    /// Only lines with a number above N
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub after: u64,
}

#[derive(Clone, Debug, Args)]
pub struct CancelArgs {
    /// The beginning of the run's id, or `latest`
    pub run: String,
    /// Why; kept in the journal
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "asked for on the command line"
    )]
    pub reason: String,
}

#[derive(Clone, Debug, Args)]
pub struct RetryArgs {
    /// The beginning of the run's id, or `latest`
    pub run: String,
    /// Why; kept in the journal
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "asked for on the command line"
    )]
    pub reason: String,
}

#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// The port that `slipway up` will listen on
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PORT)]
    pub port: u16,
}

/// Reading the journal.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// List streams, newest first
    #[command(after_help = examples::JOURNAL_LIST)]
    List {
        /// The beginning of their names: run/, lane/12/ … [default: all]
        #[arg(default_value = "")]
        prefix: String,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
    },
    /// Show what happened to one stream, commit by commit
    #[command(after_help = examples::JOURNAL_SHOW)]
    Show {
        /// The stream, or a unique beginning of a run's id
        stream: String,
        /// The records as they are stored, with their hashes
        #[arg(long)]
        raw: bool,
    },
    /// Show the state that a stream had at a past moment
    #[command(after_help = examples::JOURNAL_AT)]
    At(JournalAtArgs),
    /// Check every hash chain and every head; name the first bad row
    #[command(after_help = examples::JOURNAL_VERIFY)]
    Verify {
        /// Only streams whose names begin so [default: all]
        #[arg(default_value = "")]
        prefix: String,
    },
    /// Write records as JSON lines
    #[command(after_help = examples::JOURNAL_EXPORT)]
    Export {
        /// Only this stream [default: all]
        stream: Option<String>,
    },
    /// Let the machine work on a stream again that was taken out of work
    #[command(after_help = examples::JOURNAL_RELEASE)]
    Release { stream: String },
}

#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("moment").required(true).multiple(false))]
pub struct JournalAtArgs {
    /// The stream, or a unique beginning of a run's id
    pub stream: String,
    /// After its commit N
    #[arg(long, value_name = "N", group = "moment")]
    pub commit: Option<u64>,
    /// At a time: 2026-03-01T12:34:56Z
    #[arg(long, value_name = "TIME", group = "moment")]
    pub time: Option<jiff::Timestamp>,
}

/// The repositories of this machine.
#[derive(Debug, Subcommand)]
pub enum RepoCommand {
    /// Watch a repository of this machine
    #[command(after_help = examples::REPO_ADD)]
    Add {
        /// A work tree or a bare repository
        path: PathBuf,
        /// What it is called [default: the folder's name]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// The number that GitHub gave it: then webhooks drive it, and its refs are not polled
        #[arg(long, value_name = "ID")]
        github_id: Option<u64>,
        /// The branch whose environments and approvals hold for all others [default: what git names so]
        #[arg(long, value_name = "BRANCH")]
        default_branch: Option<String>,
    },
    /// List them
    List,
    /// Watch it no more; its history stays
    Remove {
        /// Its name, id or path
        repository: String,
    },
}

/// The people of this machine.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List them
    List,
    /// Add a person, or change the one with this login
    #[command(after_help = examples::PEOPLE_ADD)]
    Add {
        /// As it stands in pipeline files under `people`
        login: String,
        /// What they are called
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Where mail goes to; also how commits are recognised as theirs
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// A team that they are in; may be repeated
        #[arg(long = "team", value_name = "TEAM")]
        teams: Vec<String>,
        /// Their number; GitHub's, where webhooks are used [default: the next free one]
        #[arg(long, value_name = "N")]
        id: Option<u64>,
    },
    /// Remove a person: from now on they cannot approve
    Remove { login: String },
}
