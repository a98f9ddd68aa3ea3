//! Purpose: one GraphQL request that creates and changes many check runs. What is shown goes into variables, so that no text
//! of a stranger is ever part of the document.
//!
//! <https://docs.github.com/en/graphql/reference/mutations#createcheckrun>

use domain::checks::{Action, Annotation, Check, Conclusion, Level, Status};
use domain::ids::CommitSha;
use serde_json::{Map, Value, json};

use super::ANNOTATIONS_PAGE;

/// One check run on its way to GitHub.
pub(super) struct Job<'a> {
    pub check: &'a Check,
    /// The node id; `None` = it has to be created.
    pub id: Option<String>,
    /// Annotations that GitHub has.
    pub annotated: usize,
    /// Requests that it was a part of.
    pub rounds: usize,
}

impl Job<'_> {
    /// Whether GitHub has all of it.
    pub fn is_done(&self) -> bool {
        self.rounds > 0 && self.annotated >= self.check.annotations.len()
    }

    /// A request was answered with this id.
    pub fn went_on(&mut self, id: String) {
        self.annotated += self.page().len();
        self.id = Some(id);
        self.rounds += 1;
    }

    fn page(&self) -> &[Annotation] {
        let rest = self.check.annotations.get(self.annotated..);
        let rest = rest.unwrap_or_default();
        rest.get(..ANNOTATIONS_PAGE).unwrap_or(rest)
    }
}

/// The body of the request: answer `c0` is that of the first check run, and so on.
pub(super) fn request(node: &str, commit: &CommitSha, jobs: &[&mut Job<'_>]) -> Value {
    let mut variables = Map::new();
    let (mut declared, mut fields) = (Vec::new(), Vec::new());
    for (index, job) in jobs.iter().enumerate() {
        let (kind, field) = match job.id {
            Some(_) => ("UpdateCheckRunInput", "updateCheckRun"),
            None => ("CreateCheckRunInput", "createCheckRun"),
        };
        declared.push(format!("$i{index}: {kind}!"));
        fields.push(format!(
            "  c{index}: {field}(input: $i{index}) {{ checkRun {{ id }} }}"
        ));
        variables.insert(format!("i{index}"), input(node, commit, job));
    }
    json!({
        "query": format!("mutation({}) {{\n{}\n}}", declared.join(", "), fields.join("\n")),
        "variables": variables,
    })
}

fn input(node: &str, commit: &CommitSha, job: &Job<'_>) -> Value {
    let check = job.check;
    let (status, conclusion) = status(check.status);
    let mut input = json!({
        "repositoryId": node,
        "name": check.name,
        "externalId": check.external_id,
        "detailsUrl": check.details_url,
        "status": status,
        "output": {
            "title": check.title,
            "summary": check.summary,
            "annotations": job.page().iter().map(annotation).collect::<Vec<_>>(),
        },
    });
    match &job.id {
        Some(id) => input["checkRunId"] = json!(id),
        None => input["headSha"] = json!(commit),
    }
    if !check.actions.is_empty() {
        input["actions"] = check.actions.iter().map(action).collect();
    }
    if let Some(conclusion) = conclusion {
        input["conclusion"] = json!(conclusion);
    }
    if let Some(at) = check.started_at {
        input["startedAt"] = json!(at);
    }
    if let Some(at) = check.completed_at.filter(|_| conclusion.is_some()) {
        input["completedAt"] = json!(at);
    }
    input
}

fn annotation(annotation: &Annotation) -> Value {
    json!({
        "path": annotation.path,
        "location": { "startLine": annotation.line, "endLine": annotation.line },
        "annotationLevel": match annotation.level {
            Level::Failure => "FAILURE",
            Level::Warning => "WARNING",
            Level::Notice => "NOTICE",
        },
        "title": annotation.title,
        "message": annotation.message,
    })
}

/// <https://docs.github.com/en/graphql/reference/input-objects#checkrunaction>
fn action(action: &Action) -> Value {
    json!({
        "label": action.label,
        "description": action.description,
        "identifier": action.identifier,
    })
}

/// <https://docs.github.com/en/graphql/reference/enums#checkconclusionstate>
fn status(status: Status) -> (&'static str, Option<&'static str>) {
    match status {
        Status::Queued => ("QUEUED", None),
        Status::InProgress => ("IN_PROGRESS", None),
        Status::Completed(conclusion) => (
            "COMPLETED",
            Some(match conclusion {
                Conclusion::ActionRequired => "ACTION_REQUIRED",
                Conclusion::Cancelled => "CANCELLED",
                Conclusion::Failure => "FAILURE",
                Conclusion::Neutral => "NEUTRAL",
                Conclusion::Skipped => "SKIPPED",
                Conclusion::Success => "SUCCESS",
                Conclusion::TimedOut => "TIMED_OUT",
            }),
        ),
    }
}
