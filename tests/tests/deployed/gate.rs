//! Purpose: an address that can be closed: a port that forwards to another one, or refuses while it is shut.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

/// A port of 127.0.0.1 that is known before what stands behind it.
pub struct Gate {
    port: u16,
    behind: Arc<OnceLock<String>>,
    shut: Arc<AtomicBool>,
}

impl Gate {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gate = Self {
            port: listener.local_addr().unwrap().port(),
            behind: Arc::default(),
            shut: Arc::default(),
        };
        let (behind, shut) = (Arc::clone(&gate.behind), Arc::clone(&gate.shut));
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                let (behind, shut) = (Arc::clone(&behind), Arc::clone(&shut));
                thread::spawn(move || forward(visitor, &behind, &shut));
            }
        });
        gate
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Says what stands behind it: `http://127.0.0.1:PORT`.
    pub fn lead_to(&self, url: &str) {
        let address = url.strip_prefix("http://").unwrap().to_owned();
        self.behind.set(address).unwrap();
    }

    /// While it is shut, whoever comes is cut off, and so is who is inside.
    pub fn shut(&self, shut: bool) {
        self.shut.store(shut, Ordering::SeqCst);
    }
}

fn forward(visitor: TcpStream, behind: &OnceLock<String>, shut: &Arc<AtomicBool>) {
    let Some(address) = behind.get().filter(|_| !shut.load(Ordering::SeqCst)) else {
        return;
    };
    let Ok(host) = TcpStream::connect(address) else {
        return;
    };
    let (Ok(from), Ok(to)) = (visitor.try_clone(), host.try_clone()) else {
        return;
    };
    let other = Arc::clone(shut);
    let there = thread::spawn(move || copy(from, to, &other));
    copy(host, visitor, shut);
    // A visitor that was cut off has nothing more to say.
    drop(there.join());
}

/// Until either side ends, or the gate is shut.
fn copy(mut from: TcpStream, mut to: TcpStream, shut: &AtomicBool) {
    let mut pass = || -> io::Result<()> {
        let mut bytes = [0; 16 << 10];
        loop {
            let count = from.read(&mut bytes)?;
            if count == 0 || shut.load(Ordering::SeqCst) {
                return Ok(());
            }
            to.write_all(&bytes[..count])?;
        }
    };
    drop(pass());
    drop(to.shutdown(Shutdown::Both));
    drop(from.shutdown(Shutdown::Both));
}
