//! Purpose: the stack, deployed and set up in the steps of `docs/operations.md`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::aws::Aws;
use crate::package;

pub const NAME: &str = "slipway";
pub const APP_ID: u64 = 7;

/// Who may approve, and for which repository the machine works.
const MACHINE: &str = "people:
  - { id: 1, login: ana, name: Ana, email: ana@example.org }
  - { id: 2, login: bob, name: Bob, email: bob@example.org }
repositories:
  - { id: 4001, name: acme/shop }
";

/// What the stack says of itself.
pub struct Stack {
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Deploys the packaged template; `folder` is for what is built.
    pub fn deploy(aws: &Aws, folder: &Path, github: &str, domain: &str) -> Self {
        let template = package::lay_out(folder);
        let bucket = format!("packages-{}", aws.account);
        aws.run(&["s3", "mb", &format!("s3://{bucket}")]);
        let packaged = folder.join("packaged.yaml");
        let (template, packaged) = (template.to_str().unwrap(), packaged.to_str().unwrap());
        aws.run(&[
            "cloudformation",
            "package",
            "--template-file",
            template,
            "--s3-bucket",
            &bucket,
            "--output-template-file",
            packaged,
        ]);
        let parameters = [
            format!("GitHubAppId={APP_ID}"),
            format!("GitHubApiUrl={github}"),
            format!("BaseUrl={domain}"),
            "Architecture=x86_64".to_owned(),
            "DashboardAccess=public".to_owned(),
            "MailFrom=ci@example.org".to_owned(),
            "Jobs=2".to_owned(),
        ];
        let mut deploy = vec![
            "cloudformation",
            "deploy",
            "--template-file",
            packaged,
            "--stack-name",
            NAME,
            "--s3-bucket",
            &bucket,
            "--capabilities",
            "CAPABILITY_IAM",
            "--parameter-overrides",
        ];
        deploy.extend(parameters.iter().map(String::as_str));
        aws.run(&deploy);
        let told = aws.json(&["cloudformation", "describe-stacks", "--stack-name", NAME]);
        let outputs = told["Stacks"][0]["Outputs"].as_array().unwrap().clone();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let outputs = outputs
            .iter()
            .map(|output| (text(&output["OutputKey"]), text(&output["OutputValue"])))
            .collect();
        Self { outputs }
    }

    pub fn output(&self, name: &str) -> &str {
        let found = self.outputs.get(name);
        found.unwrap_or_else(|| panic!("no output {name} in {:?}", self.outputs))
    }

    /// The sender's address, the App's key, people and repositories.
    pub fn set_up(&self, aws: &Aws, folder: &Path) {
        aws.run(&[
            "sesv2",
            "create-email-identity",
            "--email-identity",
            "ci@example.org",
        ]);
        self.import_app_key(aws, folder);
        let file = folder.join("machine.yaml");
        std::fs::write(&file, MACHINE).unwrap();
        let target = format!("s3://{}/config/machine.yaml", self.output("StateBucket"));
        aws.run(&["s3", "cp", file.to_str().unwrap(), &target]);
    }

    pub fn webhook_secret(&self, aws: &Aws) -> String {
        let secret = self.output("WebhookSecret");
        aws.run(&[
            "secretsmanager",
            "get-secret-value",
            "--secret-id",
            secret,
            "--query",
            "SecretString",
            "--output",
            "text",
        ])
    }

    /// As the guide does it, with the very commands of the guide.
    fn import_app_key(&self, aws: &Aws, folder: &Path) {
        std::fs::write(folder.join("app.private-key.pem"), fake_github::TEST_KEY).unwrap();
        let guide = std::fs::read_to_string(blackbox::workspace().join("docs/operations.md"));
        let guide = guide.unwrap();
        let from = guide.find("aws kms get-parameters-for-import").unwrap();
        let to = from + guide[from..].find("shred -u").unwrap();
        let program = aws.command(&[]);
        let script = format!(
            "set -eu\naws() {{ '{}' \"$@\"; }}\nkey='{}'\n{}",
            program.get_program().display(),
            self.output("AppKey"),
            guide[from..to].replace("jq -r .", "field ")
        );
        // `jq` is not on every machine.
        let script = script.replacen(
            "set -eu\n",
            "set -eu\nfield() { sed -n \"s/.*\\\"$1\\\": \\\"\\(.*\\)\\\".*/\\1/p\" \"$2\"; }\n",
            1,
        );
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).current_dir(folder).env_clear();
        for (name, value) in program.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        let output = shell.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// The name of one of its functions.
    pub fn function(name: &str) -> String {
        format!("{NAME}-{name}")
    }
}

/// The environment of the emulator that its functions inherit.
pub fn variables<'a>(codebuild: &'a str, dynamodb: &'a str) -> [(&'a str, &'a str); 2] {
    [
        ("AWS_ENDPOINT_URL_CODEBUILD", codebuild),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
    ]
}
