//! Purpose: payloads of GitHub's webhooks: <https://www.npmjs.com/package/@octokit/webhooks-examples>.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Missing, cache};

pub(crate) const NAME: &str = "webhooks-examples";
const PACKAGE: &str = "@octokit/webhooks-examples";
const VERSION: &str = "7.6.1";

/// The file with all events of github.com and examples of each, fetched when it is not there.
pub fn webhook_examples() -> Result<PathBuf, Missing> {
    let place = cache::installed(
        &format!("{NAME}-{VERSION}"),
        &format!("{PACKAGE}@{VERSION}\n"),
        install,
    )?;
    let package = place.join("node_modules").join(PACKAGE);
    Ok(package.join("api.github.com").join("index.json"))
}

fn install(place: &Path) -> Result<(), Missing> {
    cache::run(
        Command::new("npm")
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
            .arg("--prefix")
            .arg(place)
            .arg(format!("{PACKAGE}@{VERSION}"))
            // Outside the tree, whose settings are not meant for it.
            .current_dir(place),
    )
}
