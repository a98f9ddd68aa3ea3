//! Purpose: from a request to `StartBuild`.

use aws_sdk_codebuild::operation::start_build::StartBuildError;
use aws_sdk_codebuild::operation::start_build::builders::StartBuildFluentBuilder;
use aws_sdk_codebuild::types::{
    ArtifactNamespace, ArtifactPackaging, ArtifactsType, EnvironmentVariable,
    EnvironmentVariableType, ImagePullCredentialsType, ProjectArtifacts, ProjectSource, SourceType,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use domain::buildspec::{self, Job};
use domain::ids::{BuildId, Digest};
use engine::Fault;
use engine::ports::{BuildRequest, Started, Trust};
use serde_json::json;

use super::{CodeBuild, handover, task_of};
use crate::client::fault;

/// Events that only somebody who may write to the repository brings about. Whatever else there is or will be has no trust.
const TRUSTED_EVENTS: [&str; 4] = ["push", "tag", "schedule", "manual"];
/// Minutes that a build has beside its step: for the claim, the sources, the artifacts.
const SPARE_MINUTES: u32 = 10;
/// Bounds of `timeoutInMinutes`.
const MINUTES: std::ops::RangeInclusive<u32> = 5..=2160;
/// The output's name, a folder.
pub const OUTPUT: &str = "left";
/// The variable that holds what was asked for, for when it is collected.
pub const DECLARED: &str = "SLIPWAY_DECLARED";
/// Images that CodeBuild keeps itself; any other is fetched with the project's role.
const CURATED: &str = "aws/codebuild/";

impl CodeBuild {
    /// Asks CodeBuild for the build.
    pub(super) async fn ask(&self, request: &BuildRequest) -> Result<Started, Fault> {
        if !request.commit.is_valid() {
            let commit = request.commit.as_str();
            return Ok(Started::Refused(format!(
                "{commit:?} is not a full commit name"
            )));
        }
        let Some(project) = self.project(request) else {
            let why = "an environment's name consists of letters, digits, `-` and `_` on AWS";
            return Ok(Started::Refused(why.to_owned()));
        };
        let scope = cache_scope(request);
        let job = Job {
            run: &request.step.run,
            env: &request.step.env,
            facts: &request.facts,
            timeout_seconds: request.step.timeout_seconds,
            inputs: &request.inputs,
            artifacts: &request.artifacts,
            reports: &request.reports,
            cache: &request.cache,
            cache_scope: scope.as_deref(),
        };
        let spec = match buildspec::compile(&job) {
            Ok(spec) => spec,
            Err(why) => return Ok(Started::Refused(why)),
        };
        let variables = self.variables(request).await?;
        let source = self.source(request.repository, &request.commit).await?;
        let inputs = match self.inputs(&project, request).await? {
            handover::Inputs::None => None,
            handover::Inputs::At(place) => Some(place),
            handover::Inputs::Gone(why) => return Ok(Started::Refused(why)),
        };
        // The same token with any other parameter is an error, so all of them are in it.
        let (image, given) = (&request.step.image, format!("{variables:?}"));
        let asked = (&project, &spec, &source, &inputs, image, given);
        let token = Digest::of(format!("{}\n{asked:?}", request.intent).as_bytes());
        let mut call = self
            .builds
            .start_build()
            .project_name(&project)
            .source_type_override(SourceType::S3)
            .source_location_override(source)
            .artifacts_override(self.output(&project)?)
            .buildspec_override(spec)
            .set_environment_variables_override(Some(variables))
            .timeout_in_minutes_override(minutes(request.step.timeout_seconds))
            .idempotency_token(token.as_str());
        if let Some(place) = inputs {
            call = call.secondary_sources_override(input_source(place)?);
        }
        let answer = with_image(call, request.step.image.as_deref()).send().await;
        match answer {
            Ok(started) => {
                let id = started.build_value.and_then(|build| build.id);
                let id = id.ok_or_else(|| unreadable("StartBuild named no build"))?;
                Ok(Started::Started(BuildId::new(id)))
            }
            Err(error) => refused(&project, &error),
        }
    }

    /// The project by what the build may touch; `None` when the environment cannot be part of a project's name.
    fn project(&self, request: &BuildRequest) -> Option<String> {
        let projects = &self.place.projects;
        let Some(environment) = &request.environment else {
            return Some(match is_trusted(request) {
                true => projects.trusted.clone(),
                false => projects.untrusted.clone(),
            });
        };
        let name = environment.as_str();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        let fits = !name.is_empty() && name.bytes().all(plain);
        fits.then(|| format!("{}{name}", projects.deploy_prefix))
    }

    /// What the program needs before the commands, and the secrets of the environment. The step's own variables are not among
    /// them: see [`domain::buildspec`].
    async fn variables(&self, request: &BuildRequest) -> Result<Vec<EnvironmentVariable>, Fault> {
        let names: Vec<&str> = request
            .artifacts
            .iter()
            .map(|spec| spec.name.as_str())
            .collect();
        let kinds: Vec<_> = request.reports.iter().map(|spec| spec.kind).collect();
        let declared = json!({ "artifacts": names, "reports": kinds }).to_string();
        let claim = buildspec::claim_prefix(&request.intent, &request.claim_secret);
        let mut all = vec![
            variable(
                "SLIPWAY_INTENT",
                &request.intent,
                EnvironmentVariableType::Plaintext,
            )?,
            variable("SLIPWAY_CLAIM", &claim, EnvironmentVariableType::Plaintext)?,
            variable(
                "SLIPWAY_CLAIMS_URL",
                &self.place.claims_url,
                EnvironmentVariableType::Plaintext,
            )?,
            variable(DECLARED, &declared, EnvironmentVariableType::Plaintext)?,
        ];
        if let Some(environment) = &request.environment {
            let machine = self.machine.read().await?;
            for (name, arn) in machine.secrets_of(request.repository, environment) {
                all.push(variable(
                    name,
                    arn,
                    EnvironmentVariableType::SecretsManager,
                )?);
            }
        }
        Ok(all)
    }

    /// Below the build's own id, which nobody can guess who may not list the bucket.
    fn output(&self, project: &str) -> Result<ProjectArtifacts, Fault> {
        ProjectArtifacts::builder()
            .r#type(ArtifactsType::S3)
            .location(&self.place.bucket)
            .path(format!("builds/{project}"))
            .namespace_type(ArtifactNamespace::BuildId)
            .name(OUTPUT)
            .packaging(ArtifactPackaging::None)
            .build()
            .map_err(|error| unreadable(&error.to_string()))
    }
}

/// Whether the code was brought by somebody who may write to the repository.
fn is_trusted(request: &BuildRequest) -> bool {
    let event = request.facts.get("SLIPWAY_EVENT").map(String::as_str);
    request.trust == Trust::Repository && event.is_some_and(|event| TRUSTED_EVENTS.contains(&event))
}

/// Which builds share caches: those of one job of one repository. The project keeps trust levels apart.
fn cache_scope(request: &BuildRequest) -> Option<String> {
    let scope = format!("{}\n{}", request.repository, task_of(&request.intent));
    let job = request.environment.is_none() && !request.cache.is_empty();
    job.then(|| Digest::of(scope.as_bytes()).to_string())
}

fn minutes(seconds: u32) -> i32 {
    let minutes = (seconds.div_ceil(60) + SPARE_MINUTES).clamp(*MINUTES.start(), *MINUTES.end());
    i32::try_from(minutes).unwrap_or(i32::MAX)
}

fn with_image(call: StartBuildFluentBuilder, image: Option<&str>) -> StartBuildFluentBuilder {
    let Some(image) = image else {
        return call;
    };
    let call = call.image_override(image);
    match image.starts_with(CURATED) {
        true => call,
        false => call.image_pull_credentials_type_override(ImagePullCredentialsType::ServiceRole),
    }
}

fn input_source(place: String) -> Result<ProjectSource, Fault> {
    ProjectSource::builder()
        .r#type(SourceType::S3)
        .location(place)
        .source_identifier(buildspec::INPUTS)
        .build()
        .map_err(|error| unreadable(&error.to_string()))
}

fn variable(
    name: &str,
    value: &str,
    kind: EnvironmentVariableType,
) -> Result<EnvironmentVariable, Fault> {
    EnvironmentVariable::builder()
        .name(name)
        .value(value)
        .r#type(kind)
        .build()
        .map_err(|error| unreadable(&error.to_string()))
}

fn unreadable(why: &str) -> Fault {
    Fault::Malformed(format!("CodeBuild: {why}"))
}

/// What an error of `StartBuild` means for the task.
fn refused(
    project: &str,
    error: &SdkError<StartBuildError, HttpResponse>,
) -> Result<Started, Fault> {
    let said = error.message().unwrap_or("it gave no reason");
    match error.code() {
        Some("AccountLimitExceededException") => Ok(Started::Deferred(format!(
            "CodeBuild has no place for another build of {project}: {said}"
        ))),
        Some(
            "ThrottlingException"
            | "Throttling"
            | "TooManyRequestsException"
            | "RequestLimitExceeded",
        ) => Ok(Started::Deferred(
            "CodeBuild takes no more requests at the moment".to_owned(),
        )),
        Some("InvalidInputException") => Ok(Started::Refused(format!(
            "CodeBuild does not take the build: {said}"
        ))),
        Some("ResourceNotFoundException") => Ok(Started::Refused(format!(
            "there is no CodeBuild project {project}; add it to the template of the deployment"
        ))),
        _ => Err(fault("CodeBuild StartBuild", error)),
    }
}
