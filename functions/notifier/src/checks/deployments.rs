//! Purpose: the deployments of an update, once its check runs are shown. What becomes of them takes nothing back of those.

use domain::checks::{Deployment, Shown, Told, View};
use domain::ids::Digest;
use domain::update::Failure;
use engine::Fault;
use engine::ports::{DeploymentUpdate, DeploymentsAnswer, DeploymentsUpdate, NotShown};

use super::{Display, Update, changed, known};
use crate::failure;

/// What became of the deployments of a view.
pub(super) struct Deployed {
    /// `None` = nothing was said of them.
    pub told: Option<Told>,
    /// Whether there was something to say.
    wanted: bool,
}

impl Deployed {
    /// Whether GitHub has all of them as they are.
    pub fn is_whole(&self) -> bool {
        match &self.told {
            Some(told) => told.failed.is_none(),
            None => !self.wanted,
        }
    }

    /// Whether nothing will ever be said of the others.
    pub fn is_given_up(&self) -> bool {
        let failed = self.told.as_ref().and_then(|told| told.failed.as_ref());
        failed.is_some_and(|(failure, _)| *failure == Failure::Refused)
    }
}

impl Display<'_> {
    /// Tells GitHub of the deployments that have changed; a view without any costs no call.
    pub(super) async fn deploy(&self, update: &Update<'_>, view: &View) -> Result<Deployed, Fault> {
        let Update {
            state,
            opening,
            number,
            ..
        } = *update;
        let changed = changed(
            &state.deployments.shown,
            &view.deployments,
            |d| &d.external_id,
            Deployment::digest,
        )?;
        if changed.is_empty() {
            return Ok(Deployed {
                told: None,
                wanted: false,
            });
        }
        // Another call takes over soon, and none of this may reach GitHub after it has.
        if !state.is_gone_on_with(number, self.call, self.deps.clock.now()) {
            return Ok(Deployed {
                told: None,
                wanted: true,
            });
        }
        let wanted = changed.iter().map(|(deployment, _)| DeploymentUpdate {
            deployment,
            id: known(&state.deployments.shown, &deployment.external_id),
        });
        let wanted = DeploymentsUpdate {
            repository: opening.repository,
            commit: &opening.commit,
            deployments: wanted.collect(),
            look_first: !state.may_create_deployments(),
        };
        let answer = self.checks.show_deployments(&wanted).await;
        Ok(Deployed {
            told: Some(told(changed, answer)),
            wanted: true,
        })
    }
}

fn told(changed: Vec<(&Deployment, Digest)>, answer: DeploymentsAnswer) -> Told {
    let mut unnamed = None;
    let shown = changed.into_iter().filter_map(|(deployment, digest)| {
        let name = &deployment.external_id;
        let Some(id) = answer.shown.get(name).cloned() else {
            let why = format!("GitHub did not say what it calls the deployment `{name}`");
            unnamed.get_or_insert(NotShown::Unknown(why));
            return None;
        };
        Some((name.clone(), Shown { id, digest }))
    });
    let shown = shown.collect();
    let failed = answer.failed.or(unnamed).map(|fault| {
        tracing::warn!(%fault, "GitHub does not show a deployment as it is");
        (failure(&fault), fault.to_string())
    });
    Told { shown, failed }
}
