//! Purpose: `slipway schema`: the JSON Schema of the pipeline file.

use crate::failure::Failure;
use crate::output;

/// Prints it.
pub fn run() -> Result<u8, Failure> {
    output::document(&domain::pipeline::schema())?;
    Ok(0)
}
