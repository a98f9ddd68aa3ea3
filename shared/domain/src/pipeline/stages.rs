//! Purpose: the environments that an event's run is deployed to, as planned stages.

use super::file::{
    Approval, Defaults, Deploy, Environment, Freeze, Name, PipelineFile, TagPattern,
};
use super::{compile, graph, pattern, steps};
use crate::guard::{Guard, holds};
use crate::ids::EnvironmentName;
use crate::plan::{ApprovalPolicy, FreezeWindow, PlannedStage, Role, Step, Trigger};

/// An approval that nobody gave expires after one day.
pub const DEFAULT_EXPIRY_SECONDS: u32 = 86_400;

/// The environments that take this run, each after the one that it follows, otherwise in the order of the file.
///
/// What is to be merged is deployed nowhere. A tag is deployed where `tags` names it, anything else where `branches` names
/// its branch. An environment that names neither takes what the one in `after` takes; one whose `after` does not take
/// the run does not take it either.
pub fn stages(file: &PipelineFile, trigger: &Trigger) -> Vec<PlannedStage> {
    if !holds(Guard::ProposedIsNotDeployed, !trigger.is_proposed()) {
        return Vec::new();
    }
    let environments: Vec<(&Name, &Environment)> = file.environments.iter().collect();
    let after: Vec<Vec<usize>> = environments
        .iter()
        .map(|(_, environment)| {
            let name = environment.after.as_deref();
            let position = environments
                .iter()
                .position(|(other, _)| Some(other.as_str()) == name);
            position.into_iter().collect()
        })
        .collect();
    let mut planned: Vec<PlannedStage> = Vec::new();
    for index in graph::order(&after).0 {
        let Some((name, environment)) = environments.get(index) else {
            continue;
        };
        let earlier_taken = environment.after.as_ref().is_none_or(|earlier| {
            planned
                .iter()
                .any(|stage| stage.environment.as_str() == earlier)
        });
        if earlier_taken && takes(environment, trigger) {
            planned.push(stage(&file.defaults, name, environment));
        }
    }
    planned
}

fn takes(environment: &Environment, trigger: &Trigger) -> bool {
    let Environment {
        branches,
        tags,
        after,
        ..
    } = environment;
    if branches.is_empty() && tags.is_empty() {
        // Without `after` the check has refused the file; unknown means no.
        return after.is_some();
    }
    match trigger {
        Trigger::Tag { tag } => pattern::selects(tags.iter().map(TagPattern::as_str), tag),
        _ => trigger.branch().is_some_and(|branch| {
            !branches.is_empty() && compile::selects_branch(branches, branch)
        }),
    }
}

fn stage(defaults: &Defaults, name: &Name, environment: &Environment) -> PlannedStage {
    let step = |deploy: &Deploy| -> Step {
        steps::step(
            defaults,
            &deploy.run,
            &deploy.env,
            deploy.timeout,
            deploy.image.as_ref(),
        )
    };
    PlannedStage {
        environment: EnvironmentName::new(name.as_str()),
        after: environment.after.as_deref().map(EnvironmentName::new),
        deploy: step(&environment.deploy),
        verify: environment.verify.as_ref().map(step),
        rollback: environment.rollback.as_ref().map(step),
        approval: environment.approval.as_ref().map(approval),
        freeze: environment.freeze.iter().map(FreezeWindow::from).collect(),
        url: environment.url.as_ref().map(ToString::to_string),
    }
}

fn approval(approval: &Approval) -> ApprovalPolicy {
    ApprovalPolicy {
        people: approval.people.iter().map(ToString::to_string).collect(),
        teams: approval.teams.iter().map(ToString::to_string).collect(),
        count: approval.count.unwrap_or(1),
        exclude: approval
            .exclude
            .clone()
            .unwrap_or_else(|| vec![Role::Initiator, Role::Author]),
        expires_seconds: approval
            .expires
            .map_or(DEFAULT_EXPIRY_SECONDS, |expires| expires.get()),
    }
}

impl From<&Freeze> for FreezeWindow {
    fn from(freeze: &Freeze) -> Self {
        Self {
            cron: freeze.cron.to_string(),
            for_seconds: freeze.length.get(),
            time_zone: freeze
                .time_zone
                .as_ref()
                .map_or("UTC".to_owned(), ToString::to_string),
        }
    }
}
