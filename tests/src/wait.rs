//! Purpose: waiting for something that another process does.

use std::time::{Duration, Instant};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks until there is something to see; fails the test when there is nothing within `patience`.
pub fn eventually<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(
            begun.elapsed() < patience,
            "not within {patience:?}: {what}"
        );
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Looks until it holds; two minutes are enough for anything here, also on a slow computer.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    eventually(what, Duration::from_secs(120), || holds().then_some(()));
}
