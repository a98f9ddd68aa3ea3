//! Purpose: row 6: what it costs to load a run, per event, and that this does not grow with the run.

use std::hint::black_box;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use domain::kernel::{Machine as _, StreamId};
use domain::run::{Event, Run};
use engine::ports::{Appended, Head, HeadCursor, HeadUpdate, Journal, Position, Record, Snapshot};
use engine::{Fault, chain, load};
use jiff::Timestamp;
use testkit::sim::ledger::Entry;
use testkit::sim::road::Road;
use testkit::yielding::block_on;

use crate::Error;
use crate::counts::take;
use crate::measure::{in_turns, time};
use crate::table::Row;

const GOAL: f64 = 1.5;
/// What the cost of an event may grow by from the shortest run to the longest.
const GOAL_OF_GROWTH: f64 = 1.5;
const LENGTHS: [usize; 4] = [10, 100, 1_000, 10_000];
/// Events that are replayed for one sample at least.
const EVENTS: usize = 1_000;
const SAMPLES: usize = 60;

/// A journal that hands out one stream, which was read before.
struct Shelf(Mutex<Vec<Vec<Record>>>);

#[async_trait]
impl Journal for Shelf {
    async fn read(&self, _: &StreamId, _: u64) -> Result<Vec<Record>, Fault> {
        let copy = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        copy.ok_or_else(|| nothing("read"))
    }

    async fn tail(&self, _: &StreamId, _: usize) -> Result<Vec<Record>, Fault> {
        Err(nothing("tail"))
    }

    async fn snapshot(&self, _: &StreamId) -> Result<Option<Snapshot>, Fault> {
        Err(nothing("snapshot"))
    }

    async fn append(
        &self,
        _: &StreamId,
        _: &Position,
        _: &Record,
        _: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        Err(nothing("append"))
    }

    async fn head(&self, _: &StreamId) -> Result<Option<Head>, Fault> {
        Err(nothing("head"))
    }

    async fn heads(&self, _: &str, _: Option<&HeadCursor>, _: usize) -> Result<Vec<Head>, Fault> {
        Err(nothing("heads"))
    }

    async fn due(&self, _: Timestamp, _: usize) -> Result<Vec<Head>, Fault> {
        Err(nothing("due"))
    }

    async fn reschedule(
        &self,
        _: &StreamId,
        _: u64,
        _: Option<Timestamp>,
        _: u32,
    ) -> Result<(), Fault> {
        Err(nothing("reschedule"))
    }

    async fn quarantine(&self, _: &StreamId, _: Option<&str>) -> Result<(), Fault> {
        Err(nothing("quarantine"))
    }
}

fn nothing(call: &str) -> Fault {
    Fault::Unavailable(format!("the shelf has nothing for {call}"))
}

/// The commits of a run of ten jobs as its handlers wrote them.
fn written() -> Result<(StreamId, Vec<Record>), Error> {
    let road = Road {
        jobs: 10,
        deploys: false,
    };
    let mut stream = None;
    let mut records = Vec::new();
    for entry in take(road)?.entries {
        if let Entry::Committed(commit) = entry
            && commit.stream.kind() == Run::KIND
        {
            stream = Some(commit.stream.clone());
            records.push(commit.record);
        }
    }
    let stream = stream.ok_or("the road had no run")?;
    Ok((stream, records))
}

/// A run of at least so many events: it opens, then what happened to its jobs happens again and again.
fn lengthened(stream: &StreamId, records: &[Record], events: usize) -> Vec<Record> {
    let (Some(first), Some(middle)) = (
        records.first(),
        records.get(1..records.len().saturating_sub(1)),
    ) else {
        return Vec::new();
    };
    let mut long: Vec<Record> = Vec::new();
    let mut held = 0;
    for record in std::iter::once(first).chain(middle.iter().cycle()) {
        if held >= events {
            break;
        }
        let end = Position::after(&long);
        let mut record = record.clone();
        (record.number, record.previous) = (end.number() + 1, end.hash().clone());
        record.hash = chain::hash(stream, &record);
        held += record.events.len();
        long.push(record);
    }
    long
}

/// The same events as bytes of JSON, as they would be kept without a journal.
fn bytes(records: &[Record]) -> Vec<Vec<u8>> {
    let events = records.iter().flat_map(|record| &record.events);
    events
        .map(|event| format!("{{\"{}\":{}}}", event.kind, event.body).into_bytes())
        .collect()
}

fn plainly(events: &[Vec<u8>]) -> Option<Run> {
    let mut run = Run::default();
    for event in events {
        let event: Event = serde_json::from_slice(event).ok()?;
        run = run.evolve(&event);
    }
    Some(run)
}

struct Measured {
    length: usize,
    ours: f64,
    other: f64,
    chained: f64,
}

fn measure(stream: &StreamId, records: &[Record], length: usize) -> Result<Measured, Error> {
    let records = lengthened(stream, records, length);
    let events = bytes(&records);
    let repeat = u32::try_from(EVENTS.div_ceil(events.len()))?;
    let copies = (SAMPLES + 1) * repeat as usize;
    let shelf = Shelf(Mutex::new(vec![records.clone(); copies]));
    let loaded = Shelf(Mutex::new(vec![records.clone()]));
    let ours = block_on(load::<Run>(&loaded, stream))?.state;
    if plainly(&events).as_ref() != Some(&ours) || ours.opening.is_none() {
        return Err("both ways have to come to the same state".into());
    }
    let pair = in_turns(
        SAMPLES,
        repeat,
        || {
            black_box(block_on(load::<Run>(&shelf, stream)).is_ok());
        },
        || {
            black_box(plainly(black_box(&events)).is_some());
        },
    )?;
    let chain = in_turns(
        SAMPLES,
        repeat,
        || {
            black_box(chain::verify(stream, &Position::after(&[]), black_box(&records)).is_ok());
        },
        || (),
    )?;
    let each = events.len() as f64;
    Ok(Measured {
        length: events.len(),
        ours: pair.ours / each,
        other: pair.other / each,
        chained: chain.ours / each,
    })
}

pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let (stream, records) = written()?;
    let mut rows = Vec::new();
    let mut all = Vec::new();
    for length in LENGTHS {
        let measured = measure(&stream, &records, length)?;
        let ratio = measured.ours / measured.other;
        let what = format!("load a run of {} events, per event", measured.length);
        let row = Row::of(6, what)
            .pair(
                format!(
                    "{}, {} of it for the hash chain",
                    time(measured.ours),
                    time(measured.chained)
                ),
                format!("{} serde_json + apply", time(measured.other)),
                ratio,
            )
            .goal(format!("≤ {GOAL}"), ratio <= GOAL)
            .peers("dynamo-es about 1,000 ns");
        rows.push(row);
        all.push(measured.ours);
    }
    // The opening is the one large event, and weighs most in a short run.
    if let [_, short, .., long] = all.as_slice() {
        let growth = long / short;
        let row = Row::of(6, "an event of the longest run over one of a run of 100")
            .pair(time(*long), time(*short), growth)
            .goal(format!("≤ {GOAL_OF_GROWTH}"), growth <= GOAL_OF_GROWTH);
        rows.push(row);
    }
    Ok(rows)
}
