//! Purpose: the one comment of ours below a pull request: compare what there is to say with what it says, intend the change,
//! make it, and record what came of it.

use async_trait::async_trait;
use domain::checks;
use domain::ids::{Digest, RunId};
use domain::kernel::StreamId;
use domain::pull::{Command, Effect, Planned, Pull};
use domain::run::Run;
use engine::ports::CommentUpdate;
use engine::{Fault, Invocation, Perform, Refused, load};
use github::checks::{Around, is_comparable};

use crate::{Writer, words};

/// Runs before the latest that are looked through for one to compare it with.
const MAX_EARLIER: usize = 5;

#[async_trait]
impl Perform<Pull> for Writer<'_> {
    async fn perform(
        &self,
        _: &StreamId,
        state: &Pull,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        if let Effect::Tell { run, words } = effect {
            return self.tell(state, run, *words).await;
        }
        let (Some(opening), Some(latest)) = (&state.opening, state.latest()) else {
            return Ok(Vec::new());
        };
        let stream = StreamId::run(opening.repository, &latest.run);
        let run: Run = load(self.deps.journal, &stream).await?.state;
        let before = self.before(state, &run).await?;
        let around = Around {
            base_url: self.deps.base_url,
            before: before.as_ref(),
            words: words::named(self.deps, state, &latest.commit).await?,
        };
        let body = github::checks::comment(&run, &around);
        match effect {
            Effect::Compare => Ok(self.compare(state, latest, &run, body.as_deref())),
            Effect::Tell { .. } => Ok(Vec::new()),
            Effect::Update(number) => self.update(state, *number, &run, body.as_deref()).await,
        }
    }
}

impl Writer<'_> {
    /// Whoever shows this run looks at it again, however long ago it ended.
    async fn tell(&self, state: &Pull, run: &RunId, words: u64) -> Result<Vec<Command>, Fault> {
        let Some(opening) = &state.opening else {
            return Ok(Vec::new());
        };
        let (deps, stream) = (self.deps, StreamId::checks(opening.repository, run));
        let call = Invocation::new(
            deps.journal,
            deps.clock,
            deps.doorbells,
            "function:notifier",
            format!("{}/{words}/{run}", self.call),
        );
        let reopen = checks::Command::Reopen { words };
        match call.submit::<checks::Checks>(&stream, &reopen).await {
            // Of a run that GitHub was never told of there is nothing to change.
            Ok(_) | Err(Refused::Rejected(_)) => {
                let run = run.clone();
                Ok(vec![Command::Told { run, words }])
            }
            Err(Refused::Fault(fault)) => Err(fault),
        }
    }

    /// The run of this pull request that the latest one is compared with; `None` while there is nothing to compare.
    async fn before(&self, state: &Pull, run: &Run) -> Result<Option<Run>, Fault> {
        let Some(opening) = state.opening.as_ref().filter(|_| is_comparable(run)) else {
            return Ok(None);
        };
        for earlier in state.earlier().take(MAX_EARLIER) {
            let stream = StreamId::run(opening.repository, &earlier.run);
            let earlier: Run = load(self.deps.journal, &stream).await?.state;
            if is_comparable(&earlier) {
                return Ok(Some(earlier));
            }
        }
        Ok(None)
    }

    fn compare(
        &self,
        state: &Pull,
        latest: &Planned,
        run: &Run,
        body: Option<&str>,
    ) -> Vec<Command> {
        let said = || {
            vec![Command::Say {
                run: latest.run.clone(),
                words: state.words.number,
            }]
        };
        let Some(body) = body else {
            return if run.is_over() { said() } else { Vec::new() };
        };
        let view = Digest::of(body.as_bytes());
        match state.shown.as_ref() == Some(&view) && state.updates.is_certain() {
            true if run.is_over() => said(),
            true => Vec::new(),
            false => vec![Command::Intend {
                view,
                call: self.call.to_owned(),
            }],
        }
    }

    async fn update(
        &self,
        state: &Pull,
        number: u64,
        run: &Run,
        body: Option<&str>,
    ) -> Result<Vec<Command>, Fault> {
        let (Some(opening), Some(body)) = (&state.opening, body) else {
            return Ok(Vec::new());
        };
        if !state
            .updates
            .is_made_by(number, self.call, self.deps.clock.now())
        {
            return Ok(Vec::new());
        }
        let update = CommentUpdate {
            repository: opening.repository,
            thread: opening.number,
            marker: github::checks::marker(),
            body,
            id: state.comment,
            look_first: !state.updates.may_create(),
        };
        Ok(vec![match self.comments.write(&update).await {
            Ok(comment) => Command::Shown {
                number,
                view: Digest::of(body.as_bytes()),
                comment,
                ended: run
                    .is_over()
                    .then(|| state.latest().map(|latest| latest.run.clone()))
                    .flatten(),
                words: state.words.number,
            },
            Err(fault) => {
                tracing::warn!(%fault, "a pull request does not say how its run stands");
                Command::NotShown {
                    number,
                    why: fault.to_string(),
                    failure: crate::failure(&fault),
                }
            }
        }])
    }
}
