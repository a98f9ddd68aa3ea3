//! Purpose: the approval function on Lambda: wiring only. It is called by people's browsers, and by its queue.

use std::sync::Arc;

use aws::blobs::S3Blobs;
use aws::journal::DynamoJournal;
use aws::keys::KmsAppSigner;
use aws::keys::KmsKeys;
use aws::machine::S3Machine;
use aws::queues::SqsDoorbells;
use aws::secrets::MacKeys;
use aws::settings::Settings;
use github_api::GitHub;
use lambda::SystemClock;
use lambda::{Answer, Event};

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
    let signer = Arc::new(KmsAppSigner::new(&config, github.app_key));
    let sources = GitHub::new(&github.api, github.app_id, signer, Arc::new(SystemClock)).await?;
    let mac = MacKeys::read(&config, &settings.mac_secret()?).await?;
    let keys = KmsKeys::new(&config, settings.signing_key()?, mac);
    let base_url = settings.base_url()?;
    let deps = &approval::Deps {
        journal: &journal,
        inbox: &journal,
        clock: &SystemClock,
        doorbells: &doorbells,
        sources: &sources,
        people: &machine,
        repositories: &machine,
        keys: &keys,
        host: Some(&sources),
        base_url: &base_url,
    };
    aws::connect::dynamodb(&config).await;
    let handler = move |event, call: String| async move {
        match event {
            Event::Doorbells(event) => {
                Ok(Answer::Batch(approval::doorbells(deps, event, &call).await))
            }
            Event::Request(request) => {
                let response = approval::handle(deps, *request, &call).await;
                Ok(Answer::Response(Box::new(response)))
            }
            other => Err(other.refused("approval")),
        }
    };
    lambda::any(handler).await
}
