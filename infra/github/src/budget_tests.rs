//! Purpose: what is read of answers about budgets, and what is not.

use http::{HeaderName, HeaderValue};

use super::*;

fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
    let all = all.iter().map(|(name, value)| {
        let value = HeaderValue::from_str(value).unwrap();
        (HeaderName::from_static(name), value)
    });
    all.collect()
}

#[test]
fn the_latest_answer_of_each_kind_counts() {
    let budgets = Budgets::default();
    let told = |left: &str, resource: &str| {
        budgets.note(&headers(&[
            ("x-ratelimit-limit", "5000"),
            ("x-ratelimit-remaining", left),
            ("x-ratelimit-reset", "1767225600"),
            ("x-ratelimit-resource", resource),
        ]));
    };
    told("4999", "core");
    told("4990", "graphql");
    told("400", "core");
    let all = budgets.all();
    let left: Vec<(&str, u64, bool)> = all
        .iter()
        .map(|budget| (budget.resource.as_str(), budget.left, budget.is_low()))
        .collect();
    assert_eq!(left, [("core", 400, true), ("graphql", 4990, false)]);
    assert_eq!(all[0].resets, Timestamp::from_second(1_767_225_600).ok());
}

#[test]
fn what_says_nothing_of_a_budget_is_passed_over() {
    let budgets = Budgets::default();
    budgets.note(&headers(&[]));
    budgets.note(&headers(&[
        ("x-ratelimit-limit", "many"),
        ("x-ratelimit-remaining", "4"),
    ]));
    assert_eq!(budgets.all(), []);
    // Kinds are GitHub's words, and not endless.
    for number in 0..MAX_RESOURCES + 5 {
        let kind = format!("kind-{number}");
        budgets.note(&headers(&[
            ("x-ratelimit-limit", "0"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-resource", &kind),
        ]));
    }
    assert_eq!(budgets.all().len(), MAX_RESOURCES);
}
