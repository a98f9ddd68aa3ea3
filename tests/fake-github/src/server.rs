//! Purpose: the running GitHub: two listeners on 127.0.0.1 (the API, the downloads) and what a test says to it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use jiff::SignedDuration;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;
use spki::SubjectPublicKeyInfoRef;
use tokio::runtime::Runtime;

use crate::endpoints::Beside;
use crate::reader::Reader;
use crate::world::{Attempt, CheckRun, Deployment, Move, Repository, Route, Trouble, World};
use crate::{codeload, endpoints};

/// The App that this GitHub knows.
#[derive(Clone, Debug)]
pub struct App {
    pub id: u64,
    /// `-----BEGIN PUBLIC KEY-----`
    pub public_key: String,
}

impl App {
    /// App 7 with the test key.
    pub fn test() -> Self {
        Self {
            id: 7,
            public_key: crate::TEST_PUBLIC_KEY.to_owned(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("127.0.0.1 cannot be listened on: {0}")]
    Io(#[from] std::io::Error),
    #[error("the App's public key is no PEM of a public key: {0}")]
    Key(String),
}

/// A GitHub on 127.0.0.1; it is gone when this value is dropped.
pub struct FakeGitHub {
    pub(crate) world: Arc<World>,
    runtime: Option<Runtime>,
}

impl FakeGitHub {
    /// Starts on any free port.
    pub fn start(app: &App) -> Result<Self, StartError> {
        Self::start_on(app, 0)
    }

    /// Starts the API on this port; 0 = any.
    pub fn start_on(app: &App, port: u16) -> Result<Self, StartError> {
        Self::open(app, port, |_| Beside::Control)
    }

    /// Starts on any free port with pages beside the API, and without what tests in other processes need.
    pub fn start_with(app: &App, pages: impl FnOnce(Reader) -> Router) -> Result<Self, StartError> {
        Self::open(app, 0, |reader| Beside::Pages(pages(reader)))
    }

    fn open(
        app: &App,
        port: u16,
        beside: impl FnOnce(Reader) -> Beside,
    ) -> Result<Self, StartError> {
        let key = rsa_key(&app.public_key).map_err(StartError::Key)?;
        let (api, codeload) = (listener(port)?, listener(0)?);
        let url = |address: SocketAddr| format!("http://{address}");
        let world = Arc::new(World::new(
            app.id,
            key,
            url(api.local_addr()?),
            url(codeload.local_addr()?),
        ));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("fake-github")
            .enable_all()
            .build()?;
        {
            let _inside = runtime.enter();
            let api = tokio::net::TcpListener::from_std(api)?;
            let codeload = tokio::net::TcpListener::from_std(codeload)?;
            let (one, other) = (Arc::clone(&world), Arc::clone(&world));
            let beside = beside(Reader(Arc::clone(&world)));
            runtime.spawn(async move { axum::serve(api, endpoints::router(one, beside)).await });
            runtime.spawn(async move { axum::serve(codeload, codeload::router(other)).await });
        }
        Ok(Self {
            world,
            runtime: Some(runtime),
        })
    }

    /// `http://127.0.0.1:PORT`
    pub fn api(&self) -> &str {
        &self.world.api
    }

    /// Where archives are downloaded from.
    pub fn codeload(&self) -> &str {
        &self.world.codeload
    }

    /// Adds a bare repository as `owner/name`, with the App installed.
    pub fn add(&self, id: u64, name: &str, path: impl Into<PathBuf>) {
        let repository = Repository {
            id,
            name: name.to_owned(),
            path: path.into(),
            former: BTreeSet::new(),
            installed: true,
            public: false,
        };
        self.world.state().repositories.insert(id, repository);
    }

    pub fn rename(&self, id: u64, name: &str) {
        if let Some(one) = self.world.state().repositories.get_mut(&id) {
            let former = std::mem::replace(&mut one.name, name.to_owned());
            one.former.insert(former);
        }
    }

    pub fn uninstall(&self, id: u64) {
        if let Some(one) = self.world.state().repositories.get_mut(&id) {
            one.installed = false;
        }
    }

    /// The App is not granted this any more.
    pub fn withdraw(&self, permission: &str) {
        let mut state = self.world.state();
        state.withdrawn.insert(permission.to_owned());
    }

    /// A delivery to the App's webhook, some seconds ago, that was answered with this status (0 = not at all). A payload of
    /// `null` is one that GitHub does not show.
    pub fn deliver(&self, guid: &str, event: &str, payload: Value, status: u16, ago: i64) {
        let mut state = self.world.state();
        let attempt = Attempt {
            id: 1_000 + state.attempts.len() as u64,
            guid: guid.to_owned(),
            event: event.to_owned(),
            payload,
            status,
            at: state.now() - SignedDuration::from_secs(ago),
        };
        state.attempts.push(attempt);
    }

    /// A ref moved some seconds ago, as the history of the repository has it; noughts are no commit.
    pub fn moved(&self, repository: u64, reference: &str, before: &str, after: &str, ago: i64) {
        let mut state = self.world.state();
        let moved = Move {
            id: 1 + state.moves.len() as u64,
            repository,
            reference: reference.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
            at: state.now() - SignedDuration::from_secs(ago),
        };
        state.moves.push(moved);
    }

    /// Deliveries that somebody asked for once more.
    pub fn redelivered(&self) -> Vec<String> {
        self.world.state().redelivered.clone()
    }

    /// What an App gets that is made of a manifest is changed by this first: its permissions and its events.
    pub fn grant_otherwise(&self, change: fn(&mut Value, &mut Value)) {
        self.world.state().granting = Some(change);
    }

    /// The App as it is registered: its permissions, its events, its webhook.
    pub fn register(&self, permissions: Value, events: Value, hook: Value) {
        let mut state = self.world.state();
        state.app.permissions = permissions;
        state.app.events = events;
        state.app.hook = hook;
    }

    /// What installations have, where their owners have not accepted what the App asks for.
    pub fn install_with(&self, permissions: Value, events: Value) {
        self.world.state().installed_with = Some((permissions, events));
    }

    /// Every installation is suspended, or is not.
    pub fn suspend(&self, suspended: bool) {
        self.world.state().suspended = suspended;
    }

    /// The rules of a repository's branches, as the API answers them.
    pub fn rule(&self, id: u64, rules: Value) {
        self.world.state().rules.insert(id, rules);
    }

    /// The older protection of a repository's branches, as a branch shows it.
    pub fn protect(&self, id: u64, protection: Value) {
        self.world.state().protections.insert(id, protection);
    }

    /// The secret that the App's deliveries are signed with.
    pub fn webhook_secret(&self) -> String {
        self.world.state().app.webhook_secret.clone()
    }

    /// Every token made so far stops working.
    pub fn revoke_tokens(&self) {
        self.world.state().tokens.clear();
    }

    /// The next calls of this endpoint meet these troubles, one each.
    pub fn trouble(&self, route: Route, troubles: impl IntoIterator<Item = Trouble>) {
        let mut state = self.world.state();
        state.troubles.entry(route).or_default().extend(troubles);
    }

    /// Every call is answered with 503, or they are answered again.
    pub fn break_down(&self, down: bool) {
        self.world.state().down = down;
    }

    /// Calls that are left this hour.
    pub fn leave_quota(&self, calls: u64) {
        let mut state = self.world.state();
        state.quota = state.used + calls;
    }

    /// What was taken off the quota so far.
    pub fn quota_used(&self) -> u64 {
        self.world.state().used
    }

    /// What is held, for whoever outlives this value.
    pub fn reader(&self) -> Reader {
        Reader(Arc::clone(&self.world))
    }

    /// The check runs of a commit, oldest first.
    pub fn check_runs(&self, commit: &str) -> Vec<CheckRun> {
        self.reader().check_runs(commit)
    }

    /// The deployments of a commit, oldest first.
    pub fn deployments(&self, commit: &str) -> Vec<Deployment> {
        self.reader().deployments(commit)
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        self.world.state().ahead += seconds;
    }

    pub fn calls(&self, route: Route) -> u64 {
        let state = self.world.state();
        state.calls.get(&route).copied().unwrap_or(0)
    }

    pub fn all_calls(&self) -> u64 {
        self.world.state().calls.values().sum()
    }

    /// Path and query of every request so far.
    pub fn paths(&self) -> Vec<String> {
        self.world.state().paths.clone()
    }

    /// What was asked or answered otherwise than GitHub's description says; whoever takes it answers for it.
    pub fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.world.state().violations)
    }

    /// Operations with the statuses they were answered with, as far as they were judged: `GET /app/hook/deliveries 200`.
    pub fn judged(&self) -> BTreeSet<String> {
        self.world.state().judged.clone()
    }

    /// From now on the answers of this endpoint have this value in this place (a JSON pointer), as if GitHub said so.
    pub fn spoil(&self, route: Route, pointer: &str, value: Value) {
        let mut state = self.world.state();
        state.spoiled.insert(route, (pointer.to_owned(), value));
    }

    /// Requests to the download host that carried a credential.
    pub fn leaks(&self) -> u64 {
        self.world.state().leaks
    }

    /// What the tokens made so far may do: repositories, and permissions as `name:level`.
    pub fn granted(&self) -> Vec<(BTreeSet<u64>, Vec<String>)> {
        let state = self.world.state();
        let shown = state.tokens.values().map(|token| {
            let permissions = token.permissions.iter();
            let permissions = permissions.map(|(name, level)| format!("{name}:{level}"));
            (token.repositories.clone(), permissions.collect())
        });
        shown.collect()
    }

    /// The tokens made so far.
    pub fn tokens(&self) -> Vec<String> {
        self.world.state().tokens.keys().cloned().collect()
    }
}

impl FakeGitHub {
    /// Ends it; gives what was asked or answered otherwise than GitHub's description says, and answers for nothing.
    pub fn end(mut self) -> Vec<String> {
        self.stop();
        self.take_violations()
    }

    fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for FakeGitHub {
    /// A test in which anything was said otherwise than GitHub describes has failed.
    #[allow(
        clippy::panic,
        reason = "whoever drops a GitHub without ending it is a test"
    )]
    fn drop(&mut self) {
        self.stop();
        let violations = self.take_violations();
        if !violations.is_empty() && !std::thread::panicking() {
            panic!("not as GitHub describes it: {violations:#?}");
        }
    }
}

fn listener(port: u16) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The key inside the PEM, as ring wants it: PKCS#1.
fn rsa_key(pem: &str) -> Result<Vec<u8>, String> {
    let whole = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| error.to_string())?;
    let info =
        SubjectPublicKeyInfoRef::try_from(whole.as_ref()).map_err(|error| error.to_string())?;
    Ok(info.subject_public_key.raw_bytes().to_vec())
}
