//! Purpose: the dashboard on Lambda: wiring only.

use std::sync::Arc;

use aws::blobs::S3Blobs;
use aws::codebuild::BuildLogs;
use aws::journal::DynamoJournal;
use aws::keys::KmsAppSigner;
use aws::machine::S3Machine;
use aws::settings::Settings;
use github_api::GitHub;
use lambda::SystemClock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::lines::init()?;
    let settings = Settings::from_env();
    let config = aws::client::sdk_config().await;
    let bucket = settings.bucket()?;
    let blobs = S3Blobs::new(&config, &bucket);
    let journal = DynamoJournal::new(&config, settings.tables()?, Arc::new(blobs));
    let machine = S3Machine::new(&config, &bucket);
    let github = settings.github()?;
    let signer = Arc::new(KmsAppSigner::new(&config, github.app_key));
    let sources = GitHub::new(&github.api, github.app_id, signer, Arc::new(SystemClock)).await?;
    let logs = BuildLogs::new(&config, settings.projects()?);
    let deps = &dashboard::Deps {
        journal: &journal,
        logs: &logs,
        people: &machine,
        repositories: &machine,
        sources: Some(&sources),
        clock: &SystemClock,
    };
    aws::connect::dynamodb(&config).await;
    lambda::http(move |request, call| async move { dashboard::handle(deps, request, &call).await })
        .await
}
