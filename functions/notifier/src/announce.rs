//! Purpose: one sentence to a topic, once for each approval that opens. It announces, and authorises nothing.

use domain::ids::EnvironmentName;
use domain::run::Run;
use engine::Fault;
use engine::approvals::{MAX_NAME, line};
use engine::ports::Announcement;

use crate::Deps;
use crate::dead::dead;

/// Tells the topic, if there is one. The mails are what approvers decide by, so a topic that cannot be told holds nothing up:
/// that is logged and not repeated.
pub async fn approval(deps: &Deps<'_>, run: &Run, environment: &EnvironmentName) {
    if let Err(fault) = tell(deps, run, environment).await {
        tracing::error!(%fault, %environment, "an approval was not announced; the mails are not held up");
    }
}

async fn tell(deps: &Deps<'_>, run: &Run, environment: &EnvironmentName) -> Result<(), Fault> {
    let (Some(announcer), Some(opening)) = (deps.announcer, &run.opening) else {
        return Ok(());
    };
    let id = opening.repository;
    let repository = engine::repository(deps.journal, deps.repositories, id).await?;
    let name = repository.map_or_else(
        || format!("repository {}", opening.repository),
        |known| line(&dead(&known.name), MAX_NAME),
    );
    let announcement = Announcement {
        sentence: format!("{name} asks whether a release may be deployed to {environment}."),
        link: format!(
            "{}/runs/{}/{}",
            deps.base_url, opening.repository, opening.run
        ),
    };
    announcer.announce(&announcement).await
}
