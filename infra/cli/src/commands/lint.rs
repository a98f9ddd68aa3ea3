//! Purpose: `slipway lint`: every mistake of a pipeline file at once.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use domain::pipeline::{self, FILE_NAME, MAX_BYTES};
use serde::Serialize;

use crate::args::{Global, LintArgs};
use crate::failure::{Failure, NEGATIVE};
use crate::output::{self, style};

#[derive(Serialize)]
struct Answer<'a> {
    file: &'a str,
    valid: bool,
    diagnostics: &'a [pipeline::Diagnostic],
}

/// Checks the file; 1 when it has mistakes.
pub async fn run(global: &Global, args: &LintArgs) -> Result<u8, Failure> {
    let (name, text) = match &args.file {
        Some(file) if file == Path::new("-") => ("<stdin>".to_owned(), read_stdin()?),
        Some(file) => (file.display().to_string(), read_file(file)?),
        None => {
            let file = default_file()?;
            (shown(&file), read_file(&file)?)
        }
    };
    let diagnostics = pipeline::lint(&text);
    let valid = diagnostics.is_empty();
    if global.json {
        output::document(&Answer {
            file: &name,
            valid,
            diagnostics: &diagnostics,
        })?;
    } else if valid {
        output::line(format!(
            "{name}: {}",
            style::paint(style::GOOD, "no mistakes")
        ))?;
    } else {
        output::write(&pipeline::render(&name, &text, &diagnostics, true))?;
    }
    Ok(if valid { 0 } else { NEGATIVE })
}

/// The pipeline file at the top of the repository that this directory is in; outside of one, of this directory.
fn default_file() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| {
        Failure::usage(format!(
            "the directory that you stand in cannot be read: {error}"
        ))
    })?;
    let top = here.ancestors().find(|folder| folder.join(".git").exists());
    Ok(top.unwrap_or(&here).join(FILE_NAME))
}

/// Relative to where the user stands, if it is there.
fn shown(file: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| file.strip_prefix(here).ok().map(Path::to_path_buf));
    relative
        .unwrap_or_else(|| file.to_path_buf())
        .display()
        .to_string()
}

fn read_file(file: &Path) -> Result<String, Failure> {
    let name = file.display();
    let bytes = std::fs::read(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::usage(format!("there is no file {name}")).help(
            "name a file, or begin one with `version: 1` and a job; `slipway schema` says what may stand in it",
        ),
        ErrorKind::IsADirectory => Failure::usage(format!("{name} is a directory"))
            .help(format!("name the file in it: `slipway lint {name}/{FILE_NAME}`")),
        _ => Failure::usage(format!("{name} cannot be read: {error}")),
    })?;
    text_of(&name.to_string(), bytes)
}

fn read_stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    // One byte more than allowed, so that the linter itself says that it is too much.
    std::io::stdin()
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
    text_of("standard input", bytes)
}

fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        Failure::usage(format!(
            "{name} is not UTF-8 text: byte {at} does not belong there"
        ))
        .help("save the file as UTF-8")
    })
}
