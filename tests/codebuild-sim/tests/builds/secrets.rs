//! Purpose: who sees secrets.

use serde_json::{Value, json};

use crate::world::{SUCCESS, World, output};

const CANARY: &str = "canary-5a1f-secret";

async fn with_secret(world: &World) -> String {
    let made = json!({ "Name": "deploy", "SecretString": CANARY });
    let made = world
        .call("secretsmanager", "secretsmanager.CreateSecret", made)
        .await;
    let arn = made["ARN"].as_str().unwrap().to_owned();
    let file = format!(
        "secrets:\n  - name: DEPLOY_KEY\n    arn: \"{arn}\"\n    environments: [staging]\n"
    );
    world.put("config/machine.yaml", file.as_bytes()).await;
    arn
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_05_a_job_sees_no_secret_and_a_deploy_sees_those_of_its_environment() {
    let Some(world) = World::new().await else {
        return;
    };
    let arn = with_secret(&world).await;
    let check = "echo \"key=${DEPLOY_KEY:-none}\"; test \"${DEPLOY_KEY:-}\" != x";
    let job = world.start(&world.job(&[check])).await;
    assert_eq!(world.ended(&job).await.ending, SUCCESS);
    assert_eq!(output(&world.log(&job).await), ["key=none"]);
    let shown = world
        .ask("BatchGetBuilds", json!({ "ids": [job.as_str()] }))
        .await;
    assert!(!shown.to_string().contains("SECRETS_MANAGER") && !shown.to_string().contains(&arn));
    let mut deploy = world.job(&[&format!("test \"$DEPLOY_KEY\" = {CANARY}"), check]);
    deploy.environment = Some("staging".into());
    deploy.intent = "1/3f2a9c0d1e4b/deploy/staging~1".to_owned();
    let build = world.start(&deploy).await;
    let end = world.ended(&build).await;
    let log = world.log(&build).await;
    assert_eq!(end.ending, SUCCESS, "{log:#?}");
    assert_eq!(output(&log), ["key=***"]);
    assert!(!world.blob(&end.console.unwrap()).await.contains(CANARY));
    let shown = world
        .ask("BatchGetBuilds", json!({ "ids": [build.as_str()] }))
        .await;
    let variables = shown["builds"][0]["environment"]["environmentVariables"]
        .as_array()
        .unwrap();
    let key = variables
        .iter()
        .find(|variable| variable["name"] == "DEPLOY_KEY")
        .unwrap();
    assert_eq!(
        (&key["type"], &key["value"]),
        (&Value::from("SECRETS_MANAGER"), &Value::from(arn))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_the_claim_is_not_in_the_environment_of_the_commands() {
    let Some(world) = World::new().await else {
        return;
    };
    // Of the shell that runs them, and of every process of the program above it.
    let look = "env | grep -c claim-secret || true; \
                pid=$$; for i in 1 2 3; do pid=$(cut -d' ' -f4 /proc/$pid/stat); \
                case $(tr '\\0' ' ' </proc/$pid/cmdline) in *'slipway step'*) \
                tr '\\0' '\\n' </proc/$pid/environ | grep -c claim-secret || true;; esac; done; \
                env | grep ^SLIPWAY_ | cut -d= -f1 | sort";
    let (end, log) = world.run(&world.job(&[look])).await;
    assert_eq!(end.ending, SUCCESS);
    let lines = output(&log);
    assert_eq!(lines[0], "0");
    let names: Vec<&&str> = lines
        .iter()
        .filter(|line| line.starts_with("SLIPWAY_"))
        .collect();
    assert_eq!(
        names,
        [&"SLIPWAY_ARTIFACTS", &"SLIPWAY_BUILD", &"SLIPWAY_EVENT"]
    );
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("SLIPWAY_") || *line == "0"),
        "{lines:?}"
    );
    assert!(
        lines.len() > 4,
        "no process of the program was looked at: {lines:?}"
    );
}
