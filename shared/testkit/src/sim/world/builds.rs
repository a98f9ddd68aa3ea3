//! Purpose: a world of builds. Each claims through the real claim handler before it runs anything; builds die, hang, come
//! late, and some leave something behind that goes on working on its target.

use async_trait::async_trait;
use domain::ids::{BuildId, Digest, RepositoryId, RunId};
use domain::release::{Artifact, ArtifactFile, digest_of};
use domain::run::{Attempt, TaskId};
use engine::Fault;
use engine::ports::{BuildEnd, BuildRequest, BuildStatus, Builds, Ending, Started, Usage};

use super::{Seen, State, World};
use crate::sim::agenda::Happening;

/// Times that a build asks for its claim when nobody answers.
pub const MAX_CLAIMS: u32 = 12;

/// Where a build truly stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// No code of the repository has run.
    Queued,
    /// Code of the repository runs.
    Running,
    Ended(Box<BuildEnd>),
    /// Its host is gone.
    Vanished,
}

/// One build.
#[derive(Clone, Debug)]
pub struct Build {
    pub request: BuildRequest,
    /// From the intent.
    pub repository: RepositoryId,
    pub run: RunId,
    pub attempt: Attempt,
    pub stand: Stand,
    /// Real milliseconds in which it worked on its target; the end is open while it does.
    pub effect: Option<(i64, Option<i64>)>,
}

impl Build {
    /// Whether anything of it still works on its target.
    pub fn works_at(&self, real_ms: i64) -> bool {
        match self.effect {
            Some((_, None)) => true,
            Some((_, Some(until))) => real_ms < until,
            None => false,
        }
    }

    /// Whether it changes an environment.
    pub fn touches_target(&self) -> bool {
        self.attempt.task.touches_target()
    }
}

/// Reads `<repository>/<run>/<task>~<attempt>`.
pub fn read_intent(intent: &str) -> Option<(RepositoryId, RunId, Attempt)> {
    let mut parts = intent.splitn(3, '/');
    let repository = parts.next()?.parse().ok().map(RepositoryId)?;
    let run = RunId::new(parts.next()?);
    Some((repository, run, Attempt::parse(parts.next()?)?))
}

impl State {
    fn start(&mut self, request: &BuildRequest) -> Result<Started, Fault> {
        self.seen.push(Seen::StartCalled {
            intent: request.intent.clone(),
            call_began: self.call_began,
        });
        if self.mishap(400) {
            return Ok(Started::Deferred("no capacity".to_owned()));
        }
        if self.mishap(60) {
            return Ok(Started::Refused("the image does not exist".to_owned()));
        }
        let (repository, run, attempt) = read_intent(&request.intent)
            .ok_or_else(|| Fault::Malformed(format!("intent {}", request.intent)))?;
        let id = BuildId::new(format!("b{}", self.builds.len()));
        let build = Build {
            request: request.clone(),
            repository,
            run,
            attempt,
            stand: Stand::Queued,
            effect: None,
        };
        self.builds.insert(id.clone(), build);
        let delay = if self.mishap(400) {
            // Beyond the time that a build has to claim, or to start at all.
            self.rng.i64(14 * 60_000..40 * 60_000)
        } else {
            self.rng.i64(100..8_000)
        };
        self.after(
            delay,
            Happening::Claim {
                build: id.clone(),
                tries: 0,
            },
        );
        Ok(Started::Started(id))
    }

    /// The answer to a claim has reached the build.
    pub fn claim_answered(&mut self, id: &BuildId, tries: u32, status: Option<u16>) {
        let queued = self
            .builds
            .get(id)
            .is_some_and(|build| build.stand == Stand::Queued);
        if !queued {
            return;
        }
        match status {
            Some(200) => self.run(id),
            Some(status) if (400..500).contains(&status) => {
                self.refused += 1;
                let why = format!("the claim was answered with {status}");
                self.end(id, Ending::Unclaimed { why }, 0);
            }
            _ if tries >= MAX_CLAIMS => {
                let why = "the claim was not answered".to_owned();
                self.end(id, Ending::Unclaimed { why }, 0);
            }
            _ => {
                let delay = self.rng.i64(500..6_000);
                self.after(
                    delay,
                    Happening::Claim {
                        build: id.clone(),
                        tries: tries + 1,
                    },
                );
            }
        }
    }

    /// Code of the repository begins to run.
    fn run(&mut self, id: &BuildId) {
        let now = self.real_ms;
        let Some(build) = self.builds.get_mut(id) else {
            return;
        };
        build.stand = Stand::Running;
        build.effect = Some((now, None));
        self.seen.push(Seen::Passed(id.clone()));
        let ending = match self.rng.u32(0..100) {
            _ if !self.rates.unruly => Ending::Exited { code: 0 },
            0..10 => Ending::Exited { code: 1 },
            10..14 => Ending::Lost {
                why: "the host died".to_owned(),
            },
            14..16 => Ending::TimedOut,
            16..18 => return, // It hangs, until somebody stops it.
            _ => Ending::Exited { code: 0 },
        };
        let length = self.rng.i64(500..60_000);
        self.after(
            length,
            Happening::BuildEnds {
                build: id.clone(),
                ending,
            },
        );
    }

    /// A build ends by itself, if it has not ended before.
    pub fn ends(&mut self, id: &BuildId, ending: Ending) {
        if self
            .builds
            .get(id)
            .is_some_and(|build| build.stand == Stand::Running)
        {
            let zombie = if self.mishap(2_500) {
                self.rng.i64(5_000..240_000)
            } else {
                0
            };
            self.end(id, ending, zombie);
        }
    }

    fn end(&mut self, id: &BuildId, ending: Ending, zombie_ms: i64) {
        let now = self.real_ms;
        let digest = Digest::of(&self.rng.u64(..).to_be_bytes());
        let Some(build) = self.builds.get_mut(id) else {
            return;
        };
        let artifacts = match &ending {
            Ending::Exited { code: 0 } => made(build, &digest),
            _ => Vec::new(),
        };
        let zombie_ms = if build.touches_target() { zombie_ms } else { 0 };
        let started_ms = build.effect.map_or(0, |(from, _)| from);
        build.effect = build.effect.map(|(from, _)| (from, Some(now + zombie_ms)));
        build.stand = Stand::Ended(Box::new(BuildEnd {
            ending,
            started_ms,
            finished_ms: now,
            usage: Usage::default(),
            artifacts,
            reports: Vec::new(),
            missing_reports: Vec::new(),
            console: None,
        }));
    }

    fn stop(&mut self, id: &BuildId) {
        match self.builds.get(id).map(|build| &build.stand) {
            Some(Stand::Queued) => self.end(id, Ending::Stopped, 0),
            Some(Stand::Running) => {
                let delay = self.rng.i64(100..10_000);
                let ending = Ending::Stopped;
                self.after(
                    delay,
                    Happening::BuildEnds {
                        build: id.clone(),
                        ending,
                    },
                );
            }
            _ => {}
        }
    }

    /// The host of builds dies under all that is on it. What a deploy began may go on without it.
    pub fn host_dies(&mut self) {
        let here: Vec<BuildId> = self
            .builds
            .iter()
            .filter(|(_, build)| matches!(build.stand, Stand::Queued | Stand::Running))
            .map(|(id, _)| id.clone())
            .collect();
        for id in here {
            let zombie = if self.mishap(3_000) {
                self.rng.i64(5_000..240_000)
            } else {
                0
            };
            self.end(
                &id,
                Ending::Lost {
                    why: "the host died".to_owned(),
                },
                zombie,
            );
            if self.mishap(3_000)
                && let Some(build) = self.builds.get_mut(&id)
            {
                build.stand = Stand::Vanished;
            }
        }
    }
}

/// What a job leaves: other bytes each time, so that a rebuild is never the same release.
fn made(build: &Build, digest: &Digest) -> Vec<Artifact> {
    if !matches!(build.attempt.task, TaskId::Job(_)) {
        return Vec::new();
    }
    let specs = build.request.artifacts.iter();
    specs
        .map(|spec| {
            let files = vec![ArtifactFile {
                path: format!("out/{}", spec.name),
                digest: digest.clone(),
                len: 8,
                executable: false,
            }];
            Artifact {
                name: spec.name.clone(),
                digest: digest_of(&files),
                files,
            }
        })
        .collect()
}

#[async_trait]
impl Builds for World {
    async fn start(&self, request: &BuildRequest) -> Result<Started, Fault> {
        self.call("builds.start", |state| state.start(request))
            .await
    }

    async fn describe(&self, build: &BuildId) -> Result<BuildStatus, Fault> {
        self.call("builds.describe", |state| {
            Ok(match state.builds.get(build).map(|build| &build.stand) {
                Some(Stand::Queued | Stand::Running) => BuildStatus::Running,
                Some(Stand::Ended(end)) => BuildStatus::Ended(end.clone()),
                Some(Stand::Vanished) | None => BuildStatus::Unknown,
            })
        })
        .await
    }

    async fn stop(&self, build: &BuildId) -> Result<(), Fault> {
        self.call("builds.stop", |state| {
            state.stop(build);
            Ok(())
        })
        .await
    }

    async fn is_settled(&self, build: &BuildId) -> Result<bool, Fault> {
        self.call("builds.is_settled", |state| {
            let now = state.real_ms;
            Ok(state
                .builds
                .get(build)
                .is_none_or(|build| !build.works_at(now)))
        })
        .await
    }
}
