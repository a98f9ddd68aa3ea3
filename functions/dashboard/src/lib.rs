//! Purpose: the dashboard function: pages and JSON about runs, their logs and environments. It reads and changes nothing.

mod environments;
mod graph;
mod log;
mod present;
mod problem;
mod route;
mod run;
mod runs;

use engine::Fault;
use engine::ports::{Clock, Journal, Logs, People, Repositories, Sources};
use engine::views::Reads;
use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, Response};
use serde::Serialize;

use problem::Problem;
use route::{Asked, Route};

/// What the dashboard may touch: nothing of it is written.
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub logs: &'a dyn Logs,
    pub people: &'a dyn People,
    pub repositories: &'a dyn Repositories,
    /// For the titles of commits; pages go without them when there is none or it does not answer.
    pub sources: Option<&'a dyn Sources>,
    pub clock: &'a dyn Clock,
}

impl<'a> Deps<'a> {
    fn reads(&self) -> Reads<'a> {
        Reads {
            journal: self.journal,
            people: self.people,
            repositories: self.repositories,
            sources: self.sources,
        }
    }
}

/// Answers one request. `call` is unique to it and names it in the log.
pub async fn handle(deps: &Deps<'_>, request: Request, call: &str) -> Response<Body> {
    let method = request.method().clone();
    if method != Method::GET && method != Method::HEAD {
        let mut answer = pages::plain(
            StatusCode::METHOD_NOT_ALLOWED,
            "These pages are for reading only. Use GET.",
        );
        answer
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    let asked = Asked::read(&request);
    let mut answer = match page(deps, &asked).await {
        Ok(answer) => answer,
        Err(problem) => {
            problem.trace(call);
            problem.answer(asked.json)
        }
    };
    answer
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept"));
    if method == Method::HEAD {
        *answer.body_mut() = Body::Empty;
    }
    answer
}

async fn page(deps: &Deps<'_>, asked: &Asked) -> Result<Response<Body>, Problem> {
    match &asked.route {
        Route::Runs => runs::page(deps, asked).await,
        Route::Run { repository, run } => run::page(deps, asked, *repository, run).await,
        Route::Log(place) => log::page(deps, asked, place).await,
        Route::Environments => environments::page(deps, asked).await,
        Route::Health => {
            deps.journal.heads("run/", None, 1).await?;
            Ok(pages::plain(StatusCode::OK, "ok\n"))
        }
        Route::Asset(path) => Ok(pages::asset(path)),
        Route::Nowhere => Err(Problem::nowhere()),
    }
}

/// A view as JSON.
fn as_json(view: &impl Serialize) -> Result<Response<Body>, Problem> {
    let text = serde_json::to_string_pretty(view)
        .map_err(|error| Fault::Malformed(format!("this page as JSON: {error}")))?;
    Ok(pages::json(StatusCode::OK, text + "\n"))
}
