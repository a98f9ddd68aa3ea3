//! Purpose: the commands of a buildspec, one after the other in what seems to be one shell, and the log they write.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::build::Stop;
use crate::endpoint::Endpoint;

/// Between two looks at a command.
const PAUSE: Duration = Duration::from_millis(10);
/// Between two writes of the log.
const FLUSH: Duration = Duration::from_millis(200);
/// How long the output of an ended command may still take.
const DRAIN: Duration = Duration::from_secs(2);
/// Longest line, bytes.
const MAX_LINE: u64 = 64 << 10;
/// Events of one write.
const MAX_EVENTS: usize = 1_000;

/// The log of one build in CloudWatch Logs. Values of secrets are masked in it, as CodeBuild does.
pub struct Log {
    endpoint: Endpoint,
    group: String,
    stream: String,
    secrets: Vec<String>,
    waiting: Mutex<(Vec<(i64, String)>, Instant)>,
}

impl Log {
    pub fn new(endpoint: Endpoint, group: &str, stream: &str, secrets: Vec<String>) -> Self {
        Self {
            endpoint,
            group: group.to_owned(),
            stream: stream.to_owned(),
            secrets,
            waiting: Mutex::new((Vec::new(), Instant::now())),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, (Vec<(i64, String)>, Instant)> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn line(&self, line: &str) {
        let mut line = line.to_owned();
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            line = line.replace(secret, "***");
        }
        // An event cannot be empty.
        line.push('\n');
        let at = Timestamp::now().as_millisecond();
        self.waiting().0.push((at, line));
    }

    /// What CodeBuild itself says.
    pub fn container(&self, said: &str) {
        let at = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
        self.line(&format!(
            "[Container] {} {said}",
            at.strftime("%Y/%m/%d %H:%M:%S%.6f")
        ));
    }

    /// Writes what has come in; `now` also when it is not time yet.
    pub fn flush(&self, now: bool) {
        let mut waiting = self.waiting();
        if waiting.0.is_empty() || !(now || waiting.1.elapsed() >= FLUSH) {
            return;
        }
        let events = std::mem::take(&mut waiting.0);
        waiting.1 = Instant::now();
        for events in events.chunks(MAX_EVENTS) {
            if let Err(why) = self.endpoint.put_log(&self.group, &self.stream, events) {
                eprintln!("codebuild-sim: {why}");
            }
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Exited(i32),
    Stopped,
    TimedOut,
}

/// What lasts from one command to the next.
pub struct Session {
    pub environment: BTreeMap<OsString, OsString>,
    pub folder: PathBuf,
    pub state: PathBuf,
    pub log: Arc<Log>,
    pub stop: Stop,
    pub deadline: Instant,
}

impl Session {
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.environment.insert(name.into(), value.into());
    }

    /// Runs one command to its end.
    ///
    /// # Errors
    /// When there is no shell.
    pub fn run(&mut self, command: &str) -> io::Result<Ended> {
        let (script, state) = (self.state.join("command"), self.state.display());
        std::fs::write(&script, command)?;
        let wrapper = format!(
            "trap 'code=$?; env -0 >{state}/environment; pwd >{state}/folder; exit $code' EXIT\n. {}",
            script.display()
        );
        let (reader, writer) = io::pipe()?;
        // Interrupts may be ignored where the tests were started, and a shell cannot undo that for itself.
        let mut child = Command::new("/usr/bin/env")
            .args(["--default-signal=INT,QUIT", "/bin/sh", "-c", &wrapper])
            .env_clear()
            .envs(&self.environment)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .spawn()?;
        let log = Arc::clone(&self.log);
        let pump = std::thread::spawn(move || pump(reader, &log));
        let ended = loop {
            if let Some(status) = child.try_wait()? {
                break Ended::Exited(status.code().unwrap_or(255));
            }
            if self.stop.is_asked() || Instant::now() >= self.deadline {
                crate::processes::end(&self.environment_of("CODEBUILD_BUILD_ID"));
                child.wait()?;
                break match self.stop.is_asked() {
                    true => Ended::Stopped,
                    false => Ended::TimedOut,
                };
            }
            self.log.flush(false);
            std::thread::sleep(PAUSE);
        };
        let until = Instant::now() + DRAIN;
        while !pump.is_finished() && Instant::now() < until {
            std::thread::sleep(PAUSE);
        }
        self.log.flush(true);
        self.remember()?;
        Ok(ended)
    }

    fn environment_of(&self, name: &str) -> String {
        let value = self.environment.get(std::ffi::OsStr::new(name));
        value
            .map(|value| value.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// Takes over what the command has exported, and where it has gone.
    fn remember(&mut self) -> io::Result<()> {
        let (environment, folder) = (self.state.join("environment"), self.state.join("folder"));
        if !environment.exists() {
            return Ok(());
        }
        let bytes = std::fs::read(&environment)?;
        self.environment = bytes
            .split(|byte| *byte == 0)
            .filter_map(variable)
            .collect();
        self.folder =
            Path::new(std::fs::read_to_string(&folder)?.trim_end_matches('\n')).to_owned();
        std::fs::remove_file(environment)
    }
}

fn variable(text: &[u8]) -> Option<(OsString, OsString)> {
    let at = text.iter().position(|byte| *byte == b'=')?;
    let of = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    Some((of(&text[..at]), of(&text[at + 1..])))
}

fn pump(reader: io::PipeReader, log: &Log) {
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => log.line(String::from_utf8_lossy(&line).trim_end_matches('\n')),
        }
    }
}
