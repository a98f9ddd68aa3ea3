//! Purpose: GitHub's own OpenAPI description of its REST API: <https://www.npmjs.com/package/@octokit/openapi>.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Missing;
use crate::npm::Package;

pub(crate) const NAME: &str = "openapi";
const PACKAGE: Package = Package {
    name: NAME,
    package: "@octokit/openapi",
    version: "23.0.2",
};
/// That of github.com, with its references left in place.
const FILE: &str = "api.github.com.json";

/// The description of github.com, fetched when it is not there.
pub fn github_description() -> Result<PathBuf, Missing> {
    let files = PACKAGE.files(|files| {
        let folder = files.join("generated");
        keep_only(&folder, FILE).map_err(|error| Missing(format!("{}: {error}", folder.display())))
    })?;
    Ok(files.join("generated").join(FILE))
}

/// The package brings 400 MB of other servers' descriptions.
fn keep_only(folder: &Path, file: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != file {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
