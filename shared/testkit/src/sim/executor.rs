//! Purpose: a tiny single-threaded executor whose every step is chosen from outside: one poll of one task, up to its next
//! await. Dropping a task is a crash at the await where it stands.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A future that the executor drives.
pub type Boxed<O> = Pin<Box<dyn Future<Output = O>>>;

/// A task under way.
struct Task<W, O> {
    what: W,
    began: usize,
    future: Boxed<O>,
}

/// Tasks, what each is about (`W`), and what each answers (`O`).
pub struct Executor<W, O> {
    tasks: Vec<Task<W, O>>,
}

impl<W, O> Default for Executor<W, O> {
    fn default() -> Self {
        Self { tasks: Vec::new() }
    }
}

impl<W, O> Executor<W, O> {
    /// Adds a task; it does nothing before its first poll. `began` is the caller's own measure of when.
    pub fn spawn(&mut self, what: W, began: usize, future: Boxed<O>) {
        self.tasks.push(Task {
            what,
            began,
            future,
        });
    }

    /// When the task at this place began, by the caller's own measure.
    pub fn began(&self, index: usize) -> Option<usize> {
        self.tasks.get(index).map(|task| task.began)
    }

    /// How many tasks are under way. Every one of them can go on: in-memory ports never wait for anything but their turn.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// What the task at this place is about.
    pub fn what(&self, index: usize) -> Option<&W> {
        self.tasks.get(index).map(|task| &task.what)
    }

    /// Whether any task is about this.
    pub fn any(&self, about: impl Fn(&W) -> bool) -> bool {
        self.tasks.iter().any(|task| about(&task.what))
    }

    /// Lets one task go on to its next await; its answer when that was its end.
    pub fn poll(&mut self, index: usize) -> Option<(W, O)> {
        let task = self.tasks.get_mut(index)?;
        let mut context = Context::from_waker(Waker::noop());
        match task.future.as_mut().poll(&mut context) {
            Poll::Pending => None,
            Poll::Ready(answer) => Some((self.tasks.remove(index).what, answer)),
        }
    }

    /// Ends a task where it stands: a crash at that await.
    pub fn crash(&mut self, index: usize) -> Option<W> {
        (index < self.tasks.len()).then(|| self.tasks.remove(index).what)
    }
}
