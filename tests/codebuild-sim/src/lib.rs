//! A CodeBuild for tests: its JSON API on 127.0.0.1, and builds that really run their buildspec.
//!
//! It knows a project when the AWS endpoint behind it does (`BatchGetProjects`), reads sources and writes artifacts there
//! (S3), keeps logs there (CloudWatch Logs) and resolves secrets there (Secrets Manager). Each access key is an account of
//! its own, as in ministack. It isolates nothing: a build's commands are processes of this machine, so it is for tests only.
//!
//! API: <https://docs.aws.amazon.com/codebuild/latest/APIReference/Welcome.html>

mod api;
mod build;
mod endpoint;
mod events;
mod phases;
mod processes;
mod shell;
mod source;
mod switches;
mod upload;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use switches::{Refusal, Switches};

/// How the simulator stands in its world.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where S3, CloudWatch Logs, Secrets Manager and the projects are: `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// Functions that are invoked there with each state change, with CodeBuild's own event; a URL is posted to instead.
    pub functions: Vec<String>,
    /// How long a minute of a build's time-out lasts.
    pub minute: Duration,
    /// Builds of one project at once, by its name; the others have no limit. The emulator does not keep a project's own.
    pub limits: BTreeMap<String, usize>,
    /// `bucket/prefix` below which each project has its cache. The emulator does not keep a project's own.
    pub caches: Option<String>,
    /// What it does wrong.
    pub switches: Switches,
}

impl Settings {
    /// On this endpoint, with nothing special.
    pub fn on(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            functions: Vec::new(),
            minute: Duration::from_secs(60),
            limits: BTreeMap::new(),
            caches: None,
            switches: Switches::default(),
        }
    }
}

/// What all parts share.
struct World {
    settings: Settings,
    switches: Mutex<Switches>,
    state: Mutex<api::State>,
}

impl World {
    fn state(&self) -> MutexGuard<'_, api::State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A simulator that runs until it is dropped; its builds are ended then.
pub struct Simulator {
    world: Arc<World>,
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Simulator {
    /// Listens on this port of 127.0.0.1; 0 takes a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(settings: Settings, port: u16) -> io::Result<Self> {
        let world = Arc::new(World {
            switches: Mutex::new(settings.switches.clone()),
            settings,
            state: Mutex::default(),
        });
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let serving = Arc::clone(&world);
        let thread = std::thread::spawn(move || {
            let served: io::Result<()> = runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                let serve = axum::serve(listener, api::router(serving)).into_future();
                tokio::select! {
                    served = serve => served,
                    _ = stopped => Ok(()),
                }
            });
            if let Err(error) = served {
                eprintln!("codebuild-sim: {error}");
            }
        });
        Ok(Self {
            world,
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL_CODEBUILD`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes what it does wrong from now on.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.world.switches());
    }

    /// How many builds of this account and project there were, in whatever state.
    pub fn builds(&self, account: &str, project: &str) -> usize {
        let state = self.world.state();
        let of = |build: &&build::Build| build.account == account && build.project == project;
        state.builds.values().filter(of).count()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for build in self.world.state().builds.values() {
            build.stop.ask();
        }
        // Nobody listens any more when serving has failed.
        self.stop.take().map(|stop| stop.send(()).ok());
        let threads = std::mem::take(&mut self.world.state().threads);
        for thread in threads.into_iter().chain(self.thread.take()) {
            if thread.join().is_err() {
                eprintln!("codebuild-sim: a build's thread has failed");
            }
        }
    }
}
