//! Purpose: the machine of one `slipway run`: the same functions and process builder as `slipway up`, on a temporary data
//! directory, without pages, watcher and mail.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::run::{Command, Run};
use engine::ports::Function;
use engine::{Invocation, Refused};
use local::machine_file::{MAX_JOBS, MachineFile};
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::commands::actor;
use crate::failure::Failure;
use crate::home::{Home, SystemClock};
use crate::machine::{self, Functions};

/// Workers of one function.
const WORKERS: usize = 2;
/// Between two looks at what is due.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// The functions that jobs need.
const AT_WORK: [Function; 2] = [Function::Scheduler, Function::Builder];

/// A machine for one run.
pub struct Host {
    pub home: Home,
    pub repository: RepositoryId,
    pub functions: Arc<Functions>,
    tasks: JoinSet<()>,
    /// Last, so that nobody works in it any more when it is removed.
    _data: TempDir,
}

impl Host {
    /// Starts it for the repository at this path.
    pub fn start(top: &Path) -> Result<Self, Failure> {
        let data = tempfile::Builder::new()
            .prefix("slipway-run-")
            .tempdir()
            .map_err(|error| {
                Failure::unavailable(format!("no temporary directory can be made: {error}"))
                    .help("see to it that TMPDIR names a directory that you can write to")
            })?;
        let jobs = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(MAX_JOBS);
        let settings = MachineFile {
            jobs: Some(jobs),
            ..MachineFile::default()
        };
        settings.write(data.path())?;
        let home = Home::open(data.path())?;
        let name = top.file_name().unwrap_or_default().to_string_lossy();
        let repository = home.repositories.add(top, &name, None, None)?.id;
        let functions = machine::assemble(home.clone(), "http://127.0.0.1")?;
        let mut tasks = JoinSet::new();
        for function in AT_WORK {
            for _ in 0..WORKERS {
                tasks.spawn(machine::work(functions.clone(), function));
            }
        }
        let sweeper = functions.clone();
        tasks.spawn(machine::every(SWEEP_EVERY, move || {
            let functions = sweeper.clone();
            async move { functions.sweep().await.map(|_| ()) }
        }));
        Ok(Self {
            home,
            repository,
            functions,
            tasks,
            _data: data,
        })
    }

    /// Changes the run.
    pub async fn submit(&self, stream: &StreamId, command: &Command) -> Result<(), Failure> {
        let call = Uuid::new_v4().to_string();
        let journal = &*self.home.journal;
        let invocation = Invocation::new(
            journal,
            &SystemClock,
            &*self.functions.queues,
            actor(),
            call,
        );
        match invocation.submit::<Run>(stream, command).await {
            // A run that has ended meanwhile needs no cancelling.
            Ok(_) | Err(Refused::Rejected(domain::run::Rejection::Finished(_))) => Ok(()),
            Err(refused) => Err(refused.into_fault().into()),
        }
    }

    /// Ends what still runs; returns when no process of it is left.
    pub async fn stop(mut self) {
        self.functions.builds.shutdown().await;
        self.tasks.shutdown().await;
    }
}
