//! Purpose: GitHub is told what a run does: compare what it shows with what GitHub has, intend an update, make it, and
//! record what came of it.

mod deployments;
mod waits;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::checks::{Check, Checks, Command, Effect, Opening, Shown, View};
use domain::ids::Digest;
use domain::kernel::StreamId;
use domain::run::Run;
use engine::ports::{self, CheckUpdate, ChecksUpdate, NotShown};
use engine::{Fault, Perform, load};

use crate::{Deps, words};

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
        let is_early = !state.is_due(self.deps.clock.now(), run.is_over());
        if matches!(effect, Effect::Compare) && is_early {
            return Ok(Vec::new());
        }
        let said = words::pull(self.deps, opening).await?;
        let mut waits = waits::of(self.deps, &run).await?;
        waits.words = words::named(self.deps, &said, &opening.commit).await?;
        let view = github::checks::view(&run, self.deps.base_url, &waits);
        let view = state.of(view, self.deps.clock.now());
        match effect {
            Effect::Compare => self.compare(state, &view, run.is_over()),
            Effect::Update(number) => {
                let update = Update {
                    state,
                    opening,
                    number: *number,
                    words: said.words.number,
                };
                self.update(&update, view, run.is_over()).await
            }
        }
    }
}

/// An update that is under way.
struct Update<'a> {
    state: &'a Checks,
    opening: &'a Opening,
    number: u64,
    /// How many words about the pull request the view knows.
    words: u64,
}

impl Display<'_> {
    fn compare(&self, state: &Checks, view: &View, over: bool) -> Result<Vec<Command>, Fault> {
        let (now, view) = (self.deps.clock.now(), digest_of(view)?);
        let last = over && !state.owes_deployments(now);
        if state.updates.is_certain() && state.view.as_ref() == Some(&view) && !last {
            return Ok(Vec::new());
        }
        let call = self.call.to_owned();
        Ok(vec![Command::Intend { view, call }])
    }

    async fn update(
        &self,
        update: &Update<'_>,
        mut view: View,
        over: bool,
    ) -> Result<Vec<Command>, Fault> {
        let Update {
            state,
            number,
            words,
            ..
        } = *update;
        let nothing = BTreeMap::new();
        let shown = state.certainly_shown().unwrap_or(&nothing);
        let changed = changed(shown, &view.checks, |c| &c.external_id, Check::digest)?;
        let now = self.deps.clock.now();
        if !state.updates.is_made_by(number, self.call, now) {
            return Ok(Vec::new());
        }
        let mut last = over && !state.owes_deployments(now);
        let checks = match self.show(update, &changed).await {
            Ok(checks) => checks,
            Err(fault) => return Ok(vec![not_shown(number, &fault)]),
        };
        let deployments = self.deploy(update, &view).await?;
        if !deployments.is_whole() {
            view.deployments.clear();
            last &= deployments.is_given_up();
        }
        Ok(vec![Command::Shown {
            number,
            view: digest_of(&view)?,
            checks,
            last,
            deployments: deployments.told,
            words,
        }])
    }

    async fn show(
        &self,
        update: &Update<'_>,
        changed: &[(&Check, Digest)],
    ) -> Result<BTreeMap<String, Shown>, NotShown> {
        let Update { state, opening, .. } = update;
        let wanted = changed.iter().map(|(check, _)| CheckUpdate {
            check,
            id: known(&state.shown, &check.external_id),
        });
        let update = ChecksUpdate {
            repository: opening.repository,
            commit: &opening.commit,
            checks: wanted.collect(),
            look_first: !state.updates.may_create(),
        };
        if update.checks.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids = self.checks.show(&update).await?;
        let named = changed.iter().map(|(check, digest)| {
            let id = ids.get(&check.external_id).cloned().ok_or_else(|| {
                NotShown::Unknown(format!("GitHub did not say what it calls `{}`", check.name))
            })?;
            let digest = digest.clone();
            Ok((check.external_id.clone(), Shown { id, digest }))
        });
        named.collect()
    }
}

/// Those that show something else than GitHub has, with the digests of what they show.
fn changed<'v, T>(
    shown: &BTreeMap<String, Shown>,
    all: &'v [T],
    name: impl Fn(&T) -> &str,
    digest: impl Fn(&T) -> serde_json::Result<Digest>,
) -> Result<Vec<(&'v T, Digest)>, Fault> {
    let mut changed = Vec::new();
    for one in all {
        let digest = digest(one).map_err(|error| unwritable(&error))?;
        let known = shown.get(name(one)).map(|shown| &shown.digest);
        if known != Some(&digest) {
            changed.push((one, digest));
        }
    }
    Ok(changed)
}

/// GitHub's name for what it has.
fn known<'s>(shown: &'s BTreeMap<String, Shown>, external_id: &str) -> Option<&'s str> {
    shown.get(external_id).map(|shown| shown.id.as_str())
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

fn digest_of(view: &View) -> Result<Digest, Fault> {
    view.digest().map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Fault {
    Fault::Malformed(format!("a view of a run cannot be written: {error}"))
}
