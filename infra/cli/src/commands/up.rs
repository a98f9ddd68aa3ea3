//! Purpose: `slipway up`: the machine, until somebody stops it.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::args::{Global, UpArgs};
use crate::data;
use crate::failure::Failure;
use crate::home::Home;
use crate::machine::Machine;
use crate::output;

/// What a shell adds to the number of the signal that ended a command.
const SIGNALLED: u8 = 128;

/// Runs the machine until SIGINT or SIGTERM; a second one ends it at once.
pub async fn run(global: &Global, args: &UpArgs) -> Result<u8, Failure> {
    // Before anything else: from the moment on that it says it is up, a signal stops it cleanly.
    let mut signals = Signals::listen()?;
    let home = Home::open(&data::dir(global)?)?;
    let repositories = home.repositories.entries()?;
    let dir = home.dir.clone();
    let machine = Machine::start(home, args.port).await?;
    if global.json {
        output::json_line(&serde_json::json!({
            "state": "up", "url": machine.url, "dashboard": machine.dashboard, "data": dir, "repositories": repositories.len(),
        }))?;
    } else {
        output::line(format!("dashboard  {}", machine.dashboard))?;
        output::line(format!("data       {}", dir.display()))?;
        if repositories.is_empty() {
            output::line("watching   nothing yet: add one with `slipway repo add PATH`")?;
        }
        for entry in repositories {
            output::line(format!(
                "watching   {} ({})",
                entry.name,
                entry.path.display()
            ))?;
        }
        output::line("Ctrl-C stops the machine; it goes on from there when it is started again.")?;
    }
    signals.wait().await;
    if !global.json {
        output::line("stopping: running builds are ended")?;
    }
    let cut_off = signals.stop(machine).await;
    if global.json {
        let state = if cut_off.is_some() {
            "ended"
        } else {
            "stopped"
        };
        output::json_line(&serde_json::json!({ "state": state }))?;
    } else if cut_off.is_some() {
        output::line(
            "ended at once: builds that still ran are ended when the machine starts again",
        )?;
    }
    Ok(cut_off.unwrap_or(0))
}

/// SIGINT and SIGTERM, which no longer end the process by themselves.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on.
    pub fn listen() -> Result<Self, Failure> {
        let broken = |error: std::io::Error| {
            Failure::unavailable(format!("signals cannot be received: {error}"))
        };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(broken)?,
            terminate: signal(SignalKind::terminate()).map_err(broken)?,
        })
    }

    /// Returns on the next one, with its number; at once, if it came before.
    pub async fn wait(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
        }
    }

    /// Stops the machine; the exit status when another signal ended it at once.
    pub async fn stop(&mut self, machine: Machine) -> Option<u8> {
        tokio::select! {
            () = machine.stop() => None,
            number = self.wait() => Some(SIGNALLED + number),
        }
    }
}
