//! Purpose: the list of deliveries that GitHub keeps.

use async_trait::async_trait;
use engine::Fault;
use engine::ports::{DeliveryAttempt, DeliveryLog, DeliveryPage};

use super::super::agenda::Happening;
use super::super::requests::body;
use super::World;

/// Attempts of a page: few, so that there are several.
const PAGE: usize = 3;
/// Of so many attempts GitHub shows no body of one.
const BODILESS: u64 = 5;

/// One attempt, and the push that it was about.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub listed: DeliveryAttempt,
    pub push: usize,
}

#[async_trait]
impl DeliveryLog for World {
    async fn attempts(&self, cursor: Option<&str>) -> Result<DeliveryPage, Fault> {
        let below = cursor.and_then(|cursor| cursor.parse().ok());
        let below = below.unwrap_or(usize::MAX);
        self.call("github.attempts", |state| {
            let end = below.min(state.attempts.len());
            let start = end.saturating_sub(PAGE);
            let page = state.attempts.get(start..end).unwrap_or_default();
            Ok(DeliveryPage {
                attempts: page.iter().rev().map(|one| one.listed.clone()).collect(),
                next: (start > 0).then(|| start.to_string()),
            })
        })
        .await
    }

    async fn body(&self, attempt: u64) -> Result<Option<String>, Fault> {
        self.call("github.body", |state| {
            let of = |one: &&Attempt| one.listed.id == attempt && !attempt.is_multiple_of(BODILESS);
            let push = state.attempts.iter().find(of).map(|one| one.push);
            let found = push.and_then(|index| Some((index, state.pushes.get(index)?)));
            Ok(found.map(|(index, push)| body(state, index, push)))
        })
        .await
    }

    async fn redeliver(&self, attempt: u64) -> Result<(), Fault> {
        self.call("github.redeliver", |state| {
            let of = |one: &&Attempt| one.listed.id == attempt;
            if let Some(push) = state.attempts.iter().find(of).map(|one| one.push) {
                state.after(1_000, Happening::Deliver { push });
            }
            Ok(())
        })
        .await
    }
}
