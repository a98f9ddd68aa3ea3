//! Purpose: builds on CodeBuild, their results in S3 and their logs in CloudWatch.
//!
//! What a build leaves is data of strangers: names of artifacts and kinds of reports are taken from what was asked for (kept
//! by CodeBuild as a variable of the build), digests are computed here, and every size has a bound.

mod ending;
mod handover;
mod left;
mod log;
mod result;
mod start;

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_codebuild::types::{Build, StatusType};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use domain::ids::BuildId;
use domain::run::Attempt;
use engine::Fault;
use engine::ports::{
    Archives, BuildEnd, BuildRequest, BuildStatus, Builds, Ending, Started, Usage,
};

use crate::blobs::S3Blobs;
use crate::client::{fault, s3, slow};
use crate::machine::S3Machine;
use crate::settings::Projects;

pub use log::BuildLogs;

/// Where builds take place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The state bucket.
    pub bucket: String,
    pub projects: Projects,
    /// Where a build claims: `<base>/claims`.
    pub claims_url: String,
}

/// Starts, observes and stops builds on CodeBuild.
pub struct CodeBuild {
    builds: aws_sdk_codebuild::Client,
    s3: aws_sdk_s3::Client,
    blobs: S3Blobs,
    machine: S3Machine,
    logs: BuildLogs,
    place: Place,
    archives: Arc<dyn Archives>,
}

impl CodeBuild {
    /// Builds in this place; `archives` gives the sources that are not in the bucket yet.
    pub fn new(config: &SdkConfig, place: Place, archives: Arc<dyn Archives>) -> Self {
        Self {
            builds: aws_sdk_codebuild::Client::new(&slow(config)),
            s3: s3(config),
            blobs: S3Blobs::new(config, &place.bucket),
            machine: S3Machine::new(config, &place.bucket),
            logs: BuildLogs::new(config, place.projects.clone()),
            place,
            archives,
        }
    }

    async fn ended(&self, build: &Build) -> Result<BuildEnd, Fault> {
        let (console, not_run) = self.logs.tail(build).await?;
        let console = match console.is_empty() {
            true => None,
            false => Some(engine::ports::Blobs::put(&self.blobs, console.as_bytes()).await?),
        };
        let (started_ms, finished_ms) = ending::times(build);
        let mut end = BuildEnd {
            ending: Ending::Stopped,
            started_ms,
            finished_ms,
            usage: Usage::default(),
            artifacts: Vec::new(),
            reports: Vec::new(),
            missing_reports: Vec::new(),
            console,
        };
        let declared = left::Declared::of(build)?;
        end.missing_reports = (0..declared.reports.len()).collect();
        let left = match ending::may_have_results(build) {
            true => left::Left::read(&self.s3, &self.place.bucket, build).await?,
            false => None,
        };
        match left {
            Some(left) => self.collect(&left, &declared, &mut end).await?,
            None => end.ending = ending::without_results(build, not_run),
        }
        Ok(end)
    }
}

/// The build of this name, as CodeBuild knows it now; `None` when it is none of ours or not kept any more.
async fn find(
    client: &aws_sdk_codebuild::Client,
    projects: &Projects,
    build: &BuildId,
) -> Result<Option<Build>, Fault> {
    if !is_ours(projects, build) {
        return Ok(None);
    }
    let answer = client.batch_get_builds().ids(build.as_str()).send().await;
    let answer = answer.map_err(|error| fault("CodeBuild BatchGetBuilds", &error))?;
    let builds = answer.builds.unwrap_or_default();
    Ok(builds
        .into_iter()
        .find(|found| found.id() == Some(build.as_str())))
}

/// `<project>:<uuid>` of one of our projects. The name may be a stranger's: claims carry one.
fn is_ours(projects: &Projects, build: &BuildId) -> bool {
    let Some((project, uuid)) = build.as_str().split_once(':') else {
        return false;
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    let Projects {
        trusted,
        untrusted,
        images,
        deploy_prefix,
    } = projects;
    let known = [trusted, untrusted, images]
        .iter()
        .any(|name| *name == project)
        || project
            .strip_prefix(deploy_prefix.as_str())
            .is_some_and(|name| !name.is_empty());
    known && project.bytes().all(plain) && !uuid.is_empty() && uuid.bytes().all(plain)
}

#[async_trait]
impl Builds for CodeBuild {
    async fn start(&self, request: &BuildRequest) -> Result<Started, Fault> {
        self.ask(request).await
    }

    async fn describe(&self, build: &BuildId) -> Result<BuildStatus, Fault> {
        let Some(found) = find(&self.builds, &self.place.projects, build).await? else {
            return Ok(BuildStatus::Unknown);
        };
        match found.build_status() {
            Some(StatusType::InProgress) | None => Ok(BuildStatus::Running),
            Some(_) => Ok(BuildStatus::Ended(Box::new(self.ended(&found).await?))),
        }
    }

    async fn stop(&self, build: &BuildId) -> Result<(), Fault> {
        if !is_ours(&self.place.projects, build) {
            return Ok(());
        }
        match self.builds.stop_build().id(build.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(()),
            Err(error) => Err(fault("CodeBuild StopBuild", &error)),
        }
    }

    /// A container does not outlive its build.
    async fn is_settled(&self, build: &BuildId) -> Result<bool, Fault> {
        let found = find(&self.builds, &self.place.projects, build).await?;
        Ok(found.is_none_or(|build| {
            build.build_complete() && build.build_status() != Some(&StatusType::InProgress)
        }))
    }
}

/// The task of an intent, `<repository>/<run>/<task>~<attempt>`, without the attempt.
fn task_of(intent: &str) -> String {
    let attempt = intent.splitn(3, '/').nth(2).and_then(Attempt::parse);
    attempt.map_or_else(String::new, |attempt| attempt.task.to_string())
}

#[cfg(test)]
mod tests;
