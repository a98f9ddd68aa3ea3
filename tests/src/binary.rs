//! Purpose: the programs that were built together with the tests: `slipway`, and the functions as Lambda runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// What a program said, and how it ended.
#[derive(Clone, Debug)]
pub struct Said {
    /// The exit status; `None` = a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Runs the command to its end.
    pub fn by(command: &mut Command) -> Self {
        Self::of(&command.output().expect("the program can be started"))
    }

    /// From what was collected.
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// The whole output as one JSON document.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The output as JSON lines.
    pub fn lines(&self) -> Vec<serde_json::Value> {
        let read = |line| serde_json::from_str(line);
        let lines: Result<Vec<_>, _> = self.out.lines().map(read).collect();
        lines.unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails the test unless the program ended with this status.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self
    }
}

/// The top of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package is a member of a workspace")
}

/// The functions, by the names of their folders, packages and programs.
pub const FUNCTIONS: [&str; 8] = [
    "webhook",
    "planner",
    "scheduler",
    "builder",
    "deployer",
    "approval",
    "notifier",
    "dashboard",
];

/// `slipway` beside the test's own executable; built when it is not there, which a test of the whole workspace has done.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let folder = folder();
        let binary = folder.join(format!("slipway{}", std::env::consts::EXE_SUFFIX));
        if !binary.is_file() {
            build(&folder, &["--package", "slipway", "--features", "aws"]);
        }
        assert!(binary.is_file(), "cargo did not make {}", binary.display());
        binary
    })
}

/// The folder with the programs of all functions, always built anew. They are asked for together with all tests, as
/// `cargo test --workspace` does: then their dependencies have the same features, and nothing is compiled twice.
pub fn functions() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let folder = folder();
        build(&folder, &["--workspace", "--bins", "--tests"]);
        folder
    })
}

/// The folder with the programs of all functions as they are shipped, built with the profile `lambda` where they are not up to
/// date: minutes when it is for the first time. `SLIPWAY_FUNCTIONS` names a folder where they are already.
pub fn shipped() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        if let Some(folder) = std::env::var_os("SLIPWAY_FUNCTIONS") {
            return folder.into();
        }
        let folder = folder().with_file_name("lambda");
        let packages = FUNCTIONS.iter().flat_map(|name| ["--package", name]);
        let what: Vec<&str> = packages.chain(["--bins"]).collect();
        build(&folder, &what);
        folder
    })
}

/// `target/PROFILE`
fn folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its executable");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("tests lie in target/PROFILE/deps");
    folder.to_owned()
}

fn build(folder: &Path, what: &[&str]) {
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let target = folder
        .parent()
        .expect("a profile's folder is in the target folder");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--profile", profile])
        .args(what)
        .current_dir(workspace())
        .env("CARGO_TARGET_DIR", target)
        .status()
        .expect("cargo can be started");
    assert!(status.success(), "cargo build {what:?} fails");
}
