//! Purpose: one step of waiting, where an executor may run something else or drop the future.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Gives the executor one turn: pending once, with its waker already rung, then ready.
pub fn yield_now() -> YieldNow {
    YieldNow { waited: false }
}

/// See [`yield_now`].
#[derive(Debug)]
#[must_use = "it waits only when it is awaited"]
pub struct YieldNow {
    waited: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.waited {
            return Poll::Ready(());
        }
        self.waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Drives one future on this thread, for tests that need no executor of their own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(std::task::Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}
