//! Purpose: what CodeBuild's own record of a build says about its end. Pure.

use aws_sdk_codebuild::types::{Build, BuildPhase, BuildPhaseType, StatusType};
use aws_smithy_types::DateTime;
use domain::buildspec::UNCLAIMED;
use engine::ports::Ending;

/// Characters of CodeBuild's own explanation that are passed on.
const MAX_SAID: usize = 300;

/// When it began to be carried out, after it was queued, and when it ended, milliseconds since the epoch.
pub fn times(build: &Build) -> (i64, i64) {
    let milliseconds = |at: &DateTime| at.to_millis().unwrap_or(0);
    let provisioning = phase(build, &BuildPhaseType::Provisioning).and_then(BuildPhase::start_time);
    let started = provisioning.or(build.start_time()).map_or(0, milliseconds);
    let ended = build.end_time().map_or(started, milliseconds);
    (started, ended)
}

/// Whether its program can have come to its end: CodeBuild keeps artifacts of no other build.
pub fn may_have_results(build: &Build) -> bool {
    matches!(
        build.build_status(),
        Some(StatusType::Succeeded | StatusType::Failed)
    ) && phase(build, &BuildPhaseType::PostBuild).is_some()
}

/// The end of a build that left no results. `not_run` is what its program wrote about not running the commands.
pub fn without_results(build: &Build, not_run: Option<String>) -> Ending {
    let began = phase(build, &BuildPhaseType::Build).is_some();
    match build.build_status() {
        Some(StatusType::Stopped) => return Ending::Stopped,
        Some(StatusType::TimedOut) if began => return Ending::TimedOut,
        _ => {}
    }
    let failed = build.phases().iter().find(|phase| {
        !matches!(
            phase.phase_status(),
            None | Some(StatusType::Succeeded | StatusType::InProgress)
        )
    });
    let said = failed.map(said).unwrap_or_default();
    let status = exit_status(&said);
    match (failed.and_then(BuildPhase::phase_type), status) {
        (Some(BuildPhaseType::PreBuild), Some(UNCLAIMED)) => Ending::Unclaimed {
            why: not_run.unwrap_or_else(|| "its log says why".to_owned()),
        },
        (Some(BuildPhaseType::PreBuild), _) => Ending::Unprepared {
            why: not_run.unwrap_or_else(|| sentence("PRE_BUILD", &said)),
        },
        (Some(phase), _) if !began => Ending::Unprepared {
            why: sentence(phase.as_str(), &said),
        },
        (None, _) if !began => Ending::Unprepared {
            why: "CodeBuild did not begin it".to_owned(),
        },
        (Some(phase), _) => Ending::Lost {
            why: sentence(phase.as_str(), &said),
        },
        (None, _) => Ending::Lost {
            why: "it left no result".to_owned(),
        },
    }
}

fn phase<'b>(build: &'b Build, kind: &BuildPhaseType) -> Option<&'b BuildPhase> {
    build
        .phases()
        .iter()
        .find(|phase| phase.phase_type() == Some(kind))
}

fn sentence(phase: &str, said: &str) -> String {
    match said.is_empty() {
        true => format!("CodeBuild's phase {phase} failed without a reason"),
        false => format!("CodeBuild's phase {phase} failed: {said}"),
    }
}

/// The end of what CodeBuild says about a phase: a failed command is quoted in full, and what matters comes after it.
fn said(phase: &BuildPhase) -> String {
    let contexts = phase.contexts().iter();
    let messages = contexts.filter_map(|context| context.message().filter(|text| !text.is_empty()));
    let all = messages.collect::<Vec<_>>().join("; ");
    let plain: Vec<char> = all.chars().filter(|c| !c.is_control()).collect();
    plain[plain.len().saturating_sub(MAX_SAID)..]
        .iter()
        .collect()
}

fn exit_status(said: &str) -> Option<i32> {
    let digits = said.rsplit_once("exit status ")?.1;
    digits
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}
