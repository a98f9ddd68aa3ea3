//! Purpose: which processes belong to a build, and ending them; a stranger's process is never touched.
//!
//! A build's processes are those of its process group and, on Linux, those that carry its mark in their environment:
//! what left the group with `setsid` still has it. Who leaves the group and also clears its environment, or becomes
//! another user, is not found. Process numbers are used again, so a process is known by its number and its start time
//! together (`/proc/<pid>/stat`, <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>). Where there is no `/proc`,
//! only the process group of a build that runs now is looked after.

use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// The environment variable that carries the mark.
pub const MARK: &str = "SLIPWAY_PROCESS_MARK";
/// How often it is looked whether they have ended.
const LOOK: Duration = Duration::from_millis(20);
/// How long killed processes may take to vanish; those in an uninterruptible call of the kernel may take longer.
const KILL_PATIENCE: Duration = Duration::from_secs(30);

/// One process that is not confused with a later one of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessRef {
    pub pid: i32,
    /// When it started, in clock ticks since the machine did.
    pub start: u64,
}

impl ProcessRef {
    /// The process that has this number now.
    pub fn of(pid: i32) -> Option<Self> {
        let stat = Stat::of(pid)?;
        Some(Self {
            pid,
            start: stat.start,
        })
    }

    /// This process.
    pub fn current() -> Option<Self> {
        Self::of(Pid::this().as_raw())
    }

    /// Whether it is still there and has not ended.
    pub fn is_alive(&self) -> bool {
        Stat::of(self.pid).is_some_and(|stat| stat.start == self.start && !stat.ended)
    }
}

/// What belongs to one build.
#[derive(Clone, Debug)]
pub struct Target {
    /// The leader of the process group, once it has been started.
    pub leader: Option<ProcessRef>,
    pub mark: String,
    /// Whether the group is certainly the build's, because it has been watched since its start.
    pub watched: bool,
}

#[derive(Default)]
struct Found {
    group: Option<Pid>,
    escaped: Vec<ProcessRef>,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.group.is_none() && self.escaped.is_empty()
    }
}

impl Target {
    /// Whether any of its processes is there.
    pub async fn is_alive(&self) -> bool {
        !self.find().await.is_empty()
    }

    /// Asks its processes to end, makes them when they have not after `grace`, and tells whether all have.
    pub async fn end(&self, grace: Duration) -> bool {
        let mut signal = Signal::SIGTERM;
        let mut until = Instant::now() + grace;
        let mut found = self.find().await;
        if !found.is_empty() {
            send(&found, signal);
        }
        while !found.is_empty() {
            if Instant::now() >= until {
                if signal == Signal::SIGKILL {
                    return false;
                }
                signal = Signal::SIGKILL;
                until = Instant::now() + KILL_PATIENCE;
            }
            if signal == Signal::SIGKILL {
                send(&found, signal); // Each time: it may have had children in between.
            }
            tokio::time::sleep(LOOK).await;
            found = self.find().await;
        }
        true
    }

    async fn find(&self) -> Found {
        let target = self.clone();
        match tokio::task::spawn_blocking(move || target.scan()).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "processes could not be looked at");
                Found::default()
            }
        }
    }

    fn scan(&self) -> Found {
        if !Path::new("/proc/self/stat").exists() {
            return self.probe();
        }
        let mut found = Found::default();
        let Ok(entries) = std::fs::read_dir("/proc") else {
            return self.probe();
        };
        let group = self.group();
        for entry in entries.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else {
                continue;
            };
            let Some(stat) = Stat::of(pid).filter(|stat| !stat.ended) else {
                continue;
            };
            if pid <= 1 || pid == Pid::this().as_raw() {
                continue;
            }
            if group == Some(stat.group) {
                found.group = Some(Pid::from_raw(stat.group));
            } else if has_mark(pid, &self.mark) {
                let start = stat.start;
                found.escaped.push(ProcessRef { pid, start });
            }
        }
        found
    }

    /// The group's number, where it cannot be somebody else's by now.
    fn group(&self) -> Option<i32> {
        let leader = self.leader?;
        match Stat::of(leader.pid) {
            Some(stat) => (stat.start == leader.start).then_some(leader.pid),
            // A number is not given to a new process while a group of that number is there.
            None => self.watched.then_some(leader.pid),
        }
    }

    fn probe(&self) -> Found {
        let group = self.leader.filter(|_| self.watched);
        let group = group.map(|leader| Pid::from_raw(leader.pid));
        Found {
            group: group.filter(|group| killpg(*group, None) != Err(Errno::ESRCH)),
            escaped: Vec::new(),
        }
    }
}

fn send(found: &Found, signal: Signal) {
    let sent = |pid: Pid, result: nix::Result<()>| match result {
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(error) => tracing::warn!(%pid, %signal, %error, "a process of a build took no signal"),
    };
    if let Some(group) = found.group {
        sent(group, killpg(group, signal));
    }
    for process in found.escaped.iter().filter(|process| process.is_alive()) {
        let pid = Pid::from_raw(process.pid);
        sent(pid, kill(pid, signal));
    }
}

/// Whether the process was started with this mark; another user's environment cannot be read and has none of ours.
fn has_mark(pid: i32, mark: &str) -> bool {
    let Ok(environment) = std::fs::read(format!("/proc/{pid}/environ")) else {
        return false;
    };
    environment
        .split(|byte| *byte == 0)
        .filter_map(|entry| entry.strip_prefix(MARK.as_bytes())?.strip_prefix(b"="))
        .any(|value| value == mark.as_bytes())
}

struct Stat {
    ended: bool,
    group: i32,
    start: u64,
}

impl Stat {
    fn of(pid: i32) -> Option<Self> {
        let text = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let text = String::from_utf8_lossy(&text);
        // The second field is the command's name in parentheses, which may hold anything.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        Some(Self {
            ended: matches!(*fields.first()?, "Z" | "X"),
            group: fields.get(2)?.parse().ok()?,
            start: fields.get(19)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
pub(super) mod tests;
