//! Pages beside the API, the end of a GitHub that is no test's, and what webhooks get of pushes and pull requests.

use axum::Router;
use axum::routing::get;
use fake_github::{App, FakeGitHub, Pull};

use crate::{ID, agent, reply, scene};

#[test]
fn pages_stand_beside_the_api_and_nobody_can_change_what_is_held() {
    let github = FakeGitHub::start_with(&App::test(), |reader| {
        let login = move || async move { reader.user(11).login };
        Router::new().route("/people/11", get(login))
    })
    .unwrap();
    github.user(11, "ana");
    let at = |path: &str| format!("{}{path}", github.api());
    let page = reply(agent().get(at("/people/11")).call().unwrap());
    assert_eq!((page.status, page.body.as_slice()), (200, &b"ana"[..]));
    let user = r#"{"id": 11, "login": "eve"}"#;
    let refused = reply(agent().post(at("/_fake/users")).send(user).unwrap());
    assert_eq!(refused.status, 404);
    let violations = github.end();
    assert_eq!(violations, ["POST /_fake/users: it is not described"]);
}

#[test]
fn webhooks_get_pushes_and_pull_requests() {
    let scene = scene();
    let (github, ana) = (&scene.github, 11);
    github.user(ana, "ana");
    let (base, head) = ("a".repeat(40), "b".repeat(40));
    github.pull(Pull {
        repository: ID,
        number: 3,
        author: Some(ana),
        head_branch: "change".to_owned(),
        head: head.clone(),
        head_repository: Some(ID),
        base_branch: "main".to_owned(),
        base,
        open: true,
    });
    let opened = github.pull_payload(ID, 3, "opened", ana);
    assert_eq!(opened["action"], "opened");
    assert_eq!(opened["number"], 3);
    assert_eq!(opened["pull_request"]["head"]["sha"], head.as_str());
    assert_eq!(opened["pull_request"]["base"]["repo"]["id"], ID);
    assert_eq!(opened["sender"]["login"], "ana");
    assert!(github.pull_payload(ID, 4, "opened", ana).is_null());

    let none = "0".repeat(40);
    let pushed = github.push_payload(ID, "refs/heads/change", (&none, &head), ana);
    assert_eq!(pushed["ref"], "refs/heads/change");
    assert_eq!(pushed["created"], true);
    assert_eq!(pushed["deleted"], false);
    assert_eq!(pushed["after"], head.as_str());
    assert_eq!(pushed["pusher"]["name"], "ana");
    assert_eq!(pushed["repository"]["full_name"], "acme/shop");
}
