//! Purpose: the one comment of ours below a pull request: how its latest run ended, or what it waits for.

use domain::run::{Outcome, Phase, Run, TaskId, Verdict};

use super::{MAX_NAME, MAX_TITLE, Scene, Waits, page, summary, text, trust};

/// Failing tests that are listed; the page of the run has the others.
const MAX_TESTS: usize = 20;
/// Characters of a test's name.
const MAX_TEST: usize = 300;

/// What our comment is known by. Nobody sees it.
pub fn marker() -> &'static str {
    "<!-- slipway: how the latest run ended -->"
}

/// The comment, with its marker; `None` while there is nothing to say: a run that goes on is shown by its checks.
pub fn comment(run: &Run, base_url: &str) -> Option<String> {
    let opening = run.opening.as_deref()?;
    let scene = Scene {
        run,
        opening,
        waits: &Waits::default(),
        url: page(base_url, opening.repository, &opening.run),
    };
    let body = if run.is_over() {
        ended(&scene)?
    } else if run.waits_for_trust() {
        trust::text(opening.commit.as_str())
    } else {
        return None;
    };
    Some(format!("{}\n\n{}", text::bounded(body), marker()))
}

/// `None` for a run that was overtaken: the one after it has its say.
fn ended(scene: &Scene<'_>) -> Option<String> {
    let outcome = scene.run.finished.as_ref()?.outcome;
    if outcome == Outcome::Superseded {
        return None;
    }
    let commit = scene.opening.commit.as_str();
    let title = text::markdown(&summary::title(scene), MAX_TITLE);
    let mut parts = vec![format!("**{}** at {commit}: {title}", word(outcome))];
    parts.extend(failing(scene));
    parts.extend(flaky(scene));
    parts.push(summary::text(scene));
    Some(parts.join("\n\n"))
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "Passed",
        Outcome::Failed | Outcome::Rejected | Outcome::Expired => "Failed",
        Outcome::Cancelled | Outcome::Superseded => "Cancelled",
    }
}

fn failing(scene: &Scene<'_>) -> Option<String> {
    let ends = scene.run.tasks.values().filter_map(|task| task.last_end());
    let failures: Vec<&str> = ends
        .flat_map(|end| &end.reports)
        .flat_map(|report| report.failures.iter().map(|failure| failure.test.as_str()))
        .collect();
    if failures.is_empty() {
        return None;
    }
    let mut lines = vec!["Failing tests:".to_owned()];
    lines.extend(
        failures
            .iter()
            .take(MAX_TESTS)
            .map(|name| format!("- {}", text::markdown(name, MAX_TEST))),
    );
    let rest = failures.len().saturating_sub(MAX_TESTS);
    if rest > 0 {
        lines.push(format!("- and {rest} more"));
    }
    Some(lines.join("\n"))
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
