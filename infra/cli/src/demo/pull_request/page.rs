//! Purpose: the page of the pull request: what the stand-in for GitHub holds of it, for people.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::Redirect;
use axum::routing::get;
use fake_github::{CheckRun, Comment, Deployment, Reader};
use uuid::Uuid;

use super::change::{BASE, BRANCH, TITLE};
use super::markdown::to_html;
use super::stand_in::REPOSITORY;
use crate::failure::Failure;

/// The number of the one pull request.
pub const NUMBER: u64 = 1;
/// What the stylesheet of all pages does not have.
const STYLE: &str = include_str!("../../../templates/pull_request.css");

/// What is shown; it changes while somebody looks.
pub struct Scene {
    pub reader: Reader,
    /// The commit of the merge, once there is one.
    pub merged: OnceLock<String>,
    /// Nothing will change any more.
    pub over: AtomicBool,
}

impl Scene {
    pub fn new(reader: Reader) -> Arc<Self> {
        Arc::new(Self {
            reader,
            merged: OnceLock::new(),
            over: AtomicBool::new(false),
        })
    }

    /// The commits that checks are shown of, each with what it is: the head of the pull request, then its merge.
    pub fn commits(&self) -> Vec<(&'static str, String)> {
        let pull = self.reader.pull(REPOSITORY.0, NUMBER);
        let head = pull.map(|pull| ("The proposed change", pull.head));
        let merged = self.merged.get().map(|sha| ("The merge", sha.clone()));
        head.into_iter().chain(merged).collect()
    }

    /// The page, which needs nothing beside it; the word allows its style and no other.
    pub fn render(&self, nonce: &str) -> Result<String, Failure> {
        let pull = self.reader.pull(REPOSITORY.0, NUMBER);
        let commits = self.commits();
        let deployments = commits
            .iter()
            .flat_map(|(_, sha)| self.reader.deployments(sha));
        let author = pull.and_then(|pull| pull.author);
        let page = Page {
            nonce,
            style: format!("{}{STYLE}", pages::style()),
            refreshed: !self.over.load(Ordering::SeqCst),
            repository: REPOSITORY.1,
            number: NUMBER,
            title: TITLE,
            merged: self.merged.get().is_some(),
            author: author.map_or_else(String::new, |id| self.reader.user(id).login),
            branch: BRANCH,
            base: BASE,
            deployments: deployments.map(|one| Shown::of(&one)).collect(),
            comments: self.comments(),
            commits: commits
                .iter()
                .map(|(what, sha)| self.commit(what, sha))
                .collect(),
        };
        page.render()
            .map_err(|error| Failure::unavailable(format!("the page cannot be made: {error}")))
    }

    fn commit(&self, what: &'static str, sha: &str) -> Commit {
        let checks = self.reader.check_runs(sha);
        Commit {
            what,
            short: sha.chars().take(7).collect(),
            sha: sha.to_owned(),
            checks: checks.iter().map(Check::of).collect(),
        }
    }

    fn comments(&self) -> Vec<Said> {
        let comments = self.reader.comments(REPOSITORY.0, NUMBER);
        comments.iter().map(|one| self.said(one)).collect()
    }

    fn said(&self, comment: &Comment) -> Said {
        let mut reactions: Vec<Reactions> = Vec::new();
        for reaction in &comment.reactions {
            match reactions
                .iter_mut()
                .find(|one| one.name == reaction.content)
            {
                Some(same) => same.count += 1,
                None => reactions.push(Reactions {
                    sign: sign(&reaction.content),
                    name: reaction.content.clone(),
                    count: 1,
                }),
            }
        }
        Said {
            author: self.reader.user(comment.author).login,
            by_app: comment.app.is_some(),
            at: comment.created.strftime("%H:%M:%S UTC").to_string(),
            html: to_html(&comment.body),
            reactions,
        }
    }
}

#[derive(Template)]
#[template(path = "pull_request.html")]
struct Page<'a> {
    nonce: &'a str,
    style: String,
    /// Whether browsers ask for it again and again.
    refreshed: bool,
    repository: &'a str,
    number: u64,
    title: &'a str,
    merged: bool,
    author: String,
    branch: &'a str,
    base: &'a str,
    comments: Vec<Said>,
    commits: Vec<Commit>,
    deployments: Vec<Shown>,
}

struct Commit {
    what: &'static str,
    sha: String,
    short: String,
    checks: Vec<Check>,
}

struct Check {
    name: String,
    /// The conclusion, or the status while there is none, as GitHub calls it.
    word: String,
    /// What the icon of that is known by.
    tone: &'static str,
    title: String,
    html: String,
}

struct Said {
    author: String,
    by_app: bool,
    at: String,
    html: String,
    reactions: Vec<Reactions>,
}

struct Reactions {
    sign: &'static str,
    name: String,
    count: usize,
}

/// A deployment.
struct Shown {
    environment: String,
    short: String,
    /// Oldest first.
    statuses: Vec<Status>,
}

struct Status {
    state: String,
    tone: &'static str,
    description: String,
}

impl Check {
    fn of(run: &CheckRun) -> Self {
        let text = |name: &str| run.shown[name].as_str().unwrap_or_default();
        let output = |name: &str| run.shown["output"][name].as_str().unwrap_or_default();
        let word = match text("conclusion") {
            "" => text("status"),
            conclusion => conclusion,
        };
        let word = word.to_lowercase().replace('_', " ");
        Self {
            name: text("name").to_owned(),
            tone: tone(&word),
            word,
            title: output("title").to_owned(),
            html: to_html(output("summary")),
        }
    }
}

impl Shown {
    fn of(deployment: &Deployment) -> Self {
        let statuses = deployment.statuses.iter().map(|status| {
            let text = |name: &str| status[name].as_str().unwrap_or_default();
            let state = text("state").replace('_', " ");
            Status {
                tone: tone(&state),
                state,
                description: text("description").to_owned(),
            }
        });
        Self {
            environment: deployment.environment.clone(),
            short: deployment.commit.chars().take(7).collect(),
            statuses: statuses.collect(),
        }
    }

    fn latest(&self) -> Option<&Status> {
        self.statuses.last()
    }
}

/// The word of ours that means the same to a reader.
/// <https://docs.github.com/en/graphql/reference/enums#checkconclusionstate>,
/// <https://docs.github.com/en/graphql/reference/enums#deploymentstatusstate>
fn tone(word: &str) -> &'static str {
    match word {
        "success" => "succeeded",
        "failure" | "error" | "startup failure" => "failed",
        "timed out" => "timed out",
        "in progress" => "running",
        "action required" => "awaiting approval",
        "neutral" | "skipped" | "stale" | "inactive" => "skipped",
        "cancelled" => "cancelled",
        _ => "queued",
    }
}

/// How GitHub shows a reaction. <https://docs.github.com/en/rest/reactions/reactions#about-reactions>
fn sign(reaction: &str) -> &'static str {
    match reaction {
        "+1" => "👍",
        "-1" => "👎",
        "laugh" => "😄",
        "confused" => "😕",
        "heart" => "❤️",
        "hooray" => "🎉",
        "rocket" => "🚀",
        "eyes" => "👀",
        _ => "",
    }
}

/// Where the page is at the stand-in: where people would look for it at GitHub.
pub fn path() -> String {
    format!("/{}/pull/{NUMBER}", REPOSITORY.1)
}

pub fn router(scene: Arc<Scene>) -> Router {
    let to_page = || get(async || Redirect::temporary(&path()));
    Router::new()
        .route(&path(), get(async move || answer(&scene)))
        .route("/", to_page())
        .route(&format!("/{}", REPOSITORY.1), to_page())
        .route("/favicon.ico", get(async || icon()))
}

fn answer(scene: &Scene) -> Response<Body> {
    let nonce = Uuid::new_v4().simple().to_string();
    match scene.render(&nonce) {
        Ok(page) => guarded(
            pages::respond(StatusCode::OK, "text/html; charset=utf-8", "no-store", page),
            &nonce,
        ),
        Err(failure) => guarded(
            pages::plain(StatusCode::INTERNAL_SERVER_ERROR, failure.what),
            &nonce,
        ),
    }
}

fn icon() -> Response<Body> {
    pages::asset(pages::icon_path()).map(|body| Body::from(body.as_ref().to_vec()))
}

/// The headers of every page, but that its own style may be in it.
fn guarded(answer: Response<lambda_http::Body>, nonce: &str) -> Response<Body> {
    let mut answer = answer.map(|body| Body::from(body.as_ref().to_vec()));
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}
