//! Purpose: where the machine's data directory is.

use std::path::{Path, PathBuf};

use crate::args::Global;
use crate::failure::Failure;

/// The journal's file below the data directory.
pub const JOURNAL: &str = "journal.sqlite";

/// The directory that was asked for, or the default one: `$XDG_DATA_HOME/slipway`, `~/.local/share/slipway`
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>).
pub fn dir(global: &Global) -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = match &global.data {
        Some(dir) => {
            return std::path::absolute(dir).map_err(|error| {
                Failure::usage(format!("{} is no directory: {error}", dir.display()))
            });
        }
        None => set("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|base| base.is_absolute()),
    };
    let base = base.or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    base.map(|base| base.join("slipway")).ok_or_else(|| {
        Failure::usage("neither HOME nor XDG_DATA_HOME says where data is kept")
            .help("name a directory: `slipway --data DIR …`")
    })
}

/// What to say when there is no machine in this directory yet.
pub fn no_machine(dir: &Path) -> Failure {
    Failure::unavailable(format!("there is no machine in {} yet", dir.display())).help(
        "`slipway up` starts one there, `slipway demo` shows one; `--data DIR` names another directory",
    )
}

/// Makes the directory, for its owner only, where there is none.
pub fn make(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut maker = std::fs::DirBuilder::new();
    maker.recursive(true).mode(0o700);
    maker.create(dir).map_err(|error| {
        Failure::unavailable(format!("{} cannot be made: {error}", dir.display()))
            .help("name another directory with `--data DIR`")
    })
}
