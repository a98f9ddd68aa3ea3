//! Purpose: one invocation of `git`: a clean environment, a time-out, a bound on what it may write.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use engine::Fault;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// How long reading a repository may take.
pub(super) const READ_TIME: Duration = Duration::from_secs(60);
/// How long a checkout or a snapshot may take.
pub(super) const CHECKOUT_TIME: Duration = Duration::from_secs(600);
/// How long a fetch may take.
pub(super) const FETCH_TIME: Duration = Duration::from_secs(120);
/// How much one invocation may write to its standard output, bytes.
const MAX_OUTPUT: u64 = 64 << 20;
/// How much of its standard error is kept, bytes.
const MAX_STDERR: u64 = 16 << 10;

/// Why git gave no answer, in a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("`git` was not found in PATH; install git 2.30 or newer")]
    Missing,
    #[error("`git {command}` did not end within {seconds} seconds")]
    TimedOut { command: String, seconds: u64 },
    #[error("`git {command}` wrote more than {limit} bytes")]
    TooLarge { command: String, limit: u64 },
    #[error("`git {command}` failed{}: {stderr}", code.map(|c| format!(" with status {c}")).unwrap_or_default())]
    Failed {
        command: String,
        code: Option<i32>,
        stderr: String,
    },
    #[error("`git {command}` could not be run: {why}")]
    Io { command: String, why: String },
    /// `certain` = nobody has it; else a later try may find it.
    #[error("commit {commit} is not in this repository, and {why}")]
    NoCommit {
        commit: String,
        why: String,
        certain: bool,
    },
    #[error("{0:?} is not a full commit name (40 or 64 lowercase hexadecimal characters)")]
    BadCommit(String),
}

impl From<GitError> for Fault {
    fn from(error: GitError) -> Self {
        match error {
            GitError::BadCommit(_)
            | GitError::TooLarge { .. }
            | GitError::NoCommit { certain: true, .. } => Self::Malformed(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Finds and runs `git`.
#[derive(Clone, Debug, Default)]
pub struct Git {
    path: Option<OsString>,
}

impl Git {
    /// The git of this process's `PATH`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The git of another search path.
    pub fn with_path(path: impl Into<OsString>) -> Self {
        Self {
            path: Some(path.into()),
        }
    }

    /// An invocation that works in `dir`, with neither the user's nor the system's configuration.
    pub(super) fn at(&self, dir: &Path) -> Invocation {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"GIT_") {
                command.env_remove(name);
            }
        }
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        command
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            // A replaced object would make another tree than the commit's name stands for.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .arg("-C")
            .arg(dir)
            .arg("--no-pager")
            .arg("--literal-pathspecs");
        let mut invocation = Invocation {
            command,
            shown: String::new(),
            time: READ_TIME,
        };
        // The user registered this very folder, whoever owns it; what its configuration could run is switched off.
        for setting in [
            "safe.directory=*",
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "core.quotePath=false",
            "protocol.ext.allow=never",
            "gc.auto=0",
            "maintenance.auto=false",
        ] {
            invocation.command.arg("-c").arg(setting);
        }
        invocation
    }
}

/// One `git …` that has not been run yet.
pub(super) struct Invocation {
    command: Command,
    shown: String,
    time: Duration,
}

impl Invocation {
    pub fn args<I, S>(mut self, args: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        for arg in args {
            if self.shown.is_empty() {
                self.shown = arg.as_ref().to_string_lossy().into_owned();
            }
            self.command.arg(arg);
        }
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Lets it see the user's own configuration: credentials for a fetch, ignored files for a snapshot.
    pub fn with_user_config(mut self) -> Self {
        self.command
            .env_remove("GIT_CONFIG_GLOBAL")
            .env_remove("GIT_CONFIG_NOSYSTEM");
        self
    }

    pub fn within(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// What it wrote; a status other than 0 is an error.
    pub async fn output(self) -> Result<Vec<u8>, GitError> {
        let (code, stdout, stderr) = self.run().await?;
        match code {
            (Some(0), _) => Ok(stdout),
            (code, command) => Err(GitError::Failed {
                command,
                code,
                stderr,
            }),
        }
    }

    /// What it wrote as text, without the newline at its end.
    pub async fn text(self) -> Result<String, GitError> {
        let bytes = self.output().await?;
        Ok(String::from_utf8_lossy(&bytes)
            .trim_end_matches('\n')
            .to_owned())
    }

    /// What it wrote; `None` when it answered no, which is status 1.
    pub async fn answer(self) -> Result<Option<Vec<u8>>, GitError> {
        let (code, stdout, stderr) = self.run().await?;
        match code {
            (Some(0), _) => Ok(Some(stdout)),
            (Some(1), _) => Ok(None),
            (code, command) => Err(GitError::Failed {
                command,
                code,
                stderr,
            }),
        }
    }

    async fn run(mut self) -> Result<((Option<i32>, String), Vec<u8>, String), GitError> {
        let shown = std::mem::take(&mut self.shown);
        let io = |error: std::io::Error| GitError::Io {
            command: shown.clone(),
            why: error.to_string(),
        };
        let mut child = self.command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => GitError::Missing,
            _ => io(error),
        })?;
        let mut group = Group::of(&child);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let work = async {
            let (stdout, stderr) =
                tokio::try_join!(read(stdout, MAX_OUTPUT), read(stderr, MAX_STDERR)).map_err(io)?;
            if stdout.len() as u64 > MAX_OUTPUT {
                return Err(GitError::TooLarge {
                    command: shown.clone(),
                    limit: MAX_OUTPUT,
                });
            }
            let status = child.wait().await.map_err(io)?;
            group.leader = None;
            Ok((status.code(), stdout, stderr))
        };
        match tokio::time::timeout(self.time, work).await {
            Ok(Ok((code, stdout, stderr))) => Ok(((code, shown), stdout, said(&stderr))),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(GitError::TimedOut {
                command: shown,
                seconds: self.time.as_secs(),
            }),
        }
    }
}

/// Ends git together with what it started, when nobody waits for it any more.
struct Group {
    leader: Option<Pid>,
}

impl Group {
    fn of(child: &Child) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            leader: leader.map(Pid::from_raw),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader
            && let Err(error) = killpg(leader, Signal::SIGKILL)
            && error != Errno::ESRCH
        {
            tracing::warn!(%leader, %error, "a git could not be ended");
        }
    }
}

/// Reads at most one byte more than `limit`; closing the pipe then ends a git that writes on.
async fn read(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// Git's complaint in one line, without the credentials that a URL in it may carry.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    let mut clean = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        clean.push_str(head);
        let authority = tail
            .find(|c: char| c == '/' || c.is_whitespace() || c == '\'')
            .unwrap_or(tail.len());
        let user = tail[..authority].rfind('@').map_or(0, |at| at + 1);
        rest = &tail[user..];
    }
    clean.push_str(rest);
    if clean.is_empty() {
        clean.push_str("it gave no reason");
    }
    clean
}

#[cfg(test)]
mod tests;
