//! Purpose: one SQLite connection on one thread, which does what it is asked in order.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use engine::Fault;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::failure::Failure;

/// Requests that may wait at once; one more is told to come again. Each belongs to a caller that waits, so this bounds a
/// flood, not ordinary use.
const MAX_WAITING: usize = 4_096;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The connection's thread. Once a job is taken it is carried out, also when its caller has gone.
#[derive(Debug)]
pub(super) struct ConnectionThread {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    path: Arc<Path>,
}

impl ConnectionThread {
    /// Moves the connection to a thread of this name.
    pub(super) fn start(name: &str, path: &Path, connection: Connection) -> Result<Self, Fault> {
        let (jobs, receiver) = sync_channel(MAX_WAITING);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || serve(connection, &receiver))
            .map_err(|error| Fault::Unavailable(format!("no thread for the journal: {error}")))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            path: path.into(),
        })
    }

    /// Runs this on the connection and waits for what it says.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            if reply.send(work(connection)).is_err() {
                tracing::debug!("the journal did what a caller that has gone had asked for");
            }
        });
        let sent = self.jobs.as_ref().map(|jobs| jobs.try_send(job));
        match sent {
            Some(Ok(())) => {}
            Some(Err(TrySendError::Full(_))) => {
                return Err(Fault::Unavailable(format!(
                    "more than {MAX_WAITING} requests wait for the journal {}",
                    self.path.display()
                )));
            }
            Some(Err(TrySendError::Disconnected(_))) | None => return Err(self.closed()),
        }
        answer
            .await
            .map_err(|_| self.closed())?
            .map_err(|failure| failure.into_fault(&self.path))
    }

    fn closed(&self) -> Fault {
        Fault::Unavailable(format!("the journal {} is closed", self.path.display()))
    }
}

impl Drop for ConnectionThread {
    fn drop(&mut self) {
        // The thread ends when it has done all that was sent and nobody can send any more.
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(path = %self.path.display(), "the journal's thread had panicked");
        }
    }
}

fn serve(mut connection: Connection, jobs: &Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        job(&mut connection);
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the journal did not close cleanly; the next start repairs it");
    }
}
