//! The process that tests of the whole machine start.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use fake_github::{Bare, TEST_PUBLIC_KEY};
use serde_json::Value;

use super::{jwt, reply};

#[test]
fn the_process_says_where_it_listens_and_serves_what_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let bare = Bare::init(folder.path().join("a=b.git")).unwrap();
    bare.commit("refs/heads/main", "first", &[("a", Some("a"))])
        .unwrap();
    let key = folder.path().join("app.pub.pem");
    std::fs::write(&key, TEST_PUBLIC_KEY).unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_fake-github"))
        .args(["--port", "0", "--app-id", "7", "--public-key"])
        .arg(&key)
        .arg("--repository")
        .arg(format!("42=acme/shop={}", bare.path().display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    let url = url.trim_end();
    let get = |path: &str| {
        let request = super::agent().get(format!("{url}{path}"));
        reply(request.header("authorization", jwt(|_| ())).call().unwrap())
    };
    let installation = get("/repositories/42/installation");
    let calls = get("/_fake/calls").json();
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(installation.status, 200);
    assert_eq!(installation.json()["app_id"], 7);
    assert_eq!(calls["calls"]["installation"], Value::from(1));
}
