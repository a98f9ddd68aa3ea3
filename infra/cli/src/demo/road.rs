//! Purpose: what the road of the demo came to, read from the journal and from the targets themselves.

use std::path::Path;
use std::time::Instant;

use domain::ids::{EnvironmentName, PersonId, RepositoryId};
use domain::kernel::StreamId;
use domain::lane::Lane;
use domain::run::{Outcome, Run};
use engine::load;
use engine::ports::Journal as _;
use serde_json::{Value, json};

use super::sample::Sample;
use super::{APPROVER, INITIATOR, PRODUCTION, STAGING};
use crate::failure::Failure;
use crate::home::Home;
use crate::output;

/// The way of one commit, from its push to production.
pub struct Road {
    run: Run,
    staging: Option<String>,
    production: Option<String>,
    approver: Option<PersonId>,
    on_target: bool,
    events: usize,
    seconds: f64,
}

impl Road {
    /// Reads it all anew once the run has ended.
    pub async fn read(
        home: &Home,
        sample: &Sample,
        repository: RepositoryId,
        run: &Run,
        begun: Instant,
    ) -> Result<Self, Failure> {
        let mut deployed = Vec::new();
        let mut on_target = true;
        for name in [STAGING, PRODUCTION] {
            let stream = StreamId::lane(repository, &EnvironmentName::new(name));
            let lane = load::<Lane>(&*home.journal, &stream).await?.state;
            let release = lane.deployed.map(|deployed| deployed.release.to_string());
            on_target &= release.is_some() && release == sample.deployed(name);
            deployed.push(release);
        }
        let mut events = 0;
        for head in home.journal.heads("", None, 1000).await? {
            let records = home.journal.read(&head.stream, 0).await?;
            events += records
                .iter()
                .map(|record| record.events.len())
                .sum::<usize>();
        }
        let approval = run
            .stages
            .get(&EnvironmentName::new(PRODUCTION))
            .and_then(|s| s.approval.as_ref());
        let decision = approval.and_then(|approval| approval.decisions.iter().find(|d| d.approve));
        let production = deployed.pop().flatten();
        let staging = deployed.pop().flatten();
        let approver = decision.map(|decision| decision.person);
        Ok(Self {
            run: run.clone(),
            staging,
            production,
            approver,
            on_target,
            events,
            seconds: (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        })
    }

    /// Whether a run ended well.
    pub fn succeeded(run: &Run) -> bool {
        let finished = run.finished.as_ref();
        finished.is_some_and(|finish| finish.outcome == Outcome::Succeeded)
    }

    /// Whether all of it truly happened.
    pub fn is_good(&self) -> bool {
        Self::succeeded(&self.run)
            && self.staging.is_some()
            && self.staging == self.production
            && self.on_target
            && self.approver == Some(PersonId(APPROVER.0))
    }

    /// For programs.
    pub fn facts(&self, dir: &Path) -> Value {
        let opening = self.run.opening.as_ref();
        let finish = self.run.finished.as_ref();
        json!({
            "outcome": finish.map_or("unknown", |finish| finish.outcome.word()),
            "run": opening.map(|opening| &opening.run),
            "commit": opening.map(|opening| &opening.commit),
            "staging": { "release": self.staging },
            "production": { "release": self.production },
            "initiator": opening.and_then(|o| o.parties.initiator).map(login),
            "approver": self.approver.map(login),
            "events": self.events,
            "seconds": self.seconds,
            "data": dir,
        })
    }

    /// For people: what became of it.
    pub fn say(&self) -> Result<(), Failure> {
        let finish = self.run.finished.as_ref();
        let headline = finish.map_or("the run did not end", |finish| finish.headline.as_str());
        let (seconds, events) = (self.seconds, self.events);
        output::line("")?;
        output::line(format!("{headline} ({seconds} s, {events} events)"))?;
        let Some(release) = self.staging.as_ref().filter(|_| self.is_good()) else {
            return output::line("staging and production do not run the same approved release");
        };
        let short = release.get(..12).unwrap_or(release);
        output::line(format!(
            "staging and production both run release {short}, approved by {}",
            APPROVER.1
        ))
    }
}

fn login(person: PersonId) -> String {
    [INITIATOR, APPROVER]
        .iter()
        .find(|(id, ..)| *id == person.0)
        .map_or_else(|| person.to_string(), |(_, login, ..)| (*login).to_owned())
}
