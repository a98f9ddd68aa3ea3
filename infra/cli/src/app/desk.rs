//! Purpose: the page on 127.0.0.1 that sends a browser to GitHub with the manifest, and takes it back with the code: once.
//!
//! What authorises is the state: random, known to the page alone, good for one answer and one hour. The page itself lies
//! below a random word, so that nobody else on this computer finds it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::get;
use domain::ids::Digest;
use github::app::{EVENTS, Event, PERMISSIONS, Permission, Wish, manifest, registration};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::keeper::{Keeper, Kept, Plan};
use super::make::{Made, make};
use crate::failure::Failure;
use crate::machine::http;

/// How long a code of GitHub's is good, and so the page.
const LIFE: Duration = Duration::from_secs(3_600);
/// How long the last answer may take to reach the browser.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

type Outcome = Result<(Made, Kept), Failure>;

/// The page, while it is open.
pub struct Desk {
    /// Where it is.
    pub page: String,
    outcome: oneshot::Receiver<Outcome>,
    stop: watch::Sender<bool>,
    server: JoinHandle<std::io::Result<()>>,
}

struct Waiting {
    plan: Plan,
    keeper: Box<dyn Keeper>,
    port: u16,
    /// The word that the page lies below.
    word: String,
    state: String,
    opened: Instant,
    used: AtomicBool,
    told: Mutex<Option<oneshot::Sender<Outcome>>>,
}

impl Desk {
    /// Opens it on this port; 0 = a free one.
    pub async fn open(plan: Plan, keeper: Box<dyn Keeper>, port: u16) -> Result<Self, Failure> {
        let (listener, address) = http::bind(port).await?;
        let (told, outcome) = oneshot::channel();
        let waiting = Arc::new(Waiting {
            plan,
            keeper,
            port: address.port(),
            word: secret(),
            state: secret(),
            opened: Instant::now(),
            used: AtomicBool::new(false),
            told: Mutex::new(Some(told)),
        });
        let page = format!("http://{address}/{}", waiting.word);
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(http::serve_until(listener, router(waiting), stopped));
        Ok(Self {
            page,
            outcome,
            stop,
            server,
        })
    }

    /// Waits for the browser to come back, then closes the page.
    pub async fn outcome(self) -> Outcome {
        let outcome = tokio::time::timeout(LIFE, self.outcome).await;
        self.stop.send_replace(true);
        if tokio::time::timeout(CLOSE_WITHIN, self.server)
            .await
            .is_err()
        {
            tracing::warn!("the page was closed while a browser still read it");
        }
        let again = "begin again with `slipway github setup`";
        match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::unavailable("the page broke off").help(again)),
            Err(_) => Err(Failure::unavailable(
                "nobody came back from GitHub within an hour: the page is closed, and nothing was stored",
            )
            .help(again)),
        }
    }
}

/// 244 random bits.
fn secret() -> String {
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    format!("{}{}", one.simple(), other.simple())
}

fn router(waiting: Arc<Waiting>) -> Router {
    Router::new()
        .route("/callback", get(back))
        .route("/assets/{file}", get(asset))
        .route("/{word}", get(form))
        .fallback(nothing)
        .layer(from_fn_with_state(waiting.clone(), guarded))
        .with_state(waiting)
}

/// Only this computer's own names are answered (DNS rebinding), and every answer has the headers of a page.
async fn guarded(
    State(waiting): State<Arc<Waiting>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let ours = ["127.0.0.1", "localhost"];
    let ours = ours.map(|name| format!("{name}:{}", waiting.port));
    let mut response = match ours.iter().any(|name| name == host) {
        true => next.run(request).await,
        false => said(
            StatusCode::MISDIRECTED_REQUEST,
            "This page is at 127.0.0.1 only",
            "Open the address that the terminal shows.",
        ),
    };
    guard(response.headers_mut(), &waiting.plan.web);
    response
}

/// The headers of every page, but that the form may go to GitHub, which sees where it comes from, and from there to
/// whoever signs its people in.
fn guard(headers: &mut HeaderMap, web: &str) {
    for (name, value) in pages::headers() {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action https: {web}; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin"),
    );
}

async fn asset(Path(file): Path<String>) -> Response<Body> {
    let found = pages::asset(&format!("/assets/{file}"));
    found.map(|body| Body::from(body.as_ref().to_vec()))
}

async fn nothing() -> Response<Body> {
    said(
        StatusCode::NOT_FOUND,
        "There is nothing here",
        "Open the address that the terminal shows.",
    )
}

#[derive(Template)]
#[template(path = "app.html")]
struct FormPage<'a> {
    plan: &'a Plan,
    host: &'a str,
    action: &'a str,
    manifest: &'a str,
    permissions: &'a [Permission],
    events: &'a [Event],
}

async fn form(State(waiting): State<Arc<Waiting>>, Path(word): Path<String>) -> Response<Body> {
    if Digest::of(word.as_bytes()) != Digest::of(waiting.word.as_bytes()) {
        return nothing().await;
    }
    if let Some(closed) = waiting.closed() {
        return closed;
    }
    let plan = &waiting.plan;
    let redirect = format!("http://127.0.0.1:{}/callback", waiting.port);
    let manifest = manifest(&Wish {
        name: &plan.name,
        url: &plan.url,
        webhook: &plan.webhook,
        redirect: &redirect,
    });
    let action = registration(&plan.web, plan.organization.as_deref(), &waiting.state);
    page(
        StatusCode::OK,
        &FormPage {
            plan,
            host: plan.web.rsplit('/').next().unwrap_or_default(),
            action: &action,
            manifest: &manifest.to_string(),
            permissions: PERMISSIONS,
            events: EVENTS,
        },
    )
}

/// The browser comes back from GitHub, with a code and the state.
async fn back(State(waiting): State<Arc<Waiting>>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = query.unwrap_or_default();
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(name, _)| name == wanted);
        found.map_or_else(String::new, |(_, value)| value.into_owned())
    };
    let (code, state) = (value("code"), value("state"));
    // Digests are compared, so the time says nothing about the state.
    if Digest::of(state.as_bytes()) != Digest::of(waiting.state.as_bytes()) {
        return said(
            StatusCode::FORBIDDEN,
            "This is not the answer that is waited for",
            "Its state is not the one that this set-up gave to GitHub, so it was begun by somebody else, or by a set-up before \
             this one. Nothing was changed. Open the address that the terminal shows.",
        );
    }
    if let Some(closed) = waiting.closed() {
        return closed;
    }
    if code.is_empty() {
        return said(
            StatusCode::BAD_REQUEST,
            "GitHub sent no code",
            "Nothing was changed. Go back to the page that the terminal shows, and create the App there.",
        );
    }
    if waiting.used.swap(true, Ordering::SeqCst) {
        return used();
    }
    // It goes on although the browser may be closed: the code works once.
    let work = tokio::spawn(async move {
        let outcome = make(&waiting.plan, &*waiting.keeper, &code).await;
        let page = shown(&outcome);
        let told = waiting.told.lock();
        let told = told.unwrap_or_else(PoisonError::into_inner).take();
        if told.is_some_and(|told| told.send(outcome).is_err()) {
            tracing::error!("nobody waits for the App any more");
        }
        page
    });
    work.await.unwrap_or_else(|_| {
        said(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The set-up broke off",
            "The terminal says more.",
        )
    })
}

impl Waiting {
    /// The answer of a page that is closed, because it was used or is too old.
    fn closed(&self) -> Option<Response<Body>> {
        if self.used.load(Ordering::SeqCst) {
            return Some(used());
        }
        (self.opened.elapsed() >= LIFE).then(|| {
            said(
                StatusCode::GONE,
                "This set-up is too old",
                "It was good for an hour. Nothing was changed. Begin again in the terminal.",
            )
        })
    }
}

fn used() -> Response<Body> {
    said(
        StatusCode::CONFLICT,
        "This set-up was used already",
        "GitHub's answer counts once, and it has come. Nothing was changed by this one; the terminal says how it went.",
    )
}

#[derive(Template)]
#[template(path = "outcome.html")]
struct OutcomePage<'a> {
    tone: &'a str,
    title: &'a str,
    lines: &'a [String],
    made: Option<&'a Made>,
    next: &'a [String],
}

fn shown(outcome: &Outcome) -> Response<Body> {
    match outcome {
        Ok((made, kept)) => page(
            StatusCode::OK,
            &OutcomePage {
                tone: "good",
                title: "The App is made",
                lines: &[format!(
                    "{}, number {}, was granted what was asked for. Its key and its webhook secret are kept.",
                    made.slug, made.id
                )],
                made: Some(made),
                next: &kept.next,
            },
        ),
        Err(failure) => {
            let mut lines: Vec<String> = failure.what.lines().map(str::to_owned).collect();
            lines.extend(failure.help.clone());
            page(
                StatusCode::BAD_GATEWAY,
                &OutcomePage {
                    tone: "bad",
                    title: "The App was not set up",
                    lines: &lines,
                    made: None,
                    next: &[],
                },
            )
        }
    }
}

fn said(status: StatusCode, title: &str, text: &str) -> Response<Body> {
    let page_of = OutcomePage {
        tone: "bad",
        title,
        lines: &[text.to_owned()],
        made: None,
        next: &[],
    };
    page(status, &page_of)
}

fn page(status: StatusCode, template: &impl Template) -> Response<Body> {
    pages::html(status, template).map(|body| Body::from(body.as_ref().to_vec()))
}
