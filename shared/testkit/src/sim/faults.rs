//! Purpose: which calls of the ports fail, by seed, and how often it happened.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::ledger::{Entry, Ledger};
use crate::faults::{Faults, Injected};

/// So many times as often as other calls, that which makes a delivery durable fails.
const DELIVERIES_FAIL_MORE: u32 = 10;

/// How bad a world is. Every number is a chance in 10,000.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// A call does not answer, and has done nothing.
    pub fail: u32,
    /// A call does not answer, but has done it.
    pub lose_reply: u32,
    /// A task dies at an await.
    pub crash: u32,
    /// The process dies with all its tasks, and with the messages that it kept in memory.
    pub process: u32,
    /// A message is lost.
    pub lose_message: u32,
    /// A message is delivered twice.
    pub double_message: u32,
    /// A message is late.
    pub late_message: u32,
    /// The clock jumps.
    pub jump: u32,
    /// Whether builds die, people do what they may not, and so on.
    pub unruly: bool,
}

impl Rates {
    /// Nothing goes wrong.
    pub const CALM: Self = Self {
        fail: 0,
        lose_reply: 0,
        crash: 0,
        process: 0,
        lose_message: 0,
        double_message: 0,
        late_message: 0,
        jump: 0,
        unruly: false,
    };

    /// One of four kinds of weather.
    pub fn of(rng: &mut fastrand::Rng) -> Self {
        let scale = *rng.choice(&[0, 1, 1, 2, 4]).unwrap_or(&1);
        Self {
            fail: 40 * scale,
            lose_reply: 40 * scale,
            crash: 15 * scale,
            process: scale,
            lose_message: 300 * scale,
            double_message: 300 * scale,
            late_message: 300 * scale,
            jump: 3 * scale,
            unruly: true,
        }
    }
}

/// Faults drawn from a seed.
pub struct SeededFaults {
    rng: Mutex<fastrand::Rng>,
    rates: Rates,
    on: AtomicBool,
    failed: AtomicU64,
    ambiguous: AtomicU64,
    ledger: Arc<Ledger>,
}

impl SeededFaults {
    /// Faults that are on; every call is noted in the ledger.
    pub fn new(seed: u64, rates: Rates, ledger: Arc<Ledger>) -> Self {
        Self {
            ledger,
            rng: Mutex::new(fastrand::Rng::with_seed(seed)),
            rates,
            on: AtomicBool::new(true),
            failed: AtomicU64::new(0),
            ambiguous: AtomicU64::new(0),
        }
    }

    /// From now on everything works.
    pub fn stop(&self) {
        self.on.store(false, Ordering::Relaxed);
    }

    /// Whether faults still happen.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Calls that failed without effect, and calls whose reply was lost.
    pub fn counts(&self) -> (u64, u64) {
        (
            self.failed.load(Ordering::Relaxed),
            self.ambiguous.load(Ordering::Relaxed),
        )
    }
}

impl Faults for SeededFaults {
    fn at(&self, call: &'static str) -> Injected {
        self.ledger.note(|| Entry::Call(call));
        if !self.is_on() || self.rates.fail + self.rates.lose_reply == 0 {
            return Injected::None;
        }
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        // There are few deliveries, and much depends on each.
        let drawn = match call {
            "inbox.accept" => rng.u32(0..10_000 / DELIVERIES_FAIL_MORE),
            _ => rng.u32(0..10_000),
        };
        if drawn < self.rates.fail {
            self.failed.fetch_add(1, Ordering::Relaxed);
            Injected::FailBefore
        } else if drawn < self.rates.fail + self.rates.lose_reply {
            self.ambiguous.fetch_add(1, Ordering::Relaxed);
            Injected::LoseReply
        } else {
            Injected::None
        }
    }
}
