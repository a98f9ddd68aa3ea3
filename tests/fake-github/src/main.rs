//! Purpose: a GitHub as a process of its own, for tests that start the whole machine.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Parser;
use fake_github::{App, FakeGitHub};

/// Serves GitHub's REST API over bare repositories, on 127.0.0.1.
#[derive(Parser)]
struct Arguments {
    /// Port of the API; 0 = any free one. The URL is the first line of the output.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// A repository: ID=owner/name=PATH of a bare repository.
    #[arg(long = "repository", required = true)]
    repositories: Vec<Served>,
    /// Number of the App.
    #[arg(long)]
    app_id: u64,
    /// PEM file with the App's public key.
    #[arg(long)]
    public_key: PathBuf,
}

#[derive(Clone)]
struct Served {
    id: u64,
    name: String,
    path: PathBuf,
}

impl FromStr for Served {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not ID=owner/name=PATH");
        let mut parts = text.splitn(3, '=');
        let (Some(id), Some(name), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        if name.split('/').filter(|part| !part.is_empty()).count() != 2 {
            return Err(wrong());
        }
        Ok(Self {
            id: id.parse().map_err(|_| wrong())?,
            name: name.to_owned(),
            path: path.into(),
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let app = App {
        id: arguments.app_id,
        public_key: std::fs::read_to_string(&arguments.public_key)?,
    };
    let github = FakeGitHub::start_on(&app, arguments.port)?;
    for served in arguments.repositories {
        github.add(served.id, &served.name, served.path);
    }
    let mut out = std::io::stdout();
    writeln!(out, "{}", github.api())?;
    out.flush()?;
    // Until it is ended by its pid.
    loop {
        std::thread::park();
    }
}
