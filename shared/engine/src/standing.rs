//! Purpose: a repository as people know it: what the configuration says, under the name that GitHub has told of since; and
//! whether anything of it may run.

use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::repository::{self, Standing};

use crate::fault::Fault;
use crate::load::load;
use crate::ports::{Journal, Repositories, Repository};

/// How a repository stands at GitHub.
///
/// # Errors
/// Where its stream cannot be read: then nobody may say that anything of it may run.
pub async fn standing(journal: &dyn Journal, id: RepositoryId) -> Result<Standing, Fault> {
    let stream = StreamId::repository(id);
    let repository: repository::Repository = load(journal, &stream).await?.state;
    Ok(repository.standing)
}

/// A repository that the machine knows, by the name that it has now.
///
/// # Errors
/// Where the configuration cannot be read. A name that GitHub told of and that cannot be read is only missing.
pub async fn repository(
    journal: &dyn Journal,
    repositories: &dyn Repositories,
    id: RepositoryId,
) -> Result<Option<Repository>, Fault> {
    let Some(mut known) = repositories.repository(id).await? else {
        return Ok(None);
    };
    match standing(journal, id).await {
        Ok(standing) => known.name = standing.name.unwrap_or(known.name),
        Err(fault) => {
            tracing::warn!(%fault, repository = id.0, "a repository's new name is missing");
        }
    }
    Ok(Some(known))
}
