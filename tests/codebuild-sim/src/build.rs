//! Purpose: one build, as the API shows it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::Caller;

/// Says that a build shall end.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A build and what the API says of it.
#[derive(Clone)]
pub struct Build {
    pub account: String,
    pub project: String,
    pub uuid: String,
    pub stop: Stop,
    shown: Arc<Mutex<Value>>,
}

/// Seconds since the epoch, as the API writes times.
fn seconds(at: Timestamp) -> f64 {
    let milliseconds = i32::try_from(at.as_millisecond() % 1000).unwrap_or(0);
    let whole = u32::try_from(at.as_second()).unwrap_or(0);
    f64::from(whole) + f64::from(milliseconds) / 1000.0
}

/// The value of a request's member, or nothing.
pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn or<'v>(asked: &'v Value, name: &str, else_: &'v Value) -> Value {
    asked.get(name).unwrap_or(else_).clone()
}

impl Build {
    /// A build that was asked for: the project's settings with the request's over them.
    pub fn new(caller: &Caller, project: &Value, asked: &Value, number: usize) -> Self {
        let uuid = uuid::Uuid::new_v4().to_string();
        let name = text(asked, "projectName").to_owned();
        let (account, region) = (&caller.account, &caller.region);
        let none = json!(null);
        let part = |name: &str| project.get(name).cloned().unwrap_or(json!({}));
        let mut source = part("source");
        source["type"] = or(asked, "sourceTypeOverride", &source["type"]);
        source["location"] = or(asked, "sourceLocationOverride", &source["location"]);
        source["buildspec"] = or(asked, "buildspecOverride", &source["buildspec"]);
        let mut environment = part("environment");
        environment["image"] = or(asked, "imageOverride", &environment["image"]);
        let credentials = &environment["imagePullCredentialsType"];
        environment["imagePullCredentialsType"] =
            or(asked, "imagePullCredentialsTypeOverride", credentials);
        environment["computeType"] = or(asked, "computeTypeOverride", &environment["computeType"]);
        environment["type"] = or(asked, "environmentTypeOverride", &environment["type"]);
        environment["environmentVariables"] = merged(&environment, asked);
        let artifacts = asked.get("artifactsOverride").cloned();
        let artifacts = artifacts.unwrap_or_else(|| part("artifacts"));
        let group = format!("/aws/codebuild/{name}");
        let mut shown = json!({
            "id": format!("{name}:{uuid}"),
            "arn": format!("arn:aws:codebuild:{region}:{account}:build/{name}:{uuid}"),
            "buildNumber": number,
            "startTime": seconds(Timestamp::now()),
            "currentPhase": "SUBMITTED",
            "buildStatus": "IN_PROGRESS",
            "projectName": name,
            "phases": [],
            "source": source,
            "secondarySources": or(asked, "secondarySourcesOverride", &json!([])),
            "artifacts": { "location": location(&artifacts, &uuid) },
            "cache": or(asked, "cacheOverride", &part("cache")),
            "environment": environment,
            "serviceRole": part("serviceRole"),
            "logs": {
                "groupName": group,
                "streamName": uuid,
                "cloudWatchLogsArn": format!("arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{uuid}"),
            },
            "timeoutInMinutes": or(asked, "timeoutInMinutesOverride", &json!(60)),
            "queuedTimeoutInMinutes": or(asked, "queuedTimeoutInMinutesOverride", &json!(480)),
            "buildComplete": false,
            "initiator": "simulator",
        });
        without_nulls(&mut shown, &none);
        Self {
            account: account.clone(),
            project: name,
            uuid,
            stop: Stop::default(),
            shown: Arc::new(Mutex::new(shown)),
        }
    }

    /// What the API says.
    pub fn shown(&self) -> Value {
        self.with(|shown| shown.clone())
    }

    fn with<T>(&self, then: impl FnOnce(&mut Value) -> T) -> T {
        then(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn status(&self) -> String {
        self.with(|shown| text(shown, "buildStatus").to_owned())
    }

    /// A phase begins; the one before it has ended already.
    pub fn begin(&self, phase: &str) {
        self.with(|shown| {
            shown["currentPhase"] = json!(phase);
            if let Some(phases) = shown["phases"].as_array_mut() {
                phases.push(json!({"phaseType": phase, "startTime": seconds(Timestamp::now())}));
            }
        });
    }

    /// The phase ends, with a reason where it did not succeed.
    pub fn end_phase(&self, status: &str, context: Option<(&str, String)>) {
        self.with(|shown| {
            let last = shown["phases"]
                .as_array_mut()
                .and_then(|all| all.last_mut());
            let Some(phase) = last else { return };
            phase["phaseStatus"] = json!(status);
            phase["endTime"] = json!(seconds(Timestamp::now()));
            phase["durationInSeconds"] = json!(0);
            let (code, message) = context.unwrap_or(("", String::new()));
            phase["contexts"] = json!([{"statusCode": code, "message": message}]);
        });
    }

    /// It has ended; nothing of it runs any more.
    pub fn complete(&self, status: &str) {
        self.begin("COMPLETED");
        self.with(|shown| {
            shown["buildStatus"] = json!(status);
            shown["buildComplete"] = json!(true);
            shown["endTime"] = json!(seconds(Timestamp::now()));
        });
    }
}

/// Members that are not set are left out.
fn without_nulls(value: &mut Value, none: &Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| member != none);
            members
                .values_mut()
                .for_each(|member| without_nulls(member, none));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without_nulls(item, none)),
        _ => {}
    }
}

/// The project's variables, with the request's over them.
fn merged(environment: &Value, asked: &Value) -> Value {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let over = list(asked.get("environmentVariablesOverride"));
    let mut all = list(environment.get("environmentVariables"));
    all.retain(|old| !over.iter().any(|new| new["name"] == old["name"]));
    all.extend(over);
    for variable in &mut all {
        if variable.get("type").is_none() {
            variable["type"] = json!("PLAINTEXT");
        }
    }
    Value::Array(all)
}

/// Where the output goes: <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html>
fn location(artifacts: &Value, uuid: &str) -> String {
    if text(artifacts, "type") != "S3" {
        return String::new();
    }
    let id = if text(artifacts, "namespaceType") == "BUILD_ID" {
        uuid
    } else {
        ""
    };
    let parts = [
        text(artifacts, "location"),
        text(artifacts, "path"),
        id,
        text(artifacts, "name"),
    ];
    let parts = parts.map(|part| part.trim_matches('/'));
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("arn:aws:s3:::{}", parts.join("/"))
}
