//! Purpose: what must hold once faults have stopped: L1 to L6, the acknowledgements once more, and S18.

use domain::ids::PersonId;
use domain::kernel::StreamId;
use domain::run::{Command, Run};
use engine::ports::{Appended, HeadUpdate, Journal, Position, Record, StoredEvent};
use engine::{Fault, Invocation, Refused, chain};

use super::{Broken, Checker, broken};
use crate::memory::MemoryJournal;
use crate::sim::requests::forged_guid;
use crate::sim::world::World;
use crate::yielding::block_on;

/// Schedules go on for ever; everything else ends.
fn goes_on(stream: &StreamId) -> bool {
    stream.kind() == "repository"
}

impl Checker {
    /// Whether every stream has come to its end.
    pub fn all_ended(&self, journal: &MemoryJournal) -> bool {
        journal.all_ended_but("repository/")
    }

    /// What did not come to rest.
    pub fn stuck(&self, world: &World) -> Broken {
        let heads = world.journal.memory.all_heads();
        let waiting: Vec<String> = heads
            .values()
            .filter(|head| !head.ended && !goes_on(&head.stream))
            .map(|head| {
                format!(
                    "{} (due {:?}, {:?}, {})",
                    head.stream, head.due, head.quarantine, head.summary
                )
            })
            .collect();
        let state = world.state();
        let runs = waiting.iter().any(|line| line.starts_with("run/"));
        let law = if runs { "L1" } else { "L2" };
        let what = format!(
            "does not come to rest: {} messages, {} happenings, {}",
            state.queue.len(),
            state.agenda.len(),
            waiting.join("; ")
        );
        Broken { law, what }
    }

    /// Everything is at rest: nothing is owed, nothing is held, nothing was lost.
    pub fn at_rest(&self, world: &World) -> Result<(), Broken> {
        let journal = &world.journal.memory;
        for (stream, head) in journal.all_heads() {
            if let Some(why) = &head.quarantine {
                return broken("L1", format!("{stream} was given up: {why}"));
            }
            if goes_on(&stream) {
                continue;
            }
            // L1, L2 and the deliveries: the run is over, the lane is free, the delivery is answered.
            if !head.ended {
                return broken("L1", format!("{stream} has not ended"));
            }
            if self
                .streams
                .get(&stream)
                .is_none_or(|followed| followed.fold.owes())
            {
                return broken("L3", format!("{stream} has ended and still owes something"));
            }
        }
        for ack in &self.acks {
            self.acknowledged(ack)?;
        }
        let state = world.state();
        for push in &state.pushes {
            let guid = forged_guid(push);
            if journal.peek_head(&StreamId::delivery(&guid)).is_some() {
                return broken("S17", format!("the forged {guid} was accepted"));
            }
        }
        for attempt in &state.attempts {
            let guid = &attempt.listed.guid;
            if journal.peek_head(&StreamId::delivery(guid)).is_none() {
                return broken("L6", format!("the delivery {guid} never arrived"));
            }
        }
        drop(state);
        self.shown_at_the_end(world)?;
        self.unknown_event_means_no(world)
    }

    /// S18: a copy of a run with an event that this program does not know takes no command.
    fn unknown_event_means_no(&self, world: &World) -> Result<(), Broken> {
        let Some(stream) = self.runs.keys().next() else {
            return Ok(());
        };
        let all = world.journal.memory.all_records();
        let copy = MemoryJournal::default();
        let told = block_on(async {
            let records = all.get(stream).cloned().unwrap_or_default();
            // Cut off before its end, so that the command would otherwise be taken.
            let kept = records.get(..1).unwrap_or_default();
            store(&copy, stream, kept).await?;
            let position = Position::after(kept);
            let unknown = StoredEvent {
                kind: "SomethingNew".to_owned(),
                version: 1,
                body: "{}".to_owned(),
            };
            let mut record = Record {
                number: position.number() + 1,
                id: "unknown".to_owned(),
                previous: position.hash().clone(),
                hash: domain::ids::Digest::new(""),
                at_ms: 0,
                actor: "a newer program".to_owned(),
                cause: "simulated".to_owned(),
                events: vec![unknown],
            };
            record.hash = chain::hash(stream, &record);
            store(&copy, stream, &[kept, &[record]].concat()).await?;
            let calm = crate::sim::world::World::calm(world);
            let invocation = Invocation::new(&copy, &*calm, &*calm, "person:1", "S18");
            let command = Command::Cancel {
                by: Some(PersonId(1)),
                reason: "S18".to_owned(),
            };
            let refused = match invocation.submit::<Run>(stream, &command).await {
                Err(Refused::Fault(Fault::Corrupt { .. })) => true,
                Ok(_) | Err(_) => false,
            };
            Ok::<bool, Fault>(refused && copy.commits() == kept.len() + 1)
        });
        match told {
            Ok(true) => Ok(()),
            Ok(false) => broken(
                "S18",
                format!("{stream} took a command after an unknown event"),
            ),
            Err(fault) => broken("S18", format!("the copy could not be made: {fault}")),
        }
    }
}

/// Stores these records, those that are there already left as they are.
async fn store(
    journal: &MemoryJournal,
    stream: &StreamId,
    records: &[Record],
) -> Result<(), Fault> {
    let head = HeadUpdate {
        due: None,
        ended: false,
        summary: serde_json::Value::Null,
        snapshot: None,
    };
    for (index, record) in records.iter().enumerate() {
        let position = Position::after(records.get(..index).unwrap_or_default());
        if journal.append(stream, &position, record, &head).await? != Appended::Done {
            return Err(Fault::Malformed(format!(
                "{stream} #{} was not stored",
                record.number
            )));
        }
    }
    Ok(())
}
