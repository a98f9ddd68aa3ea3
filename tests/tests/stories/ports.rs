//! What the functions stand on besides the journal and GitHub: bells, builds, blobs, keys, mail.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use domain::ids::{BuildId, Digest};
use domain::kernel::StreamId;
use domain::plan::ReportKind;
use engine::Fault;
use engine::ports::{
    Blobs, BuildEnd, BuildRequest, BuildStatus, Builds, CollectedReport, Doorbell, Doorbells,
    Ending, Function, Keys, Mail, Mailer, Started, Usage,
};
use engine::tasks::Claim;

/// A build, and how far it is.
struct Build {
    request: BuildRequest,
    claimed: bool,
    end: Option<BuildEnd>,
}

#[derive(Default)]
struct State {
    bells: VecDeque<(Function, StreamId)>,
    builds: BTreeMap<BuildId, Build>,
    blobs: BTreeMap<Digest, Vec<u8>>,
    /// Builds do not end by themselves.
    held: bool,
    /// Jobs that fail, and the SARIF files that each leaves.
    failing: BTreeMap<String, Vec<String>>,
}

#[derive(Default)]
pub struct Desk(Mutex<State>);

/// What a build does next by itself.
pub enum Next {
    Claim(Claim),
    Ended(Function, StreamId),
}

impl Desk {
    pub fn bell(&self) -> Option<(Function, StreamId)> {
        self.0.lock().unwrap().bells.pop_front()
    }

    /// From now on builds end by themselves, or do not.
    pub fn hold(&self, held: bool) {
        self.0.lock().unwrap().held = held;
    }

    /// A job fails from now on, and leaves these.
    pub fn fails(&self, job: &str, sarif: Vec<String>) {
        let mut state = self.0.lock().unwrap();
        state.failing.insert(job.to_owned(), sarif);
    }

    /// The commits that builds were asked for, in no order.
    pub fn built(&self) -> BTreeSet<String> {
        let state = self.0.lock().unwrap();
        let builds = state.builds.values();
        builds
            .map(|build| build.request.commit.to_string())
            .collect()
    }

    /// The names of jobs that builds were asked for.
    pub fn jobs(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        let builds = state.builds.values();
        builds.map(|build| job_of(&build.request)).collect()
    }

    pub fn claimed(&self, build: &BuildId) {
        self.0
            .lock()
            .unwrap()
            .builds
            .get_mut(build)
            .unwrap()
            .claimed = true;
    }

    /// One build goes on.
    pub fn next(&self) -> Option<Next> {
        let state = &mut *self.0.lock().unwrap();
        for (id, build) in &mut state.builds {
            if !build.claimed {
                return Some(Next::Claim(Claim {
                    intent: build.request.intent.clone(),
                    build: id.clone(),
                    secret: build.request.claim_secret.clone(),
                }));
            }
            if build.end.is_some() || state.held {
                continue;
            }
            let job = job_of(&build.request);
            let left = state.failing.get(&job);
            let reports = left.into_iter().flatten().enumerate();
            let reports = reports.map(|(spec, sarif)| report(&mut state.blobs, spec, sarif));
            let reports = reports.collect();
            build.end = Some(BuildEnd {
                ending: Ending::Exited {
                    code: i32::from(left.is_some()),
                },
                started_ms: 0,
                finished_ms: 1,
                usage: Usage::default(),
                artifacts: Vec::new(),
                reports,
                missing_reports: Vec::new(),
                console: None,
            });
            let BuildRequest {
                repository, run, ..
            } = &build.request;
            let observer = match build.request.environment {
                None => Function::Builder,
                Some(_) => Function::Deployer,
            };
            return Some(Next::Ended(observer, StreamId::run(*repository, run)));
        }
        None
    }
}

fn report(blobs: &mut BTreeMap<Digest, Vec<u8>>, spec: usize, sarif: &str) -> CollectedReport {
    let digest = Digest::of(sarif.as_bytes());
    blobs.insert(digest.clone(), sarif.as_bytes().to_vec());
    CollectedReport {
        spec,
        kind: ReportKind::Sarif,
        path: format!("{spec}.sarif"),
        digest,
    }
}

/// `unit` of `42/0123456789ab/job/unit~1`.
fn job_of(request: &BuildRequest) -> String {
    let name = request.intent.rsplit('/').next().unwrap_or_default();
    name.split('~').next().unwrap_or_default().to_owned()
}

#[async_trait]
impl Doorbells for Desk {
    async fn ring(&self, function: Function, doorbell: &Doorbell) -> Result<(), Fault> {
        let bell = (function, doorbell.stream.clone());
        self.0.lock().unwrap().bells.push_back(bell);
        Ok(())
    }
}

#[async_trait]
impl Builds for Desk {
    async fn start(&self, request: &BuildRequest) -> Result<Started, Fault> {
        let id = BuildId::new(&*request.intent);
        let build = Build {
            request: request.clone(),
            claimed: false,
            end: None,
        };
        self.0.lock().unwrap().builds.insert(id.clone(), build);
        Ok(Started::Started(id))
    }

    async fn describe(&self, build: &BuildId) -> Result<BuildStatus, Fault> {
        let state = self.0.lock().unwrap();
        Ok(match state.builds.get(build).map(|build| &build.end) {
            Some(Some(end)) => BuildStatus::Ended(Box::new(end.clone())),
            Some(None) => BuildStatus::Running,
            None => BuildStatus::Unknown,
        })
    }

    async fn stop(&self, build: &BuildId) -> Result<(), Fault> {
        let mut state = self.0.lock().unwrap();
        if let Some(build) = state.builds.get_mut(build) {
            build.claimed = true;
            build.end.get_or_insert(BuildEnd {
                ending: Ending::Stopped,
                started_ms: 0,
                finished_ms: 1,
                usage: Usage::default(),
                artifacts: Vec::new(),
                reports: Vec::new(),
                missing_reports: Vec::new(),
                console: None,
            });
        }
        Ok(())
    }

    async fn is_settled(&self, _: &BuildId) -> Result<bool, Fault> {
        Ok(true)
    }
}

#[async_trait]
impl Blobs for Desk {
    async fn put(&self, bytes: &[u8]) -> Result<Digest, Fault> {
        let digest = Digest::of(bytes);
        let mut state = self.0.lock().unwrap();
        state.blobs.insert(digest.clone(), bytes.to_vec());
        Ok(digest)
    }

    async fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.0.lock().unwrap().blobs.get(digest).cloned())
    }
}

#[async_trait]
impl Keys for Desk {
    async fn mac(&self, _: &str, _: &[u8]) -> Result<[u8; 32], Fault> {
        Ok([7; 32])
    }

    async fn sign(&self, message: &[u8]) -> Result<String, Fault> {
        Ok(Digest::of(message).to_string())
    }

    async fn verify(&self, message: &[u8], signature: &str) -> Result<bool, Fault> {
        Ok(self.sign(message).await? == signature)
    }
}

#[async_trait]
impl Mailer for Desk {
    async fn send(&self, _: &Mail) -> Result<(), Fault> {
        Ok(())
    }
}
