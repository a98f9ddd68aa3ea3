//! Purpose: row 4: processor time of a function from its start until it asks for its first event.

use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use blackbox::{lambda, stub};

use super::programs::Programs;
use super::sizes::HOW;
use crate::Error;
use crate::measure::{lowest_decile, time};
use crate::table::Row;

const GOAL_OF_WEBHOOK: f64 = 4.5;
const GOAL_OF_HEAVIEST: f64 = 8.0;
const SAMPLES: usize = 40;
/// Until a function asks for its first event: far above what it takes, so that only a hang ends it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Servers that a function finds at its start.
struct Host {
    aws: u16,
    api: u16,
    asks: Receiver<()>,
}

/// Ends the function, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Host {
    fn new() -> Self {
        let (aws, _) = stub::aws();
        let (api, asks) = stub::idle_runtime_api();
        Self { aws, api, asks }
    }

    /// Nanoseconds of processor time of one start, all threads together.
    fn start(&self, program: &Path) -> Result<f64, Error> {
        let mut command = lambda::command(program, "");
        command.env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{}", self.api));
        command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.aws));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let running = Running(command.spawn()?);
        self.asks
            .recv_timeout(PATIENCE)
            .map_err(|_| format!("{} did not ask for an event", program.display()))?;
        process_ns(running.0.id())
    }
}

/// Nanoseconds of processor time that a process has used.
#[cfg(target_os = "linux")]
fn process_ns(id: u32) -> Result<f64, Error> {
    use nix::sys::time::TimeValLike as _;
    let id = nix::unistd::Pid::from_raw(i32::try_from(id)?);
    let clock = nix::time::clock_getcpuclockid(id)?;
    Ok(nix::time::clock_gettime(clock)?.num_nanoseconds() as f64)
}

#[cfg(not(target_os = "linux"))]
fn process_ns(_: u32) -> Result<f64, Error> {
    Err("the processor time of another process is only read on Linux".into())
}

fn measure(function: &str, program: &Path, bare: &Path, goal: f64) -> Result<Row, Error> {
    let host = Host::new();
    // What lies on the disk is in memory from here on.
    host.start(program)?;
    host.start(bare)?;
    let (mut ours, mut other) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        ours.push(host.start(program)?);
        other.push(host.start(bare)?);
    }
    let (ours, other) = (lowest_decile(ours), lowest_decile(other));
    let ratio = ours / other;
    let row = Row::of(
        4,
        format!("start of the {function} until it asks for an event"),
    )
    .pair(
        time(ours),
        format!("{} bare lambda_runtime", time(other)),
        ratio,
    )
    .goal(format!("≤ {goal}"), ratio <= goal)
    .peers("Node 20: 56 ms, and 93 ms for its modules");
    Ok(row)
}

pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let for_lambda = Programs::for_lambda()?;
    let programs = match for_lambda.program("webhook") {
        Some(_) => for_lambda,
        None => Programs::here()?,
    };
    let (Some(webhook), Some(bare)) = (programs.program("webhook"), programs.program("bare"))
    else {
        let none = Row::of(4, "start of a function until it asks for an event");
        return Ok(vec![none.alone(format!("not built: {HOW}"))]);
    };
    let name = |function: &str| format!("{function}, profile {}", programs.profile);
    let mut rows = vec![measure(&name("webhook"), &webhook, &bare, GOAL_OF_WEBHOOK)?];
    let functions = programs.functions()?;
    let heaviest = functions.iter().max_by_key(|(.., bytes)| *bytes);
    if let Some((function, program, _)) = heaviest.filter(|(function, ..)| *function != "webhook") {
        rows.push(measure(&name(function), program, &bare, GOAL_OF_HEAVIEST)?);
    }
    Ok(rows)
}
