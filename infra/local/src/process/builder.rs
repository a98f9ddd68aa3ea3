//! Purpose: the ports `Builds` and `Logs` over processes of this machine.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::BuildId;
use engine::Fault;
use engine::ports::{
    BuildEnd, BuildRequest, BuildStatus, Builds, Ending, LogLine, LogPage, LogStream, Logs,
    Started, Usage,
};
use jiff::Timestamp;
use tokio::sync::watch;

use super::build::Build;
use super::environment::refusal;
use super::files::{blocking, remove_tree};
use super::log;
use super::processes::{ProcessRef, Target};
use super::records::{self, Accepted, END_FILE, PROCESS_FILE, REQUEST_FILE, StoredEnd, clear};
use super::run::Stop;
use super::settings::{Ended, Settings};

/// How often an end is written again when the disk does not take it.
const END_TRIES: u32 = 5;
/// The pause before the second try; it doubles.
const END_PAUSE: Duration = Duration::from_millis(100);

/// Runs builds as processes of this machine. One host at a time may use its folder.
#[derive(Clone)]
pub struct ProcessBuilder {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub settings: Arc<Settings>,
    live: Mutex<Live>,
    /// One start at a time, so that an intent is not started twice at once.
    starts: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Live {
    running: BTreeMap<BuildId, Running>,
    /// Ends that the disk did not take; they are true all the same.
    unwritten: BTreeMap<BuildId, BuildEnd>,
    closing: bool,
}

struct Running {
    intent: String,
    stop: watch::Sender<Stop>,
}

impl ProcessBuilder {
    /// A builder that has begun nothing. Call [`ProcessBuilder::recover`] before the first start.
    pub fn new(settings: Settings) -> Self {
        Self {
            inner: Arc::new(Inner {
                settings: Arc::new(settings),
                live: Mutex::default(),
                starts: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Ends every build as lost and returns when none runs any more; nothing can be started after it.
    pub async fn shutdown(&self) {
        self.inner.live().closing = true;
        // A start that is on its way has its place in the map after this.
        drop(self.inner.starts.lock().await);
        let stops: Vec<watch::Sender<Stop>> = {
            let live = self.inner.live();
            live.running
                .values()
                .map(|build| build.stop.clone())
                .collect()
        };
        for stop in stops {
            stop.send_replace(Stop::Host);
            stop.closed().await;
        }
    }
}

impl Inner {
    fn live(&self) -> MutexGuard<'_, Live> {
        // A panic elsewhere leaves the map whole: each change of it is one call.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_running(&self, build: &BuildId) -> bool {
        self.live().running.contains_key(build)
    }

    async fn start(self: Arc<Self>, request: BuildRequest) -> Started {
        let _one = self.starts.lock().await;
        {
            let live = self.live();
            if live.closing {
                return Started::Deferred("Slipway is being stopped".to_owned());
            }
            let same = live
                .running
                .iter()
                .find(|(_, build)| build.intent == request.intent);
            if let Some((build, _)) = same {
                return Started::Started(build.clone());
            }
        }
        let dir = self.settings.dir.clone();
        let wanted = request.clone();
        let accepted = match blocking(move || accept(&dir, wanted)).await {
            Ok(accepted) => accepted,
            Err(error) => {
                let dir = self.settings.dir.display();
                return Started::Deferred(format!(
                    "the build cannot be recorded in {dir}: {error}"
                ));
            }
        };
        let (id, folder, mark) = accepted;
        let (stop, stopped) = watch::channel(Stop::Nobody);
        let running = Running {
            intent: request.intent.clone(),
            stop,
        };
        self.live().running.insert(id.clone(), running);
        let build = Build {
            settings: Arc::clone(&self.settings),
            id: id.clone(),
            folder,
            request,
            mark,
            stop: stopped.clone(),
        };
        tokio::spawn(Arc::clone(&self).see_through(build, stopped));
        Started::Started(id)
    }

    async fn see_through(self: Arc<Self>, build: Build, stop: watch::Receiver<Stop>) {
        let (id, folder, mark) = (build.id.clone(), build.folder.clone(), build.mark.clone());
        let (repository, run) = (build.request.repository, build.request.run.clone());
        let end = match tokio::spawn(build.carry_out()).await {
            Ok(end) => end,
            Err(error) => {
                let leader = None;
                let watched = true;
                let target = Target {
                    leader,
                    mark,
                    watched,
                };
                let settled = target.end(self.settings.stop_grace).await;
                let why = format!("the process builder failed: {error}");
                StoredEnd {
                    end: lost(why, Timestamp::now().as_millisecond()),
                    settled,
                }
            }
        };
        self.finish(&id, folder.clone(), end).await;
        self.live().running.remove(&id);
        (self.settings.on_change)(&Ended {
            build: id,
            repository,
            run,
        });
        clear(folder).await;
        // Whoever waits in `shutdown` goes on from here.
        drop(stop);
    }

    /// Writes the end; when the disk is full, again after the checkout has made room.
    pub async fn finish(&self, build: &BuildId, folder: PathBuf, end: StoredEnd) {
        let mut pause = END_PAUSE;
        for number in 1..=END_TRIES {
            let (to, what) = (folder.clone(), end.clone());
            let Err(error) = blocking(move || records::write(&to, END_FILE, &what)).await else {
                return;
            };
            tracing::error!(%build, number, %error, "the end of a build could not be written");
            clear(folder.clone()).await;
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.live().unwritten.insert(build.clone(), end.end);
    }

    fn folder(&self, build: &BuildId) -> Option<PathBuf> {
        records::folder(&self.settings.dir, build)
    }

    async fn stored<T>(&self, build: &BuildId, name: &'static str) -> Result<Option<T>, Fault>
    where
        T: serde::de::DeserializeOwned + Send + 'static,
    {
        let Some(folder) = self.folder(build) else {
            return Ok(None);
        };
        blocking(move || records::read(&folder, name))
            .await
            .map_err(|error| Fault::Unavailable(error.to_string()))
    }
}

#[async_trait]
impl Builds for ProcessBuilder {
    async fn start(&self, request: &BuildRequest) -> Result<Started, Fault> {
        if let Some(why) = self.refusal(request) {
            return Ok(Started::Refused(why));
        }
        // A task of its own: a caller that is dropped must not leave half a start.
        let start = Arc::clone(&self.inner).start(request.clone());
        tokio::spawn(start)
            .await
            .map_err(|error| Fault::Unavailable(format!("the build could not be started: {error}")))
    }

    async fn describe(&self, build: &BuildId) -> Result<BuildStatus, Fault> {
        {
            let live = self.inner.live();
            if live.running.contains_key(build) {
                return Ok(BuildStatus::Running);
            }
            if let Some(end) = live.unwritten.get(build) {
                return Ok(BuildStatus::Ended(Box::new(end.clone())));
            }
        }
        if let Some(stored) = self.inner.stored::<StoredEnd>(build, END_FILE).await? {
            return Ok(BuildStatus::Ended(Box::new(stored.end)));
        }
        // A folder without an end waits for `recover`, and something of it may still run.
        let there = self
            .inner
            .folder(build)
            .is_some_and(|folder| folder.is_dir());
        Ok(match there {
            true => BuildStatus::Running,
            false => BuildStatus::Unknown,
        })
    }

    async fn stop(&self, build: &BuildId) -> Result<(), Fault> {
        if let Some(running) = self.inner.live().running.get(build) {
            running.stop.send_if_modified(|stop| {
                let first = *stop == Stop::Nobody;
                if first {
                    *stop = Stop::Asked;
                }
                first
            });
        }
        Ok(())
    }

    async fn is_settled(&self, build: &BuildId) -> Result<bool, Fault> {
        if self.inner.is_running(build) {
            return Ok(false);
        }
        let Some(accepted) = self.inner.stored::<Accepted>(build, REQUEST_FILE).await? else {
            return Ok(true);
        };
        let leader = self.inner.stored::<ProcessRef>(build, PROCESS_FILE).await?;
        let end = self.inner.stored::<StoredEnd>(build, END_FILE).await?;
        let target = Target {
            leader,
            mark: accepted.mark,
            // Ours without a gap, when this very host saw that it did not end.
            watched: end.is_none_or(|end| !end.settled) && accepted.host == ProcessRef::current(),
        };
        Ok(!target.is_alive().await)
    }
}

#[async_trait]
impl Logs for ProcessBuilder {
    /// A log that is not kept any more is one line that says so.
    async fn read(&self, build: &BuildId, after: u64, limit: usize) -> Result<LogPage, Fault> {
        let ended = !matches!(self.describe(build).await?, BuildStatus::Running);
        let folder = self.inner.folder(build).filter(|folder| folder.is_dir());
        let Some(folder) = folder else {
            let text = "The log of this build is not kept any more.".to_owned();
            let gone = LogLine {
                number: 1,
                at_ms: 0,
                stream: LogStream::System,
                text,
            };
            let lines = if after == 0 && limit > 0 {
                vec![gone]
            } else {
                Vec::new()
            };
            return Ok(LogPage {
                lines,
                complete: true,
            });
        };
        let (lines, last) = blocking(move || log::read(&folder, after, limit))
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => Fault::Malformed(error.to_string()),
                _ => Fault::Unavailable(format!("the log could not be read: {error}")),
            })?;
        Ok(LogPage {
            lines,
            complete: ended && last,
        })
    }
}

impl ProcessBuilder {
    /// Why the request can never be carried out here.
    fn refusal(&self, request: &BuildRequest) -> Option<String> {
        let step = &request.step;
        if !request.commit.is_valid() {
            return Some(format!(
                "{:?} is not a full commit name",
                request.commit.as_str()
            ));
        }
        if step.run.is_empty() || step.run.iter().any(|command| command.contains('\0')) {
            return Some("the step has no commands, or one with a NUL byte".to_owned());
        }
        if self
            .inner
            .settings
            .repositories
            .path(request.repository)
            .is_none()
        {
            let repository = request.repository;
            return Some(format!(
                "repository {repository} is not registered on this machine"
            ));
        }
        let mut variables = step.env.iter().chain(&request.facts);
        variables.find_map(|(name, value)| refusal(name, value))
    }
}

fn accept(
    dir: &std::path::Path,
    mut request: BuildRequest,
) -> io::Result<(BuildId, PathBuf, String)> {
    let (id, folder) = records::new_folder(dir, &request.intent)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let mark = hex::encode(random);
    request.claim_secret.clear();
    let accepted = Accepted {
        request,
        host: ProcessRef::current(),
        mark: mark.clone(),
        accepted_ms: Timestamp::now().as_millisecond(),
    };
    let written =
        records::write(&folder, REQUEST_FILE, &accepted).and_then(|()| records::sync_folder(dir));
    if let Err(error) = written {
        remove_tree(&folder)?;
        return Err(error);
    }
    Ok((id, folder, mark))
}

/// The end of a build whose host is gone.
pub(super) fn lost(why: String, started_ms: i64) -> BuildEnd {
    BuildEnd {
        ending: Ending::Lost { why },
        started_ms,
        finished_ms: Timestamp::now().as_millisecond(),
        usage: Usage::default(),
        artifacts: Vec::new(),
        reports: Vec::new(),
        missing_reports: Vec::new(),
        console: None,
    }
}
