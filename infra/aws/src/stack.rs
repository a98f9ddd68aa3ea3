//! Purpose: what a deployed stack says about itself: the outputs of `template.yaml`, typed.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use engine::Fault;
use engine::ports::Function;

use crate::client::fault;
use crate::journal::Tables;
use crate::settings::Projects;

/// The outputs that are read here.
pub const OUTPUTS: [&str; 20] = [
    "BaseUrl",
    "DashboardAccess",
    "StateBucket",
    "JournalTable",
    "HeadsTable",
    "PlannerQueue",
    "SchedulerQueue",
    "BuilderQueue",
    "DeployerQueue",
    "ApprovalQueue",
    "NotifierQueue",
    "TrustedProject",
    "UntrustedProject",
    "ImagesProject",
    "DeployProjectPrefix",
    "GitHubApiUrl",
    "GitHubAppId",
    "AppKey",
    "WebhookSecret",
    "WebhookUrl",
];

/// How a stack is connected with GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppOutputs {
    /// The API, without a slash at the end.
    pub api: String,
    /// The App's number; `None` = the stack was told none yet.
    pub id: Option<u64>,
    /// The KMS key for its private key.
    pub key: String,
    /// The secret that holds its webhook secrets.
    pub webhook_secret: String,
    /// Where GitHub delivers to.
    pub webhook: String,
}

/// A stack that was deployed from `template.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    name: String,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Reads the stack of this name in the configuration's region and account.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>
    ///
    /// # Errors
    /// `Unavailable` when there is no such stack, no region or no credentials, or when CloudFormation does not answer.
    pub async fn read(config: &SdkConfig, name: &str) -> Result<Self, Fault> {
        let region = config.region().ok_or_else(|| {
            Fault::Unavailable(
                "no region of AWS is set: set AWS_REGION, or name a profile that has one with AWS_PROFILE"
                    .to_owned(),
            )
        })?;
        let client = Client::new(config);
        let answer = client.describe_stacks().stack_name(name).send().await;
        let missing = || {
            Fault::Unavailable(format!(
                "there is no stack {name} in {region} of the account whose credentials are used"
            ))
        };
        let answer = answer.map_err(|error| match error.code() {
            Some("ValidationError") => missing(),
            _ => fault("CloudFormation DescribeStacks", &error),
        })?;
        let found = answer.stacks.unwrap_or_default().into_iter().next();
        let outputs = found.ok_or_else(missing)?.outputs.unwrap_or_default();
        let outputs = outputs.into_iter().filter_map(|output| {
            let value = output.output_value.filter(|value| !value.is_empty())?;
            Some((output.output_key?, value))
        });
        Ok(Self::new(name, outputs))
    }

    /// A stack with these outputs.
    pub fn new(
        name: impl Into<String>,
        outputs: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self {
            name: name.into(),
            outputs: outputs.into_iter().collect(),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the pages are, without a slash at the end.
    ///
    /// # Errors
    /// `Malformed`, here and below, when the stack has no such output.
    pub fn base_url(&self) -> Result<&str, Fault> {
        Ok(self.output("BaseUrl")?.trim_end_matches('/'))
    }

    /// Whether everybody may read the dashboard; else only who signs requests for IAM.
    pub fn is_dashboard_public(&self) -> Result<bool, Fault> {
        Ok(self.output("DashboardAccess")? == "public")
    }

    /// The state bucket.
    pub fn bucket(&self) -> Result<&str, Fault> {
        self.output("StateBucket")
    }

    pub fn tables(&self) -> Result<Tables, Fault> {
        Ok(Tables {
            journal: self.output("JournalTable")?.to_owned(),
            heads: self.output("HeadsTable")?.to_owned(),
        })
    }

    /// The URLs of the queues of doorbells.
    pub fn queues(&self) -> Result<BTreeMap<Function, String>, Fault> {
        let url = |function| Ok((function, self.output(queue_of(function))?.to_owned()));
        Function::ALL.into_iter().map(url).collect()
    }

    /// The CodeBuild projects.
    pub fn projects(&self) -> Result<Projects, Fault> {
        let of = |name| self.output(name).map(str::to_owned);
        Ok(Projects {
            trusted: of("TrustedProject")?,
            untrusted: of("UntrustedProject")?,
            images: of("ImagesProject")?,
            deploy_prefix: of("DeployProjectPrefix")?,
        })
    }

    /// How it is connected with GitHub.
    pub fn app(&self) -> Result<AppOutputs, Fault> {
        let of = |name| self.output(name).map(str::to_owned);
        let id = self.output("GitHubAppId")?;
        let id: u64 = id.parse().map_err(|_| {
            Fault::Malformed(format!(
                "the output GitHubAppId of the stack {} is {id:?} and no number",
                self.name
            ))
        })?;
        Ok(AppOutputs {
            api: of("GitHubApiUrl")?.trim_end_matches('/').to_owned(),
            id: (id != 0).then_some(id),
            key: of("AppKey")?,
            webhook_secret: of("WebhookSecret")?,
            webhook: of("WebhookUrl")?,
        })
    }

    fn output(&self, name: &str) -> Result<&str, Fault> {
        let value = self.outputs.get(name).map(String::as_str);
        value.ok_or_else(|| {
            Fault::Malformed(format!(
                "the stack {} has no output {name}: it is none of Slipway's, or older than this program; deploy \
                 template.yaml again",
                self.name
            ))
        })
    }
}

/// The output that names a function's queue.
fn queue_of(function: Function) -> &'static str {
    match function {
        Function::Planner => "PlannerQueue",
        Function::Scheduler => "SchedulerQueue",
        Function::Builder => "BuilderQueue",
        Function::Deployer => "DeployerQueue",
        Function::Approval => "ApprovalQueue",
        Function::Notifier => "NotifierQueue",
    }
}

#[cfg(test)]
#[path = "stack_tests.rs"]
mod tests;
