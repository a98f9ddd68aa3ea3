//! Purpose: from a wish for a run to the run: its commit, the rules that hold, the plan, and who watches it.

use std::collections::BTreeSet;

use domain::checks::{self, Checks};
use domain::delivery::Answer;
use domain::ids::{CommitSha, Digest, JobId, RepositoryId};
use domain::kernel::StreamId;
use domain::pipeline::{self, Compiled, Diagnostic, FILE_NAME};
use domain::plan::{Concurrency, OnNew, Plan, Trigger};
use domain::pull::{self, Pull};
use domain::repository;
use domain::run::{Command, Opening, Proposal, Run};
use engine::ports::Commit;
use engine::{Fault, load};
use github::Asked;

use crate::proposal::proposal;
use crate::trust::Trust;
use crate::{Planner, facts, run_of};

/// Mistakes of a pipeline file that a run's headline lists; `slipway lint` shows all.
const MAX_LISTED: usize = 5;

/// A wish for a run, and what is known about it besides.
pub(crate) struct Wish<'a> {
    /// The delivery that it came with.
    pub guid: &'a str,
    /// What the run is named after: the delivery, or one line of it.
    pub name: &'a str,
    pub asked: &'a Asked,
    /// Jobs that need not run again, and why not.
    pub good: Option<Good>,
    /// Nothing of it may run before somebody has released it.
    pub awaits_trust: bool,
}

/// Jobs that have succeeded at the same commit.
pub(crate) struct Good {
    pub jobs: BTreeSet<JobId>,
    /// Where: a sentence's end.
    pub why: String,
}

/// What the pipeline file makes of a wish.
struct Opened {
    plan: Plan,
    /// Why the file cannot be used.
    problem: Option<String>,
    proposal: Option<Proposal>,
}

impl Planner<'_> {
    /// What a delivery asks for; code of strangers only as far as they are trusted.
    pub(crate) async fn follow(&self, guid: &str, asked: &Asked) -> Result<Answer, Fault> {
        let mut awaits_trust = false;
        if let Some(stranger) = &asked.stranger {
            match self.trust(asked, stranger).await? {
                Trust::Given => {}
                Trust::Awaited => awaits_trust = true,
                Trust::Useless(reason) => {
                    let answer = Answer::Ignored { reason };
                    let answer = self.or_known(asked.repository, guid, answer).await?;
                    if matches!(answer, Answer::Planned { .. }) {
                        self.end_overtaken(asked).await?;
                    }
                    return Ok(answer);
                }
            }
        }
        let wish = Wish {
            guid,
            name: guid,
            asked,
            good: None,
            awaits_trust,
        };
        let answer = self.plan(&wish).await?;
        if matches!(answer, Answer::Planned { .. }) {
            // Whoever closed the pull request or pushed may have looked for what waits before this run was known.
            self.end_overtaken(asked).await?;
        }
        Ok(answer)
    }

    /// The run that this wish leads to; nothing, and why, if there is none.
    pub(crate) async fn plan(&self, wish: &Wish<'_>) -> Result<Answer, Fault> {
        let answer = self.plan_anew(wish).await?;
        self.or_known(wish.asked.repository, wish.name, answer)
            .await
    }

    /// What leads to nothing now may have led to a run before: the call that opened it died, and the world has moved on. That
    /// run is gone on with, so that it is shown.
    pub(crate) async fn or_known(
        &self,
        repository: RepositoryId,
        name: &str,
        answer: Answer,
    ) -> Result<Answer, Fault> {
        if !matches!(answer, Answer::Ignored { .. }) {
            return Ok(answer);
        }
        let run = run_of(name);
        let stream = StreamId::run(repository, &run);
        let known: Run = load(self.deps.journal, &stream).await?.state;
        let Some(opening) = known.opening else {
            return Ok(answer);
        };
        if opening.has_checks {
            self.show(checks_of(&opening)).await?;
        }
        let barred = self.barred(repository).await?;
        self.end_if_barred(repository, name, barred).await?;
        Ok(Answer::Planned { repository, run })
    }

    async fn plan_anew(&self, wish: &Wish<'_>) -> Result<Answer, Fault> {
        let asked = wish.asked;
        let ignored = |reason: String| Ok(Answer::Ignored { reason });
        let Some(repository) = self.deps.repositories.repository(asked.repository).await? else {
            return ignored(format!(
                "repository {} is not registered here",
                asked.repository
            ));
        };
        if let Some(why) = self.barred(asked.repository).await? {
            return ignored(why);
        }
        let commit = match &asked.commit {
            Some(commit) => Some(commit.clone()),
            None => {
                self.deps
                    .sources
                    .head(asked.repository, &asked.reference)
                    .await?
            }
        };
        let Some(commit) = commit else {
            return ignored(format!(
                "{} does not exist in {}",
                asked.reference, repository.name
            ));
        };
        let Some(read) = self.commit(asked, &commit).await? else {
            return ignored(gone(&commit, &repository.name));
        };
        let rules = asked.rules.as_ref().unwrap_or(&commit);
        if rules != &commit && self.commit(asked, rules).await?.is_none() {
            return ignored(gone(rules, &repository.name));
        }
        let sources = self.deps.sources;
        match sources.file(asked.repository, rules, FILE_NAME).await {
            Ok(Some(text)) => self.compile(wish, &read, &text).await,
            Ok(None) => ignored(format!(
                "there is no {FILE_NAME} at commit {}",
                rules.short()
            )),
            // It is there and nobody can read it: whoever pushed it has to see that, so there is a run that says so.
            Err(Fault::Malformed(why)) => {
                let opened = Opened {
                    plan: empty_plan("", asked),
                    problem: Some(why),
                    proposal: None,
                };
                let answer = self.open(wish, &read, opened).await?;
                let barred = self.barred(asked.repository).await?;
                self.end_if_barred(asked.repository, wish.name, barred)
                    .await?;
                Ok(answer)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn commit(&self, asked: &Asked, commit: &CommitSha) -> Result<Option<Commit>, Fault> {
        self.deps.sources.commit(asked.repository, commit).await
    }

    async fn compile(&self, wish: &Wish<'_>, commit: &Commit, text: &str) -> Result<Answer, Fault> {
        let asked = wish.asked;
        let facts = facts::facts(self.deps, asked, &commit.sha).await?;
        let (plan, problem) = match pipeline::compile(text, &facts) {
            Ok(Compiled::Run(mut plan)) => {
                if let Some(good) = &wish.good {
                    pipeline::skip_good(&mut plan, &good.jobs, &good.why);
                }
                (plan, None)
            }
            Ok(Compiled::NotTriggered { reason }) => {
                self.set_schedules(asked, text).await?;
                return Ok(Answer::Ignored { reason });
            }
            Err(mistakes) => (empty_plan(text, asked), Some(problem_of(&mistakes))),
        };
        let opened = Opened {
            plan,
            problem,
            proposal: proposal(self.deps, asked, &commit.sha, text).await?,
        };
        let answer = self.open(wish, commit, opened).await?;
        let barred = match self.set_schedules(asked, text).await? {
            Some(standing) => standing.barred(),
            None => self.barred(asked.repository).await?,
        };
        self.end_if_barred(asked.repository, wish.name, barred)
            .await?;
        Ok(answer)
    }

    /// What ended the trust in the repository may have looked for its runs before this one was known.
    async fn end_if_barred(
        &self,
        repository: RepositoryId,
        name: &str,
        barred: Option<String>,
    ) -> Result<(), Fault> {
        let Some(reason) = barred else {
            return Ok(());
        };
        let stream = StreamId::run(repository, &run_of(name));
        let cancel = Command::Cancel { by: None, reason };
        self.end_run(&stream, &cancel).await.map(drop)
    }

    async fn open(
        &self,
        wish: &Wish<'_>,
        commit: &Commit,
        opened: Opened,
    ) -> Result<Answer, Fault> {
        let asked = wish.asked;
        let run = run_of(wish.name);
        let stream = StreamId::run(asked.repository, &run);
        let opening = Opening {
            repository: asked.repository,
            run: run.clone(),
            delivery: wish.guid.to_owned(),
            trigger: asked.trigger.clone(),
            reference: asked.reference.clone(),
            commit: commit.sha.clone(),
            parties: facts::parties(self.deps, asked, commit).await?,
            plan: opened.plan,
            repeats: asked.repeats.clone(),
            problem: opened.problem,
            has_checks: self.deps.host.is_some(),
            awaits_trust: wish.awaits_trust,
            proposal: opened.proposal,
        };
        let shown = opening.has_checks.then(|| checks_of(&opening));
        let open = Command::Open(Box::new(opening));
        let opened = self.invocation.submit::<Run>(&stream, &open).await;
        opened.map_err(engine::Refused::into_fault)?;
        if let Some(shown) = shown {
            self.show(shown).await?;
        }
        Ok(Answer::Planned {
            repository: asked.repository,
            run,
        })
    }

    /// From here on somebody looks at the run for GitHub.
    async fn show(&self, opening: checks::Opening) -> Result<(), Fault> {
        let stream = StreamId::checks(opening.repository, &opening.run);
        let pull = opening.pull_request.map(|number| pull::Opening {
            repository: opening.repository,
            number,
        });
        let run = pull::Planned {
            run: opening.run.clone(),
            commit: opening.commit.clone(),
        };
        let open = checks::Command::Open(opening);
        let opened = self.invocation.submit::<Checks>(&stream, &open).await;
        opened.map_err(engine::Refused::into_fault)?;
        let Some(opening) = pull else {
            return Ok(());
        };
        let stream = StreamId::pull(opening.repository, opening.number);
        let plan = pull::Command::Plan { opening, run };
        let planned = self.invocation.submit::<Pull>(&stream, &plan).await;
        planned.map(|_| ()).map_err(engine::Refused::into_fault)
    }

    /// A pushed branch decides about the schedules that run on it. How the repository stands, where that was read for it.
    async fn set_schedules(
        &self,
        asked: &Asked,
        text: &str,
    ) -> Result<Option<repository::Standing>, Fault> {
        let (Trigger::Push { branch }, Ok(file)) = (&asked.trigger, pipeline::read(text)) else {
            return Ok(None);
        };
        let mut schedules = pipeline::schedules(&file);
        schedules.retain(|schedule| schedule.branch == *branch);
        let stream = StreamId::repository(asked.repository);
        let command = repository::Command::SetSchedules {
            repository: asked.repository,
            branch: branch.clone(),
            schedules,
        };
        let set = self
            .invocation
            .submit::<repository::Repository>(&stream, &command)
            .await;
        let set = set.map_err(engine::Refused::into_fault)?;
        Ok(Some(set.state.standing))
    }
}

fn checks_of(opening: &Opening) -> checks::Opening {
    checks::Opening {
        repository: opening.repository,
        run: opening.run.clone(),
        commit: opening.commit.clone(),
        pull_request: match opening.trigger {
            Trigger::PullRequest { number, .. } => Some(number),
            _ => None,
        },
    }
}

fn gone(commit: &CommitSha, repository: &str) -> String {
    format!(
        "commit {} is not in {repository} any more; a push that replaced it has a delivery of its own",
        commit.short()
    )
}

fn empty_plan(text: &str, asked: &Asked) -> Plan {
    Plan {
        pipeline: Digest::of(text.as_bytes()),
        jobs: Vec::new(),
        stages: Vec::new(),
        concurrency: Concurrency {
            group: asked.reference.clone(),
            on_new: OnNew::Queue,
        },
        environments: None,
    }
}

/// Positions and sentences without a line of the file: what a headline may show to anybody.
fn problem_of(mistakes: &[Diagnostic]) -> String {
    let count = match mistakes.len() {
        1 => "a mistake".to_owned(),
        many => format!("{many} mistakes"),
    };
    let listed: Vec<String> = mistakes
        .iter()
        .take(MAX_LISTED)
        .map(|mistake| format!("line {}: {}", mistake.line, mistake.message))
        .collect();
    format!("{FILE_NAME} has {count}: {}", listed.join("; "))
}
