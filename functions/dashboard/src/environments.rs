//! Purpose: the page of all environments: what is deployed where.

use askama::Template;
use domain::ids::{RepositoryId, RunId};
use engine::views::{self, EnvironmentsView};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::present::{self, When};
use crate::problem::Problem;
use crate::route::{Asked, run_path};
use crate::{Deps, as_json};

#[derive(Template)]
#[template(path = "environments.html")]
struct EnvironmentsPage<'a> {
    view: &'a EnvironmentsView,
}

pub async fn page(deps: &Deps<'_>, asked: &Asked) -> Result<Response<Body>, Problem> {
    let view = views::environments(&deps.reads(), deps.clock.now()).await?;
    if asked.json {
        return as_json(&view);
    }
    let page = EnvironmentsPage { view: &view };
    Ok(pages::html(StatusCode::OK, &page))
}

impl EnvironmentsPage<'_> {
    fn when(&self, ms: &i64) -> When {
        present::when(*ms, self.view.at_ms)
    }

    fn path(&self, repository: &RepositoryId, run: &RunId) -> String {
        run_path(*repository, run)
    }
}
