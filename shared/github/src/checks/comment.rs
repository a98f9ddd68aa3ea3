//! Purpose: the one comment of ours below a pull request: how its latest run ended, or what it waits for.

use domain::run::{Outcome, Phase, Run, TaskId, Verdict};
use domain::words;

use super::{MAX_NAME, MAX_TITLE, Scene, Waits, Words, page, results, summary, text, trust};

/// Artifacts that are listed.
const MAX_ARTIFACTS: usize = 20;

/// What the comment is made of besides its run.
#[derive(Clone, Debug)]
pub struct Around<'a> {
    /// Where the dashboard is: `https://ci.example.org`.
    pub base_url: &'a str,
    /// The run of the same pull request that this one is compared with; see [`super::is_comparable`].
    pub before: Option<&'a Run>,
    /// What people have said about the pull request.
    pub words: Words,
}

/// What our comment is known by. Nobody sees it.
pub fn marker() -> &'static str {
    "<!-- slipway: how the latest run ended -->"
}

/// The comment, with its marker; `None` while there is nothing to say: a run that goes on is shown by its checks.
pub fn comment(run: &Run, around: &Around<'_>) -> Option<String> {
    let opening = run.opening.as_deref()?;
    let waits = Waits {
        words: around.words.clone(),
        ..Waits::default()
    };
    let scene = Scene {
        run,
        opening,
        waits: &waits,
        url: page(around.base_url, opening.repository, &opening.run),
    };
    let body = if run.is_over() {
        ended(&scene, around.before)?
    } else if run.waits_for_trust() {
        let mut parts = vec![trust::text(opening.commit.as_str())];
        parts.extend(waits.words.parts());
        parts.join("\n\n")
    } else {
        return None;
    };
    Some(format!("{}\n\n{}", text::bounded(body), marker()))
}

/// `None` for a run that was overtaken: the one after it has its say.
fn ended(scene: &Scene<'_>, before: Option<&Run>) -> Option<String> {
    let outcome = scene.run.finished.as_ref()?.outcome;
    if outcome == Outcome::Superseded {
        return None;
    }
    let commit = scene.opening.commit.as_str();
    let title = text::markdown(&summary::title(scene), MAX_TITLE);
    let mut parts = vec![format!("**{}** at {commit}: {title}", word(outcome))];
    parts.extend(scene.waits.words.parts());
    parts.extend(results::parts(scene.run, before));
    parts.extend(flaky(scene));
    parts.extend(release(scene));
    parts.extend(summary::tables(scene));
    Some(parts.join("\n\n"))
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "Passed",
        Outcome::Failed | Outcome::Rejected | Outcome::Expired => "Failed",
        Outcome::Cancelled | Outcome::Superseded => "Cancelled",
    }
}

/// Jobs that failed at this commit and then passed at it.
fn flaky(scene: &Scene<'_>) -> Option<String> {
    let tasks = scene.run.tasks.iter();
    let flaky = tasks.filter_map(|(id, task)| {
        let TaskId::Job(job) = id else { return None };
        let good = matches!(task.phase, Phase::Ended(Verdict::Succeeded));
        let earlier = task
            .past
            .iter()
            .any(|past| matches!(past.end.verdict, Verdict::Failed { .. } | Verdict::TimedOut));
        (good && earlier).then(|| text::markdown(job.as_str(), MAX_NAME))
    });
    let flaky: Vec<String> = flaky.collect();
    (!flaky.is_empty()).then(|| format!("Flaky at this commit: {}", flaky.join(", ")))
}

/// What the run has made, and would deploy.
fn release(scene: &Scene<'_>) -> Option<String> {
    let release = scene.run.release.as_ref()?;
    let artifacts = scene.run.artifacts();
    if artifacts.is_empty() {
        return None;
    }
    let mut lines = vec![
        format!("Release {}:", release.short()),
        String::new(),
        "| Artifact | Size | SHA-256 |".to_owned(),
        "| --- | --- | --- |".to_owned(),
    ];
    let listed = artifacts.iter().take(MAX_ARTIFACTS);
    lines.extend(listed.map(|artifact| {
        let size = artifact.files.iter().map(|file| file.len);
        format!(
            "| {} | {} in {} | {} |",
            text::markdown(&artifact.name, MAX_NAME),
            words::bytes(size.fold(0, u64::saturating_add)),
            words::counted(artifact.files.len() as u64, "file"),
            artifact.digest,
        )
    }));
    let rest = artifacts.len().saturating_sub(MAX_ARTIFACTS);
    if rest > 0 {
        lines.push(format!("\nand {rest} more"));
    }
    Some(lines.join("\n"))
}
