//! Purpose: the commands of a build: one shell in a process group of its own, its output into the log, its end.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use engine::ports::{Ending, LogStream, Usage};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use wait4::{ResUse, Wait4 as _};

use super::log::LogHandle;
use super::processes::{ProcessRef, Target};
use super::text::Lines;

/// How long the output of processes that have ended may still take to be read.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the shell's status may take after its group was killed.
const REAP: Duration = Duration::from_secs(5);
/// What the log says of a process that is not found and keeps the output open.
const HIDDEN: &str = "A process that hides from Slipway keeps the output open; what it writes from here on is \
                      not kept.";
/// Bytes read at once.
const CHUNK: usize = 64 << 10;

/// Who wants a build to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Nobody,
    /// The run does not need it any more.
    Asked,
    /// The host stops; the build is lost.
    Host,
}

/// Waits until the build shall end.
pub async fn stopped(stop: &watch::Receiver<Stop>) -> Stop {
    let mut stop = stop.clone();
    match stop.wait_for(|stop| *stop != Stop::Nobody).await {
        Ok(stop) => *stop,
        Err(_) => Stop::Host,
    }
}

/// How a stopped build ends.
pub fn stop_ending(stop: Stop) -> Ending {
    match stop {
        Stop::Host => Ending::Lost {
            why: "Slipway was stopped while it ran".to_owned(),
        },
        Stop::Nobody | Stop::Asked => Ending::Stopped,
    }
}

/// What to run.
pub struct Commands<'a> {
    pub shell: &'a Path,
    pub script: &'a Path,
    pub checkout: &'a Path,
    pub environment: &'a BTreeMap<String, OsString>,
    pub mark: &'a str,
    pub timeout: Duration,
    /// Between asking to end and ending.
    pub grace: Duration,
}

/// How it went.
pub struct Ran {
    pub ending: Ending,
    pub usage: Usage,
    /// Whether nothing of it runs any more.
    pub settled: bool,
}

type Exit = oneshot::Receiver<io::Result<ResUse>>;

enum Cause {
    Exited(Option<ResUse>),
    TimedOut,
    Stopped(Stop),
    LogFailed(String),
}

/// Runs the commands to their end; `started` learns the shell's process at once.
pub async fn run(
    commands: &Commands<'_>,
    log: &LogHandle,
    stop: &watch::Receiver<Stop>,
    started: impl FnOnce(ProcessRef),
) -> Ran {
    let (leader, mut exit, outputs) = match spawn(commands) {
        Ok(running) => running,
        Err(error) => {
            let shell = commands.shell.display();
            return Ran {
                ending: Ending::Unprepared {
                    why: format!("the shell {shell} could not be started: {error}"),
                },
                usage: Usage::default(),
                settled: true,
            };
        }
    };
    started(leader);
    let [stdout, stderr] = outputs;
    let pumps = [
        tokio::spawn(pump(stdout, LogStream::Stdout, log.clone())),
        tokio::spawn(pump(stderr, LogStream::Stderr, log.clone())),
    ];
    let mut cause = tokio::select! {
        exit = &mut exit => Cause::Exited(used(exit)),
        () = tokio::time::sleep(commands.timeout) => Cause::TimedOut,
        stop = stopped(stop) => Cause::Stopped(stop),
        why = log.failed() => Cause::LogFailed(why),
    };
    let target = Target {
        leader: Some(leader),
        mark: commands.mark.to_owned(),
        watched: true,
    };
    if matches!(cause, Cause::Exited(_)) && target.is_alive().await {
        log.system("The commands have ended and left processes running; these are ended now.")
            .await;
    }
    let settled = target.end(commands.grace).await;
    let usage = match &cause {
        Cause::Exited(usage) => *usage,
        _ => match tokio::time::timeout(REAP, exit).await {
            Ok(exit) => used(exit),
            Err(_) => None,
        },
    };
    drain(pumps, log).await;
    log.flush().await;
    if let (Cause::Exited(_), Some(why)) = (&cause, log.failure()) {
        cause = Cause::LogFailed(why);
    }
    Ran {
        ending: ending(cause),
        usage: usage.map(usage_of).unwrap_or_default(),
        settled,
    }
}

fn spawn(commands: &Commands<'_>) -> io::Result<(ProcessRef, Exit, [pipe::Receiver; 2])> {
    let mut child = Command::new(commands.shell)
        .arg("-e")
        .arg(commands.script)
        .current_dir(commands.checkout)
        .env_clear()
        .envs(commands.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
    // Without /proc the number is all there is to know.
    let leader = ProcessRef::of(pid).unwrap_or(ProcessRef { pid, start: 0 });
    let stdout = child.stdout.take().map(OwnedFd::from);
    let stderr = child.stderr.take().map(OwnedFd::from);
    let (done, exit) = oneshot::channel();
    // A thread of its own, so that a runtime can end while a build still runs.
    std::thread::Builder::new()
        .name("build-wait".to_owned())
        .spawn(move || {
            // Nobody listens any more when the build's task is gone.
            done.send(child.wait4()).ok();
        })?;
    let receiver = |pipe: Option<OwnedFd>| {
        pipe::Receiver::from_owned_fd(pipe.ok_or_else(|| io::Error::other("there is no pipe"))?)
    };
    Ok((leader, exit, [receiver(stdout)?, receiver(stderr)?]))
}

async fn pump(mut pipe: pipe::Receiver, stream: LogStream, log: LogHandle) -> io::Result<()> {
    let mut lines = Lines::new(log.redactor().clone());
    let mut chunk = vec![0; CHUNK];
    loop {
        let taken = pipe.read(&mut chunk).await;
        match taken {
            Ok(0) => break log.lines(stream, lines.finish()).await,
            Ok(length) => log.lines(stream, lines.push(&chunk[..length])).await,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn drain(pumps: [JoinHandle<io::Result<()>>; 2], log: &LogHandle) {
    let until = tokio::time::Instant::now() + DRAIN;
    for mut pump in pumps {
        let trouble = match tokio::time::timeout_at(until, &mut pump).await {
            Ok(Ok(Ok(()))) => continue,
            Ok(Ok(Err(error))) => format!("The output could not be read: {error}"),
            Ok(Err(error)) => format!("The output could not be kept: {error}"),
            Err(_) => {
                pump.abort();
                HIDDEN.to_owned()
            }
        };
        log.system(trouble).await;
    }
}

fn used(exit: Result<io::Result<ResUse>, oneshot::error::RecvError>) -> Option<ResUse> {
    match exit {
        Ok(Ok(used)) => Some(used),
        Ok(Err(error)) => {
            tracing::error!(%error, "a shell's status could not be read");
            None
        }
        Err(_) => None,
    }
}

fn usage_of(used: ResUse) -> Usage {
    let cpu = used.rusage.utime + used.rusage.stime;
    Usage {
        cpu_ms: u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX),
        max_rss_kib: used.rusage.maxrss >> 10,
    }
}

fn ending(cause: Cause) -> Ending {
    match cause {
        Cause::Exited(Some(used)) => status_ending(used.status),
        Cause::Exited(None) => Ending::Lost {
            why: "the status of the shell could not be read".to_owned(),
        },
        Cause::TimedOut => Ending::TimedOut,
        Cause::Stopped(stop) => stop_ending(stop),
        Cause::LogFailed(why) => Ending::Lost {
            why: format!("its log could not be written ({why}), so it was ended"),
        },
    }
}

fn status_ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited { code },
        (None, signal) => Ending::Killed {
            signal: signal.unwrap_or_default(),
        },
    }
}
