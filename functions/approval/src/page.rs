//! Purpose: the page of one approval, and the page of a no.

use askama::Template;
use domain::words;
use engine::Fault;
use engine::approvals::{ApprovalView, Part, Reads, Seat, Standing, gather};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::decide::{MAX_REASON_CHARS, SUFFIX_CHARS};
use crate::form::Form;
use crate::located::Located;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::{Deps, session};

/// Why the form comes again, with what was written in it.
pub struct Notice {
    status: StatusCode,
    sentence: String,
    reason: String,
}

impl Notice {
    /// The refusal alone.
    pub fn of(refusal: &Refusal) -> Self {
        Self {
            status: refusal.status(),
            sentence: sentence(refusal),
            reason: String::new(),
        }
    }

    /// The refusal, with the reason that the person wrote.
    pub fn keeping(refusal: &Refusal, form: &Form) -> Self {
        let reason = form.get("reason").chars().take(MAX_REASON_CHARS).collect();
        Self {
            reason,
            ..Self::of(refusal)
        }
    }
}

/// What the reader of the page can do.
enum Desk<'a> {
    /// The approval is over, or they may not decide, or have decided; why.
    Nothing(String),
    SignIn,
    Decide {
        csrf: String,
        until: String,
        reason: &'a str,
    },
}

#[derive(Template)]
#[template(path = "approval.html")]
struct Page<'a> {
    view: &'a ApprovalView,
    path: String,
    /// Whose link it is.
    name: String,
    word: &'static str,
    standing: String,
    notice: Option<&'a str>,
    desk: Desk<'a>,
    suffix_chars: usize,
    max_reason: usize,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    title: &'a str,
    sentence: String,
}

/// The page, for the reader whose cookie this is.
pub async fn approval(
    deps: &Deps<'_>,
    place: &Place,
    located: &Located,
    cookie: Option<&str>,
    notice: Option<Notice>,
) -> Result<Response<Body>, Refusal> {
    let reads = Reads {
        journal: deps.journal,
        sources: deps.sources,
        people: deps.people,
        repositories: deps.repositories,
    };
    let now = deps.clock.now();
    let facts = gather(&reads, &located.run, &located.environment).await?;
    let view = ApprovalView::of(&located.run, &located.environment, &facts, now)
        .ok_or(Refusal::Unknown)?;
    let seat = view.seat(located.person).ok_or(Refusal::Unknown)?;
    let desk = match closed(&view, seat) {
        Some(why) => Desk::Nothing(why),
        None => match session::check(deps.keys, located, cookie, now).await? {
            None => Desk::SignIn,
            Some(session) => Desk::Decide {
                csrf: session.csrf(deps.keys).await?,
                until: words::clock_time(session.until, now),
                reason: notice.as_ref().map_or("", |notice| &notice.reason),
            },
        },
    };
    let (word, standing) = standing(&view);
    let page = Page {
        path: place.path(),
        name: seat.name.clone(),
        word,
        standing,
        notice: notice.as_ref().map(|notice| notice.sentence.as_str()),
        desk,
        suffix_chars: SUFFIX_CHARS,
        max_reason: MAX_REASON_CHARS,
        view: &view,
    };
    let status = notice
        .as_ref()
        .map_or(StatusCode::OK, |notice| notice.status);
    Ok(pages::html(status, &page))
}

/// A no without an approval to show.
pub fn refused(refusal: &Refusal) -> Response<Body> {
    if let Refusal::Fault(fault) | Refusal::Unsure(fault) = refusal {
        log(fault);
    }
    let title = match refusal {
        Refusal::Unknown => "No such approval",
        Refusal::Fault(_) => "Not now",
        Refusal::Unsure(_) => "Not known",
        _ => "Refused",
    };
    let page = RefusedPage {
        title,
        sentence: sentence(refusal),
    };
    pages::html(refusal.status(), &page)
}

fn log(fault: &Fault) {
    tracing::warn!(%fault, "an approval page failed");
}

/// Why this person has nothing to do here; `None` when they can decide.
fn closed(view: &ApprovalView, seat: &Seat) -> Option<String> {
    match &seat.part {
        Part::Decided { approve, at, .. } => {
            let word = if *approve { "approved" } else { "rejected" };
            Some(format!("You {word} this release, {}.", words::exact(*at)))
        }
        Part::Excluded { why } => Some(format!("You may not decide, because you {why}.")),
        Part::MayDecide if !view.is_open() => Some("It can no longer be decided.".to_owned()),
        Part::MayDecide => None,
    }
}

fn standing(view: &ApprovalView) -> (&'static str, String) {
    match &view.standing {
        Standing::Open { missing } => (
            "awaiting approval",
            format!(
                "{} missing, until {}.",
                words::counted(u64::from(*missing), "approval"),
                view.until()
            ),
        ),
        Standing::Granted { now } => ("approved", now.clone()),
        Standing::Over { word, how } => (word, how.clone()),
    }
}

/// The refusal as a sentence: a capital letter and a full stop.
fn sentence(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}
