//! Purpose: what people do: they come and go, open pull requests and issues, comment, delete; said by a test in this process
//! or, below `/_fake`, in another one.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode, Uri};
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Comment, Pull, Role, User, shapes};
use crate::FakeGitHub;
use crate::answer::Answer;
use crate::world::World;

#[derive(Deserialize)]
struct Visibility {
    repository: u64,
    public: bool,
}

#[derive(Deserialize)]
struct Admission {
    repository: u64,
    user: u64,
    /// `null` = let in no more.
    role: Option<Role>,
}

#[derive(Deserialize)]
struct Opened {
    repository: u64,
    number: u64,
    author: u64,
}

#[derive(Deserialize)]
struct Said {
    repository: u64,
    thread: u64,
    author: u64,
    /// The App that writes it; none = a person at GitHub's pages.
    app: Option<u64>,
    body: String,
}

impl FakeGitHub {
    /// An account; one that is there already gets this name.
    pub fn user(&self, id: u64, login: &str) {
        let (login, kind) = (login.to_owned(), super::person());
        enter(&self.world, User { id, login, kind });
    }

    /// Lets everybody read a repository.
    pub fn publish(&self, repository: u64) {
        let public = true;
        show_to(&self.world, &Visibility { repository, public });
    }

    /// Lets somebody in as this; `None` = no more.
    pub fn admit(&self, repository: u64, user: u64, role: Option<Role>) {
        let admission = Admission {
            repository,
            user,
            role,
        };
        admit(&self.world, &admission);
    }

    /// Opens a pull request, or changes one.
    pub fn pull(&self, pull: Pull) {
        open_pull(&self.world, pull);
    }

    pub fn issue(&self, repository: u64, number: u64, author: u64) {
        let opened = Opened {
            repository,
            number,
            author,
        };
        open_issue(&self.world, &opened);
    }

    /// A person comments. What a webhook gets of it, in GitHub's own shape: the payload of `issue_comment`.
    pub fn comment(&self, repository: u64, thread: u64, author: u64, body: &str) -> Value {
        self.comment_by_app(repository, thread, author, None, body)
    }

    /// The same, written by an App: its own account's comment, or one in a person's name.
    pub fn comment_by_app(
        &self,
        repository: u64,
        thread: u64,
        author: u64,
        app: Option<u64>,
        body: &str,
    ) -> Value {
        let said = Said {
            repository,
            thread,
            author,
            app,
            body: body.to_owned(),
        };
        say(&self.world, &said)
    }

    /// The account of an App.
    pub fn bot(app: u64) -> u64 {
        super::BOTS + app
    }

    /// The comments of a thread that are there, oldest first.
    pub fn comments(&self, repository: u64, thread: u64) -> Vec<Comment> {
        self.reader().comments(repository, thread)
    }

    /// Somebody deletes a comment.
    pub fn delete_comment(&self, id: u64) {
        self.world.state().conversations.deleted.insert(id);
    }
}

fn enter(world: &World, user: User) {
    world.state().conversations.users.insert(user.id, user);
}

fn show_to(world: &World, wish: &Visibility) {
    if let Some(one) = world.state().repositories.get_mut(&wish.repository) {
        one.public = wish.public;
    }
}

fn admit(world: &World, wish: &Admission) {
    let mut state = world.state();
    let key = (wish.repository, wish.user);
    match wish.role {
        Some(role) => state.conversations.roles.insert(key, role),
        None => state.conversations.roles.remove(&key),
    };
}

fn open_pull(world: &World, pull: Pull) {
    let key = (pull.repository, pull.number);
    world.state().conversations.pulls.insert(key, pull);
}

fn open_issue(world: &World, opened: &Opened) {
    let key = (opened.repository, opened.number);
    let mut state = world.state();
    state.conversations.issues.insert(key, opened.author);
}

fn say(world: &World, said: &Said) -> Value {
    let mut state = world.state();
    let (at, place) = (state.now(), (said.repository, said.thread));
    let author = (said.author, said.app);
    let comment = state.conversations.say(at, place, author, &said.body);
    shapes::payload(&world.api, &state, &comment)
}

/// `POST` of `users`, `visibility`, `roles`, `pulls`, `issues` takes the values above as JSON; `POST` of `comments` answers with
/// the webhook's payload, `GET` of it, `?repository=&thread=`, with what is there, oldest first.
pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route(
            "/_fake/users",
            post(async |world: State<Arc<World>>, body: Bytes| {
                taken(&body, |user| enter(&world, user))
            }),
        )
        .route(
            "/_fake/visibility",
            post(async |world: State<Arc<World>>, body: Bytes| {
                taken(&body, |wish| show_to(&world, &wish))
            }),
        )
        .route(
            "/_fake/roles",
            post(async |world: State<Arc<World>>, body: Bytes| {
                taken(&body, |wish| admit(&world, &wish))
            }),
        )
        .route(
            "/_fake/pulls",
            post(async |world: State<Arc<World>>, body: Bytes| {
                taken(&body, |pull| open_pull(&world, pull))
            }),
        )
        .route(
            "/_fake/issues",
            post(async |world: State<Arc<World>>, body: Bytes| {
                taken(&body, |opened| open_issue(&world, &opened))
            }),
        )
        .route(
            "/_fake/comments",
            get(listed).post(async |world: State<Arc<World>>, body: Bytes| {
                answered(&body, |said| say(&world, &said))
            }),
        )
        .route("/_fake/comments/{id}", delete(deleted))
}

async fn listed(State(world): State<Arc<World>>, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let query: BTreeMap<_, _> = form_urlencoded::parse(query).collect();
    let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
    let number = |name: &str| number(name).unwrap_or(0);
    let state = world.state();
    let all = state
        .conversations
        .thread(number("repository"), number("thread"));
    Answer::json(&json!(all)).into_response()
}

async fn deleted(State(world): State<Arc<World>>, Path(id): Path<u64>) -> Response<Body> {
    world.state().conversations.deleted.insert(id);
    Answer::json(&json!({})).into_response()
}

fn taken<T: DeserializeOwned>(body: &[u8], act: impl FnOnce(T)) -> Response<Body> {
    answered(body, |wish| {
        act(wish);
        json!({})
    })
}

fn answered<T: DeserializeOwned>(body: &[u8], act: impl FnOnce(T) -> Value) -> Response<Body> {
    let answer = match serde_json::from_slice(body) {
        Ok(wish) => Answer::json(&act(wish)),
        Err(error) => Answer::error(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    answer.into_response()
}
