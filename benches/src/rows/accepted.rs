//! Purpose: row 2: a delivery through the whole handler and the real store, one call of AWS, against a server on this machine.

use std::sync::Arc;

use async_trait::async_trait;
use aws::journal::{DynamoJournal, Tables};
use aws_sdk_dynamodb::types::AttributeValue;
use blackbox::stub;
use domain::ids::Digest;
use engine::Fault;
use engine::ports::{Blobs, Doorbell, Doorbells, Function};
use github::Secrets;
use lambda::SystemClock;
use lambda_http::{Body, Request};
use tokio::runtime::Runtime;

use super::verify::{SECRET, claimed, limit};
use crate::Error;
use crate::measure::{lowest_decile, thread_ns, time};
use crate::payload::{Payload, pull_request, push};
use crate::table::Row;

const GOAL: f64 = 1.5;
const SAMPLES: usize = 1_500;

/// Nothing that is measured here is large.
pub(super) struct NoBlobs;

#[async_trait]
impl Blobs for NoBlobs {
    async fn put(&self, _: &[u8]) -> Result<Digest, Fault> {
        Err(Fault::Malformed("there is no blob store".to_owned()))
    }

    async fn get(&self, _: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }
}

/// The doorbell is not what is measured here.
pub(super) struct Silent;

#[async_trait]
impl Doorbells for Silent {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Ok(())
    }
}

/// A request as the function gets it.
pub(super) fn request(payload: &Payload, signature: &str, number: usize) -> Result<Request, Error> {
    Ok(lambda_http::http::Request::builder()
        .method("POST")
        .uri("/webhook")
        .header("content-type", "application/json")
        .header("x-github-event", payload.event)
        .header("x-github-delivery", format!("guid-{number}"))
        .header("x-hub-signature-256", signature)
        .body(Body::Text(payload.body.clone()))?)
}

async fn put(client: &aws_sdk_dynamodb::Client, payload: &Payload, number: usize) -> bool {
    let put = client
        .put_item()
        .table_name("heads")
        .item("p", AttributeValue::S(format!("delivery/guid-{number}")))
        .item("b", AttributeValue::S(payload.body.clone()));
    put.send().await.is_ok()
}

fn measure(runtime: &Runtime, payload: &Payload) -> Result<Row, Error> {
    let (port, _) = stub::aws();
    let url = format!("http://127.0.0.1:{port}");
    let config = runtime.block_on(aws::client::sdk_config_at(&url));
    let client = aws_sdk_dynamodb::Client::new(&config);
    let tables = Tables {
        journal: String::new(),
        heads: "heads".to_owned(),
    };
    let inbox = DynamoJournal::new(&config, tables, Arc::new(NoBlobs));
    let secrets = Secrets::new(vec![SECRET.to_vec()])?;
    let signature = secrets.sign(payload.body.as_bytes());
    let claimed = claimed(&signature)?;
    let deps = webhook::Deps {
        inbox: &inbox,
        doorbells: &Silent,
        clock: &SystemClock,
        secrets: &secrets,
    };
    let (mut ours, mut other) = (Vec::new(), Vec::new());
    for number in 0..SAMPLES {
        let request = request(payload, &signature, number)?;
        let from = thread_ns()?;
        let response = runtime.block_on(webhook::handle(&deps, request, "call"));
        ours.push((thread_ns()? - from) as f64);
        if response.status() != 202 {
            return Err(format!("the delivery was answered with {}", response.status()).into());
        }
        let from = thread_ns()?;
        let read = limit(payload.body.as_bytes(), &claimed);
        let stored = runtime.block_on(put(&client, payload, number));
        other.push((thread_ns()? - from) as f64);
        if read.is_none() || !stored {
            return Err("the item was not stored".into());
        }
    }
    let (ours, other) = (lowest_decile(ours), lowest_decile(other));
    let ratio = ours / other;
    let row = Row::of(2, format!("accept a {}, one call of AWS", payload.name()))
        .pair(
            time(ours),
            format!("{} row 1's limit + one PutItem of the SDK", time(other)),
            ratio,
        )
        .goal(format!("≤ {GOAL}"), ratio <= GOAL)
        .peers("terraform-aws-github-runner 637 µs");
    Ok(row)
}

pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    [push(), pull_request()]
        .iter()
        .map(|payload| measure(&runtime, payload))
        .collect()
}
