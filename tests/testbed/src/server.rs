//! Purpose: one counterpart as a process: a free port, an answer before it is used, and no way to outlive who started it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::Missing;

/// Ports that are tried: another process may take one between the choice and the start.
const MAX_STARTS: usize = 5;
/// Looks for an answer, [`PAUSE`] apart: a minute.
const MAX_LOOKS: usize = 600;
const PAUSE: Duration = Duration::from_millis(100);
/// How long one look waits for an answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Runs the program given as its arguments until it ends, or until our end of standard input closes, which it does when we
/// drop it or die in whatever way; then everything in this process group is ended.
const WATCH: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{
    cat <&3 >/dev/null
    kill "$server"
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$server" || break; sleep 0.1; done
    kill -9 0
} 2>/dev/null &
exec 3<&-
wait "$server"
kill -9 0
"#;

/// Names and values of an environment.
pub(crate) type Variables = Vec<(String, OsString)>;

/// What to start.
pub(crate) struct Program<'a> {
    pub name: &'a str,
    pub program: &'a Path,
    /// Its arguments, on this port, with this folder for itself.
    pub arguments: &'a dyn Fn(u16, &Path) -> Vec<OsString>,
    /// Its whole environment: nothing else is handed on.
    pub environment: &'a dyn Fn(u16, &Path) -> Variables,
}

/// A counterpart that runs; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    watch: Child,
    port: u16,
    /// Its home, its temporary files and its log.
    _folder: TempDir,
}

impl Server {
    /// Starts it on a free port and waits until it answers.
    pub(crate) fn start(program: &Program<'_>) -> Result<Self, Missing> {
        let mut why = String::new();
        for _ in 0..MAX_STARTS {
            match Self::try_start(program) {
                Ok(server) => return Ok(server),
                Err(error) => why = error.to_string(),
            }
        }
        Err(Missing(format!("{} does not start: {why}", program.name)))
    }

    fn try_start(program: &Program<'_>) -> io::Result<Self> {
        let folder = TempDir::new()?;
        let port = free_port()?;
        let log = folder.path().join("log");
        let file = File::create(&log)?;
        let watch = Command::new("/bin/sh")
            .args(["-c", WATCH, "sh"])
            .arg(program.program)
            .args((program.arguments)(port, folder.path()))
            .env_clear()
            .envs((program.environment)(port, folder.path()))
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()?;
        let mut server = Self {
            watch,
            port,
            _folder: folder,
        };
        for _ in 0..MAX_LOOKS {
            let answers = answers(port);
            if server.watch.try_wait()?.is_some() {
                break;
            }
            if answers {
                return Ok(server);
            }
            thread::sleep(PAUSE);
        }
        let said = fs::read_to_string(log)?;
        Err(io::Error::other(format!("it does not answer\n{said}")))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The process that watches it, which is also its process group.
    pub(crate) fn pid(&self) -> u32 {
        self.watch.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        if let Err(error) = self.watch.wait() {
            eprintln!("process {} was not seen to end: {error}", self.watch.id());
        }
    }
}

fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Whether anything there speaks HTTP.
fn answers(port: u16) -> bool {
    let ask = || -> io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut begin = [0; 5];
        stream.read_exact(&mut begin)?;
        Ok(begin == *b"HTTP/")
    };
    ask().unwrap_or(false)
}
