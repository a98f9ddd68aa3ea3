//! Purpose: what this GitHub knows: repositories, tokens, quota, what is to go wrong, what was called.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::conversations::Conversations;

/// Calls that an installation has an hour. <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
const QUOTA: u64 = 5_000;
/// How long an installation token works.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// The endpoints, as counts and troubles name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    Repository,
    Reference,
    Commit,
    Tag,
    Tree,
    Contents,
    Compare,
    Zipball,
    Installation,
    AccessToken,
    /// The moves of a repository's refs.
    Activity,
    /// The list of the App's deliveries.
    Deliveries,
    /// One of them, and the wish for another attempt.
    Delivery,
    CheckRuns,
    /// The list of deployments.
    Deployments,
    CreateDeployment,
    /// The list of a deployment's statuses.
    DeploymentStatuses,
    CreateDeploymentStatus,
    Graphql,
    PullRequest,
    /// What somebody may do in a repository.
    Permission,
    /// Whether somebody was let into a repository.
    Collaborator,
    /// The list of comments of a thread.
    Comments,
    CreateComment,
    ReadComment,
    ChangeComment,
    React,
    /// A page of GitHub's that takes a manifest.
    Manifest,
    /// The code of a manifest for its App.
    Conversion,
    App,
    HookConfig,
    Installations,
    Rules,
    Branch,
    /// The host that archives are downloaded from.
    Codeload,
    /// Anything that this GitHub does not serve.
    Unknown,
}

/// What goes wrong instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// This status with GitHub's usual error body.
    Status(u16),
    /// The hourly quota is used up; it ends after so many seconds.
    RateLimit(i64),
    /// Too many calls at a time; `Retry-After` in seconds, or no hint at all.
    SecondaryLimit(Option<u64>),
    /// No answer, ever.
    Hang,
    /// The answer comes after so many milliseconds.
    Slow(u64),
    /// 200 with these bytes as JSON.
    Body(String),
    /// It is done, and the answer is lost on the way: 502.
    LostReply,
    /// A redirect to this URL.
    Redirect(String),
}

/// One attempt at a delivery to the App's webhook.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub id: u64,
    pub guid: String,
    pub event: String,
    pub payload: Value,
    /// What the webhook answered; 0 when it did not.
    pub status: u16,
    pub at: Timestamp,
}

/// One move of a ref.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub id: u64,
    pub repository: u64,
    pub reference: String,
    pub before: String,
    pub after: String,
    pub at: Timestamp,
}

/// What the App is, and what it may do.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub slug: String,
    pub owner: String,
    pub permissions: Value,
    pub events: Value,
    /// `url`, `content_type`, `insecure_ssl`.
    pub hook: Value,
    pub webhook_secret: String,
}

impl Registered {
    fn usual() -> Self {
        Self {
            slug: "slipway".to_owned(),
            owner: "acme".to_owned(),
            permissions: json!({
                "checks": "write", "contents": "read", "deployments": "write", "issues": "write",
                "metadata": "read", "pull_requests": "write",
            }),
            events: json!(["push", "pull_request"]),
            hook: json!({
                "url": "https://ci.example.org/webhook",
                "content_type": "json",
                "insecure_ssl": "0",
                "secret": "********",
            }),
            webhook_secret: "the webhook secret of the fake App".to_owned(),
        }
    }
}

/// One repository.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    pub id: u64,
    /// `owner/name`, now.
    pub name: String,
    /// The bare repository on disk.
    pub path: PathBuf,
    /// What it was called before.
    pub former: BTreeSet<String>,
    /// The App is installed on it.
    pub installed: bool,
    /// Everybody may read it.
    pub public: bool,
}

impl Repository {
    pub fn owner(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    pub fn short_name(&self) -> &str {
        self.name.split('/').nth(1).unwrap_or_default()
    }
}

/// A check run, as the App made it.
#[derive(Clone, Debug)]
pub struct CheckRun {
    pub repository: u64,
    pub id: u64,
    pub commit: String,
    /// What was said last of each of GraphQL's fields: `name`, `status`, `output` …
    pub shown: Value,
    pub annotations: Vec<Value>,
}

/// A deployment, as the App made it.
#[derive(Clone, Debug, Serialize)]
pub struct Deployment {
    pub repository: u64,
    pub id: u64,
    pub commit: String,
    pub task: String,
    pub payload: Value,
    pub environment: String,
    pub production: bool,
    pub transient: bool,
    pub description: String,
    /// The request that made it.
    pub asked: Value,
    /// Oldest first: `state`, `description`, `log_url`, `environment_url`.
    pub statuses: Vec<Value>,
}

/// What an installation token may do.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub repositories: BTreeSet<u64>,
    pub permissions: BTreeMap<String, String>,
    pub expires: Timestamp,
}

/// All of it, behind one lock that is never held across I/O.
pub(crate) struct World {
    pub app_id: u64,
    pub app_key: Vec<u8>,
    pub api: String,
    pub codeload: String,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub repositories: BTreeMap<u64, Repository>,
    pub tokens: BTreeMap<String, Token>,
    pub app: Registered,
    /// Other than what the App has, where its owners have not accepted a change yet.
    pub installed_with: Option<(Value, Value)>,
    pub suspended: bool,
    /// What Apps get that were asked for by a manifest: as asked for, unless this changes it.
    pub granting: Option<fn(&mut Value, &mut Value)>,
    /// Codes of manifests that were not exchanged yet.
    pub codes: BTreeMap<String, Registered>,
    /// Rules of the default branch, and the branch itself, by repository.
    pub rules: BTreeMap<u64, Value>,
    pub protections: BTreeMap<u64, Value>,
    /// Oldest first.
    pub check_runs: Vec<CheckRun>,
    /// Oldest first.
    pub deployments: Vec<Deployment>,
    /// One-time words in the URLs of archives.
    pub links: BTreeSet<String>,
    pub quota: u64,
    pub used: u64,
    pub calls: BTreeMap<Route, u64>,
    pub troubles: BTreeMap<Route, VecDeque<Trouble>>,
    /// Nothing is answered.
    pub down: bool,
    /// Requests to the download host that carried a credential.
    pub leaks: u64,
    /// The paths of all requests, in order.
    pub paths: Vec<String>,
    /// What was asked or answered otherwise than GitHub's description says.
    pub violations: Vec<String>,
    /// Operations and statuses that were judged.
    pub judged: BTreeSet<String>,
    /// Where the answers of an endpoint are made wrong, and with what.
    pub spoiled: BTreeMap<Route, (String, Value)>,
    /// Attempts at deliveries, oldest first.
    pub attempts: Vec<Attempt>,
    /// Moves of refs, oldest first.
    pub moves: Vec<Move>,
    /// Deliveries that somebody asked for once more.
    pub redelivered: Vec<String>,
    /// People, pull requests, issues, and what is said below them.
    pub conversations: Conversations,
    /// Permissions that the App is not granted any more.
    pub withdrawn: BTreeSet<String>,
    /// Seconds that the clock is ahead.
    pub ahead: i64,
    made: u64,
}

impl World {
    pub fn new(app_id: u64, app_key: Vec<u8>, api: String, codeload: String) -> Self {
        let state = State {
            repositories: BTreeMap::new(),
            tokens: BTreeMap::new(),
            app: Registered::usual(),
            installed_with: None,
            suspended: false,
            granting: None,
            codes: BTreeMap::new(),
            rules: BTreeMap::new(),
            protections: BTreeMap::new(),
            check_runs: Vec::new(),
            deployments: Vec::new(),
            links: BTreeSet::new(),
            quota: QUOTA,
            used: 0,
            calls: BTreeMap::new(),
            troubles: BTreeMap::new(),
            down: false,
            leaks: 0,
            paths: Vec::new(),
            violations: Vec::new(),
            judged: BTreeSet::new(),
            spoiled: BTreeMap::new(),
            attempts: Vec::new(),
            moves: Vec::new(),
            redelivered: Vec::new(),
            conversations: Conversations::new(app_id),
            withdrawn: BTreeSet::new(),
            ahead: 0,
            made: 0,
        };
        Self {
            app_id,
            app_key,
            api,
            codeload,
            state: Mutex::new(state),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By number, or by `owner/name` as it is now.
    pub fn repository(&self, by: impl Fn(&Repository) -> bool) -> Option<Repository> {
        let state = self.state();
        state.repositories.values().find(|one| by(one)).cloned()
    }
}

impl State {
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
            .checked_add(SignedDuration::from_secs(self.ahead))
            .unwrap_or(Timestamp::MAX)
    }

    /// One installation per owner, as on GitHub.
    pub fn installation(&self, owner: &str) -> u64 {
        let owners: BTreeSet<&str> = self.repositories.values().map(Repository::owner).collect();
        let before = owners.iter().filter(|one| **one < owner).count();
        9_000 + u64::try_from(before).unwrap_or(0)
    }

    /// Keeps a token under a new name.
    pub fn mint(
        &mut self,
        repositories: BTreeSet<u64>,
        permissions: BTreeMap<String, String>,
    ) -> (String, Token) {
        self.made += 1;
        let token = Token {
            repositories,
            permissions,
            expires: self.now().checked_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX),
        };
        let name = format!("ghs_{:036}", self.made);
        self.tokens.insert(name.clone(), token.clone());
        (name, token)
    }

    /// A word that opens one archive.
    pub fn link(&mut self) -> String {
        self.made += 1;
        let word = format!("LINK{:024}", self.made);
        self.links.insert(word.clone());
        word
    }

    /// What goes wrong with this call, if anything.
    pub fn trouble(&mut self, route: Route) -> Option<Trouble> {
        if self.down {
            return Some(Trouble::Status(503));
        }
        self.troubles.get_mut(&route)?.pop_front()
    }
}
