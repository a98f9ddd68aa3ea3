//! Purpose: the webhook on Lambda: wiring only.

use std::sync::Arc;

use aws::blobs::S3Blobs;
use aws::journal::{DynamoJournal, Tables};
use aws::queues::SqsDoorbells;
use aws::secrets::webhook_secrets;
use aws::settings::Settings;
use engine::ports::Function;
use github::Secrets;
use lambda::SystemClock;
use std::collections::BTreeMap;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::lines::init()?;
    let settings = Settings::from_env();
    let config = aws::client::sdk_config().await;
    let blobs = S3Blobs::new(&config, settings.bucket()?);
    let tables = Tables {
        // It accepts deliveries, which are heads, and appends nothing.
        journal: String::new(),
        heads: settings.heads_table()?,
    };
    let inbox = DynamoJournal::new(&config, tables, Arc::new(blobs));
    let planner = settings.queue(Function::Planner)?;
    let doorbells = SqsDoorbells::new(&config, BTreeMap::from([(Function::Planner, planner)]));
    let secrets = webhook_secrets(&config, &settings.webhook_secret()?).await?;
    let secrets = Secrets::new(secrets)?;
    let deps = &webhook::Deps {
        inbox: &inbox,
        doorbells: &doorbells,
        clock: &SystemClock,
        secrets: &secrets,
    };
    aws::connect::dynamodb(&config).await;
    aws::connect::sqs(&config).await;
    lambda::http(move |request, call| async move { webhook::handle(deps, request, &call).await })
        .await
}
