//! Purpose: the sample repository: a bare repository to push to, and the checkout that pushes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

const PIPELINE: &str = include_str!("sample/pipeline.yaml");
/// How the sample is built, tested and deployed.
pub const MAKE: &str = include_str!("sample/make.sh");
/// The sample itself.
pub const SHOP: &str = include_str!("sample/shop.sh");

/// Where the sample lies.
pub struct Sample {
    /// What the machine watches.
    pub bare: PathBuf,
    checkout: PathBuf,
    /// The folder that stands for staging and production.
    pub targets: PathBuf,
}

impl Sample {
    /// Makes both repositories below `dir`; nothing is pushed yet.
    pub fn make(dir: &Path, name: &str, address: &str) -> Result<Self, Failure> {
        let sample = Self {
            bare: dir.join("shop.git"),
            checkout: dir.join("shop"),
            targets: dir.join("environments"),
        };
        for folder in [&sample.checkout, &sample.targets] {
            std::fs::create_dir_all(folder).map_err(|error| written(folder, &error))?;
        }
        let bare = sample.bare.display().to_string();
        git(
            dir,
            &["init", "--quiet", "--bare", "--initial-branch=main", &bare],
        )?;
        sample.git(&["init", "--quiet", "--initial-branch=main"])?;
        sample.git(&["config", "user.name", name])?;
        sample.git(&["config", "user.email", address])?;
        sample.git(&["config", "commit.gpgsign", "false"])?;
        sample.git(&["remote", "add", "origin", &bare])?;
        let targets = sample.targets.display().to_string();
        sample.write(".slipway.yaml", &PIPELINE.replace("@TARGETS@", &targets))?;
        sample.write("make.sh", MAKE)?;
        sample.write("shop.sh", SHOP)?;
        sample.git(&["add", "--all"])?;
        sample.git(&["update-index", "--chmod=+x", "make.sh", "shop.sh"])?;
        sample.git(&["commit", "--quiet", "--message", "Open the shop"])?;
        Ok(sample)
    }

    /// `git push` of a branch.
    pub fn push(&self, branch: &str) -> Result<(), Failure> {
        self.git(&["push", "--quiet", "origin", branch]).map(|_| ())
    }

    /// The release that an environment says it runs.
    pub fn deployed(&self, environment: &str) -> Option<String> {
        let file = self.targets.join(environment).join("release");
        std::fs::read_to_string(file)
            .ok()
            .map(|text| text.trim().to_owned())
    }

    /// What a git command says in the checkout.
    pub fn git(&self, args: &[&str]) -> Result<String, Failure> {
        git(&self.checkout, args)
    }

    /// Writes a file of the checkout.
    pub fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let file = self.checkout.join(name);
        std::fs::write(&file, text).map_err(|error| written(&file, &error))
    }
}

fn written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::unavailable(format!("{} cannot be written: {error}", path.display()))
}

fn git(folder: &Path, args: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(args)
        .output()
        .map_err(|error| {
            Failure::unavailable(format!("git cannot be run: {error}"))
                .help("install git 2.30 or newer; `slipway doctor` tells what else is needed")
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::unavailable(format!(
        "git {} failed: {}",
        args.join(" "),
        said.trim()
    )))
}
