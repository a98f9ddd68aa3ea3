//! Purpose: dead-letter queues: what lies in them, and putting it back.
//!
//! A doorbell only says "look at this stream again", so one that is put back twice changes nothing.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry as Release, Message,
    MessageSystemAttributeName as System, QueueAttributeName,
};
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::Doorbell;
use serde_json::Value;

use crate::client::fault;

/// Messages that one look takes at most.
pub const MAX_LISTED: usize = 1000;
/// Messages that one call takes at most, which is SQS's own limit.
const BATCH: i32 = 10;
/// Seconds for which a message that is looked at is hidden from others.
const HIDDEN_SECONDS: i32 = 60;

/// A message that its function could not deal with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// SQS's message id.
    pub id: String,
    /// The stream that it rang for; `None` when it is no doorbell.
    pub stream: Option<StreamId>,
    pub body: String,
    /// Times that it was received, looks into the dead-letter queue among them.
    pub receives: u32,
    /// When it was first sent, milliseconds since the epoch.
    pub sent_ms: i64,
    receipt: String,
}

/// The dead-letter queue of one queue.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    client: Client,
    queue: String,
    dead: String,
}

impl DeadLetters {
    /// The dead letters of the queue with this URL.
    ///
    /// # Errors
    /// `Malformed` when the queue has no dead-letter queue.
    pub async fn of(config: &SdkConfig, queue: &str) -> Result<Self, Fault> {
        let client = Client::new(config);
        let attributes = client
            .get_queue_attributes()
            .queue_url(queue)
            .attribute_names(QueueAttributeName::RedrivePolicy)
            .send()
            .await
            .map_err(|error| fault("SQS GetQueueAttributes", &error))?;
        let policy = attributes
            .attributes()
            .and_then(|all| all.get(&QueueAttributeName::RedrivePolicy));
        let name = policy.and_then(|policy| target(policy)).ok_or_else(|| {
            Fault::Malformed(format!(
                "{queue} has no dead-letter queue; deploy template.yaml again"
            ))
        })?;
        let found = client.get_queue_url().queue_name(name).send().await;
        let found = found.map_err(|error| fault("SQS GetQueueUrl", &error))?;
        Ok(Self {
            client,
            queue: queue.to_owned(),
            dead: found.queue_url().unwrap_or_default().to_owned(),
        })
    }

    /// What lies there, the oldest first, at most `limit` and [`MAX_LISTED`]. Nothing is taken away.
    pub async fn list(&self, limit: usize) -> Result<Vec<DeadLetter>, Fault> {
        let letters = self.hold(limit).await?;
        self.release(&letters).await?;
        Ok(letters)
    }

    /// Puts messages back into the queue that they came from: all, or those with these ids. Tells how many.
    pub async fn redrive(&self, only: Option<&[String]>) -> Result<usize, Fault> {
        let (wanted, rest): (Vec<DeadLetter>, Vec<DeadLetter>) = self
            .hold(MAX_LISTED)
            .await?
            .into_iter()
            .partition(|letter| only.is_none_or(|ids| ids.contains(&letter.id)));
        self.release(&rest).await?;
        for letter in &wanted {
            self.put_back(letter).await?;
        }
        Ok(wanted.len())
    }

    /// Puts a message that is held back into the queue that it came from.
    pub async fn put_back(&self, letter: &DeadLetter) -> Result<(), Fault> {
        // Sent before it is deleted: killed in between, it is there twice, and never lost.
        let send = self.client.send_message().queue_url(&self.queue);
        let sent = send.message_body(&letter.body).send().await;
        sent.map_err(|error| fault("SQS SendMessage", &error))?;
        let delete = self.client.delete_message().queue_url(&self.dead);
        let deleted = delete.receipt_handle(&letter.receipt).send().await;
        deleted.map_err(|error| fault("SQS DeleteMessage", &error))?;
        Ok(())
    }

    /// What lies there, the oldest first, hidden from others for a minute or until it is released.
    pub async fn hold(&self, limit: usize) -> Result<Vec<DeadLetter>, Fault> {
        let limit = limit.min(MAX_LISTED);
        let mut found: BTreeMap<String, DeadLetter> = BTreeMap::new();
        while found.len() < limit {
            let page = self
                .client
                .receive_message()
                .queue_url(&self.dead)
                .max_number_of_messages(BATCH)
                .visibility_timeout(HIDDEN_SECONDS)
                // Long polling asks every server of the queue; short polling may miss messages.
                .wait_time_seconds(1)
                .message_system_attribute_names(System::ApproximateReceiveCount)
                .message_system_attribute_names(System::SentTimestamp)
                .send()
                .await
                .map_err(|error| fault("SQS ReceiveMessage", &error))?;
            let before = found.len();
            let letters = page.messages.unwrap_or_default().into_iter().map(letter);
            found.extend(letters.map(|letter| (letter.id.clone(), letter)));
            if found.len() == before {
                break;
            }
        }
        let mut letters: Vec<DeadLetter> = found.into_values().collect();
        letters.sort_by(|a, b| (a.sent_ms, &a.id).cmp(&(b.sent_ms, &b.id)));
        Ok(letters)
    }

    /// Makes messages that are held visible again at once.
    pub async fn release(&self, letters: &[DeadLetter]) -> Result<(), Fault> {
        for batch in letters.chunks(BATCH.unsigned_abs() as usize) {
            let mut call = self
                .client
                .change_message_visibility_batch()
                .queue_url(&self.dead);
            for (index, letter) in batch.iter().enumerate() {
                let entry = Release::builder()
                    .id(index.to_string())
                    .receipt_handle(&letter.receipt)
                    .visibility_timeout(0)
                    .build()
                    .map_err(|error| Fault::Malformed(format!("a dead letter: {error}")))?;
                call = call.entries(entry);
            }
            let released = call.send().await;
            released.map_err(|error| fault("SQS ChangeMessageVisibilityBatch", &error))?;
        }
        Ok(())
    }
}

/// The name of the queue in a redrive policy: the last part of its ARN.
fn target(policy: &str) -> Option<String> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    let arn = policy.get("deadLetterTargetArn")?.as_str()?;
    arn.rsplit(':').next().map(str::to_owned)
}

fn letter(message: Message) -> DeadLetter {
    let number = |name: &System| {
        let attributes = message.attributes();
        let text = attributes.and_then(|all| all.get(name));
        text.and_then(|text| text.parse::<i64>().ok())
            .unwrap_or_default()
    };
    let receives = number(&System::ApproximateReceiveCount);
    let sent_ms = number(&System::SentTimestamp);
    let body = message.body.unwrap_or_default();
    let doorbell = serde_json::from_str::<Doorbell>(&body).ok();
    DeadLetter {
        id: message.message_id.unwrap_or_default(),
        stream: doorbell.and_then(|doorbell| StreamId::parse(doorbell.stream.as_str())),
        receives: u32::try_from(receives).unwrap_or_default(),
        sent_ms,
        receipt: message.receipt_handle.unwrap_or_default(),
        body,
    }
}
