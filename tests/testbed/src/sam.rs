//! Purpose: AWS's own tool for templates: <https://pypi.org/project/aws-sam-cli/>. In a folder of its own, because it wants
//! other versions of what the emulator is made of.

use std::path::PathBuf;

use crate::{Missing, cache, ministack};

pub(crate) const NAME: &str = "sam";
/// The folder in the cache; another set of packages gets another number.
const FOLDER: &str = "sam-1";
const PACKAGES: &[&str] = &["aws-sam-cli==1.170.0"];

/// The program `sam`.
pub fn sam() -> Result<PathBuf, Missing> {
    let place = cache::installed(FOLDER, &PACKAGES.join("\n"), |place| {
        ministack::install(place, PACKAGES)
    })?;
    Ok(place.join("bin").join(NAME))
}
