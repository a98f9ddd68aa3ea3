//! Purpose: what the mains of all functions share on Lambda: adapters of handlers, log lines with metrics, the clock.

mod event;
pub mod lines;
mod run;

use engine::ports::Clock;
use jiff::Timestamp;

pub use event::{Answer, Event};
pub use lambda_runtime::Error;
pub use run::{any, http, queue};

/// The time of this computer, which Lambda keeps right.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
