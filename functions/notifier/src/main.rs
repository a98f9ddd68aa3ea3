//! Purpose: the notifier on Lambda: wiring only.

use std::sync::Arc;

use aws::blobs::S3Blobs;
use aws::journal::DynamoJournal;
use aws::keys::KmsAppSigner;
use aws::machine::S3Machine;
use aws::mail::{SesMailer, SnsAnnouncer};
use aws::queues::SqsDoorbells;
use aws::secrets::MacKeys;
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
    let app = settings.github()?;
    let signer = Arc::new(KmsAppSigner::new(&config, app.app_key));
    let github = GitHub::new(&app.api, app.app_id, signer, Arc::new(SystemClock)).await?;
    let keys = MacKeys::read(&config, &settings.mac_secret()?).await?;
    let mailer = SesMailer::new(&config, &settings.mail_from()?)?;
    let announcer = SnsAnnouncer::new(&config, settings.announce_topic()?);
    let base_url = settings.base_url()?;
    let deps = &notifier::Deps {
        journal: &journal,
        clock: &SystemClock,
        doorbells: &doorbells,
        sources: &github,
        people: &machine,
        repositories: &machine,
        keys: &keys,
        mailer: &mailer,
        announcer: Some(&announcer),
        checks: Some(&github),
        comments: Some(&github),
        base_url: &base_url,
    };
    aws::connect::dynamodb(&config).await;
    lambda::queue(move |event, call| async move { notifier::handle(deps, event, &call).await })
        .await
}
