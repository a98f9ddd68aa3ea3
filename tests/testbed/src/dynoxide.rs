//! Purpose: DynamoDB in one small process: <https://crates.io/crates/dynoxide-rs>.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::{Program, Server};
use crate::{Missing, cache};

pub(crate) const NAME: &str = "dynoxide";
const VERSION: &str = "3.2.0";

/// A DynamoDB of its own, empty, in memory.
#[derive(Debug)]
pub struct Dynoxide {
    server: Server,
}

impl Dynoxide {
    /// Starts one; installs it first when it is not there.
    pub fn start() -> Result<Self, Missing> {
        let server = Server::start(&Program {
            name: NAME,
            program: &program()?,
            arguments: &|port, _| {
                ["serve", "--host", "127.0.0.1", "--port"]
                    .into_iter()
                    .map(OsString::from)
                    .chain([port.to_string().into()])
                    .collect()
            },
            environment: &|_, home| vec![("HOME".to_owned(), home.into())],
        })?;
        Ok(Self { server })
    }

    /// `http://127.0.0.1:<port>`
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// The process group that it runs in.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }
}

/// The binary, built when it is not there. It cannot be a member of the workspace: it links another SQLite.
pub(crate) fn program() -> Result<PathBuf, Missing> {
    let name = format!("{NAME}-{VERSION}");
    let place = cache::installed(&name, &format!("{name}\n"), build)?;
    Ok(place.join("bin").join(NAME))
}

fn build(place: &Path) -> Result<(), Missing> {
    let target = place.join("target");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let version = format!("={VERSION}");
    cache::run(
        Command::new(cargo)
            .args(["install", "--locked", "dynoxide-rs", "--version", &version])
            .args(["--no-default-features", "--features"])
            .arg("native-sqlite,http-server,cli")
            .arg("--root")
            .arg(place)
            .arg("--target-dir")
            .arg(&target)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_TARGET_DIR")
            // Outside the tree, whose settings are not meant for it.
            .current_dir(place),
    )?;
    match fs::remove_dir_all(&target) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Missing(format!("{}: {error}", target.display())))
        }
        _ => Ok(()),
    }
}
