//! Purpose: `slipway`, the command line and the host of the embedded machine: reads what was typed, runs it, tells the exit
//! status. The program is one call of [`main`].

#[cfg(feature = "github")]
mod app;
#[cfg(not(feature = "github"))]
#[path = "without_app.rs"]
mod app;
mod approval_page;
mod args;
mod backend;
#[cfg(feature = "aws")]
mod cloud;
#[cfg(not(feature = "aws"))]
#[path = "without_cloud.rs"]
mod cloud;
mod commands;
mod data;
mod demo;
mod failure;
mod home;
mod live;
mod machine;
mod output;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use tracing_subscriber::EnvFilter;

use args::{Cli, Global};
use failure::Failure;

/// What the program does with its arguments; tells its exit status.
pub fn main() -> ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    output::set_color(cli.global.color);
    trace(&cli.global);
    let json = cli.global.json;
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::fail(&failure, json);
            ExitCode::from(failure.code)
        }
    }
}

/// Reads the arguments. Help and complaints honour `--color` too, although they are written before it is read.
fn parse() -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let when = match word.strip_prefix("--color=") {
            Some(when) => Some(when.to_owned()),
            None if word == "--color" => words.next(),
            None => None,
        };
        let choice = when.as_deref().map(str::parse::<clap::ColorChoice>);
        if let Some(Ok(choice)) = choice {
            command = command.color(choice);
        }
    }
    let matches = command.try_get_matches()?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    choose_machine(&mut cli.global, &matches)?;
    Ok(cli)
}

/// One machine of the two that can be named: what is typed wins against what the environment says.
fn choose_machine(global: &mut Global, matches: &ArgMatches) -> Result<(), clap::Error> {
    let typed = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
    let wrong = |kind, what: &str| Err(Cli::command().error(kind, what));
    let unnamed = global.aws.as_deref() == Some("");
    match (typed("data"), typed("aws")) {
        (true, true) => wrong(
            ErrorKind::ArgumentConflict,
            "--data names a machine on this computer and --aws one on AWS: leave one of them out",
        ),
        (false, true) if unnamed => {
            wrong(ErrorKind::InvalidValue, "--aws needs the name of a stack")
        }
        (from_here, _) => {
            if from_here || unnamed {
                global.aws = None;
            }
            Ok(())
        }
    }
}

fn run(cli: Cli) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("no threads can be started: {error}")))?;
    let done = runtime.block_on(commands::run(cli));
    // A thread that is still at work, such as one that removes files, must not keep a command that is over.
    runtime.shutdown_background();
    done
}

/// Traces go to standard error: warnings as a rule, more with `-v`; `RUST_LOG` has the last word.
fn trace(global: &Global) {
    let level = match global.verbose {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(output::is_live() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false)
        .init();
}
