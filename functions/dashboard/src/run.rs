//! Purpose: the page of one run.

use askama::Template;
use domain::ids::{RepositoryId, RunId};
use domain::plan::Step;
use domain::release::Artifact;
use domain::report::{Finding, Report, TestFailure};
use domain::words::{bytes, counted, duration};
use engine::views::{self, ApprovalLine, AttemptView, RunView, TaskView, Wait, Who};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::graph::Graph;
use crate::present::{self, When};
use crate::problem::Problem;
use crate::route::{Asked, log_path, run_path};
use crate::{Deps, as_json};

/// Seconds after which the page of a run on its way is read again.
const REFRESH_SECONDS: u32 = 5;

#[derive(Template)]
#[template(path = "run.html")]
struct RunPage<'a> {
    view: &'a RunView,
    graph: Option<Graph>,
    refresh: Option<u32>,
}

pub async fn page(
    deps: &Deps<'_>,
    asked: &Asked,
    repository: RepositoryId,
    run: &RunId,
) -> Result<Response<Body>, Problem> {
    let view = views::run(&deps.reads(), repository, run, deps.clock.now()).await?;
    let missing = || Problem::missing(format!("Repository {repository} has no run {run}."));
    let view = view.ok_or_else(missing)?;
    if asked.json {
        return as_json(&view);
    }
    let live = !view.is_over() && !asked.is_still();
    let page = RunPage {
        graph: Graph::of(&view),
        refresh: live.then_some(REFRESH_SECONDS),
        view: &view,
    };
    Ok(pages::html(StatusCode::OK, &page))
}

/// A wait, and how deep behind other runs it is.
struct Waiting<'a> {
    /// The other run, when it is not this one's own wait.
    run: Option<&'a RunId>,
    sentence: &'a str,
}

impl RunPage<'_> {
    fn when(&self, ms: &i64) -> When {
        present::when(*ms, self.view.at_ms)
    }

    fn path(&self) -> String {
        run_path(self.view.repository.id, &self.view.run)
    }

    fn run_path(&self, run: &RunId) -> String {
        run_path(self.view.repository.id, run)
    }

    fn log_path(&self, attempt: &AttemptView) -> String {
        log_path(self.view.repository.id, &self.view.run, &attempt.attempt)
    }

    fn anchor(&self, kind: &str, index: &usize) -> String {
        format!("{kind}-{index}")
    }

    fn title(&self) -> String {
        let title = self.view.commit.title.clone();
        title.unwrap_or_else(|| format!("Run {}", self.view.run))
    }

    /// The class of the box on top.
    fn tone(&self) -> &'static str {
        pages::Tone::of(&self.view.status).class()
    }

    /// All waits, those of the runs before this one behind the wait that names them.
    fn waits(&self) -> Vec<Waiting<'_>> {
        let mut lines = Vec::new();
        for wait in &self.view.why.waits {
            follow(wait, None, &mut lines);
        }
        lines
    }

    fn tests(&self) -> Option<String> {
        present::tests(&self.view.tests)
    }

    fn task_tests(&self, task: &TaskView) -> Option<String> {
        task.tests.as_ref().and_then(present::tests)
    }

    fn took(&self, ms: &u64) -> String {
        duration(*ms)
    }

    fn usage(&self, attempt: &AttemptView) -> Option<String> {
        present::usage(attempt.cpu_ms, attempt.max_rss_kib)
    }

    fn failures<'t>(&self, task: &'t TaskView) -> Vec<&'t TestFailure> {
        task.reports.iter().flat_map(|r| &r.failures).collect()
    }

    fn findings<'t>(&self, task: &'t TaskView) -> Vec<&'t Finding> {
        task.reports.iter().flat_map(|r| &r.details).collect()
    }

    /// What a report says in sentences: counts, coverage, gates, notes.
    fn sentences(&self, report: &Report) -> Vec<(bool, String)> {
        let bad = report.unreadable.iter().chain(&report.broken_gates);
        let mut told: Vec<(bool, String)> = bad.map(|text| (true, text.clone())).collect();
        let tests = report.tests.as_ref().and_then(present::tests);
        told.extend(tests.map(|text| (false, text)));
        let findings = report.findings.as_ref().map(present::findings);
        told.extend(findings.map(|text| (false, text)));
        let coverage = report.coverage.as_ref().map(present::coverage);
        told.extend(coverage.map(|text| (false, text)));
        told.extend(report.notes.iter().map(|note| (false, note.clone())));
        told
    }

    fn test_place(&self, failure: &TestFailure) -> Option<String> {
        present::place(failure.file.as_deref(), failure.line)
    }

    fn finding_place(&self, finding: &Finding) -> Option<String> {
        present::place(finding.file.as_deref(), finding.line)
    }

    fn size(&self, artifact: &Artifact) -> String {
        let total = artifact.files.iter().map(|file| file.len).sum();
        let files = counted(artifact.files.len() as u64, "file");
        format!("{files}, {}", bytes(total))
    }

    fn script(&self, step: &Step) -> String {
        step.run.join("\n")
    }

    fn limit(&self, step: &Step) -> String {
        duration(u64::from(step.timeout_seconds) * 1_000)
    }

    fn people(&self, people: &[Who]) -> String {
        if people.is_empty() {
            return "nobody".to_owned();
        }
        let names: Vec<&str> = people.iter().map(|who| who.name.as_str()).collect();
        names.join(", ")
    }

    fn given(&self, approval: &ApprovalLine) -> String {
        format!("{} of {}", approval.given, approval.count)
    }

    fn plan(&self) -> String {
        serde_json::to_string_pretty(&self.view.plan).unwrap_or_else(|error| error.to_string())
    }
}

fn follow<'v>(wait: &'v Wait, run: Option<&'v RunId>, lines: &mut Vec<Waiting<'v>>) {
    lines.push(Waiting {
        run,
        sentence: &wait.sentence,
    });
    if let Some(behind) = &wait.behind {
        for next in &behind.waits {
            follow(next, Some(&behind.run), lines);
        }
    }
}
