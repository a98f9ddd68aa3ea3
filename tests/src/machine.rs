//! Purpose: `slipway up` as a process of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::home::Home;
use crate::wait::eventually;

/// A running machine. Dropping it stops it.
pub struct Machine {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it complains about.
    complaints: PathBuf,
    /// Where its pages are; empty until it is up.
    pub url: String,
}

impl Machine {
    /// Starts it on a free port and waits until it is up.
    pub fn start(home: &Home) -> Self {
        let mut machine = Self::spawn(home);
        machine.wait_until_up();
        machine
    }

    /// Starts it on a free port and does not wait.
    pub fn spawn(home: &Home) -> Self {
        Self::by(home, &mut home.command(&["up", "--port", "0", "--json"]))
    }

    /// Starts it by this command, which must be `up --json`, and waits; what it complains about goes to `up.err` in the
    /// test's folder.
    pub fn begin(home: &Home, command: &mut Command) -> Self {
        let mut machine = Self::by(home, command);
        machine.wait_until_up();
        machine
    }

    fn by(home: &Home, command: &mut Command) -> Self {
        let complaints = home.folder().join("up.err");
        let file = File::options()
            .create(true)
            .append(true)
            .open(&complaints)
            .unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            out,
            complaints,
            url: String::new(),
        }
    }

    /// Waits for the line that says where it is.
    pub fn wait_until_up(&mut self) {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        let up: Value = serde_json::from_str(&line).unwrap_or_else(|error| {
            let status = self.child.wait();
            let said = std::fs::read_to_string(&self.complaints);
            panic!("the machine is not up: {error}: {line:?}, {status:?}, {said:?}")
        });
        assert_eq!(up["state"], "up", "{up}");
        up["url"].as_str().unwrap().clone_into(&mut self.url);
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would.
    pub fn kill9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as Ctrl-C does, and waits; gives the exit status.
    pub fn stop(mut self) -> Option<i32> {
        self.terminate()
    }

    fn terminate(&mut self) -> Option<i32> {
        if let Ok(Some(status)) = self.child.try_wait() {
            return status.code();
        }
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "process {pid} takes no signal"
        );
        let child = &mut self.child;
        eventually("the machine stops", Duration::from_secs(60), || {
            child.try_wait().unwrap()
        })
        .code()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The test has failed already: its builds end with the machine where possible, the machine in any case.
            let pid = self.child.id().to_string();
            if Command::new("kill").args(["-TERM", &pid]).status().is_ok() {
                for _ in 0..100 {
                    if !matches!(self.child.try_wait(), Ok(None)) {
                        return;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
            if let Err(error) = self.child.kill() {
                eprintln!("the machine could not be ended: {error}");
            }
            return;
        }
        self.terminate();
    }
}
