//! Purpose: row 5: how large the functions are, packed as Lambda takes them.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::programs::Programs;
use crate::Error;
use crate::table::Row;

const GOAL_OF_WEBHOOK: u64 = 3_000_000;
const GOAL_OF_ANY: u64 = 8_000_000;
/// How to make what is measured here.
pub(super) const HOW: &str = "cargo build --profile lambda --workspace --bins";

fn packed(program: &Path) -> Result<u64, Error> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", options)?;
    zip.write_all(&fs::read(program)?)?;
    Ok(zip.finish()?.into_inner().len() as u64)
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let programs = Programs::for_lambda()?;
    let functions = programs.functions()?;
    if functions.is_empty() {
        let none = Row::of(5, "zip of each function").alone(format!("not built: {HOW}"));
        return Ok(vec![none]);
    }
    let bare = programs.program("bare").map(|bare| packed(&bare));
    let bare = bare.transpose()?;
    let mut rows = Vec::new();
    for (function, program, _) in functions {
        let bytes = packed(&program)?;
        let goal = match function {
            "webhook" => GOAL_OF_WEBHOOK,
            _ => GOAL_OF_ANY,
        };
        let row = Row::of(5, format!("zip of the {function}"));
        let row = match bare {
            Some(bare) => row.pair(
                megabytes(bytes),
                format!("{} bare", megabytes(bare)),
                bytes as f64 / bare as f64,
            ),
            None => row.alone(megabytes(bytes)),
        };
        let row = row.goal(format!("≤ {}", megabytes(goal)), bytes <= goal);
        rows.push(row.peers("with the SDK's defaults 3.6 MB, bare 0.85 MB"));
    }
    Ok(rows)
}
