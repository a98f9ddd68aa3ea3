//! Purpose: whether deploys of a repository may begin now: asked by whoever is about to let one begin, or says why one waits.

use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::repository::{Freeze, Repository};

use crate::fault::Fault;
use crate::load::load;
use crate::ports::Journal;

/// Why no deploy of it may begin; `None` = they may.
///
/// # Errors
/// Where the repository's stream cannot be read: then nobody may say that they may.
pub async fn freeze(
    journal: &dyn Journal,
    repository: RepositoryId,
) -> Result<Option<Freeze>, Fault> {
    let stream = StreamId::repository(repository);
    let repository: Repository = load(journal, &stream).await?.state;
    Ok(repository.frozen().cloned())
}
