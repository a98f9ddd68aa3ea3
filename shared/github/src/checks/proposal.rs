//! Purpose: what a pull request would make of the pipeline file, which decides nothing before it is merged.

use domain::plan::Trigger;
use domain::run::{Opening, Proposal};

use super::{MAX_NAME, text};
use crate::text::{BLOCK, block};

/// Characters of a mistake's sentence.
const MAX_MISTAKE: usize = 500;

/// Markdown; nothing where the pull request leaves the file as it is.
pub(super) fn section(opening: &Opening) -> Option<String> {
    let proposal = opening.proposal.as_ref()?;
    let base = match &opening.trigger {
        Trigger::PullRequest { base, .. } => base.as_str(),
        _ => "its base",
    };
    let mut parts = vec![format!(
        "### Pipeline file\n\nWhat runs is the version of {} at {}. The one of this pull request is another: it changes the \
         file, or its branch is behind. {}",
        text::markdown(base, MAX_NAME),
        proposal.rules.short(),
        verdict(proposal)
    )];
    if !proposal.diff.is_empty() {
        // The first line is the fence, which no text of the file can be.
        parts.push(block(&proposal.diff, BLOCK).replacen('\n', "diff\n", 1));
    }
    Some(parts.join("\n\n"))
}

fn verdict(proposal: &Proposal) -> String {
    if proposal.mistakes.is_empty() {
        return "Its own version has no mistakes.".to_owned();
    }
    let sentences = proposal.mistakes.iter();
    let lines = sentences.map(|mistake| format!("- {}", text::markdown(mistake, MAX_MISTAKE)));
    let lines: Vec<String> = lines.collect();
    format!("Its own version cannot be used:\n\n{}", lines.join("\n"))
}
