//! Purpose: what people decide in comments, and what they truly want.

use domain::ids::RunId;

use super::agenda::Wish;
use super::fork::NUMBER;
use super::world::{Push, Sent, State, TrueWish};

/// The comment by which somebody decides, and the run that they mean; any pull request will do.
pub(super) fn decision(state: &State, wish: &Wish) -> Option<(RunId, Push)> {
    let run = wish.run.run_id()?;
    let of_run = |push: &&Push| planner::run_of(&push.guid) == run;
    let about = state.pushes.iter().find(of_run)?;
    let body = match wish.approve {
        true => format!("/approve {} {}", wish.environment, wish.release.short()),
        false => format!("/reject {} not this one", wish.environment),
    };
    let said = Push {
        sent: Sent::Comment {
            number: NUMBER,
            body,
        },
        sender: wish.person,
        guid: format!("guid-decision-{}", state.pushes.len()),
        ..about.clone()
    };
    Some((run, said))
}

impl State {
    /// Notes what a person truly wants, however it reaches the machine.
    pub fn wants(&mut self, wish: &Wish, run: &RunId) {
        self.wishes.push(TrueWish {
            run: run.clone(),
            environment: wish.environment.clone(),
            release: wish.release.clone(),
            person: wish.person,
            approve: wish.approve,
        });
    }
}
