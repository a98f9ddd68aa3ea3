//! Purpose: an account of the emulator, through the AWS command line, as an operator uses it.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

const REGION: &str = "eu-central-1";

/// Runs `aws` for one account.
#[derive(Clone)]
pub struct Aws {
    program: PathBuf,
    pub endpoint: String,
    pub account: String,
}

impl Aws {
    pub fn new(program: PathBuf, endpoint: &str) -> Self {
        Self {
            program,
            endpoint: endpoint.to_owned(),
            // The emulator's API Gateway knows no other: a request of a browser names none.
            account: "000000000000".to_owned(),
        }
    }

    /// Runs it; gives what it wrote.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        assert!(
            output.status.success(),
            "aws {}: {}{}",
            arguments.join(" "),
            text(&output.stdout),
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    /// Runs it; gives the JSON that it wrote, or null.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.run(arguments);
        if text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            // Its SQS commands do not read the variable, and would go to AWS itself.
            .args(["--endpoint-url", &self.endpoint])
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/nonexistent")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "none")
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_PAGER", "");
        command
    }
}
