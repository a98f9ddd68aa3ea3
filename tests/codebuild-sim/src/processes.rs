//! Purpose: ends every process of a build, as the end of its container does on AWS.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Rounds until a process that begins others all the time is given up.
const MAX_ROUNDS: usize = 50;

/// Ends the processes whose environment names this build. Those that hide from it are not found.
pub fn end(build: &str) {
    let mark = format!("CODEBUILD_BUILD_ID={build}");
    for _ in 0..MAX_ROUNDS {
        let found = marked(&mark);
        if found.is_empty() {
            return;
        }
        for pid in found {
            // It may have ended by itself.
            kill(Pid::from_raw(pid), Signal::SIGKILL).ok();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    eprintln!("codebuild-sim: processes of {build} do not end");
}

fn marked(mark: &str) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &i32| has(*pid, mark)).collect()
}

fn has(pid: i32, mark: &str) -> bool {
    // A zombie has no environment any more.
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == mark.as_bytes())
    })
}
