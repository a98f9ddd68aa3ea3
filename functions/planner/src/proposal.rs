//! Purpose: what a pull request would make of the pipeline file. It is planned by the version of its base; its own version is
//! read only to be shown beside it.

use domain::ids::CommitSha;
use domain::pipeline::{self, Diagnostic, FILE_NAME};
use domain::plan::Trigger;
use domain::run::Proposal;
use engine::Fault;
use github::Asked;
use similar::TextDiff;

use crate::Deps;

/// Mistakes that are kept; `slipway lint` shows all.
const MAX_MISTAKES: usize = 10;
/// Bytes of the difference that are kept.
const MAX_DIFF: usize = 12_000;
/// What a difference that was longer ends with.
const REST: &str = "… and more\n";

/// The version of `commit` beside that of `rules`, whose text is `text`; `None` where they do not differ.
pub(crate) async fn proposal(
    deps: &Deps<'_>,
    asked: &Asked,
    commit: &CommitSha,
    text: &str,
) -> Result<Option<Proposal>, Fault> {
    let Some(rules) = asked.rules.as_ref().filter(|rules| *rules != commit) else {
        return Ok(None);
    };
    if !matches!(asked.trigger, Trigger::PullRequest { .. }) {
        return Ok(None);
    }
    let (mistakes, diff) = match deps.sources.file(asked.repository, commit, FILE_NAME).await {
        Ok(Some(own)) if own == text => return Ok(None),
        Ok(Some(own)) => (sentences(&pipeline::lint(&own)), diff(text, &own)),
        Ok(None) => (
            vec![format!("{FILE_NAME} is not there as a file")],
            diff(text, ""),
        ),
        Err(Fault::Malformed(why)) => (vec![why], String::new()),
        Err(fault) => return Err(fault),
    };
    Ok(Some(Proposal {
        rules: rules.clone(),
        mistakes,
        diff,
    }))
}

fn sentences(mistakes: &[Diagnostic]) -> Vec<String> {
    let listed = mistakes.iter().take(MAX_MISTAKES);
    let mut sentences: Vec<String> = listed
        .map(|mistake| format!("line {}: {}", mistake.line, mistake.message))
        .collect();
    let rest = mistakes.len().saturating_sub(MAX_MISTAKES);
    if rest > 0 {
        sentences.push(format!("and {rest} more"));
    }
    sentences
}

/// A unified diff without the names of the files, cut after a line.
fn diff(base: &str, own: &str) -> String {
    let mut text = TextDiff::from_lines(base, own).unified_diff().to_string();
    if text.len() > MAX_DIFF {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let end = ends.take_while(|end| *end <= MAX_DIFF - REST.len()).last();
        text.truncate(end.unwrap_or(0));
        text.push_str(REST);
    }
    text
}

#[cfg(test)]
#[path = "proposal_tests.rs"]
mod tests;
