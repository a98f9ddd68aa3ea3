//! Purpose: what GitHub shows of a run: a check of the whole, one for each job, one for each environment; and a deployment
//! for each environment that was begun with.
//!
//! A view is made of the run's state, its places in lines and what people have said. It knows no time, so it is another one only when something has
//! happened.

mod comment;
mod deployment;
mod job;
mod proposal;
mod results;
mod stage;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod trust;
mod waits;
mod words;

use domain::checks::{Action, Check, Conclusion, Status, View};
use domain::ids::{RepositoryId, RunId};
use domain::run::{Opening, Outcome, Run};

pub use comment::{Around, comment, marker};
pub use results::is_comparable;
pub use waits::{Line, Waits};
pub use words::{LOOKS, Said, Words};

/// The check of the whole run: what a branch protection rule asks for.
pub const SUMMARY: &str = "slipway";
/// The button of the whole run's check that releases the code of a fork.
pub const OK_TO_TEST: &str = "ok-to-test";
/// The button of the whole run's check that ends the run.
pub const CANCEL: &str = "cancel";
/// Characters of a title.
const MAX_TITLE: usize = 200;
/// Characters of a name in a table or a title.
const MAX_NAME: usize = 100;

/// What a view is made of.
pub(crate) struct Scene<'a> {
    pub run: &'a Run,
    pub opening: &'a Opening,
    pub waits: &'a Waits,
    /// The page of the run.
    pub url: String,
}

/// The view of a run; nothing of one that was never opened. `base_url` is where the dashboard is:
/// `https://ci.example.org`.
pub fn view(run: &Run, base_url: &str, waits: &Waits) -> View {
    let Some(opening) = &run.opening else {
        return View::default();
    };
    let scene = Scene {
        run,
        opening,
        waits,
        url: page(base_url, opening.repository, &opening.run),
    };
    if run.waits_for_trust() && !run.is_over() {
        return View {
            checks: vec![trust::check(&scene)],
            // The code of a stranger is deployed nowhere.
            deployments: Vec::new(),
        };
    }
    let plan = &opening.plan;
    let words = &waits.words;
    let mut checks = vec![words.on_whole(run, whole(&scene))];
    checks.extend(plan.jobs.iter().map(|planned| {
        let check = job::check(&scene, planned);
        words.on_job(run, &planned.id, check)
    }));
    let stages = plan.stages.iter();
    checks.extend(stages.map(|planned| stage::check(&scene, planned)));
    let stages = plan.stages.iter();
    let deployments = stages.filter_map(|planned| deployment::deployment(&scene, planned));
    View {
        checks,
        deployments: deployments.collect(),
    }
}

fn page(base_url: &str, repository: RepositoryId, run: &RunId) -> String {
    format!("{base_url}/runs/{repository}/{run}")
}

fn whole(scene: &Scene<'_>) -> Check {
    let Scene {
        run, opening, url, ..
    } = scene;
    let finish = run.finished.as_ref();
    let status = match (finish, run.status()) {
        (Some(finish), _) => Status::Completed(conclusion(finish.outcome)),
        (None, "queued") => Status::Queued,
        (None, _) => Status::InProgress,
    };
    Check {
        name: SUMMARY.to_owned(),
        external_id: opening.run.to_string(),
        status,
        started_at: run.opened_at,
        completed_at: finish.map(|finish| finish.at),
        details_url: url.clone(),
        title: text::line(&summary::title(scene), MAX_TITLE),
        summary: text::bounded(summary::text(scene)),
        annotations: Vec::new(),
        actions: cancel(run).into_iter().collect(),
    }
}

fn cancel(run: &Run) -> Option<Action> {
    (!run.is_over() && !run.is_stopping()).then(|| Action {
        label: "Cancel".to_owned(),
        description: "End this run.".to_owned(),
        identifier: CANCEL.to_owned(),
    })
}

fn conclusion(outcome: Outcome) -> Conclusion {
    match outcome {
        Outcome::Succeeded => Conclusion::Success,
        Outcome::Failed | Outcome::Rejected => Conclusion::Failure,
        Outcome::Cancelled | Outcome::Superseded => Conclusion::Cancelled,
        Outcome::Expired => Conclusion::TimedOut,
    }
}
