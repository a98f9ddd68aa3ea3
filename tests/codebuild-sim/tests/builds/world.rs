//! Purpose: an account of AWS with our projects, the simulator, and somebody who answers claims.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Cursor, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use aws::blobs::S3Blobs;
use aws::codebuild::{CodeBuild, Place};
use aws::settings::Projects;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use codebuild_sim::{Settings, Simulator};
use domain::ids::{BuildId, CommitSha, RepositoryId, RunId};
use domain::plan::Step;
use engine::Fault;
use engine::ports::{
    Archives, Blobs as _, BuildEnd, BuildRequest, BuildStatus, Builds as _, Ending, LogLine,
    LogStream, Logs as _, Started, Trust,
};
use serde_json::{Value, json};
use testbed::Ministack;

/// Looks of 50 ms at a build.
const LOOKS: usize = 2_400;
pub const SUCCESS: Ending = Ending::Exited { code: 0 };

/// One for all tests of this process; each has an account of its own.
fn ministack() -> Option<&'static Ministack> {
    static SHARED: OnceLock<Option<Ministack>> = OnceLock::new();
    SHARED
        .get_or_init(|| testbed::or_skip(Ministack::start()))
        .as_ref()
}

/// The source of the one commit.
#[derive(Default)]
pub struct Source {
    files: Mutex<Vec<(String, String)>>,
    pub fetched: AtomicUsize,
}

#[async_trait]
impl Archives for Source {
    async fn archive(&self, _: RepositoryId, _: &CommitSha) -> Result<Vec<u8>, Fault> {
        self.fetched.fetch_add(1, Ordering::SeqCst);
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
        zip.add_directory("acme-shop-c0ffee/", options).unwrap();
        for (path, content) in self.files.lock().unwrap().iter() {
            zip.start_file(format!("acme-shop-c0ffee/{path}"), options)
                .unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        Ok(zip.finish().unwrap().into_inner())
    }
}

/// Answers claims from a list, then grants all.
#[derive(Default)]
pub struct Claims {
    pub answers: Mutex<VecDeque<(u16, String)>>,
    pub seen: Mutex<Vec<Value>>,
}

async fn answer(State(claims): State<Arc<Claims>>, body: Bytes) -> (StatusCode, String) {
    claims
        .seen
        .lock()
        .unwrap()
        .push(serde_json::from_slice(&body).unwrap());
    let granted = (200, r#"{"granted":true,"why":"granted"}"#.to_owned());
    let (status, text) = claims
        .answers
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or(granted);
    (StatusCode::from_u16(status).unwrap(), text)
}

/// Everything that a build stands in.
pub struct World {
    pub sim: Simulator,
    pub builds: CodeBuild,
    pub blobs: S3Blobs,
    pub source: Arc<Source>,
    pub claims: Arc<Claims>,
    pub account: String,
    bucket: String,
    endpoint: String,
    /// A folder of this machine, to see what commands did.
    pub folder: tempfile::TempDir,
}

impl World {
    /// `None` where ministack cannot be had.
    pub async fn new() -> Option<Self> {
        Self::with(&[("README", "hello\n")], |_| {}).await
    }

    pub async fn with(files: &[(&str, &str)], change: impl FnOnce(&mut Settings)) -> Option<Self> {
        let endpoint = tokio::task::spawn_blocking(ministack).await.unwrap()?.url();
        let mut settings = Settings::on(&endpoint);
        let account = testbed::account();
        // The names of buckets are the world's, not an account's.
        let bucket = format!("state-{account}");
        settings.caches = Some(format!("{bucket}/caches"));
        change(&mut settings);
        let sim = Simulator::start(settings, 0).unwrap();
        let claims = Arc::new(Claims::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let claims_url = format!("http://{}/claims", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/claims", post(answer))
            .with_state(Arc::clone(&claims));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = config(&account, &endpoint, &sim.url()).await;
        let source = Arc::new(Source::default());
        let own = files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), (*content).to_owned()));
        source.files.lock().unwrap().extend(own);
        let place = Place {
            bucket: bucket.clone(),
            projects: Projects {
                trusted: "s-trusted".to_owned(),
                untrusted: "s-untrusted".to_owned(),
                images: "s-images".to_owned(),
                deploy_prefix: "s-deploy-".to_owned(),
            },
            claims_url,
        };
        let world = Self {
            builds: CodeBuild::new(&config, place, source.clone()),
            blobs: S3Blobs::new(&config, &bucket),
            sim,
            source,
            claims,
            account,
            bucket,
            endpoint,
            folder: tempfile::tempdir().unwrap(),
        };
        world.put("", b"").await;
        for project in ["s-trusted", "s-untrusted", "s-deploy-staging"] {
            world.make_project(project).await;
        }
        Some(world)
    }

    async fn make_project(&self, name: &str) {
        let body = json!({
            "name": name,
            "source": {"type": "NO_SOURCE", "buildspec": "{\"version\": 0.2}"},
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": {
                "type": "LINUX_CONTAINER", "image": "aws/codebuild/x:1", "computeType": "BUILD_GENERAL1_SMALL",
            },
            "serviceRole": format!("arn:aws:iam::{}:role/build", self.account),
        });
        self.call("codebuild", "CodeBuild_20161006.CreateProject", body)
            .await;
    }

    /// A call of the emulator without a client: the signature only names the account.
    pub async fn call(&self, service: &str, target: &str, body: Value) -> Value {
        let (endpoint, authorization) = (self.endpoint.clone(), self.authorization(service));
        let target = target.to_owned();
        let call = move || {
            let answer = ureq::post(&endpoint)
                .header("authorization", authorization)
                .header("x-amz-target", target)
                .header("content-type", "application/x-amz-json-1.1")
                .send(body.to_string());
            let text = answer.unwrap().body_mut().read_to_string().unwrap();
            serde_json::from_str(&text).unwrap_or(Value::Null)
        };
        tokio::task::spawn_blocking(call).await.unwrap()
    }

    /// A call of the simulator's own API: its answer, whatever the status.
    pub async fn ask(&self, operation: &str, body: Value) -> Value {
        let (url, authorization) = (self.sim.url(), self.authorization("codebuild"));
        let target = format!("CodeBuild_20161006.{operation}");
        let call = move || {
            let agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build();
            let answer = ureq::Agent::from(agent)
                .post(&url)
                .header("authorization", authorization)
                .header("x-amz-target", target)
                .send(body.to_string());
            let text = answer.unwrap().body_mut().read_to_string().unwrap();
            serde_json::from_str(&text).unwrap()
        };
        tokio::task::spawn_blocking(call).await.unwrap()
    }

    /// Puts an object into the bucket; no key makes the bucket.
    pub async fn put(&self, key: &str, bytes: &[u8]) {
        let (url, authorization) = (
            format!("{}/{}/{key}", self.endpoint, self.bucket),
            self.authorization("s3"),
        );
        let bytes = bytes.to_vec();
        let put = move || {
            let answer = ureq::put(&url)
                .header("authorization", authorization)
                .send(&bytes[..]);
            assert!(answer.unwrap().status().is_success());
        };
        tokio::task::spawn_blocking(put).await.unwrap();
    }

    fn authorization(&self, service: &str) -> String {
        let account = &self.account;
        format!(
            "AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/{service}/aws4_request, Signature=0"
        )
    }

    /// A job with these commands.
    pub fn job(&self, run: &[&str]) -> BuildRequest {
        BuildRequest {
            intent: "1/3f2a9c0d1e4b/job/unit (go=1.24)~1".to_owned(),
            repository: RepositoryId(1),
            run: RunId::from("3f2a9c0d1e4b"),
            commit: CommitSha::new("c0ffee".to_owned() + &"0".repeat(34)),
            trust: Trust::Repository,
            step: Step {
                run: run.iter().map(|command| (*command).to_owned()).collect(),
                env: BTreeMap::new(),
                timeout_seconds: 600,
                image: None,
            },
            facts: BTreeMap::from([("SLIPWAY_EVENT".to_owned(), "push".to_owned())]),
            environment: None,
            inputs: Vec::new(),
            artifacts: Vec::new(),
            reports: Vec::new(),
            cache: Vec::new(),
            claim_secret: "0123456789abcdef-claim-secret".to_owned(),
        }
    }

    pub async fn start(&self, request: &BuildRequest) -> BuildId {
        match self.builds.start(request).await.unwrap() {
            Started::Started(build) => build,
            other => panic!("{other:?}"),
        }
    }

    pub async fn ended(&self, build: &BuildId) -> BuildEnd {
        for _ in 0..LOOKS {
            match self.builds.describe(build).await.unwrap() {
                BuildStatus::Ended(end) => return *end,
                BuildStatus::Running => tokio::time::sleep(Duration::from_millis(50)).await,
                BuildStatus::Unknown => panic!("{build} is unknown"),
            }
        }
        panic!("{build} does not end")
    }

    pub async fn run(&self, request: &BuildRequest) -> (BuildEnd, Vec<LogLine>) {
        let build = self.start(request).await;
        let end = self.ended(&build).await;
        (end, self.log(&build).await)
    }

    pub async fn log(&self, build: &BuildId) -> Vec<LogLine> {
        self.builds.read(build, 0, usize::MAX).await.unwrap().lines
    }

    /// Waits until a line of the output is this text.
    pub async fn said(&self, build: &BuildId, text: &str) {
        for _ in 0..LOOKS {
            if self.log(build).await.iter().any(|line| line.text == text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{build} never said {text:?}");
    }

    pub async fn blob(&self, digest: &domain::ids::Digest) -> String {
        String::from_utf8(self.blobs.get(digest).await.unwrap().unwrap()).unwrap()
    }
}

pub fn output(log: &[LogLine]) -> Vec<&str> {
    let printed = log.iter().filter(|line| line.stream == LogStream::Stdout);
    printed.map(|line| line.text.as_str()).collect()
}

/// Everything is at the emulator, and CodeBuild at the simulator.
#[allow(
    deprecated,
    reason = "the type that is meant to replace it is not exported by aws-config"
)]
async fn config(account: &str, endpoint: &str, codebuild: &str) -> SdkConfig {
    let profile = format!(
        "[default]\nendpoint_url = {endpoint}\nservices = here\n\
         [services here]\ncodebuild =\n  endpoint_url = {codebuild}\n"
    );
    let files = aws_config::profile::profile_file::ProfileFiles::builder()
        .with_contents(
            aws_config::profile::profile_file::ProfileFileKind::Config,
            profile,
        )
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .profile_files(files)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, "test", None, None, "test"))
        .load()
        .await
}
