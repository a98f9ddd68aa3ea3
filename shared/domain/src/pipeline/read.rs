//! Purpose: a text into a pipeline file, or everything that is wrong with it.

use serde::Deserialize;

use super::diagnostic::{Complaint, Diagnostic, Diagnostics, Place};
use super::file::PipelineFile;
use super::{check, shape, yaml};

/// Reads a pipeline file.
///
/// # Errors
/// Every mistake at once, in the order of the text; never an empty list.
pub fn read(text: &str) -> Result<PipelineFile, Vec<Diagnostic>> {
    let mut found = Diagnostics::default();
    let Some(root) = yaml::parse(text, &mut found) else {
        return Err(found.finish());
    };
    shape::check(&root, &mut found);
    check::check(&root, &mut found);
    if !found.is_empty() {
        return Err(found.finish());
    }
    PipelineFile::deserialize(&root).map_err(|error| {
        // The types and the schema that was generated from them disagree: a fault of this crate, said plainly.
        let message = format!("this file fits the schema, but it cannot be read: {error}");
        found.add(Place::START, Complaint::new("schema-disagrees", message));
        found.finish()
    })
}

/// Everything that is wrong with a pipeline file, in the order of the text; empty if [`read`] can read it.
pub fn lint(text: &str) -> Vec<Diagnostic> {
    read(text).err().unwrap_or_default()
}
