//! Purpose: the planner on Lambda: wiring only.

use std::sync::Arc;

use aws::blobs::S3Blobs;
use aws::journal::DynamoJournal;
use aws::keys::KmsAppSigner;
use aws::machine::S3Machine;
use aws::queues::SqsDoorbells;
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
    let doorbells = SqsDoorbells::new(&config, settings.queues()?);
    let machine = S3Machine::new(&config, &bucket);
    let github = settings.github()?;
    let base_url = settings.base_url()?;
    let signer = Arc::new(KmsAppSigner::new(&config, github.app_key));
    let sources = GitHub::new(&github.api, github.app_id, signer, Arc::new(SystemClock)).await?;
    let deps = &planner::Deps {
        journal: &journal,
        inbox: &journal,
        clock: &SystemClock,
        doorbells: &doorbells,
        sources: &sources,
        people: &machine,
        repositories: &machine,
        host: Some(&sources),
        base_url: &base_url,
    };
    aws::connect::dynamodb(&config).await;
    lambda::queue(move |event, call| async move { planner::handle(deps, event, &call).await }).await
}
