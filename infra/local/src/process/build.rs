//! Purpose: the course of one build: prepare, claim, run, collect.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::ids::BuildId;
use engine::ports::{Artifact, BuildEnd, BuildRequest, CollectedReport, Ending, LogStream, Usage};
use jiff::Timestamp;
use tokio::sync::watch;

use super::cache::Caches;
use super::claim::{Claim, ClaimAnswer, claim, patiently};
use super::collect::{self, NOT_COLLECTED};
use super::environment::{Places, Told, compose};
use super::inputs;
use super::log::{Log, LogHandle};
use super::processes::ProcessRef;
use super::records::{self, PROCESS_FILE, StoredEnd, WORK_FOLDER};
use super::redact::{MAX_SECRET, MIN_SECRET, Redactor};
use super::run::{Commands, Ran, Stop, run, stop_ending, stopped};
use super::settings::Settings;
use crate::git::{self, Git};

/// How long the secrets may take.
const SECRETS_PATIENCE: Duration = Duration::from_secs(30);

/// One build that has been accepted.
pub struct Build {
    pub settings: Arc<Settings>,
    pub id: BuildId,
    pub folder: PathBuf,
    pub request: BuildRequest,
    pub mark: String,
    pub stop: watch::Receiver<Stop>,
}

/// What the commands need, laid out.
struct Prepared {
    shell: PathBuf,
    script: PathBuf,
    checkout: PathBuf,
    environment: BTreeMap<String, OsString>,
    caches: Option<Caches>,
    keys: Vec<Option<String>>,
}

/// How it went, and what it left.
struct Outcome {
    ran: Ran,
    artifacts: Vec<Artifact>,
    reports: Vec<CollectedReport>,
    missing_reports: Vec<usize>,
}

impl Outcome {
    /// No code of the repository ran, so there is nothing of it either.
    fn before(ending: Ending, request: &BuildRequest) -> Self {
        Self {
            ran: Ran {
                ending,
                usage: Usage::default(),
                settled: true,
            },
            artifacts: Vec::new(),
            reports: Vec::new(),
            missing_reports: (0..request.reports.len()).collect(),
        }
    }
}

impl Build {
    /// Carries it out to its end.
    pub async fn carry_out(self) -> StoredEnd {
        let started_ms = Timestamp::now().as_millisecond();
        let (outcome, console) = match self.open_log().await {
            Ok((log, secrets)) => {
                let outcome = match secrets {
                    Ok(secrets) => self.course(&secrets, log.handle()).await,
                    Err(why) => self.unprepared(why),
                };
                log.handle().system(told(&outcome.ran.ending)).await;
                (outcome, log.close().await)
            }
            Err(why) => (self.unprepared(why), String::new()),
        };
        let console = match console.is_empty() {
            true => None,
            false => match self.settings.blobs.put(console.as_bytes()).await {
                Ok(digest) => Some(digest),
                Err(fault) => {
                    tracing::error!(build = %self.id, %fault, "the console could not be kept");
                    None
                }
            },
        };
        let end = BuildEnd {
            ending: outcome.ran.ending,
            started_ms,
            finished_ms: Timestamp::now().as_millisecond(),
            usage: outcome.ran.usage,
            artifacts: outcome.artifacts,
            reports: outcome.reports,
            missing_reports: outcome.missing_reports,
            console,
        };
        StoredEnd {
            end,
            settled: outcome.ran.settled,
        }
    }

    fn unprepared(&self, why: String) -> Outcome {
        Outcome::before(Ending::Unprepared { why }, &self.request)
    }

    /// The log, which knows the secrets that it must not show, and the secrets.
    async fn open_log(&self) -> Result<(Log, Result<BTreeMap<String, String>, String>), String> {
        let secrets = self.secrets().await;
        let known = secrets
            .iter()
            .flat_map(BTreeMap::values)
            .map(String::as_str);
        let redactor = Redactor::new(known.chain([self.request.claim_secret.as_str()]))?;
        let log = Log::create(&self.folder, Arc::new(redactor), self.settings.log_limit)
            .map_err(|error| format!("the log could not be opened: {error}"))?;
        Ok((log, secrets))
    }

    /// Those of the build's environment; a job has none.
    async fn secrets(&self) -> Result<BTreeMap<String, String>, String> {
        let Some(environment) = &self.request.environment else {
            return Ok(BTreeMap::new());
        };
        let find = || {
            self.settings
                .secrets
                .secrets(self.request.repository, environment)
        };
        let secrets = patiently(SECRETS_PATIENCE, find)
            .await
            .map_err(|why| format!("the secrets of `{environment}` could not be read: {why}"))?;
        for (name, value) in &secrets {
            if let Some(why) = super::environment::refusal(name, value) {
                return Err(format!("a secret of `{environment}`: {why}"));
            }
            if !(MIN_SECRET..=MAX_SECRET).contains(&value.trim().len().min(value.len())) {
                return Err(format!(
                    "the secret {name} of `{environment}` has {} bytes; only {MIN_SECRET} to {MAX_SECRET} bytes can be \
                     kept out of a log",
                    value.len()
                ));
            }
        }
        Ok(secrets)
    }

    async fn course(&self, secrets: &BTreeMap<String, String>, log: &LogHandle) -> Outcome {
        let before = |ending| Outcome::before(ending, &self.request);
        let prepared = tokio::select! {
            prepared = self.prepare(secrets, log) => prepared,
            stop = stopped(&self.stop) => return before(stop_ending(stop)),
        };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(why) => return self.unprepared(why),
        };
        let asked = Claim {
            intent: self.request.intent.clone(),
            build: self.id.clone(),
            secret: self.request.claim_secret.clone(),
        };
        let gate = self.settings.claims.as_ref();
        let answer = tokio::select! {
            answer = claim(gate, &asked, self.settings.claim_patience) => answer,
            stop = stopped(&self.stop) => return before(stop_ending(stop)),
        };
        if let ClaimAnswer::Refused(why) = answer {
            return before(Ending::Unclaimed { why });
        }
        self.run(&prepared, log).await
    }

    async fn prepare(
        &self,
        secrets: &BTreeMap<String, String>,
        log: &LogHandle,
    ) -> Result<Prepared, String> {
        let request = &self.request;
        let work = self.folder.join(WORK_FOLDER);
        let at = |name: &str| work.join(name);
        let (checkout, artifacts) = (at("checkout"), at("artifacts"));
        let (home, temporary, script) = (at("home"), at("tmp"), at("step.sh"));
        for folder in [&checkout, &artifacts, &home, &temporary] {
            let made = tokio::fs::create_dir_all(folder).await;
            made.map_err(|error| format!("{} could not be made: {error}", folder.display()))?;
        }
        let host = &self.settings.host;
        let shell = host
            .program("sh")
            .ok_or("the shell `sh` was not found in PATH")?;
        self.check_out(&checkout, log).await?;
        inputs::lay_out(self.settings.blobs.as_ref(), &request.inputs, &artifacts).await?;
        let mut commands = request.step.run.join("\n");
        commands.push('\n');
        let written = tokio::fs::write(&script, commands).await;
        written.map_err(|error| format!("the commands could not be written: {error}"))?;
        if let Some(image) = &request.step.image {
            log.system(format!(
                "The image {image} is not used: builds are processes of this machine here."
            ))
            .await;
        }
        let caches = Caches::of(&self.settings.caches, request, &checkout);
        let (caches, keys) = self.restore(caches, log).await?;
        let places = Places {
            home: &home,
            temporary: &temporary,
            artifacts: &artifacts,
        };
        let told = Told {
            step: &request.step.env,
            secrets,
            facts: &request.facts,
            build: self.id.as_str(),
            mark: &self.mark,
        };
        Ok(Prepared {
            shell,
            script,
            environment: compose(host, &places, &told),
            checkout,
            caches,
            keys,
        })
    }

    async fn check_out(&self, into: &Path, log: &LogHandle) -> Result<(), String> {
        let (repository, commit) = (self.request.repository, &self.request.commit);
        let path =
            self.settings.repositories.path(repository).ok_or_else(|| {
                format!("repository {repository} is not registered on this machine")
            })?;
        let git = Git::with_path(self.settings.host.path());
        git::checkout(&git, &path, commit, into)
            .await
            .map_err(|error| format!("the checkout failed: {error}"))?;
        log.system(format!("Checked out {commit}.")).await;
        Ok(())
    }

    async fn restore(
        &self,
        caches: Option<Caches>,
        log: &LogHandle,
    ) -> Result<(Option<Caches>, Vec<Option<String>>), String> {
        let Some(caches) = caches.filter(|_| !self.request.cache.is_empty()) else {
            return Ok((None, Vec::new()));
        };
        let specs = self.request.cache.clone();
        let work = move || {
            let lines = caches.restore(&specs);
            let keys = caches.keys(&specs);
            (caches, keys, lines)
        };
        let (caches, keys, lines) = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| format!("the caches could not be restored: {error}"))?;
        for line in lines {
            log.system(line).await;
        }
        Ok((Some(caches), keys))
    }

    async fn run(&self, prepared: &Prepared, log: &LogHandle) -> Outcome {
        let step = &self.request.step;
        let commands = Commands {
            shell: &prepared.shell,
            script: &prepared.script,
            checkout: &prepared.checkout,
            environment: &prepared.environment,
            mark: &self.mark,
            timeout: Duration::from_secs(u64::from(step.timeout_seconds)),
            grace: self.settings.stop_grace,
        };
        for line in step.run.iter().flat_map(|command| command.lines()) {
            log.lines(
                LogStream::System,
                vec![
                    log.redactor()
                        .redact(&format!("$ {}", super::text::clean(line.as_bytes()))),
                ],
            )
            .await;
        }
        let ran = run(&commands, log, &self.stop, |shell| self.record(shell)).await;
        self.collect(prepared, ran, log).await
    }

    /// Recovery finds the processes by their mark too, so a full disk here costs nothing but time there.
    fn record(&self, shell: ProcessRef) {
        if let Err(error) = records::write(&self.folder, PROCESS_FILE, &shell) {
            tracing::warn!(build = %self.id, %error, "the process could not be recorded");
        }
    }

    async fn collect(&self, prepared: &Prepared, mut ran: Ran, log: &LogHandle) -> Outcome {
        let (blobs, checkout) = (self.settings.blobs.as_ref(), &prepared.checkout);
        let request = &self.request;
        if matches!(ran.ending, Ending::Unprepared { .. }) {
            return Outcome {
                ran,
                ..Outcome::before(Ending::Stopped, request)
            };
        }
        let (reports, missing_reports) =
            collect::reports(blobs, checkout, &request.reports, log).await;
        let mut artifacts = Vec::new();
        if ran.ending == (Ending::Exited { code: 0 }) {
            match collect::artifacts(blobs, checkout, &request.artifacts, log).await {
                Ok(collected) => artifacts = collected,
                Err(why) => {
                    log.system(why).await;
                    ran.ending = Ending::Exited {
                        code: NOT_COLLECTED,
                    };
                }
            }
        }
        if ran.ending == (Ending::Exited { code: 0 }) {
            self.save(prepared, log).await;
        }
        Outcome {
            ran,
            artifacts,
            reports,
            missing_reports,
        }
    }

    async fn save(&self, prepared: &Prepared, log: &LogHandle) {
        let Some(caches) = prepared.caches.clone() else {
            return;
        };
        let (specs, keys) = (self.request.cache.clone(), prepared.keys.clone());
        let saved = tokio::task::spawn_blocking(move || caches.save(&specs, &keys)).await;
        for line in
            saved.unwrap_or_else(|error| vec![format!("The caches could not be saved: {error}")])
        {
            log.system(line).await;
        }
    }
}

/// The last line of a log.
fn told(ending: &Ending) -> String {
    match ending {
        Ending::Exited { code } => format!("Exited with status {code}."),
        Ending::Killed { signal } => format!("Killed by signal {signal}."),
        Ending::TimedOut => "Its time was over, so it was ended.".to_owned(),
        Ending::Stopped => "Stopped.".to_owned(),
        Ending::Unclaimed { why } => format!("Not run, because the claim was refused: {why}"),
        Ending::Lost { why } => format!("Lost: {why}."),
        Ending::Unprepared { why } => format!("Not run: {why}"),
    }
}
