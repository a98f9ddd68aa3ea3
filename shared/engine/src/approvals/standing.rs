//! Purpose: where an approval stands, in a sentence.

use domain::run::{Approval, Run, Stage, StageOutcome, StagePhase};
use jiff::Timestamp;

use super::facts::Facts;
use super::text::{MAX_SENTENCE, line};
use super::view::{Standing, name_of};

pub(super) fn standing(
    run: &Run,
    stage: &Stage,
    approval: &Approval,
    facts: &Facts,
    at: Timestamp,
) -> Standing {
    let granted = |now: &str| Standing::Granted {
        now: now.to_owned(),
    };
    let over = |word, how: String| Standing::Over { word, how };
    let expired = "It expired before enough people had decided; nothing was deployed.";
    match &stage.phase {
        StagePhase::Ended(outcome)
        | StagePhase::Settling(outcome)
        | StagePhase::Returning(outcome) => over(outcome.word(), ending(outcome, facts)),
        StagePhase::Working if run.is_stopping() => over(
            "stopping",
            "The run was stopped after its deploy had begun; the deploy is being ended.".to_owned(),
        ),
        _ if run.is_stopping() || run.is_over() => {
            over("cancelled", ending(&StageOutcome::Cancelled, facts))
        }
        StagePhase::Approval if approval.refusal().is_some() => {
            over("rejected", "It was rejected.".to_owned())
        }
        StagePhase::Approval if approval.is_expired(at) => over("expired", expired.to_owned()),
        StagePhase::Approval => {
            let yes = approval.decisions.iter().filter(|d| d.approve).count();
            let missing = usize::from(approval.count).saturating_sub(yes);
            Standing::Open {
                missing: u8::try_from(missing).unwrap_or(u8::MAX),
            }
        }
        StagePhase::WantsLane => granted("It waits for its turn to deploy."),
        StagePhase::HoldsLane => granted("The deploy is about to begin."),
        StagePhase::Working => granted("The deploy is on its way."),
        StagePhase::Blocked | StagePhase::Opening => {
            over("waiting", "It is not open for a decision.".to_owned())
        }
    }
}

fn ending(outcome: &StageOutcome, facts: &Facts) -> String {
    let because = |word: &str, why: &str| format!("{word}: {}", line(why, MAX_SENTENCE));
    match outcome {
        StageOutcome::Deployed => "It was approved and deployed.".to_owned(),
        StageOutcome::Failed { why } => because("It was approved, and the deploy failed", why),
        StageOutcome::RolledBack { why } => {
            because("It was approved, deployed and rolled back", why)
        }
        StageOutcome::Untouched { why } => because("Nothing was deployed", why),
        StageOutcome::Rejected { by, reason } => {
            because(&format!("{} rejected it", name_of(facts, *by)), reason)
        }
        StageOutcome::Expired => {
            "It expired before it could be deployed; nothing was deployed.".to_owned()
        }
        StageOutcome::Cancelled => "The run was stopped; nothing was deployed.".to_owned(),
    }
}
