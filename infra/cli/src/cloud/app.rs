//! Purpose: the GitHub App of a stack: its key in KMS, its webhook secret in Secrets Manager, its number in the parameters.

use std::sync::Arc;

use async_trait::async_trait;
use aws::keys::KmsAppSigner;
use aws::machine::S3Machine;
use aws::setup::AppPlace;
use engine::ports::Repositories as _;
use github_api::NewApp;

use crate::app::{Keeper, Kept, Plan, Subject, checks_of};
use crate::args::SetupArgs;
use crate::commands::doctor::Check;
use crate::failure::{Failure, NEGATIVE};

/// A stack.
struct Stack {
    name: String,
    place: AppPlace,
}

/// Who keeps the App of a stack, the stack's public address, and GitHub's API as it is deployed.
pub async fn keeper(
    stack: &str,
    args: &SetupArgs,
) -> Result<(Box<dyn Keeper>, String, String), Failure> {
    let (config, stack) = super::find(stack).await?;
    let app = stack.app()?;
    let name = stack.name();
    let ours = stack.base_url()?.to_owned();
    for (option, given, deployed, parameter) in [
        ("--api", &args.api, &app.api, "GitHubApiUrl"),
        ("--url", &args.url, &ours, "BaseUrl"),
    ] {
        let given = given.as_deref().map(|given| given.trim_end_matches('/'));
        if given.is_some_and(|given| given != deployed) {
            return Err(Failure::usage(format!(
                "the stack {name} is deployed with {parameter} {deployed}, and {option} says otherwise"
            ))
            .help(format!(
                "leave {option} out, or deploy the stack with another {parameter} first"
            )));
        }
    }
    if let Some(id) = app.id {
        return Err(Failure::negative(format!(
            "the stack {name} has an App already, number {id}"
        ))
        .help(format!(
            "`slipway --aws {name} doctor` says how it is; to take another, see Rotate in docs/operations.md, then deploy with \
             GitHubAppId=0"
        )));
    }
    let keeper = Stack {
        name: name.to_owned(),
        place: AppPlace::new(&config, app.key, app.webhook_secret),
    };
    Ok((Box::new(keeper), ours, app.api))
}

#[async_trait]
impl Keeper for Stack {
    async fn prepare(&self) -> Result<(), Failure> {
        self.place.prepare().await.map_err(|fault| {
            let failure = Failure::from(fault);
            match failure.code {
                NEGATIVE => failure.help("see Rotate in docs/operations.md"),
                _ => failure,
            }
        })
    }

    /// The key first: what KMS refuses leaves the secrets as they were.
    async fn keep(&self, _plan: &Plan, app: &NewApp) -> Result<Kept, Failure> {
        self.place.import_key(app.key.reveal()).await?;
        let added = self
            .place
            .add_webhook_secret(app.webhook_secret.reveal())
            .await;
        added.map_err(|fault| {
            Failure::from(fault).help(
                "the App's key is in KMS, its webhook secret is kept nowhere: set the stack's own (output WebhookSecret) as the \
                 webhook secret in the App's settings",
            )
        })?;
        let name = &self.name;
        Ok(Kept {
            stored: vec![
                format!("the private key in the KMS key of {name}; nobody can read it back"),
                "the webhook secret in Secrets Manager, beside the one before".to_owned(),
            ],
            next: vec![
                format!(
                    "tell the stack: `sam deploy --stack-name {name} --parameter-overrides GitHubAppId={}`",
                    app.id
                ),
                "name people and repositories in config/machine.yaml: docs/operations.md, Deploy"
                    .to_owned(),
                format!("see that all of it fits together: `slipway --aws {name} doctor`"),
            ],
        })
    }
}

/// The checks of the App of a stack.
pub async fn checks(stack: &str) -> Result<Vec<Check>, Failure> {
    Ok(match subject(stack).await? {
        Some(subject) => checks_of(&subject).await,
        None => vec![Check::missing(
            "app",
            format!("the stack {stack} was told of no GitHub App"),
            format!("`slipway --aws {stack} github setup` makes one; then deploy with GitHubAppId"),
        )],
    })
}

/// What is looked at; `None` = the stack was told of no App yet.
async fn subject(stack: &str) -> Result<Option<Subject>, Failure> {
    let (config, stack) = super::find(stack).await?;
    let app = stack.app()?;
    let Some(id) = app.id else {
        return Ok(None);
    };
    let machine = S3Machine::new(&config, stack.bucket()?);
    let repositories = machine.repositories().await?.into_iter();
    Ok(Some(Subject {
        api: app.api,
        id,
        signer: Arc::new(KmsAppSigner::new(&config, app.key)),
        webhook: app.webhook,
        repositories: repositories.map(|one| (one.id, one.name)).collect(),
        unsigned: "only the functions sign as the App, and whom AppDoctor names: `sam deploy --parameter-overrides AppDoctor=ARN` \
                   with the ARN of your role; if you may sign, see that GitHubAppId is the App's number and its key was imported",
        missed: "the machine fetches them within five minutes; if it goes on, read the webhook's log",
        register: "name them in config/machine.yaml of the stack's bucket",
    }))
}
