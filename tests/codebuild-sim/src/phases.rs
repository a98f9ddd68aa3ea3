//! Purpose: the course of a build through its phases.
//!
//! Transitions: <https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html>. A phase that fails
//! ends the build, but after `BUILD` comes `POST_BUILD` in any case, and then the upload; `on-failure` changes that.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::World;
use crate::api::Caller;
use crate::build::{Build, text};
use crate::endpoint::Endpoint;
use crate::shell::{Ended, Log, Session};
use crate::{events, processes, source, upload};

/// Phases that have commands.
const PHASES: [(&str, &str); 4] = [
    ("install", "INSTALL"),
    ("pre_build", "PRE_BUILD"),
    ("build", "BUILD"),
    ("post_build", "POST_BUILD"),
];

/// Why a build ends before its phases are over.
enum Over {
    Failed,
    Stopped,
    TimedOut,
}

/// Carries a build out to its end, and tells it.
pub fn carry_out(world: &Arc<World>, caller: &Caller, asked: &Value, build: &Build) {
    let endpoint = Endpoint::new(&world.settings.endpoint, caller);
    events::begun(world, caller, build);
    for phase in ["SUBMITTED", "QUEUED", "PROVISIONING"] {
        build.begin(phase);
        build.end_phase("SUCCEEDED", None);
    }
    let over = match TempDir::new() {
        Ok(folder) => course(world, &endpoint, asked, build, folder.path()),
        Err(error) => failed(
            build,
            "DOWNLOAD_SOURCE",
            "INTERNAL_ERROR",
            error.to_string(),
        ),
    };
    let shown = build.shown();
    processes::end(text(&shown, "id"));
    build.begin("FINALIZING");
    build.end_phase("SUCCEEDED", None);
    build.complete(match over {
        Ok(()) => "SUCCEEDED",
        Err(Over::Failed) => "FAILED",
        Err(Over::Stopped) => "STOPPED",
        Err(Over::TimedOut) => "TIMED_OUT",
    });
    events::ended(world, caller, build);
}

fn failed(build: &Build, phase: &str, code: &str, message: String) -> Result<(), Over> {
    build.begin(phase);
    build.end_phase("FAILED", Some((code, message)));
    Err(Over::Failed)
}

fn course(
    world: &World,
    endpoint: &Endpoint,
    asked: &Value,
    build: &Build,
    folder: &Path,
) -> Result<(), Over> {
    let shown = build.shown();
    let root = folder.join("src");
    if build.stop.is_asked() {
        return Err(Over::Stopped);
    }
    if let Err(why) = download(endpoint, &shown, folder, &root) {
        return failed(build, "DOWNLOAD_SOURCE", "CLIENT_ERROR", why);
    }
    let buildspec = match buildspec(&shown, &root) {
        Ok(buildspec) => buildspec,
        Err(why) => return failed(build, "DOWNLOAD_SOURCE", "YAML_FILE_ERROR", why),
    };
    if let Err(why) = source::restore_cache(endpoint, &shown, &buildspec, &root) {
        return failed(build, "DOWNLOAD_SOURCE", "CLIENT_ERROR", why);
    }
    let session = open(world, endpoint, asked, &shown, build, &buildspec, folder);
    let mut session = match session {
        Ok(session) => session,
        Err(why) => return failed(build, "DOWNLOAD_SOURCE", "CLIENT_ERROR", why),
    };
    build.begin("DOWNLOAD_SOURCE");
    build.end_phase("SUCCEEDED", None);
    let log = Arc::clone(&session.log);
    log.container("Waiting for agent ping");
    let ran = commands(build, &mut session, &buildspec);
    let over = match ran {
        Ok(good) => finish(endpoint, build, &buildspec, &root, good, &log),
        Err(over) => Err(over),
    };
    log.flush(true);
    over
}

fn download(endpoint: &Endpoint, shown: &Value, folder: &Path, root: &Path) -> Result<(), String> {
    source::lay_out(endpoint, &shown["source"], root)?;
    for source in shown["secondarySources"].as_array().into_iter().flatten() {
        let name = text(source, "sourceIdentifier");
        source::lay_out(endpoint, source, &folder.join(format!("src-{name}")))?;
    }
    Ok(())
}

fn buildspec(shown: &Value, root: &Path) -> Result<Value, String> {
    let written = text(&shown["source"], "buildspec");
    let text = match written.contains('\n') || written.trim_start().starts_with('{') {
        true => written.to_owned(),
        false => {
            let name = if written.is_empty() {
                "buildspec.yml"
            } else {
                written
            };
            std::fs::read_to_string(root.join(name)).map_err(|error| format!("{name}: {error}"))?
        }
    };
    let spec: Value = serde_saphyr::from_str(&text).map_err(|error| error.to_string())?;
    match spec["version"].as_f64() {
        Some(version) if (version - 0.2).abs() < f64::EPSILON => Ok(spec),
        _ => Err("the simulator reads version 0.2".to_owned()),
    }
}

/// The variables: those of the buildspec, then the project's and the request's, then CodeBuild's own.
fn open(
    world: &World,
    endpoint: &Endpoint,
    asked: &Value,
    shown: &Value,
    build: &Build,
    buildspec: &Value,
    folder: &Path,
) -> Result<Session, String> {
    let mut environment: BTreeMap<OsString, OsString> = BTreeMap::new();
    let mut set = |name: &str, value: &str| drop(environment.insert(name.into(), value.into()));
    set(
        "PATH",
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    );
    set("LANG", "C.UTF-8");
    for (name, value) in buildspec["env"]["variables"]
        .as_object()
        .into_iter()
        .flatten()
    {
        set(name, value.as_str().unwrap_or_default());
    }
    let mut secrets = Vec::new();
    let given = shown["environment"]["environmentVariables"].as_array();
    for variable in given.into_iter().flatten() {
        let (name, value) = (text(variable, "name"), text(variable, "value"));
        if text(variable, "type") == "SECRETS_MANAGER" {
            let secret = endpoint.secret(value)?;
            set(name, &secret);
            secrets.push(secret);
        } else {
            set(name, value);
        }
    }
    let (state, home) = (folder.join("state"), folder.join("home"));
    for folder in [&state, &home] {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    own_variables(&mut environment, asked, shown, folder);
    let group = text(&shown["logs"], "groupName");
    endpoint.make_log(group, &build.uuid)?;
    let log = Log::new(endpoint.clone(), group, &build.uuid, secrets);
    let minutes = u32::try_from(shown["timeoutInMinutes"].as_u64().unwrap_or(60)).unwrap_or(60);
    Ok(Session {
        environment,
        folder: folder.join("src"),
        state,
        log: Arc::new(log),
        stop: build.stop.clone(),
        deadline: Instant::now() + world.settings.minute * minutes,
    })
}

/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html>
fn own_variables(
    environment: &mut BTreeMap<OsString, OsString>,
    asked: &Value,
    shown: &Value,
    folder: &Path,
) {
    let mut set = |name: &str, value: &str| drop(environment.insert(name.into(), value.into()));
    set("HOME", &folder.join("home").to_string_lossy());
    set("CODEBUILD_BUILD_ID", text(shown, "id"));
    set("CODEBUILD_BUILD_ARN", text(shown, "arn"));
    set("CODEBUILD_BUILD_NUMBER", &shown["buildNumber"].to_string());
    set(
        "CODEBUILD_BUILD_IMAGE",
        text(&shown["environment"], "image"),
    );
    set("CODEBUILD_INITIATOR", text(shown, "initiator"));
    set("CODEBUILD_LOG_PATH", text(&shown["logs"], "streamName"));
    set(
        "CODEBUILD_SOURCE_REPO_URL",
        text(asked, "sourceLocationOverride"),
    );
    set("CODEBUILD_BUILD_SUCCEEDING", "1");
    set("CODEBUILD_SRC_DIR", &folder.join("src").to_string_lossy());
    for source in shown["secondarySources"].as_array().into_iter().flatten() {
        let name = text(source, "sourceIdentifier");
        let place = folder.join(format!("src-{name}"));
        set(
            &format!("CODEBUILD_SRC_DIR_{name}"),
            &place.to_string_lossy(),
        );
    }
}

/// Whether all phases succeeded.
fn commands(build: &Build, session: &mut Session, buildspec: &Value) -> Result<bool, Over> {
    let mut good = true;
    for (key, name) in PHASES {
        let phase = &buildspec["phases"][key];
        build.begin(name);
        if phase.is_null() {
            build.end_phase("SUCCEEDED", None);
            continue;
        }
        session.log.container(&format!("Entering phase {name}"));
        session.set("CODEBUILD_BUILD_SUCCEEDING", if good { "1" } else { "0" });
        let mut trouble = run_all(build, session, &phase["commands"])?;
        if let Some(later) = run_all(build, session, &phase["finally"])? {
            trouble.get_or_insert(later);
        }
        let Some((command, status)) = trouble else {
            session
                .log
                .container(&format!("Phase complete: {name} State: SUCCEEDED"));
            build.end_phase("SUCCEEDED", None);
            continue;
        };
        let why = format!("Error while executing command: {command}. Reason: exit status {status}");
        session
            .log
            .container(&format!("Phase complete: {name} State: FAILED"));
        session.log.container(&format!(
            "Phase context status code: COMMAND_EXECUTION_ERROR Message: {why}"
        ));
        session.log.flush(true);
        build.end_phase("FAILED", Some(("COMMAND_EXECUTION_ERROR", why)));
        good = false;
        match (text(phase, "on-failure"), key) {
            ("CONTINUE", _) | ("", "build" | "post_build") => {}
            _ => return Err(Over::Failed),
        }
    }
    Ok(good)
}

/// The first command that failed, with its status; those after it are not run.
fn run_all(
    build: &Build,
    session: &mut Session,
    commands: &Value,
) -> Result<Option<(String, i32)>, Over> {
    for command in commands.as_array().into_iter().flatten() {
        let command = command.as_str().unwrap_or_default();
        session.log.container(&format!("Running command {command}"));
        match session.run(command) {
            Ok(Ended::Exited(0)) => {}
            Ok(Ended::Exited(status)) => return Ok(Some((command.to_owned(), status))),
            Ok(Ended::Stopped) => {
                build.end_phase("STOPPED", None);
                return Err(Over::Stopped);
            }
            Ok(Ended::TimedOut) => {
                let why = "Build has timed out.".to_owned();
                build.end_phase("TIMED_OUT", Some(("BUILD_TIMED_OUT", why)));
                return Err(Over::TimedOut);
            }
            Err(error) => {
                session
                    .log
                    .container(&format!("The command could not be run: {error}"));
                return Ok(Some((command.to_owned(), 127)));
            }
        }
    }
    Ok(None)
}

fn finish(
    endpoint: &Endpoint,
    build: &Build,
    buildspec: &Value,
    root: &Path,
    good: bool,
    log: &Log,
) -> Result<(), Over> {
    let shown = build.shown();
    if let Err(why) = upload::upload(endpoint, &shown, buildspec, root) {
        log.container(&format!(
            "Phase context status code: CLIENT_ERROR Message: {why}"
        ));
        return failed(build, "UPLOAD_ARTIFACTS", "CLIENT_ERROR", why);
    }
    build.begin("UPLOAD_ARTIFACTS");
    build.end_phase("SUCCEEDED", None);
    let paths = buildspec["cache"]["paths"].as_array();
    for path in paths.into_iter().flatten().filter_map(Value::as_str) {
        let folder = path.split('/').next().unwrap_or_default();
        if let Err(why) = source::save_cache(endpoint, &shown, buildspec, root, folder) {
            log.container(&format!("Unable to save the cache: {why}"));
        }
    }
    match good {
        true => Ok(()),
        false => Err(Over::Failed),
    }
}
