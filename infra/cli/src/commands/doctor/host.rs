//! Purpose: what the machine needs of its host: git, a shell, a port.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::Check;

/// The oldest git that has all that is used.
const GIT: (u32, u32) = (2, 30);
/// How long a program may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether git is there and new enough.
pub async fn git() -> Check {
    let help = "install git 2.30 or newer, and see to it that it is in PATH";
    let said = match ask("git", &["--version"]).await {
        Ok(said) => said,
        Err(why) => return Check::missing("git", why, help),
    };
    match version(&said) {
        Some(found) if found >= GIT => Check::ok("git", said),
        Some(_) => Check::missing("git", format!("{said} is older than 2.30"), help),
        None => Check::warn(
            "git",
            format!("it says {said:?}, which is no version"),
            help,
        ),
    }
}

/// Whether the shell that runs steps is there.
pub async fn shell() -> Check {
    match ask("sh", &["-e", "-c", "echo here"]).await {
        Ok(said) if said == "here" => Check::ok("shell", "`sh` runs commands"),
        Ok(said) => Check::missing(
            "shell",
            format!("`sh -e -c 'echo here'` said {said:?}"),
            "put a POSIX shell named `sh` first in PATH; every step is run by it",
        ),
        Err(why) => Check::missing(
            "shell",
            why,
            "put a POSIX shell named `sh` into PATH; every step is run by it",
        ),
    }
}

/// Whether `slipway up` could listen.
pub fn port(port: u16, running: bool) -> Check {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Check::ok("port", format!("127.0.0.1:{port} is free")),
        Err(_) if running => Check::ok(
            "port",
            format!("127.0.0.1:{port} is in use, and so is this data directory"),
        ),
        Err(error) => Check::warn(
            "port",
            format!("127.0.0.1:{port} cannot be listened on: {error}"),
            format!(
                "end what listens there, or choose another: `slipway up --port {}`",
                port.wrapping_add(1).max(1024)
            ),
        ),
    }
}

async fn ask(program: &str, args: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(PATIENCE, output).await {
        Err(_) => {
            return Err(format!(
                "`{program}` did not answer within {} s",
                PATIENCE.as_secs()
            ));
        }
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(format!("`{program}` is not in PATH"));
        }
        Ok(Err(error)) => return Err(format!("`{program}` cannot be run: {error}")),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        return Err(format!("`{program}` failed: {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `(2, 39)` of `git version 2.39.5 (Apple Git-154)`.
fn version(said: &str) -> Option<(u32, u32)> {
    let number = said.split_ascii_whitespace().nth(2)?;
    let mut parts = number.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests;
