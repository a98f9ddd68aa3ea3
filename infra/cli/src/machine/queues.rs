//! Purpose: the doorbells of the embedded machine: one set for each function, a stream once. What is lost here is found by
//! the sweep, so nothing is stored.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Doorbell, Doorbells, Function};
use tokio::sync::Notify;

/// Doorbells that wait for one function at most; more are left to the sweep.
const MAX_WAITING: usize = 10_000;

/// All queues of a machine.
#[derive(Default)]
pub struct Queues {
    inner: Mutex<BTreeMap<Function, Queue>>,
    rung: BTreeMap<Function, Notify>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<StreamId>,
    /// Streams that a worker looks at now; rung again, they wait until it is done.
    at_work: BTreeSet<StreamId>,
    again: BTreeSet<StreamId>,
}

impl Queues {
    /// Empty queues for every function.
    pub fn new() -> Self {
        let rung = Function::ALL
            .into_iter()
            .map(|function| (function, Notify::new()))
            .collect();
        Self {
            inner: Mutex::default(),
            rung,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Function, Queue>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings one function.
    pub fn push(&self, function: Function, stream: StreamId) {
        {
            let mut queues = self.lock();
            let queue = queues.entry(function).or_default();
            if queue.at_work.contains(&stream) {
                queue.again.insert(stream);
                return;
            }
            if queue.waiting.contains(&stream) || queue.waiting.len() >= MAX_WAITING {
                return;
            }
            queue.waiting.push_back(stream);
        }
        self.notify(function);
    }

    fn notify(&self, function: Function) {
        if let Some(rung) = self.rung.get(&function) {
            rung.notify_one();
        }
    }

    /// Waits for the next stream; give it back with [`Queues::done`].
    pub async fn next(&self, function: Function) -> StreamId {
        loop {
            if let Some(stream) = self.take(function) {
                return stream;
            }
            match self.rung.get(&function) {
                Some(rung) => rung.notified().await,
                None => std::future::pending().await,
            }
        }
    }

    fn take(&self, function: Function) -> Option<StreamId> {
        let mut queues = self.lock();
        let queue = queues.entry(function).or_default();
        let stream = queue.waiting.pop_front()?;
        queue.at_work.insert(stream.clone());
        let more = !queue.waiting.is_empty();
        drop(queues);
        if more {
            // One wake-up may have stood for several doorbells.
            self.notify(function);
        }
        Some(stream)
    }

    /// The worker is done with a stream; it comes again if it was rung meanwhile.
    pub fn done(&self, function: Function, stream: &StreamId) {
        let again = {
            let mut queues = self.lock();
            let queue = queues.entry(function).or_default();
            queue.at_work.remove(stream);
            queue.again.remove(stream)
        };
        if again {
            self.push(function, stream.clone());
        }
    }
}

#[async_trait]
impl Doorbells for Queues {
    async fn ring(&self, function: Function, doorbell: &Doorbell) -> Result<(), Fault> {
        self.push(function, doorbell.stream.clone());
        Ok(())
    }
}

#[cfg(test)]
#[path = "queues_tests.rs"]
mod tests;
