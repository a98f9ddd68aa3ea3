//! Purpose: of which run a decision in a comment speaks. Whether it counts is for the approval function alone.

use std::collections::BTreeSet;

use domain::delivery::Said;
use domain::ids::{Digest, RunId};
use domain::run::{Run, StagePhase, Summary};
use engine::approvals::is_known;
use engine::{Fault, Pages, load};
use github::commands::{Command, Decision, Facts, authorised};
use jiff::{SignedDuration, Timestamp};

use super::Wisher;
use crate::Planner;

/// Pages of runs that are looked through: whatever waits for an approval is hardly older.
const MAX_PAGES: usize = 10;
/// Seconds after which it is not known any more what somebody had before them who named no release.
const LATE_SECONDS: i64 = 600;

/// Seconds by which GitHub's clock may be behind ours, for somebody who has named what they have seen.
const SKEW_SECONDS: i64 = 60;

/// What a line of a comment leads to.
pub(super) enum Meant {
    /// A decision about this run.
    Run(RunId),
    /// It has been carried out, or it cannot be.
    Nothing(Said),
}

/// A run that has asked for an approval of the environment.
struct Asked {
    run: RunId,
    release: Digest,
    waits: bool,
}

impl Planner<'_> {
    /// The run whose release is named, or the only one that waits to be decided about. Who is a stranger to this machine is
    /// told nothing of what there is.
    pub(super) async fn meant(
        &self,
        wisher: &Wisher<'_>,
        facts: &Facts<'_>,
        (command, decision): (&Command, Decision<'_>),
    ) -> Result<Meant, Fault> {
        let people = self.deps.people;
        if !is_known(people, wisher.sender.id, wisher.login).await?
            && let Err(refusal) = authorised(command, facts)
        {
            return Ok(Meant::Nothing(Said::no(refusal.to_string())));
        }
        let late = self.deps.clock.now().duration_since(wisher.said);
        if decision.release.is_none() && late > SignedDuration::from_secs(LATE_SECONDS) {
            return Ok(Meant::Nothing(Said::no(
                "This came late, so it is not clear which release was meant. Say it again, with the beginning of its hash."
                    .to_owned(),
            )));
        }
        let asked = self.asked(wisher, decision).await?;
        Ok(one_of(&asked, decision))
    }

    /// The runs that can be meant, the newest first.
    async fn asked(
        &self,
        wisher: &Wisher<'_>,
        decision: Decision<'_>,
    ) -> Result<Vec<Asked>, Fault> {
        let prefix = format!("run/{}/", wisher.repository);
        let mut asked = Vec::new();
        let mut pages = Pages::new(self.deps.journal, &prefix);
        for _ in 0..MAX_PAGES {
            let Some(heads) = pages.next_page().await? else {
                break;
            };
            // Nobody works on a run that is quarantined, so nobody deploys it.
            for head in heads.into_iter().filter(|head| head.quarantine.is_none()) {
                let summary: Summary = serde_json::from_value(head.summary).unwrap_or_default();
                if !is_about(&summary, decision) {
                    continue;
                }
                let run: Run = load(self.deps.journal, &head.stream).await?.state;
                asked.extend(opened(&run, decision, wisher.said));
            }
        }
        Ok(asked)
    }
}

/// The one that is meant, if that is clear.
fn one_of(asked: &[Asked], decision: Decision<'_>) -> Meant {
    let environment = decision.environment;
    let releases: BTreeSet<&Digest> = asked.iter().map(|one| &one.release).collect();
    let waiting: Vec<&Asked> = asked.iter().filter(|one| one.waits).collect();
    let nothing = |why: String| Meant::Nothing(Said::no(why));
    match decision.release {
        Some(named) if releases.len() > 1 => nothing(format!(
            "Several releases begin with `{named}`. Write more of the one that you mean."
        )),
        // It was decided about before, or too late: its rules say which.
        Some(named) => match waiting.first().copied().or(asked.first()) {
            Some(one) => Meant::Run(one.run.clone()),
            None => nothing(format!(
                "No release that begins with `{named}` has asked for an approval of `{environment}`."
            )),
        },
        None => match waiting.as_slice() {
            [one] => Meant::Run(one.run.clone()),
            [] => nothing(format!("Nothing waits for an approval of `{environment}`.")),
            several => nothing(format!(
                "{} runs wait for an approval of `{environment}`. Say which: `/reject {environment} {} …`.",
                several.len(),
                several[0].release.short(),
            )),
        },
    }
}

/// The run, if somebody who spoke then can have known that it asks for an approval.
fn opened(run: &Run, decision: Decision<'_>, said: Timestamp) -> Option<Asked> {
    let environment = decision.environment;
    let stage = run.stages.get(environment)?;
    let policy = run.planned_stage(environment)?.approval.as_ref()?;
    let approval = stage.approval.as_ref()?;
    let lasts = SignedDuration::from_secs(i64::from(policy.expires_seconds));
    let opened = approval.expires_at.checked_sub(lasts).ok()?;
    // GitHub tells whole seconds.
    let skew = decision.release.map_or(0, |_| SKEW_SECONDS);
    let is_known = opened.as_second() <= said.as_second() + skew;
    let opening = run.opening.as_ref().filter(|_| is_known)?;
    Some(Asked {
        run: opening.run.clone(),
        release: approval.release.clone(),
        waits: stage.phase == StagePhase::Approval,
    })
}

/// Whether a run can be meant, by what lists show of it.
fn is_about(summary: &Summary, decision: Decision<'_>) -> bool {
    let mut stages = summary.stages.iter();
    let has_it = stages.any(|stage| stage.environment == *decision.environment);
    let is_open = summary.outcome.is_none() || decision.release.is_some();
    let release = summary.release.as_ref();
    has_it && is_open && release.is_some_and(|release| decision.is_about(release))
}
