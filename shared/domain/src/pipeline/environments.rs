//! Purpose: which file's environments a run gets: those of the default branch, whatever the pushed commit says of them.
//!
//! Whoever may push to some branch decides about its jobs. If that file also decided about environments, a branch without an
//! approval in it would be a way into production. So what is deployed where, and who has to say yes, is read on the default
//! branch as it is when the run is planned, which its own protection guards.

use super::compile::{DefaultBranch, DefaultFile, Environments, Facts};
use super::file::PipelineFile;
use super::{FILE_NAME, read, stages};
use crate::guard::{Guard, holds};
use crate::ids::Digest;
use crate::plan::{EnvironmentsSource, PlannedStage, Trigger};

/// The stages of this event, and where they were read if not in `text` itself, which is the file `own`.
pub(super) fn of(
    text: &str,
    own: &PipelineFile,
    facts: &Facts,
) -> (Vec<PlannedStage>, Option<EnvironmentsSource>) {
    let deployed = !facts.trigger.is_proposed();
    let branch = match &facts.environments {
        Environments::Default(branch) if deployed => branch,
        _ => return (stages::stages(own, &facts.trigger), None),
    };
    let same = matches!(&branch.file, DefaultFile::Text(that) if that == text);
    let silent = matches!(branch.file, DefaultFile::Missing) && own.environments.is_empty();
    if holds(Guard::DefaultBranchDecides, same || silent) {
        return (stages::stages(own, &facts.trigger), None);
    }
    let (stages, file, problem) = match default_stages(branch, &facts.trigger) {
        Ok((stages, file)) => (stages, Some(file), None),
        Err(problem) => (Vec::new(), None, Some(problem)),
    };
    let source = EnvironmentsSource {
        branch: branch.name.clone(),
        commit: branch.commit.clone(),
        file,
        problem,
    };
    (stages, Some(source))
}

fn default_stages(
    branch: &DefaultBranch,
    trigger: &Trigger,
) -> Result<(Vec<PlannedStage>, Digest), String> {
    let read_on = "environments are read on the default branch";
    let Some(name) = &branch.name else {
        return Err(format!("{read_on}, and it is not known which that is"));
    };
    let because = |why: String| format!("{read_on} {name}, {why}");
    if branch.commit.is_none() {
        return Err(because("which does not exist".to_owned()));
    }
    let text = match &branch.file {
        DefaultFile::Text(text) => text,
        DefaultFile::Missing => return Err(because(format!("which has no {FILE_NAME}"))),
        DefaultFile::Unreadable(why) => return Err(because(format!("where {why}"))),
    };
    match read(text) {
        Ok(file) => Ok((stages::stages(&file, trigger), Digest::of(text.as_bytes()))),
        Err(mistakes) => {
            let first = mistakes.first().map_or_else(String::new, |mistake| {
                format!(": line {}: {}", mistake.line, mistake.message)
            });
            Err(because(format!("where {FILE_NAME} cannot be used{first}")))
        }
    }
}
