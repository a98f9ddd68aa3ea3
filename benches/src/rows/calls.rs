//! Purpose: row 3: calls of AWS, counted by a server that stands for it, and on a road through the handlers.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::journal::{DynamoJournal, Tables};
use aws::queues::SqsDoorbells;
use blackbox::stub;
use engine::ports::Function;
use github::Secrets;
use lambda::SystemClock;
use testkit::sim::road::Road;

use super::accepted::{NoBlobs, request};
use super::verify::SECRET;
use crate::Error;
use crate::counts::{take, until_first_build};
use crate::payload::{Payload, push};
use crate::table::Row;

/// Calls until a build has been asked for.
const GOAL_OF_BUILD: usize = 4;

/// The calls of each of these deliveries, made in one process one after another.
pub fn of_deliveries(payloads: &[Payload]) -> Result<Vec<Vec<String>>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (port, noted) = stub::aws();
    let url = format!("http://127.0.0.1:{port}");
    let config = runtime.block_on(aws::client::sdk_config_at(&url));
    let tables = Tables {
        journal: String::new(),
        heads: "heads".to_owned(),
    };
    let inbox = DynamoJournal::new(&config, tables, Arc::new(NoBlobs));
    let queues = BTreeMap::from([(Function::Planner, format!("{url}/1/planner"))]);
    let doorbells = SqsDoorbells::new(&config, queues);
    let secrets = Secrets::new(vec![SECRET.to_vec()])?;
    let deps = webhook::Deps {
        inbox: &inbox,
        doorbells: &doorbells,
        clock: &SystemClock,
        secrets: &secrets,
    };
    let mut all = Vec::new();
    for (number, payload) in payloads.iter().enumerate() {
        let signature = secrets.sign(payload.body.as_bytes());
        let request = request(payload, &signature, number)?;
        let response = runtime.block_on(webhook::handle(&deps, request, "call"));
        if !response.status().is_success() {
            return Err(format!("a delivery was answered with {}", response.status()).into());
        }
        let mut noted = noted.lock().map_err(|error| error.to_string())?;
        all.push(std::mem::take(&mut *noted));
    }
    Ok(all)
}

/// Calls until the delivery is durable; the doorbell comes after it.
fn until_durable(calls: &[String]) -> usize {
    let put = calls.iter().position(|call| call == "PutItem");
    put.map_or(0, |place| place + 1)
}

pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let ignored = Payload {
        event: "watch",
        body: push().body,
    };
    let of_each = of_deliveries(&[push(), push(), ignored])?;
    let [cold, warm, ignored] = of_each.as_slice() else {
        return Err("a delivery is missing".into());
    };
    let (cold, warm) = (until_durable(cold), until_durable(warm));
    let durable = Row::of(3, "calls of AWS until a delivery is durable, cold and warm")
        .pair(
            format!("{cold} and {warm}"),
            "1 and 1: it has to be written",
            (cold + warm) as f64 / 2.0,
        )
        .goal("1 and 1", cold == 1 && warm == 1)
        .peers("3 cold, 1 warm, and no duplicate is dropped");
    let none = Row::of(3, "calls of AWS for an event of which nothing follows")
        .alone(ignored.len().to_string())
        .goal("0", ignored.is_empty());
    let road = Road {
        jobs: 1,
        deploys: false,
    };
    let calls = until_first_build(&take(road)?.entries);
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for call in &calls {
        *kinds.entry(call).or_default() += 1;
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(call, count)| format!("{count} {call}"))
        .collect();
    let build = Row::of(
        3,
        "calls of AWS from a delivery to its first build, all functions",
    )
    .pair(
        format!("{}: {}", calls.len(), kinds.join(", ")),
        format!("{GOAL_OF_BUILD}: deliver, ring, record, start"),
        calls.len() as f64 / GOAL_OF_BUILD as f64,
    )
    .goal(format!("≤ {GOAL_OF_BUILD}"), calls.len() <= GOAL_OF_BUILD);
    Ok(vec![durable, none, build])
}
