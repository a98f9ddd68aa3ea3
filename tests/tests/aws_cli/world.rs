//! A stack with the tables, queues and bucket of `template.yaml`, and the command line that speaks to it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use aws::blobs::S3Blobs;
use aws::journal::{DynamoJournal, Tables};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use blackbox::{Said, binary};
use domain::ids::{CommitSha, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::pipeline::{self, Compiled, Environments, Facts};
use domain::plan::{Parties, Trigger};
use domain::run::{Command as Wish, Opening, Run};
use engine::ports::{Clock, Doorbell, Doorbells, Function};
use engine::{Fault, Invocation};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use testbed::{Ministack, account, aws_tool, or_skip};

const REGION: &str = "us-east-1";
pub const STACK: &str = "ci";
pub const REPOSITORY: RepositoryId = RepositoryId(4001);
const QUEUES: [&str; 6] = [
    "Planner",
    "Scheduler",
    "Builder",
    "Deployer",
    "Approval",
    "Notifier",
];
/// What the stack's webhook secret is at first.
pub const FORMER_SECRET: &str = "the secret that the stack was made with";
const MACHINE: &str = "
people:
  - { id: 1, login: ana, name: Ana Aro }
repositories:
  - { id: 4001, name: acme/shop }
";

/// An account of the emulator with one stack.
pub struct World {
    url: String,
    account: String,
    folder: tempfile::TempDir,
    pub outputs: Map<String, Value>,
}

fn ministack() -> Option<&'static Ministack> {
    static SERVER: OnceLock<Option<Ministack>> = OnceLock::new();
    SERVER.get_or_init(|| or_skip(Ministack::start())).as_ref()
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }
}

struct Silence;

#[async_trait::async_trait]
impl Doorbells for Silence {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Ok(())
    }
}

impl World {
    /// A stack whose pages are at this address; nothing where there is no emulator.
    pub fn new(base_url: &str) -> Option<Self> {
        Self::with_github(base_url, "https://api.github.com")
    }

    /// The same beside this GitHub.
    pub fn with_github(base_url: &str, github: &str) -> Option<Self> {
        let server = ministack()?;
        let mut world = Self {
            url: server.url(),
            account: account(),
            folder: tempfile::tempdir().unwrap(),
            outputs: Map::new(),
        };
        // As CloudFormation makes it of the template: it waits for its material, which keys of the emulator's stacks do not.
        let spec = ["--key-spec", "RSA_2048", "--key-usage", "SIGN_VERIFY"];
        let words = [&["kms", "create-key", "--origin", "EXTERNAL"], &spec[..]].concat();
        let key = world.aws(&words)["KeyMetadata"]["Arn"].clone();
        let key = key.as_str().unwrap();
        let template = template(&world.account, base_url, github, key);
        let file = world.file("stack.json", &template.to_string());
        let file = file.display().to_string();
        let words = ["deploy", "--template-file", &file, "--stack-name", STACK];
        world.aws(&[&["cloudformation"], &words[..]].concat());
        let words = ["describe-stacks", "--stack-name", STACK];
        let described = world.aws(&[&["cloudformation"], &words[..]].concat());
        for output in described["Stacks"][0]["Outputs"].as_array().unwrap() {
            let name = output["OutputKey"].as_str().unwrap().to_owned();
            world.outputs.insert(name, output["OutputValue"].clone());
        }
        let machine = world.file("machine.yaml", MACHINE).display().to_string();
        let bucket = world.output("StateBucket");
        let words = ["--bucket", &bucket, "--key", "config/machine.yaml"];
        world.aws(&[&["s3api", "put-object"], &words[..], &["--body", &machine]].concat());
        Some(world)
    }

    /// Deploys it again with this App.
    pub fn tell_app(&self, id: u64) {
        let file = self.folder.path().join("stack.json").display().to_string();
        let parameter = format!("GitHubAppId={id}");
        let words = ["deploy", "--template-file", &file, "--stack-name", STACK];
        let words = [&words[..], &["--parameter-overrides", &parameter]].concat();
        self.aws(&[&["cloudformation"], &words[..]].concat());
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    pub fn output(&self, name: &str) -> String {
        let value = self.outputs[name].as_str();
        value
            .unwrap_or_else(|| panic!("no output {name}"))
            .to_owned()
    }

    fn environment(&self, command: &mut Command) {
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.folder.path())
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_EC2_METADATA_DISABLED", "true");
    }

    /// What the AWS command line answers.
    pub fn aws(&self, words: &[&str]) -> Value {
        let mut command = Command::new(aws_tool("aws").unwrap());
        self.environment(&mut command);
        command.args(words).args(["--output", "json"]);
        let said = Said::by(&mut command).expect(0);
        serde_json::from_str(&said.out).unwrap_or(Value::Null)
    }

    /// `slipway` with these arguments, which name the stack themselves.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        self.environment(&mut command);
        command.args(words).current_dir(self.folder.path());
        command.stdin(Stdio::null());
        command
    }

    /// Runs `slipway --aws STACK` with these arguments.
    pub fn slipway(&self, words: &[&str]) -> Said {
        Said::by(&mut self.command(&[&["--aws", STACK], words].concat()))
    }

    /// The same with an answer for programs.
    pub fn json(&self, words: &[&str]) -> Said {
        self.slipway(&[&["--json"], words].concat())
    }

    pub async fn journal(&self) -> DynamoJournal {
        let config = self.config().await;
        let blobs = Arc::new(S3Blobs::new(&config, self.output("StateBucket")));
        let tables = Tables {
            journal: self.output("JournalTable"),
            heads: self.output("HeadsTable"),
        };
        DynamoJournal::new(&config, tables, blobs)
    }

    async fn config(&self) -> SdkConfig {
        let account = self.account.as_str();
        aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new(account, "secret", None, None, "test"))
            .endpoint_url(&self.url)
            .http_client(Builder::new().build_http())
            .load()
            .await
    }

    /// Writes the opening of a run with one job into the journal, as the planner does.
    pub fn open_run(&self, id: &str) {
        let opening = Opening {
            repository: REPOSITORY,
            run: RunId::new(id),
            delivery: format!("push-{id}"),
            trigger: trigger(),
            reference: "refs/heads/main".to_owned(),
            commit: CommitSha::new("c0ffee".repeat(7).split_off(2)),
            parties: Parties::default(),
            plan: plan(),
            repeats: None,
            problem: None,
            has_checks: false,
            awaits_trust: false,
            proposal: None,
        };
        self.submit(id, &Wish::Open(Box::new(opening)));
    }

    /// Appends what follows from this wish to a run, as the functions do.
    pub fn submit(&self, id: &str, wish: &Wish) {
        wait(async {
            let journal = self.journal().await;
            // Unique to the call, as an invocation's name has to be.
            let call = format!("{id} {wish:?}");
            let call = Invocation::new(&journal, &Noon, &Silence, "function:planner", call);
            call.submit::<Run>(&stream(id), wish).await.unwrap();
        });
    }

    /// Puts a message into a queue; gives its id.
    pub fn send(&self, queue: &str, body: &str) -> String {
        let sent = wait(async {
            let sqs = aws_sdk_sqs::Client::new(&self.config().await);
            let call = sqs.send_message().queue_url(self.output(queue));
            call.message_body(body).send().await.unwrap()
        });
        sent.message_id.unwrap()
    }

    /// The bodies of the messages that wait in a queue; they stay there.
    pub fn waiting(&self, queue: &str) -> Vec<String> {
        let page = wait(async {
            let sqs = aws_sdk_sqs::Client::new(&self.config().await);
            let call = sqs.receive_message().queue_url(self.output(queue));
            let call = call.max_number_of_messages(10).visibility_timeout(0);
            call.send().await.unwrap()
        });
        let messages = page.messages.unwrap_or_default().into_iter();
        messages.map(|message| message.body.unwrap()).collect()
    }
}

pub fn stream(id: &str) -> StreamId {
    StreamId::run(REPOSITORY, &RunId::new(id))
}

pub fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

fn trigger() -> Trigger {
    Trigger::Push {
        branch: "main".to_owned(),
    }
}

fn plan() -> domain::plan::Plan {
    let text = "version: 1\non: { push: {} }\njobs: { unit: { run: make test } }\n";
    let facts = Facts {
        trigger: trigger(),
        changed_paths: None,
        environments: Environments::Own,
    };
    match pipeline::compile(text, &facts) {
        Ok(Compiled::Run(plan)) => plan,
        other => panic!("{other:?}"),
    }
}

/// The part of `template.yaml` that the command line touches, with its outputs.
fn template(account: &str, base_url: &str, github: &str, key: &str) -> Value {
    let mut resources = Map::new();
    let mut outputs = Map::new();
    let mut output = |name: &str, value: Value| {
        outputs.insert(name.to_owned(), json!({ "Value": value }));
    };
    for (name, table) in [
        ("JournalTable", &aws::journal::tables::JOURNAL),
        ("HeadsTable", &aws::journal::tables::HEADS),
    ] {
        resources.insert(name.to_owned(), table_of(table));
        output(name, json!({ "Ref": name }));
    }
    for queue in QUEUES {
        let (queue, dead) = (format!("{queue}Queue"), format!("{queue}DeadLetters"));
        let target = json!({ "Fn::GetAtt": [dead, "Arn"] });
        let policy = json!({ "deadLetterTargetArn": target, "maxReceiveCount": 5 });
        let properties = json!({ "RedrivePolicy": policy });
        resources.insert(
            queue.clone(),
            json!({ "Type": "AWS::SQS::Queue", "Properties": properties }),
        );
        resources.insert(dead.clone(), json!({ "Type": "AWS::SQS::Queue" }));
        output(&queue, json!({ "Ref": queue }));
        output(&dead, json!({ "Ref": dead }));
    }
    // All accounts of the emulator share the names of buckets.
    let bucket = json!({ "BucketName": format!("state-{account}") });
    resources.insert(
        "StateBucket".to_owned(),
        json!({ "Type": "AWS::S3::Bucket", "Properties": bucket }),
    );
    output("StateBucket", json!({ "Ref": "StateBucket" }));
    let secret = json!({ "Name": format!("{STACK}/webhook"), "SecretString": FORMER_SECRET });
    resources.insert(
        "WebhookSecret".to_owned(),
        json!({ "Type": "AWS::SecretsManager::Secret", "Properties": secret }),
    );
    output("WebhookSecret", json!({ "Ref": "WebhookSecret" }));
    output("GitHubAppId", json!({ "Ref": "GitHubAppId" }));
    // Something that the number changes, as it does the functions; else there is nothing to deploy.
    let told = json!({ "DisplayName": { "Fn::Sub": "App ${GitHubAppId}" } });
    resources.insert(
        "Told".to_owned(),
        json!({ "Type": "AWS::SNS::Topic", "Properties": told }),
    );
    let webhook = format!("{base_url}/webhook");
    for (name, value) in [
        ("GitHubApiUrl", github),
        ("AppKey", key),
        ("WebhookUrl", webhook.as_str()),
        ("BaseUrl", base_url),
        ("DashboardAccess", "iam"),
        ("TrustedProject", "ci-trusted"),
        ("UntrustedProject", "ci-untrusted"),
        ("ImagesProject", "ci-images"),
        ("DeployProjectPrefix", "ci-deploy-"),
    ] {
        output(name, json!(value));
    }
    let parameters = json!({ "GitHubAppId": { "Type": "String", "Default": "0" } });
    json!({ "Parameters": parameters, "Resources": resources, "Outputs": outputs })
}

fn table_of(table: &aws::journal::tables::Table) -> Value {
    let schema = |key: &aws::journal::tables::Key| {
        let parts = [Some(key.hash), key.range].into_iter().flatten();
        let parts = parts.zip(["HASH", "RANGE"]);
        let parts =
            parts.map(|(part, role)| json!({ "AttributeName": part.name, "KeyType": role }));
        Value::Array(parts.collect())
    };
    let attributes = table.attributes().into_iter();
    let attributes = attributes
        .map(|part| json!({ "AttributeName": part.name, "AttributeType": part.kind }))
        .collect::<Vec<_>>();
    let mut properties = json!({
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": schema(&table.key),
    });
    let indexes = table.indexes.iter().map(|index| {
        let projection = match index.include {
            [] => json!({ "ProjectionType": "KEYS_ONLY" }),
            names => json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": names }),
        };
        json!({ "IndexName": index.name, "KeySchema": schema(&index.key), "Projection": projection })
    });
    let indexes: Vec<Value> = indexes.collect();
    if !indexes.is_empty() {
        properties["GlobalSecondaryIndexes"] = Value::Array(indexes);
    }
    json!({ "Type": "AWS::DynamoDB::Table", "Properties": properties })
}
