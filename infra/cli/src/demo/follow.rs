//! Purpose: a run of the demo from its opening to its end, for the person who watches; the designated person approves on the
//! way.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ids::{Digest, EnvironmentName, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::run::{Run, StagePhase};
use engine::load;
use engine::ports::Journal as _;

use super::PRODUCTION;
use crate::failure::Failure;
use crate::home::Home;
use crate::live::Live;
use crate::output;

/// The demo takes seconds; a computer that needs longer than this has another problem.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks at what goes on.
pub const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The designated person, in their own way.
#[async_trait]
pub trait Approver: Sync {
    /// Approves the release; what they did, in a few words, or nothing as long as they have not heard of it.
    async fn approve(&self, release: &Digest) -> Result<Option<String>, Failure>;
}

/// Whose runs are followed.
pub struct Follower<'a> {
    pub home: &'a Home,
    pub repository: RepositoryId,
    pub json: bool,
    pub begun: Instant,
    pub approver: &'a dyn Approver,
}

impl Follower<'_> {
    /// Follows the run after this one to its end.
    pub async fn follow(&self, after: Option<&RunId>, live: &mut Live) -> Result<Run, Failure> {
        let followed = self.look(after, live).await;
        live.finish();
        followed
    }

    async fn look(&self, after: Option<&RunId>, live: &mut Live) -> Result<Run, Failure> {
        let home = self.home;
        let prefix = format!("run/{}/", self.repository);
        let before = after.map(|run| StreamId::run(self.repository, run));
        let mut approved = false;
        let mut printed = 0;
        while self.begun.elapsed() < PATIENCE {
            tokio::time::sleep(LOOK_EVERY).await;
            let newest = home.journal.heads(&prefix, None, 1).await?.pop();
            let Some(head) = newest.filter(|head| Some(&head.stream) != before.as_ref()) else {
                continue;
            };
            let run = load::<Run>(&*home.journal, &head.stream).await?.state;
            live.update(&run)?;
            if self.json {
                printed = output::events::since(&*home.journal, &head.stream, printed).await?;
            }
            let production = run.stages.get(&EnvironmentName::new(PRODUCTION));
            let waits = production.filter(|stage| stage.phase == StagePhase::Approval);
            let asked = waits.and_then(|stage| stage.approval.as_ref());
            if let Some(approval) = asked.filter(|_| !approved)
                && let Some(how) = self.approver.approve(&approval.release).await?
            {
                approved = true;
                live.say(&format!("approval   {how}"))?;
            }
            if domain::kernel::Machine::is_ended(&run) {
                return Ok(run);
            }
        }
        Err(Failure::unavailable(format!(
            "the run did not end within {} s",
            PATIENCE.as_secs()
        ))
        .help(format!(
            "`slipway --data {} why latest` tells what it waits for",
            home.dir.display()
        )))
    }
}
