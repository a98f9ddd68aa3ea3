//! Purpose: how calls begin by message and what follows from their end or their death: redelivery, retries, or nothing.

use super::agenda::Happening;
use super::driver::Sim;
use super::host::{Answer, Work};
use super::requests::forged_guid;
use super::world::{Message, Seen};

/// Deliveries of one message before it is dropped; the sweep is what repairs.
const MAX_RECEIVES: u32 = 3;

impl Sim {
    pub(super) fn process_dies(&mut self) {
        self.note(|| "the process dies".to_owned());
        while let Some(work) = self.executor.crash(0) {
            self.crashed(work);
        }
        // An embedded machine keeps its messages in memory.
        self.world.state().queue.clear();
    }

    pub(super) fn crashed(&mut self, work: Work) {
        self.crashes += 1;
        self.note(|| format!("crashed: {work:?}"));
        match work {
            Work::Messages(_, messages) => self.redeliver(messages),
            Work::Deliver { push } => self.delivered(push, None),
            Work::Repair => self.repair_broke_off(),
            Work::Claim { build, tries } => {
                self.world.state().claim_answered(&build, tries, None);
            }
            Work::Decide(wish) => {
                // The page did not load: as a rule, the person tries again.
                let mut state = self.world.state();
                if !state.mishap(5_000) {
                    state.after(5_000, Happening::Decide(wish));
                }
            }
            Work::Sweep | Work::Forge { .. } | Work::Cancel { .. } => {}
        }
    }

    fn redeliver(&mut self, messages: Vec<Message>) {
        let mut state = self.world.state();
        for mut message in messages {
            if message.receives < MAX_RECEIVES && self.rng.bool() {
                message.ready_ms = state.real_ms + self.rng.i64(1_000..90_000);
                state.queue.push(message);
            }
        }
    }

    pub(super) fn answered(&mut self, work: Work, answer: Answer) {
        match (work, answer) {
            (Work::Messages(_, messages), Answer::Failed(failed)) => {
                let again = messages.into_iter().enumerate();
                let again = again
                    .filter(|(place, _)| failed.contains(place))
                    .map(|(_, m)| m);
                self.redeliver(again.collect());
            }
            (Work::Deliver { push }, Answer::Status(status)) => {
                self.saw_answer(push, status, false);
                self.delivered(push, Some(status));
            }
            (Work::Repair, Answer::Failed(_)) => self.repair_broke_off(),
            (Work::Forge { push, .. }, Answer::Status(status)) => {
                self.saw_answer(push, status, true);
            }
            (Work::Claim { build, tries }, Answer::Status(status)) => {
                self.world
                    .state()
                    .claim_answered(&build, tries, Some(status));
            }
            _ => {}
        }
    }

    fn saw_answer(&mut self, push: usize, status: u16, forged: bool) {
        let mut state = self.world.state();
        let Some(push) = state.pushes.get(push) else {
            return;
        };
        let guid = if forged {
            forged_guid(push)
        } else {
            push.guid.clone()
        };
        state.seen.push(Seen::Answered {
            guid,
            status,
            forged,
        });
    }

    /// Hands one batch of messages to its function.
    pub(super) fn deliver_message(&mut self) -> bool {
        let mut state = self.world.state();
        let now = state.real_ms;
        let ready: Vec<usize> = (0..state.queue.len())
            .filter(|i| state.queue.get(*i).is_some_and(|m| m.ready_ms <= now))
            .collect();
        let Some(first) = self.rng.choice(&ready).copied() else {
            return false;
        };
        let mut message = state.queue.swap_remove(first);
        message.receives += 1;
        let function = message.function;
        let mut batch = vec![message];
        while batch.len() < 3 && self.rng.u32(0..4) == 0 {
            let more = state
                .queue
                .iter()
                .position(|m| m.function == function && m.ready_ms <= now);
            let Some(more) = more else { break };
            let mut message = state.queue.swap_remove(more);
            message.receives += 1;
            batch.push(message);
        }
        drop(state);
        self.spawn(Work::Messages(function, batch));
        true
    }
}
