//! Purpose: the AWS services behind the simulator, in plain HTTP. The signature names the account and proves nothing.

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use ureq::Agent;

use crate::api::Caller;
use crate::build::text;

/// What stays as it is in a path.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// Largest object, bytes.
const MAX_OBJECT: u64 = 1 << 30;
/// The longest that one call takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// One account's services.
#[derive(Clone)]
pub struct Endpoint {
    agent: Agent,
    url: String,
    caller: Caller,
}

type Answer<T> = Result<T, String>;

impl Endpoint {
    pub fn new(url: &str, caller: &Caller) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .build();
        Self {
            agent: agent.into(),
            url: url.trim_end_matches('/').to_owned(),
            caller: caller.clone(),
        }
    }

    fn authorization(&self, service: &str) -> String {
        let Caller { account, region } = &self.caller;
        format!(
            "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        )
    }

    fn json(&self, service: &str, target: &str, body: &Value) -> Answer<Value> {
        let mut response = self
            .agent
            .post(&self.url)
            .header("authorization", self.authorization(service))
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.1")
            .send(body.to_string())
            .map_err(|error| format!("{target}: {error}"))?;
        let said = response.body_mut().read_to_string();
        let said = said.map_err(|error| format!("{target}: {error}"))?;
        match response.status().is_success() {
            true if said.is_empty() => Ok(json!({})),
            true => serde_json::from_str(&said).map_err(|error| format!("{target}: {error}")),
            false => Err(format!("{target}: {} {said}", response.status())),
        }
    }

    pub fn project(&self, name: &str) -> Answer<Option<Value>> {
        let target = "CodeBuild_20161006.BatchGetProjects";
        let found = self.json("codebuild", target, &json!({ "names": [name] }))?;
        let first = found["projects"].as_array().and_then(|all| all.first());
        Ok(first.cloned())
    }

    /// The value of a secret, or of one key of it: `arn` or `arn:key`.
    pub fn secret(&self, reference: &str) -> Answer<String> {
        // An ARN has seven parts; behind them come the key, the stage and the version.
        let parts: Vec<&str> = reference.split(':').collect();
        let is_arn = reference.starts_with("arn:");
        let (id, key) = match (is_arn, parts.get(7)) {
            (true, key) => (parts[..parts.len().min(7)].join(":"), key.copied()),
            (false, _) => (parts[0].to_owned(), parts.get(1).copied()),
        };
        let target = "secretsmanager.GetSecretValue";
        let found = self.json("secretsmanager", target, &json!({ "SecretId": id }))?;
        let whole = text(&found, "SecretString");
        match key.filter(|key| !key.is_empty()) {
            None => Ok(whole.to_owned()),
            Some(key) => {
                let value: Value =
                    serde_json::from_str(whole).map_err(|error| error.to_string())?;
                let value = value[key].as_str().map(str::to_owned);
                value.ok_or_else(|| format!("the secret has no key {key}"))
            }
        }
    }

    pub fn make_log(&self, group: &str, stream: &str) -> Answer<()> {
        let group_made = self.json(
            "logs",
            "Logs_20140328.CreateLogGroup",
            &json!({"logGroupName": group}),
        );
        if let Err(why) = group_made
            && !why.contains("ResourceAlreadyExists")
        {
            return Err(why);
        }
        let stream = json!({"logGroupName": group, "logStreamName": stream});
        self.json("logs", "Logs_20140328.CreateLogStream", &stream)
            .map(drop)
    }

    pub fn put_log(&self, group: &str, stream: &str, events: &[(i64, String)]) -> Answer<()> {
        let events = events
            .iter()
            .map(|(at, line)| json!({"timestamp": at, "message": line}));
        let body = json!({
            "logGroupName": group,
            "logStreamName": stream,
            "logEvents": events.collect::<Vec<_>>(),
        });
        self.json("logs", "Logs_20140328.PutLogEvents", &body)
            .map(drop)
    }

    fn object(&self, bucket: &str, key: &str) -> String {
        format!("{}/{bucket}/{}", self.url, utf8_percent_encode(key, KEY))
    }

    pub fn get(&self, bucket: &str, key: &str) -> Answer<Option<Vec<u8>>> {
        let mut response = self
            .agent
            .get(self.object(bucket, key))
            .header("authorization", self.authorization("s3"))
            .call()
            .map_err(|error| format!("s3://{bucket}/{key}: {error}"))?;
        match response.status().as_u16() {
            200 => {
                let body = response
                    .body_mut()
                    .with_config()
                    .limit(MAX_OBJECT)
                    .read_to_vec();
                body.map(Some).map_err(|error| error.to_string())
            }
            404 => Ok(None),
            status => Err(format!("s3://{bucket}/{key}: {status}")),
        }
    }

    pub fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> Answer<()> {
        let response = self
            .agent
            .put(self.object(bucket, key))
            .header("authorization", self.authorization("s3"))
            .send(bytes)
            .map_err(|error| format!("s3://{bucket}/{key}: {error}"))?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(format!("s3://{bucket}/{key}: {}", response.status())),
        }
    }

    /// The keys below a prefix.
    pub fn list(&self, bucket: &str, prefix: &str) -> Answer<Vec<String>> {
        let (mut keys, mut token) = (Vec::new(), String::new());
        loop {
            let mut request = self
                .agent
                .get(format!("{}/{bucket}", self.url))
                .query("list-type", "2")
                .query("prefix", prefix)
                .header("authorization", self.authorization("s3"));
            if !token.is_empty() {
                request = request.query("continuation-token", &token);
            }
            let mut response = request.call().map_err(|error| error.to_string())?;
            let body = response
                .body_mut()
                .read_to_string()
                .map_err(|error| error.to_string())?;
            keys.extend(between(&body, "<Key>", "</Key>"));
            match between(&body, "<NextContinuationToken>", "</NextContinuationToken>").pop() {
                Some(next) if next != token => token = next,
                _ => return Ok(keys),
            }
        }
    }

    /// Invokes a function and does not wait for its answer; a URL is posted to instead.
    pub fn invoke(&self, function: &str, event: &Value) -> Answer<()> {
        let url = match function.starts_with("http://") {
            true => function.to_owned(),
            false => format!("{}/2015-03-31/functions/{function}/invocations", self.url),
        };
        let response = self
            .agent
            .post(url)
            .header("authorization", self.authorization("lambda"))
            .header("x-amz-invocation-type", "Event")
            .send(event.to_string())
            .map_err(|error| format!("{function}: {error}"))?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(format!("{function}: {}", response.status())),
        }
    }
}

/// The texts between two marks; the keys here hold no character that XML escapes.
fn between(text: &str, open: &str, close: &str) -> Vec<String> {
    let parts = text.split(open).skip(1);
    let ends = parts.filter_map(|part| part.split_once(close));
    ends.map(|(inside, _)| inside.to_owned()).collect()
}
