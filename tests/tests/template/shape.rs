//! Queues, projects of CodeBuild, the sweep, alarms and parameters.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::none;
use super::template::{PROJECTS, QUEUES, Template, many, named, template};

/// Visibility is at least this many times a function's time-out.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const VISIBILITY_FACTOR: i64 = 6;

/// What is wrong with the queues of doorbells.
fn queues(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let functions = template.properties("AWS::Serverless::Function");
    for (name, mapping) in template.properties("AWS::Lambda::EventSourceMapping") {
        let queue = named(&mapping["EventSourceArn"]);
        let properties = &template.resource(&queue)["Properties"];
        let function = functions[named(&mapping["FunctionName"]).as_str()];
        let needed = VISIBILITY_FACTOR * function["Timeout"].as_i64().unwrap();
        let seconds = properties["VisibilityTimeout"].as_i64().unwrap_or(30);
        if seconds < needed {
            wrong.push(format!(
                "{queue}: visible again after {seconds} s, not {needed} s"
            ));
        }
        if mapping["FunctionResponseTypes"] != json!(["ReportBatchItemFailures"]) {
            wrong.push(format!("{name}: one bad message fails its whole batch"));
        }
        let most = mapping["ScalingConfig"]["MaximumConcurrency"].as_i64();
        if !most.is_some_and(|most| (2..=50).contains(&most)) {
            wrong.push(format!("{name}: unbounded concurrency"));
        }
    }
    for (name, properties) in template.properties("AWS::SQS::Queue") {
        if properties["SqsManagedSseEnabled"] != true {
            wrong.push(format!("{name}: not encrypted"));
        }
        if !name.ends_with("DeadLetters") {
            let redrive = &properties["RedrivePolicy"];
            let bounded = redrive["maxReceiveCount"]
                .as_i64()
                .is_some_and(|most| most <= 10);
            let dead = format!("{}DeadLetters", name.trim_end_matches("Queue"));
            if !bounded || redrive["deadLetterTargetArn"] != json!({ "Fn::GetAtt": [dead, "Arn"] })
            {
                wrong.push(format!("{name}: no queue for dead letters"));
            }
        }
    }
    wrong
}

#[test]
fn queues_lose_nothing_and_repeat_nothing_too_early() {
    let whole = template();
    assert_eq!(
        whole.resources("AWS::Lambda::EventSourceMapping").len(),
        QUEUES.len()
    );
    none("queues", &queues(&whole));
    let mut slow = whole.clone();
    slow.resource_mut("BuilderFunction")["Properties"]["Timeout"] = json!(121);
    assert_eq!(
        queues(&slow),
        ["BuilderQueue: visible again after 720 s, not 726 s"]
    );
    let mut lost = whole.clone();
    lost.resource_mut("PlannerQueue")["Properties"]["RedrivePolicy"] = Value::Null;
    assert_eq!(queues(&lost), ["PlannerQueue: no queue for dead letters"]);
    let mut whole_batch = whole;
    whole_batch.resource_mut("NotifierDoorbells")["Properties"]["FunctionResponseTypes"] =
        json!([]);
    assert_eq!(
        queues(&whole_batch),
        ["NotifierDoorbells: one bad message fails its whole batch"]
    );
}

#[test]
fn what_is_due_is_looked_at_every_minute_by_a_function_that_knows_the_sweep() {
    let template = template();
    let sweep = &template.resource("Sweep")["Properties"];
    assert_eq!(sweep["ScheduleExpression"], "rate(1 minute)");
    let target = &sweep["Target"];
    assert_eq!(named(&target["Arn"]), "SchedulerFunction");
    let input: Value = serde_json::from_str(target["Input"].as_str().unwrap()).unwrap();
    assert_eq!(input, super::events::recorded("sweep.json"));
    // A second sweep beside the first would only be in its way.
    assert_eq!(target["RetryPolicy"]["MaximumRetryAttempts"], 0);
    assert_eq!(
        template.resource("SweepRetries")["Properties"]["MaximumRetryAttempts"],
        0
    );
}

#[test]
fn deliveries_are_compared_every_five_minutes_once_there_is_an_app() {
    let template = template();
    let repair = &template.resource("Repair")["Properties"];
    assert_eq!(repair["ScheduleExpression"], "rate(5 minutes)");
    let state = &repair["State"]["Fn::If"];
    assert_eq!(state, &serde_json::json!(["HasApp", "ENABLED", "DISABLED"]));
    let target = &repair["Target"];
    assert_eq!(named(&target["Arn"]), "SchedulerFunction");
    let input: Value = serde_json::from_str(target["Input"].as_str().unwrap()).unwrap();
    assert_eq!(input, super::events::recorded("repair.json"));
}

#[test]
fn notices_come_from_every_project_of_this_stack_and_no_other() {
    let template = template();
    let pattern = &template.resource("BuildNotices")["Properties"]["EventPattern"];
    let projects: Vec<_> = many(&pattern["detail"]["project-name"])
        .into_iter()
        .map(named)
        .collect();
    let expected = PROJECTS.iter().map(|name| format!("{name}Project"));
    assert_eq!(projects, expected.collect::<Vec<_>>());
    let recorded = super::events::recorded("codebuild-state-change.json");
    assert_eq!(pattern["source"], json!([recorded["source"]]));
    assert_eq!(pattern["detail-type"], json!([recorded["detail-type"]]));
}

/// What is wrong with the projects.
fn projects(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut roles = BTreeSet::new();
    let mut caches = BTreeSet::new();
    for (name, properties) in template.properties("AWS::CodeBuild::Project") {
        if !roles.insert(named(&properties["ServiceRole"])) {
            wrong.push(format!("{name}: another project's role"));
        }
        let cache = &properties["Cache"];
        if cache["Type"] == "S3" && !caches.insert(named(&cache["Location"])) {
            wrong.push(format!("{name}: another project's cache"));
        }
        let privileged = properties["Environment"]["PrivilegedMode"] == true;
        if privileged != (name == "ImagesProject") {
            wrong.push(format!("{name}: privileged is {privileged}"));
        }
        let deploys = name.starts_with("Deploy");
        if deploys && properties["ConcurrentBuildLimit"] != 1 {
            wrong.push(format!("{name}: two deploys at once"));
        }
        if deploys && cache["Type"] != "NO_CACHE" {
            wrong.push(format!("{name}: a cache"));
        }
        if !properties["VpcConfig"].is_null() {
            wrong.push(format!("{name}: inside a network"));
        }
        // What is started by hand must not run anything.
        let alone = properties["Source"]["BuildSpec"]
            .as_str()
            .unwrap_or_default();
        if properties["Source"]["Type"] != "NO_SOURCE" || !alone.contains("exit 1") {
            wrong.push(format!("{name}: does something without our buildspec"));
        }
    }
    wrong
}

#[test]
fn sec_18_builds_are_kept_apart_and_deploys_come_one_at_a_time() {
    let whole = template();
    assert_eq!(
        whole.resources("AWS::CodeBuild::Project").len(),
        PROJECTS.len()
    );
    none("projects", &projects(&whole));
    for (resource, property, value, found) in [
        (
            "DeployProductionProject",
            "ConcurrentBuildLimit",
            json!(2),
            "DeployProductionProject: two deploys at once",
        ),
        (
            "TrustedProject",
            "ServiceRole",
            json!({ "Fn::GetAtt": ["UntrustedBuildRole", "Arn"] }),
            "UntrustedProject: another project's role",
        ),
        (
            "TrustedProject",
            "Source",
            json!({ "Type": "GITHUB" }),
            "TrustedProject: does something without our buildspec",
        ),
    ] {
        let mut changed = whole.clone();
        changed.resource_mut(resource)["Properties"][property] = value;
        assert_eq!(projects(&changed), [found]);
    }
}

#[test]
fn whatever_goes_wrong_raises_an_alarm() {
    let template = template();
    let mut watched = BTreeSet::new();
    for (name, properties) in template.properties("AWS::CloudWatch::Alarm") {
        assert_eq!(many(&properties["AlarmActions"]).len(), 1, "{name}");
        assert_eq!(
            named(&properties["AlarmActions"][0]),
            "AlarmTopic",
            "{name}"
        );
        // Nothing happens for hours, and that is no alarm.
        assert_eq!(properties["TreatMissingData"], "notBreaching", "{name}");
        let metric = properties["MetricName"].as_str().unwrap();
        let of = many(&properties["Dimensions"])
            .into_iter()
            .map(|d| named(&d["Value"]));
        watched.insert(
            format!("{metric} {}", of.collect::<Vec<_>>().join(" "))
                .trim_end()
                .to_owned(),
        );
    }
    let mut expected = BTreeSet::from(["Quarantined".to_owned(), "MissedDeliveries".to_owned()]);
    for queue in template.resources("AWS::SQS::Queue").keys() {
        let metric = if queue.ends_with("DeadLetters") {
            "ApproximateNumberOfMessagesVisible"
        } else {
            "ApproximateAgeOfOldestMessage"
        };
        expected.insert(format!("{metric} {queue}"));
    }
    let functions = template.resources("AWS::Serverless::Function");
    expected.extend(
        functions
            .keys()
            .map(|function| format!("Errors {function}")),
    );
    assert_eq!(watched, expected);
}

#[test]
fn parameters_say_what_they_are_for_and_have_a_default() {
    let template = template();
    let parameters = template.0["Parameters"].as_object().unwrap();
    assert!(parameters.len() > 10);
    let groups = &template.0["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let grouped: Vec<&str> = many(groups)
        .into_iter()
        .flat_map(|group| many(&group["Parameters"]))
        .map(|name| name.as_str().unwrap())
        .collect();
    for (name, parameter) in parameters {
        let text = parameter["Description"].as_str().unwrap_or_default();
        assert!(text.len() > 20 && text.ends_with('.'), "{name}: {text:?}");
        assert!(parameter.get("Default").is_some(), "{name} has no default");
        assert!(grouped.contains(&name.as_str()), "{name} is in no group");
    }
    assert_eq!(grouped.len(), parameters.len());
}

#[test]
fn outputs_say_what_to_paste_where() {
    let template = template();
    let outputs = template.0["Outputs"].as_object().unwrap();
    for name in [
        "BaseUrl",
        "WebhookUrl",
        "WebhookSecret",
        "AppKey",
        "StateBucket",
    ] {
        assert!(outputs.contains_key(name), "no output {name}");
    }
    // What `slipway --aws` finds its way by.
    for name in aws::stack::OUTPUTS {
        assert!(outputs.contains_key(name), "no output {name}");
    }
    for (name, output) in outputs {
        let text = output["Description"].as_str().unwrap_or_default();
        assert!(text.ends_with('.'), "{name}: {text:?}");
    }
}
