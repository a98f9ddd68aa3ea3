//! Purpose: words about a pull request that hold whatever its runs do, as somebody says them in a comment.

use domain::kernel::StreamId;
use domain::pull::{Command, Opening, Pull, Word};
use engine::Fault;
use engine::Refused;
use engine::ports::PullRequest;

use super::reply::Said;
use super::{Wisher, wish};
use crate::Planner;

impl Planner<'_> {
    /// It must not be merged.
    pub(super) async fn hold(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
        reason: Option<&str>,
    ) -> Result<Said, Fault> {
        let word = Word::Hold {
            by: wisher.sender.id,
            reason: reason.map(str::to_owned),
        };
        self.speak(wisher, pull, line, &word).await
    }

    /// It may be merged again.
    pub(super) async fn unhold(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
    ) -> Result<Said, Fault> {
        let by = wisher.sender.id;
        self.speak(wisher, pull, line, &Word::Unhold { by }).await
    }

    async fn speak(
        &self,
        wisher: &Wisher<'_>,
        pull: &PullRequest,
        line: usize,
        word: &Word,
    ) -> Result<Said, Fault> {
        let stream = StreamId::pull(wisher.repository, pull.number);
        let wish = wish(wisher, line);
        let speak = Command::Speak {
            opening: Opening {
                repository: wisher.repository,
                number: pull.number,
            },
            word: word.clone(),
            wish: wish.clone(),
        };
        let done = self.invocation.submit::<Pull>(&stream, &speak).await;
        let state = done.map_err(Refused::into_fault)?.state;
        // It may be carried out for the second time.
        Ok(match state.words.has_followed(word, &wish) {
            true => Said::done(),
            false => Said::no("This came late: somebody has said something else since.".to_owned()),
        })
    }
}
