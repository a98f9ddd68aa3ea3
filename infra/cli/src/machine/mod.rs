//! Purpose: the embedded machine: every function in one process, on one data directory.

mod functions;
mod hosting;
pub mod http;
pub mod lock;
mod queues;
pub mod visitor;
pub mod watch;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use engine::Fault;
use engine::ports::{Function, Mailer};
use github::Secrets;
use local::machine_file::MachineFile;
use local::mail::{OutboxMailer, SmtpMailer};
use tokio::net::TcpListener;
use tokio::sync::watch as signal;
use tokio::task::JoinSet;

pub use functions::{BuilderClaims, Functions};
pub use hosting::Hosting;
pub use queues::Queues;

use crate::failure::Failure;
use crate::home::Home;

/// Workers of one function; a stream is with one of them at a time.
const WORKERS: usize = 4;
/// Between two looks at what is due.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// Between two looks at the refs of local repositories.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// Between two removals of what is not needed any more.
const PRUNE_EVERY: Duration = Duration::from_secs(600);
/// Ended builds whose logs are kept.
const KEPT_BUILDS: usize = 2000;
/// What the caches of all jobs may have together; those not used for longest go first.
const MAX_CACHE_BYTES: u64 = 20 << 30;
/// What has begun when the machine is stopped, such as a request whose body is still to come, may take so long.
const STOP_WITHIN: Duration = Duration::from_secs(5);
/// The sender of mail that is only written to the outbox.
const OUTBOX_SENDER: &str = "Slipway <slipway@localhost>";

/// A running machine.
pub struct Machine {
    pub functions: Arc<Functions>,
    /// Where the machine answers.
    pub url: String,
    /// What to open in a browser: the address with the token of the pages.
    pub dashboard: String,
    stop: signal::Sender<bool>,
    tasks: JoinSet<()>,
    _lock: lock::Lock,
}

impl Machine {
    /// Starts everything; it goes on where the machine before it ended.
    pub async fn start(home: Home, port: u16) -> Result<Self, Failure> {
        let folders = Hosting::folders(&home);
        Self::start_at(home, folders, port).await
    }

    /// The same for repositories that are somewhere else.
    pub async fn start_at(home: Home, hosting: Hosting, port: u16) -> Result<Self, Failure> {
        let (listener, address) = http::bind(port).await?;
        let url = url_of(address);
        let lock = lock::Lock::take(&home.dir, &url)?;
        let functions = assemble_at(home, hosting, &url)?;
        let recovered = functions.builds.recover().await?;
        for build in &recovered {
            tracing::warn!(build = %build.build, intent = build.intent, "a build was lost with the machine before");
        }
        let (stop, stopped) = signal::channel(false);
        let mut tasks = JoinSet::new();
        spawn_workers(&mut tasks, &functions, &stopped);
        let token = visitor::PageToken::of(&*functions.home.keys).await?;
        let dashboard = token.address(&url);
        spawn_server(&mut tasks, listener, &functions, token, stopped);
        Ok(Self {
            functions,
            url,
            dashboard,
            stop,
            tasks,
            _lock: lock,
        })
    }

    /// Ends the builds as lost, then everything else; returns when nothing runs any more. Requests that have begun have
    /// a few seconds to end.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.functions.builds.shutdown().await;
        if tokio::time::timeout(STOP_WITHIN, self.join())
            .await
            .is_err()
        {
            tracing::warn!(left = self.tasks.len(), "ended without waiting any longer");
            self.tasks.shutdown().await;
        }
    }

    async fn join(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended
                && error.is_panic()
            {
                tracing::error!(%error, "a worker panicked");
            }
        }
    }
}

/// The address as people type it.
fn url_of(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// The functions over this directory, for repositories of this computer.
pub fn assemble(home: Home, url: &str) -> Result<Arc<Functions>, Failure> {
    let folders = Hosting::folders(&home);
    assemble_at(home, folders, url)
}

fn assemble_at(home: Home, hosting: Hosting, url: &str) -> Result<Arc<Functions>, Failure> {
    let settings = MachineFile::read(&home.dir)?;
    let queues = Arc::new(Queues::new());
    let claims = Arc::new(BuilderClaims::default());
    let rung = queues.clone();
    let builds = home.builder(
        claims.clone(),
        Arc::new(move |ended| {
            let stream = domain::kernel::StreamId::run(ended.repository, &ended.run);
            rung.push(Function::Builder, stream.clone());
            rung.push(Function::Deployer, stream);
        }),
    );
    let mailer: Box<dyn Mailer> = match &settings.mail {
        Some(mail) => Box::new(SmtpMailer::new(&mail.settings()?)?),
        None => Box::new(OutboxMailer::new(home.dir.join("outbox"), OUTBOX_SENDER)?),
    };
    let secrets = Secrets::new(local::keys::webhook_secrets(&home.dir)?)
        .map_err(|error| Failure::usage(format!("the webhook secret: {error}")))?;
    let functions = Arc::new(Functions {
        home,
        hosting,
        queues,
        builds,
        mailer,
        secrets,
        base_url: url.to_owned(),
        capacity: settings.capacity(),
    });
    claims.connect(&functions);
    Ok(functions)
}

fn spawn_workers(
    tasks: &mut JoinSet<()>,
    functions: &Arc<Functions>,
    stop: &signal::Receiver<bool>,
) {
    for function in Function::ALL {
        for _ in 0..WORKERS {
            tasks.spawn(until(stop.clone(), work(functions.clone(), function)));
        }
    }
    let sweeper = functions.clone();
    tasks.spawn(until(
        stop.clone(),
        every(SWEEP_EVERY, move || {
            let functions = sweeper.clone();
            async move { functions.sweep().await.map(|_| ()) }
        }),
    ));
    let watcher = functions.clone();
    tasks.spawn(until(
        stop.clone(),
        every(WATCH_EVERY, move || {
            let functions = watcher.clone();
            async move { watch::look(&functions).await }
        }),
    ));
    let pruner = functions.clone();
    tasks.spawn(until(
        stop.clone(),
        every(PRUNE_EVERY, move || {
            let functions = pruner.clone();
            async move { prune(&functions).await }
        }),
    ));
}

/// Removes old builds and caches; trouble with the one does not keep the other.
async fn prune(functions: &Functions) -> Result<(), Fault> {
    let builds = functions.builds.prune(KEPT_BUILDS).await;
    let caches = functions.builds.prune_caches(MAX_CACHE_BYTES).await;
    let (builds, caches) = (builds?, caches?);
    if builds + caches > 0 {
        tracing::info!(builds, caches, "removed");
    }
    Ok(())
}

fn spawn_server(
    tasks: &mut JoinSet<()>,
    listener: TcpListener,
    functions: &Arc<Functions>,
    token: visitor::PageToken,
    stop: signal::Receiver<bool>,
) {
    let functions = functions.clone();
    tasks.spawn(async move {
        if let Err(error) = http::serve(listener, functions, token, stop).await {
            tracing::error!(%error, "the pages are not served any more");
        }
    });
}

/// One worker of one function.
pub async fn work(functions: Arc<Functions>, function: Function) {
    loop {
        let stream = functions.queues.next(function).await;
        match functions.ring(function, &stream).await {
            Ok(_) => {}
            Err(fault) => {
                tracing::error!(function = function.name(), %stream, %fault, "a call failed");
            }
        }
        functions.queues.done(function, &stream);
    }
}

/// Does something again and again; a failure is said and does not end it.
pub async fn every<F, Next>(pause: Duration, mut act: F)
where
    F: FnMut() -> Next,
    Next: Future<Output = Result<(), Fault>>,
{
    loop {
        if let Err(fault) = act().await {
            tracing::warn!(%fault, "will be tried again");
        }
        tokio::time::sleep(pause).await;
    }
}

/// Runs a future until the machine stops.
async fn until(mut stop: signal::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        _ = stop.wait_for(|stopped| *stopped) => {}
    }
}

#[cfg(test)]
mod tests;
