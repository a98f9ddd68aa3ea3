//! Purpose: how deliveries went, and when the machine compares GitHub's list with what it has.

use engine::ports::DeliveryAttempt;

use super::driver::Sim;
use super::host::Work;
use super::world::Attempt;

/// Between two comparisons.
const REPAIR_MS: i64 = 5 * 60_000;

impl Sim {
    /// GitHub notes how a delivery went: with this status, or with no answer at all.
    pub(super) fn delivered(&mut self, push: usize, status: Option<u16>) {
        let mut state = self.world.state();
        let Some((guid, event)) = state
            .pushes
            .get(push)
            .map(|push| (push.guid.clone(), push.sent.event()))
        else {
            return;
        };
        let arrived = status.is_some_and(|status| (200..300).contains(&status));
        let listed = DeliveryAttempt {
            id: state.attempts.len() as u64,
            guid,
            event: event.to_owned(),
            at: state.now(),
            arrived,
        };
        state.attempts.push(Attempt { listed, push });
        state.gap |= !arrived;
    }

    /// When deliveries are compared next; never, while all arrived: that look would find nothing.
    pub(super) fn next_repair(&self) -> Option<i64> {
        self.world.state().gap.then_some(self.next_repair_ms)
    }

    pub(super) fn repair_if_due(&mut self) {
        let now = self.world.state().real_ms;
        let due = self.next_repair().is_some_and(|at| at <= now);
        if due && !self.executor.any(|work| matches!(work, Work::Repair)) {
            self.next_repair_ms = now + REPAIR_MS;
            self.world.state().gap = false;
            self.spawn(Work::Repair);
        }
    }

    /// It did not come to its end, so the next one has to look.
    pub(super) fn repair_broke_off(&mut self) {
        self.world.state().gap = true;
    }
}
