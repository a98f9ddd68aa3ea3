//! Purpose: payloads of GitHub's webhooks: <https://www.npmjs.com/package/@octokit/webhooks-examples>.

use std::path::PathBuf;

use crate::Missing;
use crate::npm::Package;

pub(crate) const NAME: &str = "webhooks-examples";
const PACKAGE: Package = Package {
    name: NAME,
    package: "@octokit/webhooks-examples",
    version: "7.6.1",
};

/// The file with all events of github.com and examples of each, fetched when it is not there.
pub fn webhook_examples() -> Result<PathBuf, Missing> {
    let files = PACKAGE.files(|_| Ok(()))?;
    Ok(files.join("api.github.com").join("index.json"))
}
