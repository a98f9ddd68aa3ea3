//! Purpose: what this GitHub answers, held to GitHub's own OpenAPI description and to its documented refusals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends by panic"
)]

mod beside;
mod conversations;
mod deployments;

mod description;
mod process;
mod refusals;
mod shapes;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fake_github::{App, Bare, FakeGitHub, TEST_KEY_PKCS8};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const ID: u64 = 42;

pub struct Scene {
    pub github: FakeGitHub,
    pub bare: Bare,
    _folder: TempDir,
}

pub fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let bare = Bare::init(folder.path().join("shop.git")).unwrap();
    let github = FakeGitHub::start(&App::test()).unwrap();
    github.add(ID, "acme/shop", bare.path());
    Scene {
        github,
        bare,
        _folder: folder,
    }
}

pub struct Reply {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into()
}

impl Scene {
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let url = match path.starts_with("http") {
            true => path.to_owned(),
            false => format!("{}{path}", self.github.api()),
        };
        let mut request = agent().get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request.call().unwrap())
    }

    pub fn post(&self, path: &str, bearer: &str, body: &Value) -> Reply {
        let request = agent()
            .post(format!("{}{path}", self.github.api()))
            .header("authorization", bearer)
            .header("content-type", "application/json");
        reply(request.send(body.to_string()).unwrap())
    }

    pub fn patch(&self, path: &str, bearer: &str, body: &Value) -> Reply {
        let request = agent()
            .patch(format!("{}{path}", self.github.api()))
            .header("authorization", bearer)
            .header("content-type", "application/json");
        reply(request.send(body.to_string()).unwrap())
    }

    pub fn delete(&self, path: &str) -> Reply {
        let url = format!("{}{path}", self.github.api());
        reply(agent().delete(url).call().unwrap())
    }

    pub fn post_nothing(&self, path: &str, bearer: &str) -> Reply {
        let request = agent()
            .post(format!("{}{path}", self.github.api()))
            .header("authorization", bearer);
        reply(request.send_empty().unwrap())
    }

    /// Posts as a browser without a session.
    pub fn send(&self, path: &str, body: &str) -> Reply {
        let request = agent().post(format!("{}{path}", self.github.api()));
        reply(request.send(body).unwrap())
    }

    /// A token for the repository, as a header's value.
    pub fn token(&self, permissions: &Value) -> String {
        let wish = json!({ "repository_ids": [ID], "permissions": permissions });
        let made = self.post("/app/installations/9000/access_tokens", &jwt(|_| ()), &wish);
        assert_eq!(made.status, 201, "{:?}", made.json());
        format!("Bearer {}", made.json()["token"].as_str().unwrap())
    }
}

fn reply(response: ureq::http::Response<ureq::Body>) -> Reply {
    let (head, mut body) = response.into_parts();
    Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.read_to_vec().unwrap(),
    }
}

/// A JWT of the App, changed before it is signed.
pub fn jwt(change: impl FnOnce(&mut Value)) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = now.as_secs();
    let mut claims = json!({ "iss": "7", "iat": now - 60, "exp": now + 500 });
    change(&mut claims);
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        encode(&json!({ "alg": "RS256", "typ": "JWT" })),
        encode(&claims)
    );
    let der = PrivatePkcs8KeyDer::from_pem_slice(TEST_KEY_PKCS8.as_bytes()).unwrap();
    let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
