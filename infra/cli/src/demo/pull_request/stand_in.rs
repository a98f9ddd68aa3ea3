//! Purpose: the stand-in for GitHub: one repository, the App with a key made for this demo, people, and webhooks that are signed
//! as GitHub's are.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ::github::Secrets;
use ::github::app::{Wish, manifest};
use axum::Router;
use fake_github::{FakeGitHub, Reader, Role};
use github_api::{GitHub, PemSigner};
use rsa::PrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use serde_json::Value;
use uuid::Uuid;

use crate::demo::{APPROVER, INITIATOR};
use crate::failure::Failure;
use crate::home::SystemClock;

/// What GitHub calls the repository, and its number.
pub const REPOSITORY: (u64, &str) = (4001, "acme/shop");
/// The App.
const APP: (u64, &str) = (7, "slipway");
/// Bits of the App's key, as many as GitHub's have.
const KEY_BITS: usize = 2048;
/// GitHub waits so long for an answer to a webhook.
/// <https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds>
const PATIENCE: Duration = Duration::from_secs(10);

/// A GitHub of this computer's own.
pub struct StandIn {
    /// There until the end.
    github: Option<FakeGitHub>,
    api: String,
    key: String,
    secret: String,
}

impl StandIn {
    /// Starts it over this bare repository, with pages beside the API.
    pub async fn start(bare: &Path, pages: impl FnOnce(Reader) -> Router) -> Result<Self, Failure> {
        let made = tokio::task::spawn_blocking(make_key).await;
        let (key, public_key) =
            made.map_err(|error| Failure::unavailable(format!("no key was made: {error}")))??;
        let app = fake_github::App {
            id: APP.0,
            public_key,
        };
        let github = FakeGitHub::start_with(&app, pages).map_err(|error| {
            Failure::unavailable(format!(
                "the stand-in for GitHub cannot be started: {error}"
            ))
        })?;
        github.add(REPOSITORY.0, REPOSITORY.1, bare);
        for (id, login, ..) in [INITIATOR, APPROVER] {
            github.user(id, login);
            github.admit(REPOSITORY.0, id, Some(Role::Write));
        }
        Ok(Self {
            api: github.api().to_owned(),
            github: Some(github),
            key,
            secret: Uuid::new_v4().simple().to_string(),
        })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        &self.api
    }

    /// Keeps the App in the data directory, as a set-up does; a client that speaks as this App.
    pub async fn connect(&self, dir: &Path) -> Result<GitHub, Failure> {
        local::app::App::prepare(dir)?;
        // The machine reads the secret before it has an address.
        self.keep(dir, String::new())?;
        let signer = Arc::new(PemSigner::new(&local::app::App::key(dir)?)?);
        Ok(GitHub::new(&self.api, APP.0, signer, Arc::new(SystemClock)).await?)
    }

    fn keep(&self, dir: &Path, webhook: String) -> Result<(), Failure> {
        let app = local::app::App {
            id: APP.0,
            slug: APP.1.to_owned(),
            owner: owner().to_owned(),
            api: self.api.clone(),
            webhook,
        };
        Ok(app.keep(dir, &self.key, &self.secret)?)
    }

    /// Registers the App with what the set-up asks for, and where its webhooks go.
    pub fn register(&self, dir: &Path, machine: &str) -> Result<(), Failure> {
        let webhook = format!("{machine}/webhook");
        let mut asked = manifest(&Wish {
            name: APP.1,
            url: machine,
            webhook: &webhook,
            redirect: machine,
        });
        let hook = serde_json::json!({
            "url": webhook, "content_type": "json", "insecure_ssl": "0", "secret": "********",
        });
        let permissions = asked["default_permissions"].take();
        let events = asked["default_events"].take();
        self.github()?.register(permissions, events, hook);
        self.keep(dir, webhook)
    }

    /// What GitHub holds.
    pub fn github(&self) -> Result<&FakeGitHub, Failure> {
        let gone = || Failure::unavailable("the stand-in for GitHub has ended");
        self.github.as_ref().ok_or_else(gone)
    }

    /// Posts a webhook to the machine, signed, and waits for its answer.
    pub async fn deliver(
        &self,
        machine: &str,
        event: &'static str,
        payload: Value,
    ) -> Result<(), Failure> {
        let guid = Uuid::new_v4().to_string();
        let body = payload.to_string();
        let secrets = Secrets::new(vec![self.secret.clone().into_bytes()])
            .map_err(|error| Failure::usage(format!("the webhook secret: {error}")))?;
        let signature = secrets.sign(body.as_bytes());
        let (url, id) = (format!("{machine}/webhook"), guid.clone());
        let posted = tokio::task::spawn_blocking(move || post(&url, event, &id, &signature, &body));
        let status = posted
            .await
            .map_err(|error| Failure::unavailable(format!("a webhook broke off: {error}")))??;
        self.github()?.deliver(&guid, event, payload, status, 0);
        match status {
            200..300 => Ok(()),
            _ => Err(Failure::unavailable(format!(
                "the machine answered {status} to the webhook `{event}`"
            ))),
        }
    }

    /// Ends it; what was said to it, or by it, otherwise than GitHub describes its API.
    pub fn end(mut self) -> Vec<String> {
        self.github.take().map(FakeGitHub::end).unwrap_or_default()
    }
}

impl Drop for StandIn {
    /// Only a demo that broke off comes here with a GitHub.
    fn drop(&mut self) {
        for wrong in self.github.take().map(FakeGitHub::end).unwrap_or_default() {
            tracing::warn!(wrong, "not as GitHub describes its API");
        }
    }
}

fn owner() -> &'static str {
    REPOSITORY.1.split('/').next().unwrap_or_default()
}

/// The private key, and its public half.
fn make_key() -> Result<(String, String), Failure> {
    let wrong = |error: String| Failure::unavailable(format!("no key could be made: {error}"));
    let key = PrivateKey::new(&mut getrandom::SysRng, KEY_BITS)
        .map_err(|error| wrong(error.to_string()))?;
    let private = key
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|error| wrong(error.to_string()))?;
    let public = key
        .to_public_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|error| wrong(error.to_string()))?;
    Ok((private.to_string(), public))
}

fn post(url: &str, event: &str, guid: &str, signature: &str, body: &str) -> Result<u16, Failure> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let answer = agent
        .post(url)
        .header("content-type", "application/json")
        .header("x-github-event", event)
        .header("x-github-delivery", guid)
        .header("x-hub-signature-256", signature)
        .send(body)
        .map_err(|error| {
            Failure::unavailable(format!("a webhook did not reach the machine: {error}"))
        })?;
    Ok(answer.status().as_u16())
}
