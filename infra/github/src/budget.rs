//! Purpose: what GitHub still takes this hour, as its latest answers say: for whoever looks, and as a metric.
//!
//! Each kind of call has a budget of its own: <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use jiff::Timestamp;

/// Kinds of calls that are told apart; GitHub has about a dozen.
const MAX_RESOURCES: usize = 32;
/// A budget is reported each time another such part of it is used up.
const PARTS: u64 = 10;

/// A budget, as an answer told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The kind of calls: `core`, `graphql`.
    pub resource: String,
    /// Calls (of GraphQL: points) in an hour.
    pub limit: u64,
    /// Those that are left.
    pub left: u64,
    /// When all of them are there again.
    pub resets: Option<Timestamp>,
}

impl Budget {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let number = |name: &str| text(name)?.parse::<u64>().ok();
        let resets = number("x-ratelimit-reset").and_then(|second| i64::try_from(second).ok());
        Some(Self {
            resource: text("x-ratelimit-resource").unwrap_or("core").to_owned(),
            limit: number("x-ratelimit-limit")?,
            left: number("x-ratelimit-remaining")?,
            resets: resets.and_then(|second| Timestamp::from_second(second).ok()),
        })
    }

    /// How many parts of it are left.
    fn part(&self) -> u64 {
        self.left.saturating_mul(PARTS) / self.limit.max(1)
    }

    /// Whether little of it is left.
    pub fn is_low(&self) -> bool {
        self.part() == 0
    }
}

/// The latest budgets, by the kind of calls.
#[derive(Default)]
pub(crate) struct Budgets(Mutex<BTreeMap<String, Budget>>);

impl Budgets {
    /// Takes over what an answer says.
    pub fn note(&self, headers: &HeaderMap) {
        let Some(now) = Budget::read(headers) else {
            return;
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.get(&now.resource).map(Budget::part);
        if before.is_none() && known.len() >= MAX_RESOURCES {
            return;
        }
        if before != Some(now.part()) {
            let Budget {
                resource,
                limit,
                left,
                ..
            } = &now;
            tracing::info!(
                metric.GitHubCallsLeft = *left,
                resource,
                limit,
                "calls that GitHub still takes"
            );
        }
        known.insert(now.resource.clone(), now);
    }

    pub fn all(&self) -> Vec<Budget> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().cloned().collect()
    }
}

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;
