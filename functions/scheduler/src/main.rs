//! Purpose: the scheduler on Lambda: wiring only. It is called by its queue and by two schedules.

use std::sync::Arc;

use aws::blobs::S3Blobs;
use aws::journal::DynamoJournal;
use aws::keys::KmsAppSigner;
use aws::machine::S3Machine;
use aws::queues::SqsDoorbells;
use aws::settings::Settings;
use github_api::GitHub;
use lambda::{Answer, Event, SystemClock};
use scheduler::schedule;

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
    let deps = &scheduler::Deps {
        journal: &journal,
        inbox: &journal,
        clock: &SystemClock,
        doorbells: &doorbells,
        sources: &sources,
        people: &machine,
        capacity: settings.jobs()?,
    };
    let repairs = &schedule::Deps {
        scheduler: deps,
        log: &sources,
        repositories: &machine,
        moves: &sources,
    };
    aws::connect::dynamodb(&config).await;
    let handler = move |event, call: String| async move {
        match event {
            Event::Doorbells(event) => {
                Ok(Answer::Batch(scheduler::handle(deps, event, &call).await))
            }
            Event::Sweep => scheduler::sweep(deps, &call).await.map(|_| Answer::Done),
            Event::Repair => schedule::on_schedule(repairs).await.map(|()| Answer::Done),
            other => Err(other.refused("scheduler")),
        }
    };
    lambda::any(handler).await
}
