//! Purpose: the builder on Lambda: wiring only. It is called by its queue, by builds that claim, and by events of CodeBuild.

use std::sync::Arc;

use aws::blobs::S3Blobs;
use aws::codebuild::{CodeBuild, Place};
use aws::journal::DynamoJournal;
use aws::keys::KmsAppSigner;
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
    let journal = DynamoJournal::new(&config, settings.tables()?, Arc::new(blobs.clone()));
    let doorbells = SqsDoorbells::new(&config, settings.queues()?);
    let github = settings.github()?;
    let signer = Arc::new(KmsAppSigner::new(&config, github.app_key));
    let sources = GitHub::new(&github.api, github.app_id, signer, Arc::new(SystemClock)).await?;
    let keys = MacKeys::read(&config, &settings.mac_secret()?).await?;
    let place = Place {
        bucket,
        projects: settings.projects()?,
        claims_url: settings.claims_url()?,
    };
    let builds = CodeBuild::new(&config, place, Arc::new(sources));
    let deps = &builder::Deps {
        journal: &journal,
        clock: &SystemClock,
        doorbells: &doorbells,
        builds: &builds,
        blobs: &blobs,
        keys: &keys,
    };
    aws::connect::dynamodb(&config).await;
    let handler = move |event, call: String| async move {
        match event {
            Event::Doorbells(event) => Ok(Answer::Batch(builder::handle(deps, event, &call).await)),
            Event::Request(request) => {
                let response = builder::claim(deps, *request, &call).await;
                Ok(Answer::Response(Box::new(response)))
            }
            Event::Build(event) => builder::notice(deps, &event).await.map(|()| Answer::Done),
            other => Err(other.refused("builder")),
        }
    };
    lambda::any(handler).await
}
