//! Purpose: what GitHub shows in the end, and whether that is what it has to show.

use fake_github::{CheckRun, Deployment};
use serde_json::{Value, json};

use super::page::{NUMBER, Scene};
use super::stand_in::REPOSITORY;
use crate::demo::{PRODUCTION, STAGING};
use crate::failure::Failure;
use crate::output;

/// The check of a whole run, which a branch can require.
const WHOLE: &str = "slipway";
/// How a check has ended, in GitHub's words.
pub const GREEN: &str = "SUCCESS";
pub const NEEDS_ACTION: &str = "ACTION_REQUIRED";

/// Comments of the App, when the story was told.
pub const COMMENTS: usize = 3;

/// All of it, when the story was told.
pub struct Shown {
    /// By commit: the head, then the merge.
    checks: Vec<CheckRun>,
    /// Those of the merge.
    deployments: Vec<Deployment>,
    /// What the App says below the pull request: how its run ended, then the answer to the question, then to the approval.
    comments: Vec<String>,
    /// What was said otherwise than GitHub describes its API.
    violations: Vec<String>,
}

impl Shown {
    pub fn of(scene: &Scene, violations: Vec<String>) -> Self {
        let commits = scene.commits();
        let shas = || commits.iter().map(|(_, sha)| sha);
        let comments = scene.reader.comments(REPOSITORY.0, NUMBER);
        let ours = comments.into_iter().filter(|one| one.app.is_some());
        Self {
            checks: shas()
                .flat_map(|sha| scene.reader.check_runs(sha))
                .collect(),
            deployments: shas()
                .flat_map(|sha| scene.reader.deployments(sha))
                .collect(),
            comments: ours.map(|one| one.body).collect(),
            violations,
        }
    }

    /// Whether everything is there, and green.
    pub fn is_good(&self) -> bool {
        let green = |run: &&CheckRun| run.shown["name"] == WHOLE && is_green(run);
        self.checks.iter().filter(green).count() == 2
            && [STAGING, PRODUCTION].iter().all(|name| {
                self.deployments
                    .iter()
                    .any(|one| one.environment == *name && is_success(one))
            })
            && self.comments.len() == COMMENTS
            && self.violations.is_empty()
    }

    /// For programs.
    pub fn add_to(&self, facts: &mut Value) {
        let check = |run: &CheckRun| {
            json!({
                "commit": run.commit,
                "name": run.shown["name"],
                "conclusion": run.shown["conclusion"].as_str().map(str::to_lowercase),
                "title": run.shown["output"]["title"],
            })
        };
        let deployment = |one: &Deployment| {
            let states: Vec<&Value> = one.statuses.iter().map(|status| &status["state"]).collect();
            json!({ "commit": one.commit, "environment": one.environment, "states": states })
        };
        facts["checks"] = self.checks.iter().map(check).collect();
        facts["deployments"] = self.deployments.iter().map(deployment).collect();
        facts["comment"] = json!(self.comments.first());
        facts["answer"] = json!(self.comments.get(1));
        facts["decided"] = json!(self.comments.get(2));
        facts["violations"] = json!(self.violations);
    }

    /// For people.
    pub fn say(&self) -> Result<(), Failure> {
        let green = self.checks.iter().filter(|run| is_green(run)).count();
        output::line(format!(
            "GitHub shows {green} of {} checks green, {} and {}",
            self.checks.len(),
            domain::words::counted(self.deployments.len() as u64, "deployment"),
            domain::words::counted(self.comments.len() as u64, "comment"),
        ))?;
        for wrong in &self.violations {
            output::line(format!("not as GitHub describes its API: {wrong}"))?;
        }
        Ok(())
    }
}

/// Whether the check of the whole run at this commit has ended.
pub fn is_checked(scene: &Scene, commit: &str) -> bool {
    let runs = scene.reader.check_runs(commit);
    let ended = |run: &CheckRun| run.shown["name"] == WHOLE && run.shown["status"] == "COMPLETED";
    runs.iter().any(ended)
}

/// Whether the check of the whole run at this commit has ended so.
pub fn is_concluded(scene: &Scene, commit: &str, conclusion: &str) -> bool {
    let runs = scene.reader.check_runs(commit);
    let so = |run: &CheckRun| run.shown["name"] == WHOLE && run.shown["conclusion"] == conclusion;
    runs.iter().any(so)
}

/// Whether this commit is in both environments.
pub fn is_deployed(scene: &Scene, commit: &str) -> bool {
    let deployments = scene.reader.deployments(commit);
    let there = |name: &&str| {
        let mut here = deployments.iter().filter(|one| one.environment == **name);
        here.any(is_success)
    };
    [STAGING, PRODUCTION].iter().all(there)
}

fn is_green(run: &CheckRun) -> bool {
    run.shown["conclusion"] == GREEN
}

fn is_success(deployment: &Deployment) -> bool {
    let last = deployment.statuses.last();
    last.is_some_and(|status| status["state"] == "success")
}
