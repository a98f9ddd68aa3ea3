//! Deliveries over real HTTP, in GitHub's shape, signed and not.

use blackbox::{Home, Machine, Repository, git, until};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use crate::{is, run_of};

const QUICK: &str = "
version: 1
on: { push: { branches: [\"**\"] } }
jobs: { quick: { run: echo done } }
";
pub const GITHUB_ID: u64 = 618_723;
const ZERO: &str = "0000000000000000000000000000000000000000";

/// What is sent, and how.
pub struct Hook {
    pub agent: ureq::Agent,
    pub url: String,
    pub secret: String,
}

impl Hook {
    /// With the secret of the machine, as an administrator pastes it into GitHub's settings.
    pub fn of(home: &Home, machine: &Machine) -> Self {
        let secret = std::fs::read_to_string(home.data().join("keys/webhook.secret")).unwrap();
        Self {
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build()
                .into(),
            url: format!("{}/webhook", machine.url),
            secret: secret.trim().to_owned(),
        }
    }

    pub fn sign(&self, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }

    /// Status and text of the answer.
    pub fn post(&self, guid: &str, body: &str, signature: &str) -> (u16, String) {
        let request = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("user-agent", "GitHub-Hookshot/044aadd")
            .header("x-github-event", "push")
            .header("x-github-delivery", guid)
            .header("x-hub-signature-256", signature);
        let mut answer = request.send(body).unwrap();
        (
            answer.status().as_u16(),
            answer.body_mut().read_to_string().unwrap(),
        )
    }
}

/// A push in GitHub's words: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>
pub fn push(branch: &str, commit: &str) -> String {
    json!({
        "ref": format!("refs/heads/{branch}"), "before": ZERO, "after": commit,
        "created": true, "deleted": false, "forced": false,
        "repository": { "id": GITHUB_ID, "name": "shop", "full_name": "acme/shop", "private": true },
        "pusher": { "name": "ana", "email": "ana@example.org" },
        "sender": { "id": 1, "login": "ana", "type": "User" },
        "head_commit": { "id": commit, "message": "Go" },
    })
    .to_string()
}

/// A repository that webhooks drive, and the commit at its head.
pub fn registered(home: &Home, pipeline: &str) -> (Repository, String) {
    let shop = Repository::new(home.folder().join("shop"));
    let commit = shop
        .write(".slipway.yaml", pipeline)
        .write("test.sh", "true\n")
        .commit("Begin");
    let id = home.register(&shop, &["--github-id", &GITHUB_ID.to_string()]);
    assert_eq!(id, GITHUB_ID);
    (shop, commit)
}

#[test]
fn a_signed_push_starts_one_run_however_often_it_comes() {
    let home = Home::new();
    let (shop, commit) = registered(&home, QUICK);
    let machine = Machine::start(&home);
    let hook = Hook::of(&home, &machine);
    let body = push("main", &commit);

    let (status, text) = hook.post(
        "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        &body,
        &hook.sign(&body),
    );
    assert_eq!((status, text.as_str()), (202, "accepted\n"));
    until("the run succeeds", || is(&home, &commit, "succeeded"));
    assert_eq!(run_of(&home, &commit).unwrap()["event"], "push");
    let commits = home.verify();

    // GitHub's own redelivery keeps the guid.
    let (status, text) = hook.post(
        "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        &body,
        &hook.sign(&body),
    );
    assert_eq!(status, 202);
    assert!(text.contains("duplicate"), "{text}");
    // What comes after has been planned when its own run is over, so the copy would have been, too.
    git(shop.folder(), &["checkout", "--quiet", "-b", "later"]);
    let later = shop.commit("Later");
    let body = push("later", &later);
    assert_eq!(
        hook.post(
            "0b989ba4-242f-11e5-81e1-c7b6966d2516",
            &body,
            &hook.sign(&body)
        )
        .0,
        202
    );
    until("the later run succeeds", || is(&home, &later, "succeeded"));
    assert_eq!(home.runs().len(), 2);
    assert!(home.verify() > commits);
    assert_eq!(machine.stop(), Some(0));
}

#[test]
fn what_is_not_signed_by_us_changes_nothing() {
    let home = Home::new();
    let (_shop, commit) = registered(&home, QUICK);
    let machine = Machine::start(&home);
    let hook = Hook::of(&home, &machine);
    let body = push("main", &commit);
    let stranger = Hook {
        secret: "not the secret at all".to_owned(),
        agent: hook.agent.clone(),
        url: hook.url.clone(),
    };
    let right = hook.sign(&body);
    let before = home.lines(&["journal", "list"]).len();
    for (what, signature) in [
        ("another secret", stranger.sign(&body)),
        ("another body", hook.sign("{}")),
        ("no digest", "sha256=".to_owned()),
        ("SHA-1", format!("sha1={}", &right[7..47])),
        ("nothing", String::new()),
    ] {
        let (status, text) = hook.post("72d3162e-cc78-11e3-81ab-4c9367dc0958", &body, &signature);
        assert_eq!(status, 401, "{what}: {text}");
    }
    // Signed, but not a delivery.
    let bad = "{\"ref\": 7}";
    assert_eq!(
        hook.post("72d3162e-cc78-11e3-81ab-4c9367dc0958", bad, &hook.sign(bad))
            .0,
        400
    );
    assert_eq!(hook.post("no guid!", &body, &right).0, 400);
    assert_eq!(home.lines(&["journal", "list"]).len(), before);
    assert!(home.runs().is_empty());
    // The guid is not burnt.
    assert_eq!(
        hook.post("72d3162e-cc78-11e3-81ab-4c9367dc0958", &body, &right)
            .0,
        202
    );
    until("the run succeeds", || is(&home, &commit, "succeeded"));
}

/// Another name leads here when a page's DNS points at 127.0.0.1: no answer.
#[test]
fn a_request_under_another_name_is_turned_away() {
    let home = Home::new();
    let (_shop, commit) = registered(&home, QUICK);
    let machine = Machine::start(&home);
    let hook = Hook::of(&home, &machine);
    let body = push("main", &commit);
    for path in ["/", "/webhook", "/healthz"] {
        let url = format!("{}{path}", machine.url);
        let answer = hook
            .agent
            .get(url)
            .header("host", "evil.example")
            .call()
            .unwrap();
        assert_eq!(answer.status(), 421, "{path}");
    }
    let answer = hook
        .agent
        .post(&hook.url)
        .header("host", "evil.example:4180")
        .header("content-type", "application/json")
        .header("x-github-event", "push")
        .header("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
        .header("x-hub-signature-256", hook.sign(&body))
        .send(&body)
        .unwrap();
    assert_eq!(answer.status(), 421);
    assert!(home.lines(&["journal", "list", "delivery/"]).is_empty());
    assert_eq!(machine.stop(), Some(0));
}
