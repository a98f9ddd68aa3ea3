//! Purpose: the folder outside the tree in which counterparts are installed, each once, whoever asks first.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Missing;

/// In an installed folder: what was installed into it.
const RECIPE: &str = "testbed-recipe";
/// Lines of an installer's complaint that are passed on.
const MAX_LINES: usize = 15;

/// `$SLIPWAY_TESTBED`, or `slipway/testbed` in the user's cache.
pub fn folder() -> PathBuf {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folder) = set("SLIPWAY_TESTBED") {
        return folder.into();
    }
    let cache = set("XDG_CACHE_HOME").map(PathBuf::from);
    let home = set("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = cache.or(home).unwrap_or_else(env::temp_dir);
    cache.join("slipway").join("testbed")
}

/// The folder of one counterpart, installed by this recipe; a change of the recipe installs it anew. Other processes that want
/// the same wait.
pub(crate) fn installed(
    name: &str,
    recipe: &str,
    install: impl FnOnce(&Path) -> Result<(), Missing>,
) -> Result<PathBuf, Missing> {
    let place = folder().join(name);
    if is_installed(&place, recipe) {
        return Ok(place);
    }
    let trouble = |error: io::Error| Missing(format!("{}: {error}", place.display()));
    fs::create_dir_all(&place).map_err(trouble)?;
    let lock = File::create(place.with_extension("lock")).map_err(trouble)?;
    lock.lock().map_err(trouble)?;
    if !is_installed(&place, recipe) {
        install(&place)?;
        fs::write(place.join(RECIPE), recipe).map_err(trouble)?;
    }
    Ok(place)
}

fn is_installed(place: &Path, recipe: &str) -> bool {
    fs::read_to_string(place.join(RECIPE)).is_ok_and(|there| there == recipe)
}

/// Runs an installer to its end; its last words are the reason when it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), Missing> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| Missing(format!("{program} cannot be started: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    let last = lines[lines.len().saturating_sub(MAX_LINES)..].join("\n");
    Err(Missing(format!("{program}: {}\n{last}", output.status)))
}
