//! Purpose: where the programs of the functions are: built for Lambda, or else beside this program.

use std::path::{Path, PathBuf};

use crate::Error;

/// Programs of one build.
pub(super) struct Programs {
    /// The profile's name.
    pub profile: String,
    folder: PathBuf,
}

impl Programs {
    /// Those of the profile `lambda`, wherever this program was built.
    pub fn for_lambda() -> Result<Self, Error> {
        let folder = beside()?.with_file_name("lambda");
        Ok(Self::at(folder))
    }

    /// Those beside this program.
    pub fn here() -> Result<Self, Error> {
        Ok(Self::at(beside()?))
    }

    fn at(folder: PathBuf) -> Self {
        let name = folder.file_name().unwrap_or_default();
        Self {
            profile: name.to_string_lossy().into_owned(),
            folder,
        }
    }

    /// The program of this name, if it has been built.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        // cargo-lambda makes a folder for each.
        let places = [
            self.folder.join(name),
            self.folder.join(name).join("bootstrap"),
        ];
        places.into_iter().find(|place| place.is_file())
    }

    /// The functions that have been built, with the bytes of their programs.
    pub fn functions(&self) -> Result<Vec<(&'static str, PathBuf, u64)>, Error> {
        let mut all = Vec::new();
        for function in blackbox::FUNCTIONS {
            if let Some(program) = self.program(function) {
                let bytes = program.metadata()?.len();
                all.push((function, program, bytes));
            }
        }
        Ok(all)
    }
}

fn beside() -> Result<PathBuf, Error> {
    let program = std::env::current_exe()?;
    let folder = program.parent().ok_or("this program lies nowhere")?;
    // A test lies one folder deeper.
    let folder = match folder.file_name() {
        Some(name) if name == "deps" => folder.parent().unwrap_or(Path::new("/")),
        _ => folder,
    };
    Ok(folder.to_owned())
}
