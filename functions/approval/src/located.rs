//! Purpose: the approval and the recipient that a link or a login leads to.

use domain::ids::{EnvironmentName, PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::run::{Approval, Run};
use engine::approvals::{Recipient, same};
use engine::load;

use crate::Deps;
use crate::place::Place;
use crate::refusal::Refusal;

/// One person's part in one approval, as it was read.
pub struct Located {
    pub stream: StreamId,
    pub run: Run,
    pub run_id: RunId,
    pub environment: EnvironmentName,
    pub approval: Approval,
    pub person: PersonId,
}

impl Located {
    /// Finds whose link this is. Everything that is not found is the same [`Refusal::Unknown`].
    pub async fn by_link(deps: &Deps<'_>, place: &Place) -> Result<Self, Refusal> {
        let (run, environment) = (&place.run, &place.environment);
        let opened = open(deps, place.repository, run, environment).await?;
        let mut owner = None;
        for person in opened.approval.approvers.iter().copied() {
            let recipient = Recipient {
                run,
                environment,
                release: &opened.approval.release,
                person,
            };
            let token = recipient.token(deps.keys).await?;
            if same(token.as_bytes(), place.token.as_bytes()) {
                owner = Some(person);
            }
        }
        let person = owner.ok_or(Refusal::Unknown)?;
        Ok(opened.part_of(person, run, environment))
    }

    /// The part of this person, whether they have one or not.
    pub async fn by_person(
        deps: &Deps<'_>,
        repository: RepositoryId,
        run: &RunId,
        environment: &EnvironmentName,
        person: PersonId,
    ) -> Result<Self, Refusal> {
        let opened = open(deps, repository, run, environment).await?;
        Ok(opened.part_of(person, run, environment))
    }

    /// What link and code are made of.
    pub fn recipient(&self) -> Recipient<'_> {
        Recipient {
            run: &self.run_id,
            environment: &self.environment,
            release: &self.approval.release,
            person: self.person,
        }
    }
}

/// An approval as it was read.
struct Opened {
    stream: StreamId,
    run: Run,
    approval: Approval,
}

impl Opened {
    fn part_of(self, person: PersonId, run_id: &RunId, environment: &EnvironmentName) -> Located {
        Located {
            stream: self.stream,
            run: self.run,
            run_id: run_id.clone(),
            environment: environment.clone(),
            approval: self.approval,
            person,
        }
    }
}

async fn open(
    deps: &Deps<'_>,
    repository: RepositoryId,
    run: &RunId,
    environment: &EnvironmentName,
) -> Result<Opened, Refusal> {
    let stream = StreamId::run(repository, run);
    let run: Run = load(deps.journal, &stream).await?.state;
    let approval = run
        .stages
        .get(environment)
        .and_then(|stage| stage.approval.clone())
        .ok_or(Refusal::Unknown)?;
    Ok(Opened {
        stream,
        run,
        approval,
    })
}
