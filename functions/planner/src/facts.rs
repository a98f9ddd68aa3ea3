//! Purpose: what the plan depends on besides the file: changed paths, and who is who.

use domain::ids::CommitSha;
use domain::pipeline::{DefaultBranch, DefaultFile, Environments, FILE_NAME, Facts};
use domain::plan::Parties;
use engine::Fault;
use engine::ports::Commit;
use github::Asked;

use crate::Deps;

pub(crate) async fn facts(
    deps: &Deps<'_>,
    asked: &Asked,
    commit: &CommitSha,
) -> Result<Facts, Fault> {
    let changed_paths = match &asked.before {
        // A first push has nothing to compare with: everything counts as changed.
        None => None,
        before => {
            deps.sources
                .changed_paths(asked.repository, before.as_ref(), commit)
                .await?
        }
    };
    Ok(Facts {
        trigger: asked.trigger.clone(),
        changed_paths,
        environments: environments(deps, asked, commit).await?,
    })
}

/// What the default branch says now. A commit that is its head speaks for itself, and what is to be merged is deployed
/// nowhere.
async fn environments(
    deps: &Deps<'_>,
    asked: &Asked,
    commit: &CommitSha,
) -> Result<Environments, Fault> {
    if asked.trigger.is_proposed() {
        return Ok(Environments::Own);
    }
    let (sources, repository) = (deps.sources, asked.repository);
    let Some(name) = sources.default_branch(repository).await? else {
        return Ok(Environments::Default(DefaultBranch::default()));
    };
    let reference = format!("refs/heads/{name}");
    let head = sources.head(repository, &reference).await?;
    let file = match &head {
        None => DefaultFile::Missing,
        Some(head) if head == commit => return Ok(Environments::Own),
        Some(head) => match sources.file(repository, head, FILE_NAME).await {
            Ok(Some(text)) => DefaultFile::Text(text),
            Ok(None) => DefaultFile::Missing,
            Err(Fault::Malformed(why)) => DefaultFile::Unreadable(why),
            Err(fault) => return Err(fault),
        },
    };
    Ok(Environments::Default(DefaultBranch {
        name: Some(name),
        commit: head,
        file,
    }))
}

/// The initiator is the event's sender, the author is whoever the commit names; each only if the machine knows that number
/// or address. A number that it does not know may be that of an approver whom it knows by another.
pub(crate) async fn parties(
    deps: &Deps<'_>,
    asked: &Asked,
    commit: &Commit,
) -> Result<Parties, Fault> {
    let author = deps.people.by_address(&commit.author_address).await?;
    let initiator = match asked.sender {
        Some(sender) => deps.people.person(sender).await?,
        None => None,
    };
    Ok(Parties {
        initiator: initiator.map(|person| person.id),
        author: author.map(|person| person.id),
    })
}
