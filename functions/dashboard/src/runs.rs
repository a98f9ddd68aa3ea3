//! Purpose: the page of all runs.

use askama::Template;
use domain::words::duration;
use engine::views::{self, RunRow, RunsFilter, RunsView};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::present::{self, When};
use crate::problem::Problem;
use crate::route::{Asked, run_path};
use crate::{Deps, as_json};

/// Runs of one page.
pub const PAGE: usize = 25;
/// Seconds after which a page with a run on its way is read again.
const REFRESH_SECONDS: u32 = 10;

/// The words that a reader can choose from.
const STATUSES: [&str; 11] = [
    "queued",
    "running",
    "awaiting trust",
    "awaiting approval",
    "stopping",
    "succeeded",
    "failed",
    "cancelled",
    "superseded",
    "rejected",
    "expired",
];

#[derive(Template)]
#[template(path = "runs.html")]
struct RunsPage<'a> {
    view: &'a RunsView,
    refresh: Option<u32>,
    is_first: bool,
}

pub async fn page(deps: &Deps<'_>, asked: &Asked) -> Result<Response<Body>, Problem> {
    let text = |name: &str| asked.value(name).map(str::to_owned);
    let filter = RunsFilter {
        repository: text("repository"),
        branch: text("branch"),
        status: text("status"),
    };
    let after = asked.value("after");
    let view = views::runs(&deps.reads(), &filter, after, PAGE, deps.clock.now()).await?;
    if asked.json {
        return as_json(&view);
    }
    let live = view.runs.iter().any(|run| !run.is_over()) && !asked.is_still();
    let page = RunsPage {
        view: &view,
        refresh: live.then_some(REFRESH_SECONDS),
        is_first: after.is_none(),
    };
    Ok(pages::html(StatusCode::OK, &page))
}

impl RunsPage<'_> {
    fn when(&self, ms: &i64) -> When {
        present::when(*ms, self.view.at_ms)
    }

    fn took(&self, ms: &u64) -> String {
        duration(*ms)
    }

    fn path(&self, row: &RunRow) -> String {
        run_path(row.repository.id, &row.run)
    }

    fn tests(&self, row: &RunRow) -> Option<String> {
        present::tests(&row.tests)
    }

    fn statuses(&self) -> [&'static str; 11] {
        STATUSES
    }

    fn chosen(&self, field: &Option<String>, value: &str) -> bool {
        field.as_deref() == Some(value)
    }

    /// The address of this list from another place on; the filter stays.
    fn from(&self, after: Option<&str>, still: bool) -> String {
        let filter = &self.view.filter;
        let fields = [
            ("repository", filter.repository.as_deref()),
            ("branch", filter.branch.as_deref()),
            ("status", filter.status.as_deref()),
            ("after", after),
            ("refresh", still.then_some("off")),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        match query.finish() {
            text if text.is_empty() => "/".to_owned(),
            text => format!("/?{text}"),
        }
    }
}
