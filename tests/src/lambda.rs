//! Purpose: functions as programs, as Lambda starts them: their environment, and nothing else of this one.

use std::path::Path;
use std::process::{Command, Stdio};

/// What [`crate::stub::aws`] answers where a function asks for the secret of webhooks.
pub const WEBHOOK_SECRET: &str = "a secret of webhooks";

/// What `template.yaml` sets, for all functions together.
const VARIABLES: [(&str, &str); 22] = [
    ("SLIPWAY_JOURNAL_TABLE", "journal"),
    ("SLIPWAY_HEADS_TABLE", "heads"),
    ("SLIPWAY_BUCKET", "state"),
    ("SLIPWAY_QUEUE_PLANNER", "http://127.0.0.1/1/planner"),
    ("SLIPWAY_QUEUE_SCHEDULER", "http://127.0.0.1/1/scheduler"),
    ("SLIPWAY_QUEUE_BUILDER", "http://127.0.0.1/1/builder"),
    ("SLIPWAY_QUEUE_DEPLOYER", "http://127.0.0.1/1/deployer"),
    ("SLIPWAY_QUEUE_APPROVAL", "http://127.0.0.1/1/approval"),
    ("SLIPWAY_QUEUE_NOTIFIER", "http://127.0.0.1/1/notifier"),
    ("SLIPWAY_SIGNING_KEY", "alias/decisions"),
    ("SLIPWAY_MAC_SECRET", "arn:mac"),
    ("SLIPWAY_WEBHOOK_SECRET", "arn:webhook"),
    ("SLIPWAY_BASE_URL", "https://ci.example.org"),
    ("SLIPWAY_CLAIMS_URL", "https://ci.example.org/claims"),
    ("SLIPWAY_PROJECT_TRUSTED", "trusted"),
    ("SLIPWAY_PROJECT_UNTRUSTED", "untrusted"),
    ("SLIPWAY_PROJECT_IMAGES", "images"),
    ("SLIPWAY_PROJECT_DEPLOY_PREFIX", "deploy-"),
    ("SLIPWAY_MAIL_FROM", "ci@example.org"),
    ("SLIPWAY_JOBS", "2"),
    ("SLIPWAY_GITHUB_APP_ID", "1"),
    ("SLIPWAY_GITHUB_APP_KEY", "alias/app"),
];

/// The program, without the variable of this name, before it is told where Lambda and AWS are.
pub fn command(program: &Path, without: &str) -> Command {
    let function = program.file_name().unwrap_or_default();
    let mut command = Command::new(program);
    command.env_clear();
    let variables = VARIABLES.iter().copied();
    command.envs(variables.filter(|(name, _)| *name != without));
    command.env("SLIPWAY_ANNOUNCE_TOPIC", "arn:aws:sns:us-east-1:1:announce");
    command.env("AWS_LAMBDA_FUNCTION_NAME", function);
    command.envs([
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
