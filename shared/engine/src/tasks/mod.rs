//! Purpose: tasks of a run as builds: what is asked for, what came of it. The builder does it for jobs, the deployer for
//! environments; both in this one way.

mod base;
mod claim;
mod outcome;
mod request;

use domain::ids::BuildId;
use domain::kernel::StreamId;
use domain::run::{Attempt, Command, Run};
use jiff::SignedDuration;

pub use claim::{Claim, ClaimAnswer, claim_secret, intent, parse_intent};

use crate::fault::Fault;
use crate::ports::{Blobs, BuildStatus, Builds, Clock, Journal, Keys, Started};

/// Seconds until a deferred start is tried again.
const DEFER_SECONDS: i64 = 30;

/// What it takes to carry out tasks.
#[derive(Clone, Copy)]
pub struct Tasks<'a> {
    pub journal: &'a dyn Journal,
    pub clock: &'a dyn Clock,
    pub builds: &'a dyn Builds,
    pub blobs: &'a dyn Blobs,
    pub keys: &'a dyn Keys,
}

impl Tasks<'_> {
    /// Asks for the build of an attempt whose intent is recorded.
    pub async fn start(&self, run: &Run, attempt: &Attempt) -> Result<Vec<Command>, Fault> {
        let request = match request::build_request(self, run, attempt).await {
            Ok(request) => request,
            Err(fault) if fault.is_transient() => return Err(fault),
            // What it needs will never be readable, so it can never be asked for.
            Err(fault) => {
                let (attempt, why) = (attempt.clone(), fault.to_string());
                return Ok(vec![Command::RefuseBuild { attempt, why }]);
            }
        };
        let attempt = attempt.clone();
        Ok(vec![match self.builds.start(&request).await? {
            Started::Started(build) => Command::BuildStarted { attempt, build },
            Started::Refused(why) => Command::RefuseBuild { attempt, why },
            Started::Deferred(why) => {
                tracing::info!(metric.StartsDeferred = 1u64, %attempt, why, "a start was deferred");
                let wait = SignedDuration::from_secs(DEFER_SECONDS);
                let now = self.clock.now();
                let until = now.checked_add(wait).unwrap_or(now);
                Command::DeferBuild {
                    attempt,
                    why,
                    until,
                    frozen: false,
                }
            }
        }])
    }

    /// Reads where a build stands; says something once it has ended.
    pub async fn observe(
        &self,
        stream: &StreamId,
        run: &Run,
        attempt: &Attempt,
        build: &BuildId,
    ) -> Result<Vec<Command>, Fault> {
        let end = match self.builds.describe(build).await? {
            BuildStatus::Running => return Ok(Vec::new()),
            BuildStatus::Unknown => outcome::vanished(self.clock.now()),
            BuildStatus::Ended(end) => outcome::end_facts(self, stream, run, attempt, &end).await?,
        };
        let (attempt, build) = (attempt.clone(), build.clone());
        Ok(vec![Command::BuildEnded {
            attempt,
            build,
            end: Box::new(end),
        }])
    }
}
