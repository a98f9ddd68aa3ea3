//! Purpose: what people have said about a pull request, with their names, for whatever shows it.

use domain::checks::Opening;
use domain::ids::{CommitSha, PersonId};
use domain::kernel::StreamId;
use domain::pull::Pull;
use engine::{Fault, load};
use github::checks::Words;

use crate::Deps;

/// The pull request of a run that is shown; nothing was said about a run that has none.
pub(crate) async fn pull(deps: &Deps<'_>, opening: &Opening) -> Result<Pull, Fault> {
    let Some(number) = opening.pull_request else {
        return Ok(Pull::default());
    };
    let stream = StreamId::pull(opening.repository, number);
    Ok(load(deps.journal, &stream).await?.state)
}

/// What was said, as it holds at this commit, with logins; people who are not known have their number.
pub(crate) async fn named(
    deps: &Deps<'_>,
    pull: &Pull,
    commit: &CommitSha,
) -> Result<Words, Fault> {
    let ids = Words::people(&pull.words, commit);
    let known = names(deps, &ids).await?;
    let name = |id: PersonId| {
        let known = known.iter().find(|(known, _)| *known == id);
        known.map_or_else(|| format!("person {id}"), |(_, login)| login.clone())
    };
    Ok(Words::of(&pull.words, commit, name))
}

async fn names(deps: &Deps<'_>, ids: &[PersonId]) -> Result<Vec<(PersonId, String)>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    match deps.people.persons(ids).await {
        Ok(known) => Ok(known.into_iter().map(|one| (one.id, one.login)).collect()),
        Err(fault) if fault.is_transient() => Err(fault),
        Err(fault) => {
            tracing::warn!(%fault, "the logins of those who said something are missing");
            Ok(Vec::new())
        }
    }
}
