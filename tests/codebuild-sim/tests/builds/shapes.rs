//! Purpose: the simulator's answers have the shapes of AWS's own description of CodeBuild, as botocore carries it.

use std::process::{Command, Stdio};

use engine::ports::Builds as _;
use serde_json::{Value, json};

use crate::world::World;

/// Members that are not in the description, wrong types and values that no enumeration has.
const CHECK: &str = r#"
import json, sys
import botocore.session
model = botocore.session.get_session().get_service_model("codebuild")
wrong = []
def look(shape, value, at):
    kind = shape.type_name
    if kind == "structure":
        for name, member in value.items():
            if name not in shape.members:
                wrong.append(f"{at}.{name} is not known")
            else:
                look(shape.members[name], member, f"{at}.{name}")
        wrong.extend(f"{at}.{name} is missing" for name in shape.required_members if name not in value)
    elif kind == "list":
        for number, item in enumerate(value):
            look(shape.member, item, f"{at}[{number}]")
    elif kind == "string":
        if not isinstance(value, str) or getattr(shape, "enum", None) and value not in shape.enum:
            wrong.append(f"{at} is {value!r}")
    elif kind in ("integer", "long") and not (isinstance(value, int) and not isinstance(value, bool)):
        wrong.append(f"{at} is {value!r}")
    elif kind == "boolean" and not isinstance(value, bool):
        wrong.append(f"{at} is {value!r}")
    elif kind == "timestamp" and not isinstance(value, (int, float)):
        wrong.append(f"{at} is {value!r}")
for operation, answer in json.load(sys.stdin):
    model_of = model.operation_model(operation)
    if "__type" in answer:
        if answer["__type"] not in [shape.name for shape in model_of.error_shapes]:
            wrong.append(f"{operation} does not answer {answer['__type']}")
    else:
        look(model_of.output_shape, answer, operation)
print("\n".join(wrong))
"#;

fn check(answers: &Value) -> String {
    let python = testbed::aws_tool("python").unwrap();
    let mut child = Command::new(python)
        .args(["-c", CHECK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), answers).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_shape_that_aws_describes() {
    let Some(world) = World::new().await else {
        return;
    };
    let good = world.start(&world.job(&["true"])).await;
    let mut failing = world.job(&["exit 3"]);
    failing.environment = Some("staging".into());
    let bad = world.start(&failing).await;
    let mut answers = Vec::new();
    let ids = json!({ "ids": [good.as_str(), bad.as_str(), "s-trusted:none"] });
    answers.push((
        "BatchGetBuilds",
        world.ask("BatchGetBuilds", ids.clone()).await,
    ));
    world.ended(&good).await;
    world.ended(&bad).await;
    answers.push(("BatchGetBuilds", world.ask("BatchGetBuilds", ids).await));
    let project = json!({ "projectName": "s-trusted" });
    answers.push((
        "ListBuildsForProject",
        world.ask("ListBuildsForProject", project.clone()).await,
    ));
    answers.push((
        "StopBuild",
        world.ask("StopBuild", json!({ "id": good.as_str() })).await,
    ));
    answers.push((
        "StopBuild",
        world
            .ask("StopBuild", json!({ "id": "s-trusted:none" }))
            .await,
    ));
    let mut ask = json!({
        "projectName": "s-trusted", "idempotencyToken": "t",
        "buildspecOverride": "{\"version\": 0.2, \"phases\": {\"build\": {\"commands\": [\"true\"]}}}",
    });
    let first = world.ask("StartBuild", ask.clone()).await;
    let again = world.ask("StartBuild", ask.clone()).await;
    assert_eq!(first["build"]["id"], again["build"]["id"]);
    answers.push(("StartBuild", first));
    // The same token with another parameter.
    ask["timeoutInMinutesOverride"] = json!(7);
    let mismatch = world.ask("StartBuild", ask.clone()).await;
    assert_eq!(mismatch["__type"], "InvalidInputException");
    answers.push(("StartBuild", mismatch));
    ask["timeoutInMinutesOverride"] = json!(4);
    ask["idempotencyToken"] = json!("u");
    answers.push(("StartBuild", world.ask("StartBuild", ask).await));
    let missing = world
        .ask("StartBuild", json!({ "projectName": "nothing" }))
        .await;
    assert_eq!(missing["__type"], "ResourceNotFoundException");
    answers.push(("StartBuild", missing));
    assert_eq!(check(&json!(answers)), "");
    // The check itself can fail.
    let wrong =
        json!([["StopBuild", {"build": {"id": 1, "buildStatus": "DONE", "colour": "red"}}]]);
    assert_eq!(check(&wrong).lines().count(), 3);
    world.builds.stop(&good).await.unwrap();
}
