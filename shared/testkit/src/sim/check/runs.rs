//! Purpose: the laws that a run's own events must keep: S6 (who decides), S8, S9, S13, S15, and claims after the end.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{CommitSha, Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::run::{Attempt, Decision, Event, Opening, Outcome, TaskId};
use engine::ports::Record;

use super::{Broken, Checker, broken};
use crate::sim::recipe::{Policy, Recipe};
use crate::sim::world::{Push, Sent, State, World};

/// What the checker knows of one run, from its events and from the scenario.
pub struct RunFacts {
    pub run: RunId,
    pub commit: CommitSha,
    /// What the scenario put into the commit's pipeline file.
    pub recipe: Recipe,
    /// What the default branch said of environments when the run was planned; `None` = nothing that could be read.
    pub rules: Option<Recipe>,
    /// Initiator and author, as the scenario knows them.
    pub own: Vec<PersonId>,
    pub requested: BTreeSet<Attempt>,
    pub ended: BTreeSet<Attempt>,
    /// When each was claimed, by the machine's own time.
    pub claimed: BTreeMap<Attempt, i64>,
    pub superseded: bool,
    /// Somebody has skipped jobs of it.
    pub skipped: bool,
    pub outcome: Option<Outcome>,
    pub release: Option<Digest>,
    pub approvals: BTreeMap<EnvironmentName, Asked>,
    /// Real milliseconds at which each lane was taken.
    pub lane_taken: BTreeMap<EnvironmentName, i64>,
    /// Environments with an approval in which a deploy has run code.
    pub begun: BTreeSet<EnvironmentName>,
}

/// An approval that was asked for.
#[derive(Default)]
pub struct Asked {
    /// The machine's time.
    pub opened_ms: i64,
    /// The decisions on record, by person.
    pub decided: BTreeMap<PersonId, Decision>,
}

impl RunFacts {
    fn of(world: &World, opening: &Opening) -> Result<Self, Broken> {
        let state = world.state();
        let Some(push) = state.push_of(&opening.commit) else {
            return broken(
                "S17",
                format!("run {} is of a commit that nobody pushed", opening.run),
            );
        };
        // A tick has no initiator.
        let pushed = opening.delivery == push.guid;
        let mut own = vec![push.author];
        own.extend(pushed.then_some(push.sender));
        Ok(Self {
            run: opening.run.clone(),
            commit: push.commit.clone(),
            recipe: push.recipe.clone(),
            rules: rules(&state, opening, push)?,
            own,
            requested: BTreeSet::new(),
            ended: BTreeSet::new(),
            claimed: BTreeMap::new(),
            superseded: false,
            skipped: false,
            outcome: None,
            release: None,
            approvals: BTreeMap::new(),
            lane_taken: BTreeMap::new(),
            begun: BTreeSet::new(),
        })
    }

    /// The policy of an environment, where there is one.
    pub fn policy(&self, environment: &EnvironmentName) -> Option<&Policy> {
        self.rules
            .as_ref()
            .and_then(|rules| rules.production.as_ref())
            .filter(|_| environment.as_str() == "production")
    }

    /// Whether the scenario lets this person decide.
    pub fn may_decide(&self, policy: &Policy, person: PersonId) -> bool {
        policy.names(person) && !(policy.excludes_own && self.own.contains(&person))
    }
}

/// S19: the recipe whose environments the run has, which the default branch held when it was planned.
fn rules(state: &State, opening: &Opening, push: &Push) -> Result<Option<Recipe>, Broken> {
    if opening.problem.is_some() {
        return Ok(None);
    }
    // The code of a fork is deployed nowhere.
    if matches!(push.sent, Sent::Fork { .. }) {
        return match opening.plan.stages.is_empty() {
            true => Ok(None),
            false => broken("S20", format!("run {} would deploy a fork", opening.run)),
        };
    }
    if matches!(push.sent, Sent::Group) {
        return match opening.plan.stages.is_empty() {
            true => Ok(None),
            false => broken(
                "S23",
                format!("run {} would deploy a merge group", opening.run),
            ),
        };
    }
    let stood = state.defaults_since(&push.commit);
    let text = push.recipe.text();
    let (found, told) = match &opening.plan.environments {
        None => {
            let same = stood.iter().find(|that| that.recipe.text() == text);
            (same, "its own commit".to_owned())
        }
        Some(source) => {
            let that = stood
                .iter()
                .find(|that| source.commit.as_ref() == Some(&that.commit));
            (that, format!("{:?}", source.commit))
        }
    };
    let Some(found) = found else {
        let what = format!(
            "run {} takes its environments from {told}, where the default branch did not stand",
            opening.run
        );
        return broken("S19", what);
    };
    let readable = !found.recipe.broken;
    if !readable && !opening.plan.stages.is_empty() {
        let what = format!(
            "run {} has environments of a file that cannot be read",
            opening.run
        );
        return broken("S19", what);
    }
    Ok(readable.then(|| found.recipe.clone()))
}

/// S22: no call that began when the pull request was open again ends a run because it was closed.
fn still_closed(world: &World, stream: &StreamId, reason: &str) -> Result<(), Broken> {
    let state = world.state();
    let open = |((repository, number), since): (&(RepositoryId, u64), &usize)| {
        stream.repository_id() == Some(*repository)
            && *since <= state.call_began
            && reason == format!("pull request #{number} was closed")
    };
    if state.reopened.iter().any(open) {
        return broken(
            "S22",
            format!("{stream} was ended, and its pull request is open"),
        );
    }
    Ok(())
}

/// Whether an event may follow the end of a run: only what gives back what was borrowed.
fn may_follow_the_end(event: &Event) -> bool {
    matches!(
        event,
        Event::TurnReturned {}
            | Event::SlotsTaken { .. }
            | Event::SlotsReturned { .. }
            | Event::LaneReturned { .. }
    )
}

impl Checker {
    pub(super) fn run_event(
        &mut self,
        world: &World,
        stream: &StreamId,
        record: &Record,
        event: &Event,
    ) -> Result<(), Broken> {
        if let Event::RunOpened { opening, .. } = event {
            return self.run_opened(world, stream, opening);
        }
        let Some(facts) = self.runs.get_mut(stream) else {
            return broken("S9", format!("{stream} has events but was never opened"));
        };
        if let Some(outcome) = facts.outcome
            && !may_follow_the_end(event)
        {
            let what = format!("{stream} has ended ({}), then {event:?}", outcome.word());
            return broken("S9", what);
        }
        match event {
            Event::BuildRequested { attempt, .. } => {
                if facts.superseded && matches!(attempt.task, TaskId::Deploy(_)) {
                    return broken(
                        "S15",
                        format!("{stream} is superseded, and {attempt} was requested"),
                    );
                }
                facts.requested.insert(attempt.clone());
            }
            Event::BuildClaimed { attempt, .. } => {
                if facts.ended.contains(attempt) {
                    return broken(
                        "S3",
                        format!("{stream}: {attempt} has ended, and was claimed"),
                    );
                }
                if facts.superseded && matches!(attempt.task, TaskId::Deploy(_)) {
                    return broken(
                        "S15",
                        format!("{stream} is superseded, and {attempt} was claimed"),
                    );
                }
                facts.claimed.insert(attempt.clone(), record.at_ms);
                let (attempt, run) = (attempt.clone(), facts.run.clone());
                let began = world.state().call_began;
                return self.not_frozen(stream.repository_id(), &run, &attempt, began);
            }
            Event::AttemptEnded { attempt, .. } => {
                facts.ended.insert(attempt.clone());
            }
            Event::ReleaseSealed { release } => facts.release = Some(release.clone()),
            Event::RunSuperseded { .. } => {
                if let Some(environment) = facts.begun.first() {
                    let what = format!("{stream} was superseded after it had begun {environment}");
                    return broken("S15", what);
                }
                facts.superseded = true;
            }
            Event::LaneTaken { environment, .. } => {
                let now = world.state().real_ms;
                facts.lane_taken.insert(environment.clone(), now);
            }
            Event::ApprovalOpened { environment, .. } => {
                let asked = Asked {
                    opened_ms: record.at_ms,
                    ..Asked::default()
                };
                facts.approvals.insert(environment.clone(), asked);
            }
            Event::DecisionMade {
                environment,
                decision,
            } => {
                return facts.decided(stream, record, environment, decision);
            }
            Event::CancelRequested { reason, .. } => return still_closed(world, stream, reason),
            Event::SkipRequested { .. } => facts.skipped = true,
            Event::RunFinished {
                outcome, headline, ..
            } => {
                facts.outcome = Some(*outcome);
                if facts.skipped && *outcome == Outcome::Succeeded {
                    let what = format!("{stream} has passed though jobs of it were skipped");
                    return broken("S26", what);
                }
                // L1: somebody ends every wait; a month is only the last resort.
                if headline.contains("it is older than") {
                    return broken("L1", format!("{stream} has waited for a month: {headline}"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn run_opened(
        &mut self,
        world: &World,
        stream: &StreamId,
        opening: &Opening,
    ) -> Result<(), Broken> {
        // S13: one run for each delivery, and a run is opened once.
        if let Some(other) = self
            .deliveries
            .insert(opening.delivery.clone(), stream.clone())
        {
            let what = format!(
                "delivery {} led to {other} and to {stream}",
                opening.delivery
            );
            return broken("S13", what);
        }
        let facts = RunFacts::of(world, opening)?;
        if self.runs.insert(stream.clone(), facts).is_some() {
            return broken("S13", format!("{stream} was opened twice"));
        }
        Ok(())
    }
}

impl RunFacts {
    /// S6 and S8: who may decide, about what, and once.
    fn decided(
        &mut self,
        stream: &StreamId,
        record: &Record,
        environment: &EnvironmentName,
        decision: &Decision,
    ) -> Result<(), Broken> {
        let person = decision.person;
        let about = format!("{stream}: the decision of {person} about {environment}");
        let Some(policy) = self.policy(environment).cloned() else {
            return broken("S6", format!("{about} was not asked for"));
        };
        if !self.may_decide(&policy, person) {
            return broken(
                "S6",
                format!("{about} counts, but it is not for them to make"),
            );
        }
        if self.release.as_ref() != Some(&decision.release) {
            return broken("S6", format!("{about} is for another release"));
        }
        let Some(asked) = self.approvals.get_mut(environment) else {
            return broken("S6", format!("{about} was made before it was asked for"));
        };
        if record.at_ms >= asked.opened_ms + i64::from(policy.expires_minutes) * 60_000 {
            return broken("S6", format!("{about} came after the approval had expired"));
        }
        if asked.decided.insert(person, decision.clone()).is_some() {
            return broken("S8", format!("{about} is their second"));
        }
        Ok(())
    }
}
