//! Purpose: GitHub is told what a run does: compare what it shows with what GitHub has, intend an update, make it, and
//! record what came of it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::checks::{Check, Checks, Command, Effect, Opening, Shown, View};
use domain::ids::Digest;
use domain::kernel::StreamId;
use domain::run::Run;
use engine::ports::{self, CheckUpdate, ChecksUpdate, NotShown};
use engine::{Fault, Perform, load};

use crate::Deps;

/// One call that looks at what GitHub shows of a run.
pub(crate) struct Display<'a> {
    pub deps: &'a Deps<'a>,
    pub checks: &'a dyn ports::Checks,
    /// Unique to this call: an update is made by the call that intended it.
    pub call: &'a str,
}

#[async_trait]
impl Perform<Checks> for Display<'_> {
    async fn perform(
        &self,
        _: &StreamId,
        state: &Checks,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        let Some(opening) = &state.opening else {
            return Ok(Vec::new());
        };
        let stream = StreamId::run(opening.repository, &opening.run);
        let run: Run = load(self.deps.journal, &stream).await?.state;
        let view = github::checks::view(&run, self.deps.base_url);
        let (digest, last) = (
            view.digest().map_err(|error| unwritable(&error))?,
            run.is_over(),
        );
        match effect {
            Effect::Compare => Ok(self.compare(state, digest, last)),
            Effect::Update(number) => self.update(state, opening, *number, &view, last).await,
        }
    }
}

impl Display<'_> {
    fn compare(&self, state: &Checks, view: Digest, last: bool) -> Vec<Command> {
        let same = state.view.as_ref() == Some(&view) && !last;
        if same || !state.is_due(self.deps.clock.now(), last) {
            return Vec::new();
        }
        let call = self.call.to_owned();
        vec![Command::Intend { view, call }]
    }

    async fn update(
        &self,
        state: &Checks,
        opening: &Opening,
        number: u64,
        view: &View,
        last: bool,
    ) -> Result<Vec<Command>, Fault> {
        let changed = changed(state, view)?;
        if !state
            .updates
            .is_made_by(number, self.call, self.deps.clock.now())
        {
            return Ok(Vec::new());
        }
        let wanted = changed.iter().map(|(check, _)| CheckUpdate {
            check,
            id: state
                .shown
                .get(&check.external_id)
                .map(|shown| shown.id.as_str()),
        });
        let update = ChecksUpdate {
            repository: opening.repository,
            commit: &opening.commit,
            checks: wanted.collect(),
            look_first: !state.updates.may_create(),
        };
        let ids = match update.checks.is_empty() {
            true => Ok(BTreeMap::new()),
            false => self.checks.show(&update).await,
        };
        Ok(vec![match ids.and_then(|ids| shown(&changed, &ids)) {
            Ok(checks) => Command::Shown {
                number,
                view: view.digest().map_err(|error| unwritable(&error))?,
                checks,
                last,
            },
            Err(fault) => not_shown(number, &fault),
        }])
    }
}

/// The check runs that show something else than GitHub has, with the digests of what they show.
fn changed<'v>(state: &Checks, view: &'v View) -> Result<Vec<(&'v Check, Digest)>, Fault> {
    let mut changed = Vec::new();
    for check in &view.checks {
        let digest = check.digest().map_err(|error| unwritable(&error))?;
        if state
            .shown
            .get(&check.external_id)
            .map(|shown| &shown.digest)
            != Some(&digest)
        {
            changed.push((check, digest));
        }
    }
    Ok(changed)
}

fn shown(
    changed: &[(&Check, Digest)],
    ids: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Shown>, NotShown> {
    let named = changed.iter().map(|(check, digest)| {
        let id = ids.get(&check.external_id).cloned().ok_or_else(|| {
            NotShown::Unknown(format!("GitHub did not say what it calls `{}`", check.name))
        })?;
        let digest = digest.clone();
        Ok((check.external_id.clone(), Shown { id, digest }))
    });
    named.collect()
}

/// A GitHub that fails is no fault of this stream: it is recorded, and tried again at its time.
fn not_shown(number: u64, fault: &NotShown) -> Command {
    tracing::warn!(%fault, "GitHub does not show a run as it is");
    Command::NotShown {
        number,
        why: fault.to_string(),
        failure: crate::failure(fault),
    }
}

fn unwritable(error: &serde_json::Error) -> Fault {
    Fault::Malformed(format!("a view of a run cannot be written: {error}"))
}
