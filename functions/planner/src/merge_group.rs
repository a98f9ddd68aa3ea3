//! Purpose: what a merge queue is about to merge: it runs as a pull request into that branch would, by the rules that the branch
//! has now, until the queue has merged it or given it up. Nothing of it is deployed.

use domain::delivery::Answer;
use domain::kernel::StreamId;
use domain::plan::Trigger;
use domain::run::Command;
use engine::Fault;
use github::payload::{Asked, MergeGroup};

use crate::plan::Wish;
use crate::{Planner, run_of};

impl Planner<'_> {
    /// The run of a group; one, however often it is asked for.
    pub(crate) async fn check_group(
        &self,
        guid: &str,
        group: &MergeGroup,
    ) -> Result<Answer, Fault> {
        let id = group.repository;
        if self.deps.repositories.repository(id).await?.is_none() {
            let reason = format!("repository {id} is not registered here");
            return Ok(Answer::Ignored { reason });
        }
        let name = name(group);
        let answer = match self.asked_of_group(group).await? {
            None => {
                let reason = "the merge queue does not ask for it any more".to_owned();
                self.or_known(id, &name, Answer::Ignored { reason }).await?
            }
            Some(asked) => {
                let wish = Wish {
                    guid,
                    name: &name,
                    asked: &asked,
                    good: None,
                    awaits_trust: false,
                };
                self.plan(&wish).await?
            }
        };
        // The word that it has ended may have come before the run was known.
        if matches!(answer, Answer::Planned { .. }) && !self.is_queued(group).await? {
            self.cancel_group(group).await?;
        }
        Ok(answer)
    }

    /// A group is never asked for again once it has ended, so nothing has to be asked.
    pub(crate) async fn end_group(&self, group: &MergeGroup) -> Result<Answer, Fault> {
        let text = match self.cancel_group(group).await? {
            true => "the run of the merge group was cancelled",
            false => "nothing ran any more for the merge group",
        };
        Ok(Answer::Answered {
            text: text.to_owned(),
        })
    }

    /// The wish for a run that a group is; `None` when the queue does not have it any more. A group that is made on another
    /// one runs by the rules of the branch, too: what the other changes of them has not been merged yet.
    pub(crate) async fn asked_of_group(&self, group: &MergeGroup) -> Result<Option<Asked>, Fault> {
        let sources = self.deps.sources;
        let rules = sources.head(group.repository, &group.onto).await?;
        let (Some(rules), true) = (rules, self.is_queued(group).await?) else {
            return Ok(None);
        };
        let short = |reference: &str| {
            let branch = reference.strip_prefix("refs/heads/");
            branch.unwrap_or(reference).to_owned()
        };
        Ok(Some(Asked {
            repository: group.repository,
            trigger: Trigger::MergeGroup {
                base: short(&group.onto),
                head: short(&group.reference),
            },
            reference: group.reference.clone(),
            commit: Some(group.head.clone()),
            rules: Some(rules),
            before: Some(group.base.clone()),
            sender: group.sender,
            repeats: None,
            stranger: None,
        }))
    }

    async fn is_queued(&self, group: &MergeGroup) -> Result<bool, Fault> {
        let sources = self.deps.sources;
        let head = sources.head(group.repository, &group.reference).await?;
        Ok(head.as_ref() == Some(&group.head))
    }

    async fn cancel_group(&self, group: &MergeGroup) -> Result<bool, Fault> {
        let stream = StreamId::run(group.repository, &run_of(&name(group)));
        let cancel = Command::Cancel {
            by: None,
            reason: "the merge queue has merged the group or given it up".to_owned(),
        };
        self.end_run(&stream, &cancel).await
    }
}

/// What the run of a group is named after, so that its end finds it.
fn name(group: &MergeGroup) -> String {
    let MergeGroup {
        repository,
        reference,
        head,
        ..
    } = group;
    format!("merge group {repository} {reference} {head}")
}
