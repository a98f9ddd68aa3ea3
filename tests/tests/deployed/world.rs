//! Purpose: the whole machine as it is deployed, with GitHub, a repository and a person around it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use blackbox::eventually;
use codebuild_sim::{Settings, Simulator};
use fake_github::{App, FakeGitHub};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use testbed::{Ministack, aws_tool, or_skip};

use crate::aws::Aws;
use crate::domain::Domain;
use crate::gate::Gate;
use crate::shop::{self, Shop};
use crate::stack::{self, Stack};

/// Far above what anything here takes, so that only what never happens fails.
pub const PATIENCE: Duration = Duration::from_secs(600);

pub struct World {
    pub aws: Aws,
    pub shop: Shop,
    pub stack: Stack,
    pub builds: Simulator,
    pub dynamodb: Gate,
    _emulator: Ministack,
    pub domain: Domain,
    pub folder: tempfile::TempDir,
    _github: FakeGitHub,
    secret: String,
    _alone: MutexGuard<'static, ()>,
}

impl World {
    /// `None` where the emulator cannot be had.
    pub fn new() -> Option<Self> {
        // Each is a whole machine: two at once would wait for each other.
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let program = or_skip(aws_tool("aws"))?;
        let folder = tempfile::tempdir().unwrap();
        let shop = Shop::new(folder.path());
        let github = FakeGitHub::start(&App::test()).unwrap();
        github.add(shop::ID, shop::NAME, shop.bare.path());
        let (codebuild, dynamodb) = (Gate::new(), Gate::new());
        let (codebuild_url, dynamodb_url) = (codebuild.url(), dynamodb.url());
        let variables = stack::variables(&codebuild_url, &dynamodb_url);
        let emulator = or_skip(Ministack::start_with(&variables))?;
        let aws = Aws::new(program, &emulator.url());
        dynamodb.lead_to(&emulator.url());
        let builds = Simulator::start(
            Settings {
                functions: vec![Stack::function("builder")],
                limits: [
                    ("slipway-deploy-staging", 1),
                    ("slipway-deploy-production", 1),
                ]
                .map(|(project, most)| (project.to_owned(), most))
                .into(),
                ..Settings::on(&emulator.url())
            },
            0,
        )
        .unwrap();
        codebuild.lead_to(&builds.url());
        let domain = Domain::new();
        let stack = Stack::deploy(&aws, folder.path(), github.api(), &domain.url);
        stack.set_up(&aws, folder.path());
        domain.lead_to(&emulator.url(), stack.output("ApiId"));
        let secret = stack.webhook_secret(&aws);
        Some(Self {
            aws,
            shop,
            stack,
            builds,
            dynamodb,
            _emulator: emulator,
            domain,
            folder,
            _github: github,
            secret,
            _alone: alone,
        })
    }

    /// Ana pushes, and GitHub tells it; gives the commit.
    pub fn push(&self, price: u32, slow: bool) -> String {
        let commit = self.shop.commit(price, slow);
        let (status, said) = self.deliver(&commit, &format!("push-{commit}"));
        assert_eq!(status, 202, "{said}");
        commit
    }

    /// A signed webhook of the push, under this guid: status and body of the answer.
    pub fn deliver(&self, commit: &str, guid: &str) -> (u16, String) {
        let body = json!({
            "ref": "refs/heads/main", "before": "0".repeat(40), "after": commit,
            "repository": { "id": shop::ID, "full_name": shop::NAME }, "sender": { "id": 1, "login": "ana" },
        })
        .to_string();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut answer = agent
            .post(format!("{}/webhook", self.domain.url))
            .header("content-type", "application/json")
            .header("x-github-event", "push")
            .header("x-github-delivery", guid)
            .header("x-hub-signature-256", signature)
            .send(body)
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), text)
    }

    /// A page of the dashboard as data; `None` while it is not there or the machine does not answer.
    pub fn page(&self, path: &str) -> Option<Value> {
        let mut answer = ureq::get(format!("{}{path}", self.domain.url))
            .header("accept", "application/json")
            .call()
            .ok()?;
        serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
    }

    /// The run of this commit, as the dashboard shows it.
    pub fn run_of(&self, commit: &str) -> Option<Value> {
        let list = self.page("/runs")?;
        let runs = list["runs"].as_array()?;
        let run = runs.iter().find(|run| run["commit"] == commit)?;
        self.page(&format!("/runs/{}/{}", shop::ID, run["run"].as_str()?))
    }

    /// Waits until the run of this commit has this status.
    pub fn until_run(&self, commit: &str, status: &str) -> Value {
        let mut last = Value::Null;
        let what = format!("the run of {commit} is {status}");
        eventually(&what, PATIENCE, || {
            let run = self.run_of(commit)?;
            if run["status"] != last {
                eprintln!("{commit}: {} {}", run["status"], run["headline"]);
                last = run["status"].clone();
            }
            (run["status"] == status).then_some(run)
        })
    }

    /// Bob approves the run of this commit, out of the mail that he got.
    pub fn approve(&self, commit: &str) {
        self.until_run(commit, "awaiting approval");
        let run = self.run_of(commit).unwrap();
        let id = run["run"].as_str().unwrap().to_owned();
        let mail = eventually("a mail for bob", PATIENCE, || self.mail_about(&id));
        blackbox::decide(&mail, true);
    }

    /// The newest approval mail to bob about this run.
    fn mail_about(&self, run: &str) -> Option<blackbox::Approval> {
        let url = format!("{}/_ministack/ses/messages", self.aws.endpoint);
        let text = ureq::get(url)
            .call()
            .ok()?
            .body_mut()
            .read_to_string()
            .ok()?;
        let kept: Value = serde_json::from_str(&text).ok()?;
        let accounts = kept["messages"].as_object()?.values();
        let messages = accounts.filter_map(Value::as_array).flatten();
        let to_bob = messages.filter(|message| message["To"] == json!(["bob@example.org"]));
        let bodies = to_bob.filter_map(|message| message["BodyText"].as_str());
        let about = bodies
            .filter_map(blackbox::read_approval)
            .filter(|mail| mail.run == run);
        about.collect::<Vec<_>>().pop()
    }

    /// Staging and production have got this commit once, and both the same release.
    pub fn assert_deployed_once(&self, commit: &str) {
        let of = |environment: &str| {
            let all = self.shop.deployed(environment).into_iter();
            all.filter(|deployed| deployed.commit == commit)
                .collect::<Vec<_>>()
        };
        let (staging, production) = (of("staging"), of("production"));
        assert_eq!(
            (staging.len(), production.len()),
            (1, 1),
            "{staging:?} {production:?}"
        );
        assert_eq!(staging[0].release, production[0].release);
        for environment in ["staging", "production"] {
            let fences: Vec<u64> = self
                .shop
                .deployed(environment)
                .iter()
                .map(|d| d.fence)
                .collect();
            assert!(
                fences.is_sorted_by(|a, b| a < b),
                "{environment}: {fences:?}"
            );
        }
    }
}
