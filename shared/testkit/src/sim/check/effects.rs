//! Purpose: the laws about what really happened outside: S3, S4, S5, S6, S7, S12, S14, S17, S21, and jobs beyond the pool.

use domain::ids::{BuildId, Digest, EnvironmentName, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::release::{Artifact, release_of};
use domain::run::{Attempt, TaskId};
use engine::ports::Ending;

use super::runs::RunFacts;
use super::{Broken, Checker, broken};
use crate::sim::people::EVE;
use crate::sim::recipe::Recipe;
use crate::sim::world::{Build, Push, Seen, Sent, Stand, State, World, read_intent};

impl Checker {
    pub(super) fn world_saw(&mut self, world: &World, seen: &Seen) -> Result<(), Broken> {
        match seen {
            Seen::StartCalled { intent, call_began } => {
                self.start_called(intent)?;
                match read_intent(intent) {
                    None => Ok(()),
                    Some((id, run, attempt)) => {
                        self.not_frozen(Some(id), &run, &attempt, *call_began)
                    }
                }
            }
            Seen::Passed(build) => self.passed(&world.state(), world.pool, build),
            Seen::Answered {
                guid,
                status,
                forged,
            } => answered(world, guid, *status, *forged),
        }
    }

    /// S14: a build is asked for only after the intent was recorded.
    fn start_called(&self, intent: &str) -> Result<(), Broken> {
        let recorded = self.runs.iter().any(|(stream, facts)| {
            let attempt = intent
                .strip_prefix(stream.rest())
                .and_then(|rest| rest.strip_prefix('/'));
            attempt.is_some_and(|text| facts.requested.iter().any(|a| a.to_string() == text))
        });
        if recorded {
            return Ok(());
        }
        broken(
            "S14",
            format!("a build was asked for without a recorded intent {intent}"),
        )
    }

    /// S21: no call that began while deploys were frozen asks for one, or lets one run.
    pub(super) fn not_frozen(
        &self,
        repository: Option<RepositoryId>,
        run: &RunId,
        attempt: &Attempt,
        call_began: usize,
    ) -> Result<(), Broken> {
        let frozen = repository.and_then(|id| self.frozen.get(&id));
        let frozen = frozen.is_some_and(|at| *at <= call_began);
        if frozen && matches!(attempt.task, TaskId::Deploy(_)) {
            let what = format!("{attempt} of run {run} began while deploys were frozen");
            return broken("S21", what);
        }
        Ok(())
    }

    /// Code of the repository has begun to run.
    fn passed(&mut self, state: &State, pool: usize, id: &BuildId) -> Result<(), Broken> {
        let Some(build) = state.builds.get(id) else {
            return broken("S3", format!("{id} runs and was never started"));
        };
        let intent = &build.request.intent;
        if !self.passed.insert(intent.clone()) {
            return broken("S3", format!("{intent} runs a second time, as {id}"));
        }
        let Some(facts) = self.facts_of(&build.run) else {
            return broken("S14", format!("{intent} runs without a run"));
        };
        if facts.ended.contains(&build.attempt) {
            return broken("S3", format!("{intent} has ended, and {id} runs for it"));
        }
        if matches!(build.attempt.task, TaskId::Job(_)) {
            released(state, facts)?;
            return within_pool(state, pool);
        }
        alone(state, id, build)?;
        let TaskId::Deploy(environment) = &build.attempt.task else {
            return Ok(());
        };
        once(state, id, build)?;
        release_is_right(state, facts, build)?;
        approved(state, facts, environment, build)?;
        let needs_approval = facts.policy(environment).is_some();
        let stream = StreamId::run(build.repository, &build.run);
        if let Some(facts) = self.runs.get_mut(&stream).filter(|_| needs_approval) {
            facts.begun.insert(environment.clone());
        }
        self.deploys += 1;
        Ok(())
    }
}

/// S12: what was answered with 2xx is durable. S17: what is not verified changes nothing.
fn answered(world: &World, guid: &str, status: u16, forged: bool) -> Result<(), Broken> {
    let good = (200..300).contains(&status);
    let there = world
        .journal
        .memory
        .peek_head(&StreamId::delivery(guid))
        .is_some();
    match (forged, good, there) {
        (false, true, false) => broken(
            "S12",
            format!("{guid} was answered with {status} and is not there"),
        ),
        (true, true, _) => broken(
            "S17",
            format!("the forged {guid} was answered with {status}"),
        ),
        (true, _, true) => broken("S17", format!("the forged {guid} was accepted")),
        _ => Ok(()),
    }
}

/// S20: the code of a stranger runs after somebody who may has released that very commit, and not before.
fn released(state: &State, facts: &RunFacts) -> Result<(), Broken> {
    let Some(push) = state.push_of(&facts.commit) else {
        return Ok(());
    };
    let strange =
        matches!(push.sent, Sent::Fork { .. }) && [push.author, push.sender].contains(&EVE);
    let releases = |said: &Push| {
        let Sent::Comment { body, .. } = &said.sent else {
            return false;
        };
        said.sender != EVE && body.contains(&format!("/ok-to-test {}", facts.commit))
    };
    let said = state
        .said
        .keys()
        .filter_map(|index| state.pushes.get(*index));
    if !strange || said.into_iter().any(releases) {
        return Ok(());
    }
    broken(
        "S20",
        format!("{} runs, and nobody who may has released it", facts.commit),
    )
}

fn within_pool(state: &State, pool: usize) -> Result<(), Broken> {
    let job = |build: &&Build| {
        matches!(build.attempt.task, TaskId::Job(_)) && build.stand == Stand::Running
    };
    let running = state.builds.values().filter(job).count();
    if running > pool {
        return broken(
            "pool",
            format!("{running} jobs run, there are {pool} places"),
        );
    }
    Ok(())
}

/// S4: one deploy of a run to an environment.
fn once(state: &State, id: &BuildId, build: &Build) -> Result<(), Broken> {
    let other = state.builds.iter().find(|(other, that)| {
        *other != id
            && that.run == build.run
            && that.attempt.task == build.attempt.task
            && that.effect.is_some()
    });
    match other {
        Some((other, _)) => {
            let Build { run, attempt, .. } = build;
            broken(
                "S4",
                format!(
                    "run {run}: {} was done by {other}, and by {id} again",
                    attempt.task
                ),
            )
        }
        None => Ok(()),
    }
}

/// S5: nothing else works on the target, no zombie either.
fn alone(state: &State, id: &BuildId, build: &Build) -> Result<(), Broken> {
    let environment = build.attempt.task.environment();
    let other = state.builds.iter().find(|(other, that)| {
        *other != id
            && that.repository == build.repository
            && that.attempt.task.environment() == environment
            && that.touches_target()
            && build.touches_target()
            && that.works_at(state.real_ms)
    });
    match other {
        Some((other, that)) => broken(
            "S5",
            format!(
                "{id} ({} of run {}) begins while {other} ({} of run {}) works on the same target",
                build.attempt, build.run, that.attempt, that.run
            ),
        ),
        None => Ok(()),
    }
}

/// What the jobs of this run have truly made: the artifacts of each job's last good build.
fn made(state: &State, facts: &RunFacts) -> Vec<Artifact> {
    let mut all = Vec::new();
    for job in 0..facts.recipe.jobs {
        let name = format!("job/j{job}");
        let of_job =
            |build: &&Build| build.run == facts.run && build.attempt.task.to_string() == name;
        let good = state
            .builds
            .values()
            .filter(of_job)
            .filter_map(|build| match &build.stand {
                Stand::Ended(end) if end.ending == (Ending::Exited { code: 0 }) => {
                    Some((build.attempt.number, &end.artifacts))
                }
                _ => None,
            });
        let last = good.max_by_key(|(number, _)| *number);
        all.extend(
            last.into_iter()
                .flat_map(|(_, artifacts)| artifacts.iter().cloned()),
        );
    }
    all
}

/// The release that this run should deploy, by the world's own record.
fn true_release(state: &State, facts: &RunFacts) -> Digest {
    release_of(&facts.commit, &rules_of(facts), &made(state, facts))
}

/// What the release is bound to: the file of the commit, and that of the environments if it is another.
fn rules_of(facts: &RunFacts) -> Digest {
    let own = Digest::of(facts.recipe.text().as_bytes());
    let environments = facts.rules.as_ref().map(Recipe::text);
    match environments.map(|text| Digest::of(text.as_bytes())) {
        Some(other) if other != own => {
            Digest::of(format!("pipeline {own}\nenvironments {other}\n").as_bytes())
        }
        _ => own,
    }
}

/// S7: what is deployed is what this run's jobs made, the same in production as in staging.
fn release_is_right(state: &State, facts: &RunFacts, build: &Build) -> Result<(), Broken> {
    let Build {
        request,
        run,
        attempt,
        ..
    } = build;
    let given = release_of(&request.commit, &rules_of(facts), &request.inputs);
    let right = true_release(state, facts);
    let told = request.facts.get("SLIPWAY_RELEASE").map(String::as_str);
    if given != right || told != Some(right.as_str()) {
        let what =
            format!("run {run}: {attempt} gets {given}, is told {told:?}, its jobs made {right}");
        return broken("S7", what);
    }
    if attempt.task != TaskId::Deploy("production".into()) {
        return Ok(());
    }
    let staged = state.builds.values().any(|that| {
        that.run == *run
            && that.attempt.task == TaskId::Deploy("staging".into())
            && that.request.inputs == request.inputs
            && matches!(&that.stand, Stand::Ended(end) if end.ending == (Ending::Exited { code: 0 }))
    });
    if staged {
        return Ok(());
    }
    broken(
        "S7",
        format!("run {run}: production gets what staging has not been given"),
    )
}

/// S6: enough people who may, still here when the lane was taken, have truly said yes to this release, in time.
fn approved(
    state: &State,
    facts: &RunFacts,
    environment: &EnvironmentName,
    build: &Build,
) -> Result<(), Broken> {
    let Some(policy) = facts.policy(environment) else {
        return Ok(());
    };
    let about = format!("run {}: {environment}", facts.run);
    let Some(asked) = facts.approvals.get(environment) else {
        return broken("S6", format!("{about} is deployed and nobody was asked"));
    };
    if asked.decided.values().any(|decided| !decided.approve) {
        return broken(
            "S6",
            format!("{about} is deployed although somebody said no"),
        );
    }
    let release = true_release(state, facts);
    let taken = facts
        .lane_taken
        .get(environment)
        .copied()
        .unwrap_or(i64::MAX);
    let counts = asked.decided.values().filter(|decision| {
        let person = decision.person;
        let text = decision.signed_text(&facts.run, environment);
        // That the person truly wanted it is what the world saw; that nobody else wrote it is what the signature says.
        let wanted = state.wishes.iter().any(|wish| {
            (&wish.run, &wish.environment, &wish.release) == (&facts.run, environment, &release)
                && (wish.person, wish.approve) == (person, true)
        });
        let here = state.removed.get(&person).is_none_or(|at| *at >= taken);
        wanted
            && here
            && decision.approve
            && decision.release == release
            && decision.signature == World::signature(text.as_bytes())
            && facts.may_decide(policy, person)
    });
    let valid = counts.count();
    if valid < usize::from(policy.count) {
        let what = format!("{about} needs {} approvals, {valid} count", policy.count);
        return broken("S6", what);
    }
    let until = asked.opened_ms + i64::from(policy.expires_minutes) * 60_000;
    let claimed_ms = facts
        .claimed
        .get(&build.attempt)
        .copied()
        .unwrap_or(i64::MAX);
    if claimed_ms >= until {
        return broken(
            "S6",
            format!("{about} began after its approval had expired"),
        );
    }
    Ok(())
}
