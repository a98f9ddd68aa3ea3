//! Purpose: row 10: what a thousand pipelines cost, and what a delivery costs in the log.

use github::Secrets;
use lambda::SystemClock;
use testkit::memory::MemoryJournal;
use testkit::sim::road::Road;
use testkit::yielding::block_on;

use super::accepted::{Silent, request};
use super::verify::SECRET;
use crate::Error;
use crate::cost::{ACTION_MINUTE, ACTION_MINUTES, Counted, logged};
use crate::payload::push;
use crate::table::Row;

/// Dollars that a thousand pipelines may cost.
const GOAL: f64 = 0.03;
/// Bytes of log that an accepted delivery may write; `infra/lambda` holds it by a test.
const GOAL_OF_LOG: u64 = 400;

fn of_road(name: &str, road: Road) -> Result<Row, Error> {
    let counted = Counted::on(road)?;
    let dollars = counted.dollars() * 1_000.0;
    let other = ACTION_MINUTE * ACTION_MINUTES * 1_000.0;
    let parts: Vec<String> = counted
        .parts()
        .iter()
        .map(|(part, dollars)| format!("{part} {:.3}", dollars * 1_000.0))
        .collect();
    let what = format!(
        "1,000 pipelines: {name}; {} invocations, {} write units, {} read units, {:.1} KB of log each",
        counted.all_invocations(),
        counted.units.writes(),
        counted.units.reads,
        counted.log_bytes as f64 / 1e3
    );
    let row = Row::of(10, what)
        .pair(
            format!("${dollars:.2}: {}", parts.join(", ")),
            format!("${other:.2} CodePipeline V2"),
            dollars / other,
        )
        .goal(format!("≤ ${GOAL}"), dollars <= GOAL);
    Ok(row)
}

/// Bytes of the line that an accepted delivery writes.
fn of_delivery() -> Result<u64, Error> {
    let secrets = Secrets::new(vec![SECRET.to_vec()])?;
    let payload = push();
    let request = request(&payload, &secrets.sign(payload.body.as_bytes()), 1)?;
    let journal = MemoryJournal::default();
    let deps = webhook::Deps {
        inbox: &journal,
        doorbells: &Silent,
        clock: &SystemClock,
        secrets: &secrets,
    };
    let (response, bytes) = logged(|| block_on(webhook::handle(&deps, request, "call")));
    if response.status() != 202 {
        return Err(format!("the delivery was answered with {}", response.status()).into());
    }
    Ok(bytes)
}

pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let road = |jobs, deploys| Road { jobs, deploys };
    let bytes = of_delivery()?;
    let log = Row::of(10, "bytes of log of an accepted delivery")
        .alone(bytes.to_string())
        .goal(format!("≤ {GOAL_OF_LOG}"), bytes <= GOAL_OF_LOG);
    Ok(vec![
        of_road("one job", road(1, false))?,
        of_road("ten jobs", road(10, false))?,
        of_road("ten jobs, staging, production", road(10, true))?,
        log,
    ])
}
