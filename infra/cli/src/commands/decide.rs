//! Purpose: `slipway approve` and `slipway reject`: what the page does, for a person with their mail at hand.

use approval::{Ask, Decided, Deps, Refusal, SUFFIX_CHARS};
use domain::ids::EnvironmentName;
use domain::run::{Run, StagePhase};
use engine::load;
use serde_json::json;
use uuid::Uuid;

use super::find;
use crate::args::{DecideArgs, Global};
use crate::backend::{first_run, note_if_stopped};
use crate::cloud;
use crate::data;
use crate::failure::{Failure, NEGATIVE, UNAVAILABLE, USAGE};
use crate::home::{Home, SystemClock};
use crate::output::{self, style};

/// Decides, or says why not.
pub async fn run(global: &Global, args: &DecideArgs, approve: bool) -> Result<u8, Failure> {
    if let Some(stack) = &global.aws {
        return cloud::decide(global, stack, args, approve).await;
    }
    let (login, code) = signed_in(args)?;
    let home = Home::existing(&data::dir(global)?)?;
    let stream = find::run_in(&*home.journal, &args.run, first_run(true)).await?;
    let run: Run = load(&*home.journal, &stream).await?.state;
    let missing = || Failure::usage(format!("{stream} was never opened"));
    let (repository, id) = stream
        .repository_id()
        .zip(stream.run_id())
        .ok_or_else(missing)?;
    let environment = environment(&run, args)?;
    if approve && args.release.is_empty() {
        return Err(suffix(&run, &environment));
    }
    let doorbells = home.doorbells();
    let deps = Deps {
        journal: &*home.journal,
        inbox: &*home.journal,
        clock: &SystemClock,
        doorbells: &doorbells,
        sources: &*home.sources,
        people: &*home.people,
        repositories: &*home.repositories,
        keys: &*home.keys,
        host: None,
        // No form is taken here, so no origin is compared with it.
        base_url: "",
    };
    let ask = Ask {
        repository,
        run: &id,
        environment: &environment,
        login,
        code,
        approve,
        reason: &args.reason,
        release_suffix: &args.release,
    };
    let call = Uuid::new_v4().to_string();
    let decided = approval::decide_with_code(&deps, &ask, &call)
        .await
        .map_err(|refusal| refused(&refusal))?;
    say(global, &home, &ask, &decided)
}

/// Who decides, and the code that shows it.
fn signed_in(args: &DecideArgs) -> Result<(&str, &str), Failure> {
    let both = args.login.as_deref().zip(args.code.as_deref());
    both.ok_or_else(|| {
        let missing = match (&args.login, &args.code) {
            (None, None) => "who you are and the code of your mail are",
            (None, Some(_)) => "who you are is",
            (Some(_), _) => "the code of your mail is",
        };
        Failure::usage(format!("{missing} missing"))
            .help("add `--as LOGIN` and `--code CODE`; the code stands in the mail that asked you")
    })
}

fn say(global: &Global, home: &Home, ask: &Ask<'_>, decided: &Decided) -> Result<u8, Failure> {
    let word = if ask.approve { "approved" } else { "rejected" };
    let status = decided.run.status();
    if global.json {
        output::document(&json!({
            "run": ask.run,
            "environment": ask.environment,
            "decision": word,
            "person": decided.person,
            "changed": decided.changed,
            "status": status,
        }))?;
        return Ok(0);
    }
    let Ask {
        run,
        environment,
        login,
        ..
    } = ask;
    let already = if decided.changed {
        ""
    } else {
        ", as you had already"
    };
    let word = style::status(word);
    output::line(format!(
        "{login} {word} {environment} of run {run}{already}; the run is {status}."
    ))?;
    note_if_stopped(home);
    Ok(0)
}

/// The environment that was named; else the one that waits for an approval.
fn environment(run: &Run, args: &DecideArgs) -> Result<EnvironmentName, Failure> {
    if let Some(name) = &args.environment {
        let name = EnvironmentName::new(name.as_str());
        if run.stages.contains_key(&name) {
            return Ok(name);
        }
        let names = run.stages.keys().map(|name| name.to_string());
        return Err(
            Failure::usage(format!("this run has no environment {:?}", name.as_str()))
                .help(find::candidates(names)),
        );
    }
    let waits = |phase: &StagePhase| matches!(phase, StagePhase::Approval);
    let waiting: Vec<&EnvironmentName> = run
        .stages
        .iter()
        .filter(|(_, stage)| waits(&stage.phase))
        .map(|(name, _)| name)
        .collect();
    match waiting.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(Failure::negative("this run waits for no approval")
            .help(format!("`slipway why {}` says what it waits for", args.run))),
        many => Err(Failure::usage("several environments wait for an approval")
            .help(find::candidates(many.iter().map(|name| name.to_string())))),
    }
}

fn suffix(run: &Run, environment: &EnvironmentName) -> Failure {
    let approval = run
        .stages
        .get(environment)
        .and_then(|stage| stage.approval.as_ref());
    let what = "say which release you approve";
    match approval {
        Some(approval) => Failure::usage(format!("{what}: it is {}", approval.release)).help(
            format!("add `--release` with its last {SUFFIX_CHARS} characters"),
        ),
        None => Failure::negative(format!("nothing waits for an approval of {environment}")),
    }
}

fn refused(refusal: &Refusal) -> Failure {
    let code = match refusal {
        Refusal::Fault(fault) => {
            tracing::warn!(%fault, "nothing was decided");
            UNAVAILABLE
        }
        Refusal::Unsure(fault) => {
            tracing::warn!(%fault, "it is not known whether this was decided");
            UNAVAILABLE
        }
        Refusal::WrongCode
        | Refusal::NoReason
        | Refusal::ReasonTooLong(_)
        | Refusal::WrongSuffix { .. } => USAGE,
        _ => NEGATIVE,
    };
    let help = match refusal {
        Refusal::NoReason => Some("add `--reason TEXT`".to_owned()),
        Refusal::WrongCode => {
            Some("give your login with `--as` and the code with `--code`".to_owned())
        }
        Refusal::Unsure(_) => Some("`slipway show` with the run says whether it was".to_owned()),
        _ => None,
    };
    Failure {
        what: refusal.to_string(),
        help,
        code,
    }
}
