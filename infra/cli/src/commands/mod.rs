//! Purpose: one file for each command, and who answers which.

mod cancel;
mod completion;
mod dashboard;
mod decide;
mod dlq;
pub mod doctor;
mod elsewhere;
mod find;
mod freeze;
mod journal;
mod lint;
mod logs;
mod people;
mod repo;
mod results;
mod retry;
mod run;
mod runs;
mod schema;
mod show;
pub mod standing;
mod trust;
pub mod up;
mod why;

use crate::app;
use crate::args::{Cli, Command, DemoArgs, GithubCommand};
use crate::failure::Failure;

/// Does what was asked for; tells the exit status.
pub async fn run(cli: Cli) -> Result<u8, Failure> {
    let global = &cli.global;
    let command = cli.command.unwrap_or(Command::Demo(DemoArgs::default()));
    if global.aws.is_some() {
        elsewhere::refuse(&command)?;
    }
    match command {
        Command::Demo(args) => crate::demo::run(global, &args).await,
        Command::Up(args) => up::run(global, &args).await,
        Command::Lint(args) => lint::run(global, &args).await,
        Command::Schema => schema::run(),
        Command::Completion { shell } => completion::run(shell),
        Command::Journal(command) => journal::run(global, command).await,
        Command::Doctor(args) => doctor::run(global, &args).await,
        Command::Github(GithubCommand::Setup(args)) => app::setup(global, &args).await,
        Command::Dashboard => dashboard::run(global).await,
        Command::Dlq(command) => dlq::run(global, command).await,
        Command::Repo(command) => repo::run(global, command).await,
        Command::People(command) => people::run(global, command),
        Command::Runs(args) => runs::run(global, &args).await,
        Command::Show(args) => show::run(global, &args).await,
        Command::Logs(args) => logs::run(global, &args).await,
        Command::Why(args) => why::run(global, &args).await,
        Command::Approve(args) => decide::run(global, &args, true).await,
        Command::Reject(args) => decide::run(global, &args, false).await,
        Command::Cancel(args) => cancel::run(global, &args).await,
        Command::Retry(args) => retry::run(global, &args).await,
        Command::Freeze(args) => freeze::freeze(global, &args).await,
        Command::Unfreeze(args) => freeze::unfreeze(global, &args).await,
        Command::Trust(args) => trust::trust(global, &args).await,
        Command::Run(args) => run::run(global, &args).await,
    }
}

/// Who acts, as the journal keeps it: the user of this computer, whom nobody has verified.
pub fn actor() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let user = user.unwrap_or_else(|_| "unknown".to_owned());
    format!("local:{user}")
}
