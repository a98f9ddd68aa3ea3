//! Purpose: what the description of an approval needs from outside its run.

use std::collections::BTreeMap;

use domain::ids::{EnvironmentName, PersonId, RepositoryId};
use domain::kernel::StreamId;
use domain::lane::Lane;
use domain::run::Run;

use super::view::Changes;
use crate::fault::Fault;
use crate::load::load;
use crate::ports::{Commit, Journal, People, Person, Repositories, Sources};

/// Where the facts are read.
#[derive(Clone, Copy)]
pub struct Reads<'a> {
    pub journal: &'a dyn Journal,
    pub sources: &'a dyn Sources,
    pub people: &'a dyn People,
    pub repositories: &'a dyn Repositories,
}

/// The facts of one approval, as they are now.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// `acme/shop`; `repository 7` when the machine does not know it any more.
    pub repository_name: String,
    pub head: Option<Commit>,
    pub changes: Changes,
    /// Why it is not known whether the environment still runs what was deployed last.
    pub doubt: Option<String>,
    /// Everybody who has a part in it and is still known.
    pub people: BTreeMap<PersonId, Person>,
}

/// Reads the facts of the approval of this environment.
///
/// What does not answer is a fault; what answers that it cannot tell is a fact, so that people are asked all the same.
pub async fn gather(
    reads: &Reads<'_>,
    run: &Run,
    environment: &EnvironmentName,
) -> Result<Facts, Fault> {
    let Some(opening) = &run.opening else {
        return Err(Fault::Malformed("there is no such run".to_owned()));
    };
    let repository = opening.repository;
    let lane: Lane = load(reads.journal, &StreamId::lane(repository, environment))
        .await?
        .state;
    let head = reads.sources.commit(repository, &opening.commit).await;
    Ok(Facts {
        repository_name: repository_name(reads.journal, reads.repositories, repository).await?,
        head: told(head)?.flatten(),
        changes: changes(reads.sources, run, &lane).await?,
        doubt: lane.doubt,
        people: people(reads.people, run, environment).await?,
    })
}

/// A repository's name for people.
async fn repository_name(
    journal: &dyn Journal,
    repositories: &dyn Repositories,
    id: RepositoryId,
) -> Result<String, Fault> {
    let known = crate::repository(journal, repositories, id).await?;
    Ok(known.map_or_else(|| format!("repository {id}"), |known| known.name))
}

/// What the run brings, held against what was deployed last.
async fn changes(sources: &dyn Sources, run: &Run, lane: &Lane) -> Result<Changes, Fault> {
    let Some(opening) = &run.opening else {
        return Ok(Changes::First);
    };
    let Some(deployed) = lane.deployed.clone() else {
        return Ok(Changes::First);
    };
    if deployed.commit == opening.commit {
        return Ok(Changes::Same { deployed });
    }
    let compared = sources
        .compare(opening.repository, &deployed.commit, &opening.commit)
        .await;
    match compared {
        Ok(Some(comparison)) => Ok(Changes::Since {
            deployed,
            comparison,
        }),
        Ok(None) => {
            let why = "one of the two commits is not in the repository any more".to_owned();
            Ok(Changes::Unknown { deployed, why })
        }
        Err(fault) if fault.is_transient() => Err(fault),
        Err(fault) => Ok(Changes::Unknown {
            deployed,
            why: fault.to_string(),
        }),
    }
}

/// An answer that will not come is no answer; one that may come later is waited for.
fn told<T>(answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(fault) if fault.is_transient() => Err(fault),
        Err(fault) => {
            tracing::warn!(%fault, "the description of an approval lacks a part");
            Ok(None)
        }
    }
}

async fn people(
    people: &dyn People,
    run: &Run,
    environment: &EnvironmentName,
) -> Result<BTreeMap<PersonId, Person>, Fault> {
    let parties = run.opening.iter().flat_map(|opening| {
        let parties = opening.parties;
        [parties.initiator, parties.author].into_iter().flatten()
    });
    let approvers = run
        .stages
        .get(environment)
        .and_then(|stage| stage.approval.as_ref())
        .into_iter()
        .flat_map(|approval| approval.approvers.iter().copied());
    let mut known = BTreeMap::new();
    for id in parties.chain(approvers) {
        if known.contains_key(&id) {
            continue;
        }
        if let Some(person) = people.person(id).await? {
            known.insert(id, person);
        }
    }
    Ok(known)
}
