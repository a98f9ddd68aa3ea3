//! Purpose: the check of a run that waits until somebody has released the code of a fork: who can, and how.

use domain::checks::{Action, Check, Conclusion, Status};

use super::text::bounded;
use super::{OK_TO_TEST, SUMMARY, Scene, proposal};

/// What the check says first.
const TITLE: &str = "A member has to release this commit";

pub(super) fn check(scene: &Scene<'_>) -> Check {
    let Scene {
        run, opening, url, ..
    } = scene;
    Check {
        name: SUMMARY.to_owned(),
        external_id: opening.run.to_string(),
        status: Status::Completed(Conclusion::ActionRequired),
        started_at: run.opened_at,
        completed_at: run.opened_at,
        details_url: url.clone(),
        title: TITLE.to_owned(),
        summary: summary(scene),
        annotations: Vec::new(),
        actions: vec![Action {
            label: "Release this commit".to_owned(),
            description: "Run the code of this fork once.".to_owned(),
            identifier: OK_TO_TEST.to_owned(),
        }],
    }
}

fn summary(scene: &Scene<'_>) -> String {
    let mut parts = vec![text(scene.opening.commit.as_str())];
    parts.extend(scene.waits.words.parts());
    parts.extend(proposal::section(scene.opening));
    bounded(parts.join("\n\n"))
}

/// Markdown; a commit is nothing but hexadecimal characters.
pub(super) fn text(commit: &str) -> String {
    format!(
        "This pull request comes from a fork, and not everybody who has worked on it is a member here. Nothing of it runs \
         before a member with write permission has read it and released this very commit, with the button above or with \
         this comment:\n\n```\n/ok-to-test {commit}\n```\n\nEach push takes the release away."
    )
}
