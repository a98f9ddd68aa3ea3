//! Purpose: what a reader sees instead of a page, and what goes into the log about it.

use askama::Template;
use engine::Fault;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

/// Why there is no page.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    /// What is wrong.
    what: String,
    /// What to do next.
    next: &'static str,
    fault: Option<Fault>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    what: &'a str,
    next: &'a str,
}

impl Problem {
    /// No page has this address.
    pub fn nowhere() -> Self {
        Self::missing("There is no page at this address.".to_owned())
    }

    /// The page would be about something that is not there.
    pub fn missing(what: String) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            what,
            next: "Look for it in the list of runs, or check the address for a missing part.",
            fault: None,
        }
    }

    /// Leaves a trace in the log when the machine, not the reader, has to do something.
    pub fn trace(&self, call: &str) {
        if let Some(fault) = &self.fault {
            tracing::error!(%fault, call, "a page could not be shown");
        }
    }

    /// The page or the data that says so.
    pub fn answer(&self, json: bool) -> Response<Body> {
        if json {
            let text = serde_json::json!({ "error": self.what, "next": self.next });
            return pages::json(self.status, format!("{text}\n"));
        }
        let page = ProblemPage {
            title: match self.status {
                StatusCode::NOT_FOUND => "Not found",
                StatusCode::BAD_REQUEST => "Not understood",
                _ => "This page is not available",
            },
            what: &self.what,
            next: self.next,
        };
        pages::html(self.status, &page)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let (status, what, next) = match &fault {
            Fault::Unavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Something that this page reads did not answer.".to_owned(),
                "Reload the page in a moment. If it stays so, the machine's log says what did not answer.",
            ),
            Fault::Malformed(why) => (
                StatusCode::BAD_REQUEST,
                format!("The request makes no sense: {why}."),
                "Begin again at the list of runs.",
            ),
            Fault::Corrupt { .. } => (
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("Stored history is damaged: {fault}."),
                "Run `slipway journal verify` on the machine; it names the first bad row.",
            ),
            Fault::Rejected(why) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("The machine refused: {why}."),
                "The machine's log says more.",
            ),
        };
        Self {
            status,
            what,
            next,
            fault: Some(fault),
        }
    }
}
