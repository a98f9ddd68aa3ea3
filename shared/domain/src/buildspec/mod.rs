//! Purpose: what CodeBuild is told to do for one step of a run: a buildspec, version 0.2, as JSON.
//!
//! The shell program in it is a constant (`program.sh`). Everything that differs from build to build stands in variables,
//! in base64: the commands as a file, and lists of words that [`quote`] has quoted. So no text of a repository is ever
//! part of a template. Variables of the step reach its commands only, never what runs before the claim: a repository
//! must not choose the `LD_PRELOAD` of the program that decides whether it may run.
//!
//! Reference: <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>

mod pattern;
mod quote;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::plan::{ArtifactSpec, CacheSpec, ReportSpec};
use crate::release::Artifact;

pub use pattern::expression;
pub use quote::quote;

/// The program of every build.
const PROGRAM: &str = include_str!("program.sh");
/// Largest buildspec, bytes: one variable of a process holds at most 128 KiB on Linux, and the request has to fit too.
pub const MAX_BYTES: usize = 96 << 10;
/// How often a claim is tried while its answer is lost: about a minute and a half in all.
pub const CLAIM_TRIES: u32 = 9;
/// Seconds between asking the commands to end and ending them.
pub const GRACE_SECONDS: u32 = 10;
/// Most files of one artifact.
pub const MAX_ARTIFACT_FILES: usize = 10_000;
/// Most files of one report.
pub const MAX_REPORT_FILES: usize = 500;
/// The exit status of a build that could not be prepared; no command of the repository ran.
pub const UNPREPARED: i32 = 65;
/// The exit status of a build whose claim was refused; no command of the repository ran.
pub const UNCLAIMED: i32 = 77;
/// The exit status of a step whose time was over.
pub const TIMED_OUT: i32 = 124;
/// The exit status of a build whose commands succeeded and whose artifacts could not be collected.
pub const NOT_COLLECTED: i32 = 125;
/// What Slipway's own lines in the output of a build begin with.
pub const SAID: &str = "slipway: ";
/// What the line begins with that says why nothing of the repository ran.
pub const NOT_RUN: &str = "slipway: not run: ";
/// The name of the second source, which holds the files of the inputs under their digests.
pub const INPUTS: &str = "slipway";

/// What one step of a run needs.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Shell commands, run in order by one `sh -e`.
    pub run: &'a [String],
    /// The step's own variables.
    pub env: &'a BTreeMap<String, String>,
    /// `SLIPWAY_…` variables: facts of the run. They win over the step's.
    pub facts: &'a BTreeMap<String, String>,
    /// Seconds until the commands are ended.
    pub timeout_seconds: u32,
    pub inputs: &'a [Artifact],
    pub artifacts: &'a [ArtifactSpec],
    pub reports: &'a [ReportSpec],
    pub cache: &'a [CacheSpec],
    /// Which builds share caches: a name that holds repository and job, in characters that mean nothing to CodeBuild.
    /// `None` = none, as for environments.
    pub cache_scope: Option<&'a str>,
}

/// The buildspec of this step, as JSON.
///
/// # Errors
/// A sentence that says why it can never be run: a NUL byte, a path that leads out of the checkout, too much text.
pub fn compile(job: &Job<'_>) -> Result<String, String> {
    if job.run.is_empty() || job.run.iter().any(|command| command.contains('\0')) {
        return Err("the step has no commands, or one with a NUL byte".to_owned());
    }
    let run = |words: &str| {
        format!("sh -c \"$(printf %s \"$SLIPWAY_PROGRAM\" | base64 -d)\" slipway {words}")
    };
    let step = format!("step {} {GRACE_SECONDS}", job.timeout_seconds);
    let collect = format!("collect {MAX_ARTIFACT_FILES} {MAX_REPORT_FILES}");
    let mut buildspec = json!({
        "version": 0.2,
        "env": { "variables": {
            "SLIPWAY_PROGRAM": STANDARD.encode(PROGRAM),
            "SLIPWAY_STEP": STANDARD.encode(commands(job)),
            "SLIPWAY_ENV": STANDARD.encode(variables(job)?),
            "SLIPWAY_JOB": STANDARD.encode(declarations(job)?),
        }},
        "phases": {
            // Nothing of the repository runs in it.
            "pre_build": { "on-failure": "ABORT", "commands": [
                run("prepare"),
                run(&format!("claim {CLAIM_TRIES}")),
                "unset SLIPWAY_CLAIM",
            ]},
            "build": { "commands": [format!("env -u SLIPWAY_CLAIM {}", run(&step))] },
            "post_build": { "commands": [run(&collect)] },
        },
        "artifacts": { "base-directory": "slipway-out", "files": ["**/*"] },
    });
    if let Some(scope) = job.cache_scope.filter(|_| !job.cache.is_empty()) {
        buildspec["cache"] = json!({ "key": scope, "paths": ["slipway-cache/**/*"] });
    }
    let text = buildspec.to_string();
    if text.len() > MAX_BYTES {
        return Err(format!(
            "the commands, variables and inputs of this step take {} KiB; at most {} KiB fit into a build on CodeBuild",
            text.len() >> 10,
            MAX_BYTES >> 10
        ));
    }
    Ok(text)
}

/// What a build sends to claim, but for its own name, which only it knows: `{…,"build":`.
pub fn claim_prefix(intent: &str, secret: &str) -> String {
    let (intent, secret) = (json!(intent), json!(secret));
    format!("{{\"intent\":{intent},\"secret\":{secret},\"build\":")
}

/// Why a variable cannot be given to a program, in a sentence.
pub fn variable_refusal(name: &str, value: &str) -> Option<String> {
    let first = name.bytes().next().unwrap_or(b'0');
    let valid = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !valid || first.is_ascii_digit() {
        return Some(format!(
            "{name:?} is not the name of an environment variable"
        ));
    }
    value
        .contains('\0')
        .then(|| format!("the environment variable {name} holds a NUL byte"))
}

/// Whether the path is relative and goes nowhere but down, past `.git`, in one line.
pub fn is_below(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && ![".", "..", ".git"].contains(&part);
    path.split('/').all(plain) && !path.contains(['\0', '\n', '\r'])
}

fn commands(job: &Job<'_>) -> String {
    let mut commands = job.run.join("\n");
    commands.push('\n');
    commands
}

/// A function that gives the step's variables to a program. They are words of `env`, not of the shell, for which some names
/// (`UID`, `IFS`) are special.
fn variables(job: &Job<'_>) -> Result<String, String> {
    let mut all = BTreeMap::from([("CI", "true"), ("TERM", "dumb")]);
    for (name, value) in job.env.iter().chain(job.facts) {
        if let Some(why) = variable_refusal(name, value) {
            return Err(why);
        }
        all.insert(name, value);
    }
    let mut text = "with_variables() {\n  go".to_owned();
    for (name, value) in all {
        text.push_str(" \\\n    ");
        text.push_str(&quote(&format!("{name}={value}")));
    }
    text.push_str(" \\\n    \"$@\"\n}\n");
    Ok(text)
}

/// What the job declares, as calls of the program's functions.
fn declarations(job: &Job<'_>) -> Result<String, String> {
    let mut text = String::new();
    for artifact in job.inputs {
        input(&mut text, artifact)?;
    }
    for (number, spec) in job.artifacts.iter().enumerate() {
        let words = [
            spec.name.clone(),
            expression(&spec.paths)?,
            spec.paths.join(", "),
        ];
        call(&mut text, &format!("artifact {number}"), &words)?;
    }
    for (number, spec) in job.reports.iter().enumerate() {
        let words = [
            expression(std::slice::from_ref(&spec.path))?,
            spec.path.clone(),
        ];
        call(&mut text, &format!("report {number}"), &words)?;
    }
    let cached = job.cache_scope.map_or(&[][..], |_| job.cache);
    for spec in cached {
        cache(&mut text, spec)?;
    }
    Ok(text)
}

fn input(text: &mut String, artifact: &Artifact) -> Result<(), String> {
    let name = &artifact.name;
    if !is_below(name) || name.contains('/') {
        return Err(format!("the artifact {name:?} has no name for a folder"));
    }
    if crate::release::digest_of(&artifact.files) != artifact.digest {
        let digest = artifact.digest.short();
        return Err(format!(
            "the artifact `{name}` is not the one of digest {digest}"
        ));
    }
    for file in &artifact.files {
        if !is_below(&file.path) || !file.digest.is_valid() {
            return Err(format!(
                "the artifact `{name}`, file {:?}: the path leads out of it",
                file.path
            ));
        }
        let mode = if file.executable { "x" } else { "-" };
        let words = [
            file.digest.to_string(),
            mode.to_owned(),
            format!("{name}/{}", file.path),
        ];
        call(text, "input", &words)?;
    }
    Ok(())
}

/// The key in pieces, then the paths: `${hash:FILE}` is filled in at the checkout.
fn cache(text: &mut String, spec: &CacheSpec) -> Result<(), String> {
    let mut pieces = spec.key.split("${hash:");
    call(
        text,
        "key_text",
        &[pieces.next().unwrap_or_default().to_owned()],
    )?;
    for piece in pieces {
        let (file, rest) = piece
            .split_once('}')
            .ok_or_else(|| format!("the key {:?} has a `${{` without its `}}`", spec.key))?;
        call(text, "key_hash", &[below(file)?])?;
        call(text, "key_text", &[rest.to_owned()])?;
    }
    let paths = spec.paths.iter().map(|path| below(path));
    call(text, "cached", &paths.collect::<Result<Vec<_>, _>>()?)
}

fn below(path: &str) -> Result<String, String> {
    let plain = path.strip_prefix("./").unwrap_or(path);
    let plain = plain.trim_end_matches('/');
    match is_below(plain) {
        true => Ok(plain.to_owned()),
        false => Err(format!("{path:?} does not lie below the checkout")),
    }
}

fn call(text: &mut String, function: &str, words: &[String]) -> Result<(), String> {
    if let Some(word) = words.iter().find(|word| word.contains(['\0', '\n'])) {
        return Err(format!("{word:?} is not one line of text"));
    }
    text.push_str(function);
    for word in words {
        write!(text, " {}", quote(word)).map_err(|error| error.to_string())?;
    }
    text.push('\n');
    Ok(())
}

#[cfg(test)]
mod tests;
