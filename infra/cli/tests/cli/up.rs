//! Purpose: `slipway up` ends when it is told to, whatever its visitors do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::slipway;

/// A machine with a visitor who has sent half a request and says no more.
struct Held {
    child: Child,
    out: BufReader<ChildStdout>,
    _visitor: TcpStream,
}

impl Held {
    fn start(dir: &Path) -> Self {
        let mut child = slipway(dir, &["up", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        let url = first.split_whitespace().nth(1).unwrap();
        let address = url.strip_prefix("http://").unwrap().split('/').next();
        let mut visitor = TcpStream::connect(address.unwrap()).unwrap();
        let half = "POST /webhook HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n\
                    content-length: 100\r\n\r\n";
        visitor.write_all(half.as_bytes()).unwrap();
        // The machine asks for the body: it is at work on this request.
        let mut asked = [0; 12];
        visitor.read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100");
        visitor.write_all(b"{").unwrap();
        let mut held = Self {
            child,
            out,
            _visitor: visitor,
        };
        while !held.line().starts_with("Ctrl-C stops the machine") {}
        held
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.out.read_line(&mut line).unwrap() > 0, "it has ended");
        line
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

#[test]
fn a_half_sent_request_does_not_keep_it_from_stopping() {
    let dir = tempfile::tempdir().unwrap();
    let mut held = Held::start(dir.path());
    held.signal("-TERM");
    assert_eq!(held.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    held.out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "stopping: running builds are ended\n");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut held = Held::start(dir.path());
    held.signal("-INT");
    assert_eq!(held.line(), "stopping: running builds are ended\n");
    held.signal("-INT");
    assert_eq!(held.child.wait().unwrap().code(), Some(130));
    assert!(held.line().starts_with("ended at once: "));
}
