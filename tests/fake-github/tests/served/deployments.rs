//! Deployments and their statuses: what GitHub describes, and what it refuses.

use serde_json::{Value, json};

use super::{ID, Reply, Scene, scene};

const ALL: &str = "/repositories/42/deployments";

struct Deploys {
    scene: Scene,
    commit: String,
    token: String,
}

impl Deploys {
    fn new() -> Self {
        let scene = scene();
        let commit = scene
            .bare
            .commit("refs/heads/main", "first", &[("a", Some("a"))])
            .unwrap();
        let token = scene.token(&json!({ "deployments": "write" }));
        Self {
            scene,
            commit,
            token,
        }
    }

    fn post(&self, path: &str, body: &Value) -> Reply {
        self.scene.post(path, &self.token, body)
    }

    fn get(&self, path: &str) -> Value {
        let reply = self.scene.get(path, &[("authorization", &self.token)]);
        assert_eq!(reply.status, 200, "{path}");
        reply.json()
    }

    /// What was asked otherwise than GitHub describes, each once and in this order.
    fn described_otherwise(&self, what: &[&str]) {
        let violations = self.scene.github.take_violations();
        assert_eq!(violations.len(), what.len(), "{violations:#?}");
        for (violation, what) in violations.iter().zip(what) {
            assert!(violation.contains(what), "{violation}");
        }
    }

    /// What a careful caller says.
    fn wish(&self) -> Value {
        json!({
            "ref": self.commit,
            "auto_merge": false,
            "required_contexts": [],
            "environment": "staging",
            "payload": { "run": "r1" },
        })
    }

    fn with(&self, name: &str, value: Value) -> Value {
        let mut wish = self.wish();
        wish[name] = value;
        wish
    }
}

#[test]
fn deployments_and_statuses_are_what_github_describes() {
    let deploys = Deploys::new();
    let wish = deploys.wish();
    let made = deploys.post(ALL, &wish);
    assert_eq!(made.status, 201);
    let id = made.json()["id"].clone();
    let statuses = format!("{ALL}/{id}/statuses");
    let status = json!({ "state": "in_progress", "log_url": "https://ci.example.org", "description": "Deploying" });
    let made = deploys.post(&statuses, &status);
    assert_eq!(made.status, 201);
    deploys.post(&statuses, &json!({ "state": "success" }));
    let listed = deploys.get(&statuses);
    assert_eq!(listed[0]["state"], "success");
    assert_eq!(listed[1]["description"], "Deploying");
    let commit = &deploys.commit;
    let listed = deploys.get(&format!(
        "{ALL}?sha={commit}&environment=staging&task=deploy"
    ));
    assert_eq!(listed[0]["payload"], json!({ "run": "r1" }));
    assert_eq!(deploys.get(&format!("{ALL}?environment=other")), json!([]));
    let told = deploys.scene.get("/_fake/deployments", &[]).json();
    assert_eq!(told[0]["statuses"][1]["state"], "success");
}

#[test]
fn what_github_refuses_of_deployments_is_refused() {
    let deploys = Deploys::new();
    let status = |wish: &Value| deploys.post(ALL, wish).status;
    assert_eq!(status(&deploys.with("ref", json!("d".repeat(40)))), 422);
    assert_eq!(
        status(&deploys.with("required_contexts", json!("none"))),
        422
    );
    assert_eq!(status(&deploys.with("payload", json!(7))), 422);
    assert_eq!(status(&json!({})), 422);
    // Three of these were no requests that GitHub describes.
    deploys.described_otherwise(&["/required_contexts", "/payload", "\"ref\" is a required"]);
    // A context that nobody has reported is not green.
    assert_eq!(
        status(&deploys.with("required_contexts", json!(["unit"]))),
        409
    );
    assert_eq!(status(&deploys.wish()), 201);
    // Without a list, every check of the commit counts; and this one runs.
    let token = deploys
        .scene
        .token(&json!({ "checks": "write", "metadata": "read" }));
    let shown = deploys
        .scene
        .get("/repositories/42", &[("authorization", &token)]);
    let query =
        "mutation($i: CreateCheckRunInput!) { c: createCheckRun(input: $i) { checkRun { id } } }";
    let node = shown.json()["node_id"].clone();
    let input = json!({ "repositoryId": node, "headSha": deploys.commit, "name": "slipway" });
    let body = json!({ "query": query, "variables": { "i": input } });
    deploys.scene.post("/graphql", &token, &body);
    let mut all = deploys.wish();
    all.as_object_mut().unwrap().remove("required_contexts");
    assert_eq!(status(&all), 409);
    // The default branch has gone on, and would be merged.
    deploys
        .scene
        .bare
        .commit("refs/heads/main", "second", &[("a", Some("b"))])
        .unwrap();
    let mut merged = deploys.wish();
    merged.as_object_mut().unwrap().remove("auto_merge");
    assert_eq!(status(&merged), 409);
    assert_eq!(deploys.scene.github.deployments(&deploys.commit).len(), 1);
}

#[test]
fn what_github_refuses_of_statuses_is_refused() {
    let deploys = Deploys::new();
    let id = deploys.post(ALL, &deploys.wish()).json()["id"].clone();
    let path = format!("{ALL}/{id}/statuses");
    let status = |wish: &Value| deploys.post(&path, wish).status;
    assert_eq!(status(&json!({ "state": "waiting" })), 422);
    assert_eq!(status(&json!({ "description": "no state" })), 422);
    let long = json!({ "state": "success", "description": "x".repeat(141) });
    assert_eq!(status(&long), 422);
    let script = json!({ "state": "success", "environment_url": "javascript:alert(1)" });
    assert_eq!(status(&script), 422);
    deploys.described_otherwise(&["/state", "\"state\" is a required"]);
    let nowhere = format!("{ALL}/77/statuses");
    assert_eq!(
        deploys
            .post(&nowhere, &json!({ "state": "success" }))
            .status,
        404
    );
    assert_eq!(deploys.get(&path), json!([]));
}

#[test]
fn deployments_need_their_own_permission_to_write() {
    let deploys = Deploys::new();
    let status = |permissions: &Value| {
        let token = deploys.scene.token(permissions);
        deploys.scene.post(ALL, &token, &deploys.wish()).status
    };
    assert_eq!(status(&json!({ "checks": "write" })), 403);
    assert_eq!(status(&json!({ "deployments": "read" })), 403);
    assert_eq!(
        deploys.scene.post(ALL, "Bearer x", &deploys.wish()).status,
        401
    );
    deploys
        .scene
        .github
        .add(43, "acme/other", deploys.scene.bare.path());
    let foreign = deploys.post("/repositories/43/deployments", &deploys.wish());
    assert_eq!(foreign.status, 404);
    deploys.scene.github.withdraw("deployments");
    assert_eq!(deploys.post(ALL, &deploys.wish()).status, 403);
    let wish = json!({ "repository_ids": [ID], "permissions": { "deployments": "write" } });
    let path = "/app/installations/9000/access_tokens";
    assert_eq!(
        deploys.scene.post(path, &super::jwt(|_| ()), &wish).status,
        422
    );
}

#[test]
fn a_success_makes_those_before_inactive_but_for_production() {
    let deploys = Deploys::new();
    let deploy = |environment: &str, production: bool| {
        let mut wish = deploys.with("environment", json!(environment));
        wish["production_environment"] = json!(production);
        let id = deploys.post(ALL, &wish).json()["id"].clone();
        let path = format!("{ALL}/{id}/statuses");
        deploys.post(&path, &json!({ "state": "success" }));
        path
    };
    let newest = |path: &str| deploys.get(path)[0]["state"].clone();
    let (one, live) = (deploy("staging", false), deploy("production", true));
    let (two, then) = (deploy("staging", false), deploy("production", true));
    assert_eq!([newest(&one), newest(&two)], ["inactive", "success"]);
    assert_eq!([newest(&live), newest(&then)], ["success", "success"]);
    // One that was made before does nothing to one that was made after.
    deploys.post(&one, &json!({ "state": "success" }));
    assert_eq!(newest(&two), "success");
}
