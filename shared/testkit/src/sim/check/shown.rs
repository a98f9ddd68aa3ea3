//! Purpose: L5, what GitHub shows once all is at rest: each run and each deployment as it ended, what people have said about
//! its pull request, and nothing twice.

use domain::checks::{Check, Deployment};
use domain::delivery::Delivery;
use domain::ids::{CommitSha, PersonId};
use domain::kernel::StreamId;
use domain::plan::Trigger;
use domain::pull::Pull;
use domain::run::Run;
use github::checks::{Around, Waits, Words, marker};

use super::fold::Fold;
use super::{Broken, Checker, broken};
use crate::sim::host::BASE_URL;
use crate::sim::people::{cast, login};
use crate::sim::world::{State, World};

impl Checker {
    /// L5: GitHub shows how every run ended.
    pub(super) fn shown_at_the_end(&self, world: &World) -> Result<(), Broken> {
        for stream in self.runs.keys() {
            let fold = self.streams.get(stream).map(|followed| &followed.fold);
            let Some(Fold::Run(run)) = fold else {
                return broken("L5", format!("{stream} is no run"));
            };
            shown(world, run, &self.words_of(run))?;
        }
        for (stream, followed) in &self.streams {
            match &followed.fold {
                Fold::Delivery(delivery) => answered(world, stream, delivery)?,
                Fold::Pull(pull) => {
                    self.told(world, stream, pull)?;
                    self.words_hold(world, stream, pull)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What was said about the pull request of a run.
    fn words_of(&self, run: &Run) -> Words {
        let opening = run.opening.as_ref();
        let stream = opening.and_then(|opening| match opening.trigger {
            Trigger::PullRequest { number, .. } => Some(StreamId::pull(opening.repository, number)),
            _ => None,
        });
        match stream
            .and_then(|stream| self.streams.get(&stream))
            .map(|followed| &followed.fold)
        {
            Some(Fold::Pull(pull)) => {
                opening.map_or_else(Words::default, |o| said(pull, &o.commit))
            }
            _ => Words::default(),
        }
    }

    /// The one comment below a pull request says how its latest run ended.
    fn told(&self, world: &World, stream: &StreamId, pull: &Pull) -> Result<(), Broken> {
        let (Some(opening), Some(latest)) = (&pull.opening, pull.latest()) else {
            return Ok(());
        };
        let of_run = StreamId::run(opening.repository, &latest.run);
        let Some(Fold::Run(run)) = self.streams.get(&of_run).map(|followed| &followed.fold) else {
            return broken(
                "L5",
                format!("{stream} speaks of {of_run}, which is no run"),
            );
        };
        let state = world.state();
        let there: Vec<_> = state
            .comments
            .iter()
            .filter(|one| one.thread == opening.number && one.body.contains(marker()))
            .collect();
        // No build of the simulator writes reports, so there is nothing to compare.
        let around = Around {
            base_url: BASE_URL,
            before: None,
            words: said(pull, &latest.commit),
        };
        match (github::checks::comment(run, &around), &there[..]) {
            (_, [_, _, ..]) => broken("L5", format!("{stream} has {} comments", there.len())),
            (Some(body), [one]) if known(&one.body) == body => Ok(()),
            (None, _) => Ok(()),
            (Some(_), _) => broken("L5", format!("{stream} does not say how {of_run} ended")),
        }
    }
}

/// What was said that holds at this commit, with the names of all whom the machine has ever known.
fn said(pull: &Pull, commit: &CommitSha) -> Words {
    let is_known = |id| cast().iter().any(|person| person.id == id);
    Words::of(&pull.words, commit, |id: PersonId| match is_known(id) {
        true => login(id).to_owned(),
        false => format!("person {id}"),
    })
}

/// Whoever was removed when it was written has a name all the same.
fn known(text: &str) -> String {
    cast().iter().fold(text.to_owned(), |text, person| {
        text.replace(&format!("person {}", person.id), &person.login)
    })
}

fn with_names(check: &Check) -> Check {
    Check {
        title: known(&check.title),
        summary: known(&check.summary),
        ..check.clone()
    }
}

/// Whoever wrote a command has a reaction, and one answer where there is one to give.
fn answered(world: &World, stream: &StreamId, delivery: &Delivery) -> Result<(), Broken> {
    let Some(reply) = &delivery.reply else {
        return Ok(());
    };
    let state = world.state();
    let mark = format!("answers {} -->", stream.rest());
    let answers = state.comments.iter().filter(|one| one.body.contains(&mark));
    let (count, wanted) = (answers.count(), usize::from(reply.body.is_some()));
    if count != wanted {
        return broken(
            "L5",
            format!("{stream} is answered {count} times, not {wanted}"),
        );
    }
    let seen = |comment| state.reactions.contains(&comment);
    if !reply.comment.is_none_or(seen) {
        return broken("L5", format!("{stream} has no reaction"));
    }
    Ok(())
}

fn shown(world: &World, run: &Run, words: &Words) -> Result<(), Broken> {
    let state = world.state();
    let waits = Waits {
        words: words.clone(),
        ..Waits::default()
    };
    let view = github::checks::view(run, BASE_URL, &waits);
    for deployment in &view.deployments {
        deployed(&state, deployment)?;
    }
    for check in view.checks {
        let name = &check.external_id;
        let there: Vec<_> = state
            .check_runs
            .iter()
            .filter(|there| there.check.external_id == *name)
            .collect();
        match there[..] {
            [] => return broken("L5", format!("GitHub does not show {name}")),
            [one] if with_names(&one.check) == check => {}
            [one] => {
                let what = format!(
                    "GitHub shows {name} as {:?}, the run says {:?}",
                    one.check.status, check.status
                );
                return broken("L5", what);
            }
            _ => return broken("L5", format!("GitHub shows {name} {} times", there.len())),
        }
    }
    Ok(())
}

/// There is one, its last status is how it ended, and it got that status once; none where the App may show none.
fn deployed(state: &State, deployment: &Deployment) -> Result<(), Broken> {
    let name = &deployment.external_id;
    let there = state.deployments.iter().filter(|there| there.name == *name);
    let there: Vec<_> = there.collect();
    match there[..] {
        [] if state.refuses_deployments => Ok(()),
        [] => broken("L5", format!("GitHub does not show the deployment {name}")),
        [one] if one.statuses.last() != Some(deployment) => {
            let last = one.statuses.last().map(|last| last.state);
            let what = format!(
                "GitHub shows the deployment {name} as {last:?}, the run says {:?}",
                deployment.state
            );
            broken("L5", what)
        }
        [one] => match one.statuses.iter().filter(|one| *one == deployment).count() {
            1 => Ok(()),
            times => broken("L5", format!("the deployment {name} ended {times} times")),
        },
        _ => broken(
            "L5",
            format!("GitHub shows the deployment {name} {} times", there.len()),
        ),
    }
}
