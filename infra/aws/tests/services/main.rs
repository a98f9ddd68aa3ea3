//! Purpose: SQS, KMS, Secrets Manager, SES, SNS and the machine's file, as an emulator answers them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../counterpart/mod.rs"]
mod counterpart;
mod keys;
mod people;
mod queues;

use aws_config::SdkConfig;
use aws_sdk_sqs::types::QueueAttributeName;

use counterpart::{config, ministack, next, runtime};

/// Runs the work against an account of its own.
pub fn on_aws<F: Future<Output = ()>>(work: impl FnOnce(SdkConfig) -> F) {
    let Some(server) = ministack() else { return };
    runtime().block_on(async {
        let config = config(&server.url(), &testbed::account()).await;
        work(config).await;
    });
}

/// A queue with a dead-letter queue behind it.
pub async fn queue(config: &SdkConfig) -> (aws_sdk_sqs::Client, String, String) {
    let sqs = aws_sdk_sqs::Client::new(config);
    let number = next();
    let dead = sqs
        .create_queue()
        .queue_name(format!("dead-{number}"))
        .send()
        .await
        .unwrap();
    let dead = dead.queue_url.unwrap();
    let arn = sqs
        .get_queue_attributes()
        .queue_url(&dead)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .unwrap();
    let arn = arn.attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"1"}}"#);
    let call = sqs.create_queue().queue_name(format!("doorbells-{number}"));
    let call = call.attributes(QueueAttributeName::RedrivePolicy, policy);
    let queue = call.send().await.unwrap().queue_url.unwrap();
    (sqs, queue, dead)
}

pub async fn waiting(sqs: &aws_sdk_sqs::Client, queue: &str) -> Vec<String> {
    let call = sqs
        .receive_message()
        .queue_url(queue)
        .max_number_of_messages(10);
    let page = call.visibility_timeout(0).send().await.unwrap();
    let messages = page.messages.unwrap_or_default();
    messages
        .into_iter()
        .map(|message| message.body.unwrap())
        .collect()
}

#[test]
fn connecting_ahead_of_time_calls_nothing_and_never_fails() {
    on_aws(async |config| {
        aws::connect::dynamodb(&config).await;
        aws::connect::sqs(&config).await;
        // Nor does it when nobody answers.
        let nowhere = config
            .to_builder()
            .endpoint_url("http://127.0.0.1:1")
            .build();
        aws::connect::sqs(&nowhere).await;
    });
}
