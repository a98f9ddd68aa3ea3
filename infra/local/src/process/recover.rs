//! Purpose: what is done about builds whose host died, and which old builds are kept.

use std::fs;
use std::io;

use domain::ids::{BuildId, RepositoryId, RunId};
use engine::Fault;

use super::builder::{ProcessBuilder, lost};
use super::files::{blocking, remove_each, remove_tree};
use super::processes::{ProcessRef, Target};
use super::records::{self, Accepted, END_FILE, PROCESS_FILE, REQUEST_FILE, StoredEnd, clear};
use super::settings::Ended;
use super::{cache, log};

/// A build that was lost with its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    pub build: BuildId,
    pub intent: String,
    pub repository: RepositoryId,
    pub run: RunId,
}

/// What the log and the end of a lost build say.
const LOST: &str = "Slipway ended while it ran";

impl ProcessBuilder {
    /// Finds builds without an end whose host is gone, ends what is left of them, and records them as lost.
    ///
    /// To be called when the host starts. Trouble with one build is logged and does not keep the others.
    ///
    /// # Errors
    /// `Unavailable` when the folder of the builds cannot be read.
    pub async fn recover(&self) -> Result<Vec<Recovered>, Fault> {
        let dir = self.inner.settings.dir.clone();
        let builds = blocking(move || records::builds(&dir))
            .await
            .map_err(|error| unavailable(&error))?;
        let mut recovered = Vec::new();
        for build in builds {
            if self.inner.is_running(&build) {
                continue;
            }
            match self.recover_one(&build).await {
                Ok(found) => recovered.extend(found),
                Err(error) => tracing::error!(%build, %error, "a build could not be recovered"),
            }
        }
        for found in &recovered {
            (self.inner.settings.on_change)(&Ended {
                build: found.build.clone(),
                repository: found.repository,
                run: found.run.clone(),
            });
        }
        Ok(recovered)
    }

    async fn recover_one(&self, build: &BuildId) -> io::Result<Option<Recovered>> {
        let Some(folder) = records::folder(&self.inner.settings.dir, build) else {
            return Ok(None);
        };
        let place = folder.clone();
        let (end, accepted, leader) = blocking(move || {
            let end = records::read::<StoredEnd>(&place, END_FILE)?;
            let accepted = records::read::<Accepted>(&place, REQUEST_FILE)?;
            let leader = records::read::<ProcessRef>(&place, PROCESS_FILE)?;
            Ok((end, accepted, leader))
        })
        .await?;
        if end.is_some() {
            clear(folder).await;
            return Ok(None);
        }
        let Some(accepted) = accepted else {
            // The host died before it had answered, so nobody knows of this build.
            blocking(move || remove_tree(&folder)).await?;
            return Ok(None);
        };
        let other = accepted
            .host
            .filter(|host| Some(*host) != ProcessRef::current());
        if other.is_some_and(|host| host.is_alive()) {
            tracing::warn!(%build, "a build belongs to another Slipway that runs on the same data");
            return Ok(None);
        }
        let target = Target {
            leader,
            mark: accepted.mark,
            watched: false,
        };
        let settled = target.end(self.inner.settings.stop_grace).await;
        let place = folder.clone();
        let noted = blocking(move || log::resume(&place, &format!("Lost: {LOST}."))).await;
        if let Err(error) = noted {
            tracing::warn!(%build, %error, "the log of a lost build takes no line");
        }
        let end = StoredEnd {
            end: lost(LOST.to_owned(), accepted.accepted_ms),
            settled,
        };
        self.inner.finish(build, folder.clone(), end).await;
        clear(folder).await;
        Ok(Some(Recovered {
            build: build.clone(),
            intent: accepted.request.intent,
            repository: accepted.request.repository,
            run: accepted.request.run,
        }))
    }

    /// Removes the builds that ended longest ago, logs included, all but `keep`. Gives how many went. A folder that
    /// cannot be read or removed is logged and left.
    ///
    /// # Errors
    /// `Unavailable` when the folder of the builds cannot be read.
    pub async fn prune(&self, keep: usize) -> Result<usize, Fault> {
        let dir = self.inner.settings.dir.clone();
        let prune = move || {
            let mut ended = Vec::new();
            for build in records::builds(&dir)? {
                let folder = dir.join(build.as_str());
                match fs::metadata(folder.join(END_FILE)).and_then(|end| end.modified()) {
                    Ok(at) => ended.push((at, folder)),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => tracing::error!(%build, %error, "an old build cannot be read"),
                }
            }
            ended.sort();
            ended.truncate(ended.len().saturating_sub(keep));
            let old = ended.into_iter().map(|(_, folder)| folder);
            Ok(remove_each(old, remove_tree))
        };
        blocking(prune).await.map_err(|error| unavailable(&error))
    }

    /// Removes the caches that were not used for longest, until they have at most `max_bytes` together. Gives how many
    /// went. One that cannot be removed is logged and left.
    ///
    /// # Errors
    /// `Unavailable` when the caches cannot be read.
    pub async fn prune_caches(&self, max_bytes: u64) -> Result<usize, Fault> {
        let dir = self.inner.settings.caches.clone();
        blocking(move || cache::prune(&dir, max_bytes))
            .await
            .map_err(|error| unavailable(&error))
    }
}

fn unavailable(error: &io::Error) -> Fault {
    Fault::Unavailable(format!("the folder of the builds: {error}"))
}
