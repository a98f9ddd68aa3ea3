//! Purpose: doorbells and dead letters.

use std::collections::BTreeMap;

use aws::queues::{DeadLetters, SqsDoorbells};
use domain::kernel::StreamId;
use engine::ports::{Doorbell, Doorbells, Function};

use super::counterpart::next;
use super::{on_aws, queue, waiting};

fn stream(guid: &str) -> StreamId {
    StreamId::delivery(guid)
}

#[test]
fn a_doorbell_is_a_message_that_names_its_stream() {
    on_aws(async |config| {
        let (sqs, url, _) = queue(&config).await;
        let doorbells =
            SqsDoorbells::new(&config, BTreeMap::from([(Function::Planner, url.clone())]));
        let doorbell = Doorbell {
            stream: stream("g-1"),
        };
        doorbells.ring(Function::Planner, &doorbell).await.unwrap();
        let bodies = waiting(&sqs, &url).await;
        assert_eq!(bodies, [serde_json::to_string(&doorbell).unwrap()]);
        let other = doorbells
            .ring(Function::Deployer, &doorbell)
            .await
            .unwrap_err();
        assert!(
            other.to_string().contains("SLIPWAY_QUEUE_DEPLOYER"),
            "{other}"
        );
        let gone = BTreeMap::from([(Function::Planner, format!("{url}-gone"))]);
        let gone = SqsDoorbells::new(&config, gone)
            .ring(Function::Planner, &doorbell)
            .await;
        // A deployment that lacks something is no stream's fault.
        assert!(gone.unwrap_err().is_transient());
    });
}

#[test]
fn dead_letters_are_listed_without_being_taken_and_put_back_when_asked() {
    on_aws(async |config| {
        let (sqs, url, dead) = queue(&config).await;
        let count = 23;
        for index in 0..count {
            let body = serde_json::to_string(&Doorbell {
                stream: stream(&format!("g-{index}")),
            })
            .unwrap();
            sqs.send_message()
                .queue_url(&dead)
                .message_body(body)
                .send()
                .await
                .unwrap();
        }
        sqs.send_message()
            .queue_url(&dead)
            .message_body("no doorbell")
            .send()
            .await
            .unwrap();
        let letters = DeadLetters::of(&config, &url).await.unwrap();
        for _ in 0..2 {
            let listed = letters.list(1000).await.unwrap();
            assert_eq!(listed.len(), count + 1);
            assert!(
                listed
                    .iter()
                    .all(|letter| letter.receives >= 1 && letter.sent_ms > 0)
            );
            let without: Vec<&str> = listed
                .iter()
                .filter(|letter| letter.stream.is_none())
                .map(|letter| letter.body.as_str())
                .collect();
            assert_eq!(without, ["no doorbell"]);
        }
        let first = letters.list(1000).await.unwrap();
        let first = first.iter().find(|letter| letter.stream.is_some()).unwrap();
        let put_back = letters
            .redrive(Some(std::slice::from_ref(&first.id)))
            .await
            .unwrap();
        assert_eq!(
            (put_back, letters.list(1000).await.unwrap().len()),
            (1, count)
        );
        assert_eq!(waiting(&sqs, &url).await, std::slice::from_ref(&first.body));
        assert_eq!(letters.redrive(None).await.unwrap(), count);
        assert!(letters.list(1000).await.unwrap().is_empty());
    });
}

#[test]
fn a_queue_without_a_dead_letter_queue_is_said() {
    on_aws(async |config| {
        let sqs = aws_sdk_sqs::Client::new(&config);
        let made = sqs
            .create_queue()
            .queue_name(format!("plain-{}", next()))
            .send()
            .await
            .unwrap();
        let fault = DeadLetters::of(&config, &made.queue_url.unwrap())
            .await
            .unwrap_err();
        assert!(
            fault.to_string().contains("no dead-letter queue"),
            "{fault}"
        );
    });
}
