//! Purpose: packages of npm that tests read files of.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Missing, cache};

/// One package, in a folder of its own.
pub(crate) struct Package {
    /// What the folder is called.
    pub name: &'static str,
    /// What npm calls it.
    pub package: &'static str,
    pub version: &'static str,
}

impl Package {
    /// Where its files are, fetched when they are not there; `tidy` is called once after that.
    pub fn files(
        &self,
        tidy: impl FnOnce(&Path) -> Result<(), Missing>,
    ) -> Result<PathBuf, Missing> {
        let Self {
            name,
            package,
            version,
        } = self;
        let below = |place: &Path| place.join("node_modules").join(package);
        let recipe = format!("{package}@{version}\n");
        let place = cache::installed(&format!("{name}-{version}"), &recipe, |place| {
            self.install(place)?;
            tidy(&below(place))
        })?;
        Ok(below(&place))
    }

    fn install(&self, place: &Path) -> Result<(), Missing> {
        cache::run(
            Command::new("npm")
                .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
                .arg("--prefix")
                .arg(place)
                .arg(format!("{}@{}", self.package, self.version))
                // Outside the tree, whose settings are not meant for it.
                .current_dir(place),
        )
    }
}
