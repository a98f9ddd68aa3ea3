//! Purpose: a machine on AWS: where the stack says that everything is, and the ports of it that a person may use.

mod app;
mod dead_letters;
mod decide;

use std::sync::Arc;

use aws::blobs::S3Blobs;
use aws::client::SdkConfig;
use aws::codebuild::BuildLogs;
use aws::journal::DynamoJournal;
use aws::machine::S3Machine;
use aws::queues::SqsDoorbells;
use aws::stack::Stack;
use serde_json::json;

use crate::args::Global;
use crate::backend::Backend;
use crate::failure::{Failure, UNAVAILABLE};
use crate::output;

pub use app::{checks as app_checks, keeper as app_keeper};
pub use dead_letters::run as dead_letters;
pub use decide::run as decide;

/// The ports of the stack of this name. Repositories are read by its functions alone: only they may sign as the GitHub App.
pub async fn open(stack: &str) -> Result<Backend, Failure> {
    let (config, stack) = find(stack).await?;
    of(&config, &stack)
}

fn of(config: &SdkConfig, stack: &Stack) -> Result<Backend, Failure> {
    let bucket = stack.bucket()?;
    let blobs = Arc::new(S3Blobs::new(config, bucket));
    let journal = Arc::new(DynamoJournal::new(config, stack.tables()?, blobs));
    let machine = Arc::new(S3Machine::new(config, bucket));
    Ok(Backend {
        journal: journal.clone(),
        inbox: journal,
        people: machine.clone(),
        repositories: machine,
        sources: None,
        logs: Arc::new(BuildLogs::new(config, stack.projects()?)),
        doorbells: Arc::new(SqsDoorbells::new(config, stack.queues()?)),
        home: None,
    })
}

/// The stack, and the configuration that it was found with: region and credentials as everywhere with AWS,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/creds-config-files.html>.
async fn find(name: &str) -> Result<(SdkConfig, Stack), Failure> {
    let config = aws::client::sdk_config().await;
    let stack = Stack::read(&config, name).await.map_err(|fault| {
        let failure = Failure::from(fault);
        match failure.code {
            UNAVAILABLE => failure.help(
                "AWS_PROFILE and AWS_REGION say whose stack is meant; `aws cloudformation describe-stacks` shows what there is",
            ),
            _ => failure,
        }
    })?;
    Ok((config, stack))
}

/// Prints the address of the stack's dashboard.
pub async fn dashboard(global: &Global, stack: &str) -> Result<u8, Failure> {
    let (_, stack) = find(stack).await?;
    let (url, public) = (stack.base_url()?, stack.is_dashboard_public()?);
    if global.json {
        output::document(&json!({ "url": url, "dashboard": url, "public": public }))?;
        return Ok(0);
    }
    output::line(url)?;
    if !public {
        output::note(
            "It takes only requests that are signed for IAM: `curl --aws-sigv4`, or deploy with DashboardAccess=public.",
        );
    }
    Ok(0)
}
