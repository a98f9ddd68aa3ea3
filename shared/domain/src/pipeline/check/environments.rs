//! Purpose: checks between environments, and of the conditions on one environment.

use serde::Deserialize;

use super::super::calendar;
use super::super::diagnostic::{Complaint, Diagnostics, shown, suggest};
use super::super::file::Freeze;
use super::super::node::{Key, Node};
use super::super::{graph, pattern};
use super::{References, references};
use crate::plan::FreezeWindow;

const AFTER: References = References {
    what: "environment",
    verb: "comes after",
    unknown: "unknown-after",
    to_self: "self-after",
    cycle: "after-cycle",
};

/// Checks everything under `environments`.
pub fn check(environments: &Node, out: &mut Diagnostics) {
    let entries = environments.entries();
    let after = references(entries, after_of, &AFTER, out);
    reach(entries, &after, out);
    for (_, environment) in entries {
        if let Some(node) = environment.get("approval") {
            approval(node, out);
        }
        for node in environment.get("freeze").map_or(&[][..], Node::items) {
            freeze(node, out);
        }
    }
}

fn after_of(environment: &Node) -> Vec<&Node> {
    environment.get("after").into_iter().collect()
}

/// The branches and tags whose runs are deployed somewhere.
#[derive(Clone, Default)]
struct Reach<'a> {
    branches: Vec<&'a str>,
    tags: Vec<&'a str>,
    /// Something about it could not be read: nothing is concluded from it.
    unknown: bool,
}

fn reach_of(environment: &Node) -> Reach<'_> {
    let list = |key: &str| -> Vec<&str> {
        environment
            .get(key)
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(Node::text)
            .collect()
    };
    let (branches, tags) = (list("branches"), list("tags"));
    let given = environment.get("branches").is_some() || environment.get("tags").is_some();
    let unknown = given && branches.is_empty() && tags.is_empty();
    Reach {
        branches,
        tags,
        unknown,
    }
}

/// Every environment says or inherits what reaches it, and shares some of it with the one that it comes after.
fn reach(entries: &[(Key, Node)], after: &[Vec<usize>], out: &mut Diagnostics) {
    let (order, in_circle) = graph::order(after);
    let mut reached: Vec<Reach<'_>> = vec![Reach::default(); entries.len()];
    for index in in_circle {
        if let Some(reach) = reached.get_mut(index) {
            reach.unknown = true;
        }
    }
    for index in order {
        let Some((key, environment)) = entries.get(index) else {
            continue;
        };
        let own = reach_of(environment);
        let before = after.get(index).and_then(|list| list.first());
        let before = before.and_then(|n| reached.get(*n).cloned());
        let says_nothing = own.branches.is_empty() && own.tags.is_empty() && !own.unknown;
        let inherited = if says_nothing { before.clone() } else { None };
        let silent = environment.get("after").is_none() && !environment.entries().is_empty();
        if says_nothing && silent && !misspelt(environment, &["branches", "tags", "after"]) {
            let message = format!("{} does not say whose runs it takes", shown(&key.text));
            let complaint = Complaint::new("environment-without-branches", message)
                .help("add `branches: [main]`, `tags: [\"v*\"]`, or `after: <environment>`");
            out.add(key.place, complaint);
        }
        if let (false, Some(before)) = (says_nothing, before) {
            meets(environment, key, &own, &before, out);
        }
        let unknown = environment.get("after").is_some() && says_nothing && inherited.is_none();
        if let Some(slot) = reached.get_mut(index) {
            *slot = inherited.unwrap_or(Reach {
                unknown: own.unknown || unknown,
                ..own
            });
        }
    }
}

fn meets(
    environment: &Node,
    key: &Key,
    own: &Reach<'_>,
    before: &Reach<'_>,
    out: &mut Diagnostics,
) {
    let nothing_known = before.branches.is_empty() && before.tags.is_empty();
    if own.unknown || before.unknown || nothing_known {
        return;
    }
    let overlap = pattern::may_overlap(&own.branches, &before.branches)
        || pattern::may_overlap(&own.tags, &before.tags);
    if !overlap {
        let earlier = environment
            .get("after")
            .and_then(Node::text)
            .unwrap_or_default();
        let message = format!("no run can reach {}", shown(&key.text));
        let help = format!(
            "it comes after {}, and the two share no branch and no tag",
            shown(earlier)
        );
        let place = environment
            .get("branches")
            .or(environment.get("tags"))
            .map_or(key.place, |n| n.place);
        out.add(
            place,
            Complaint::new("unreachable-environment", message).help(help),
        );
    }
}

/// Whether an unknown key may be one of these: then nothing is concluded from their absence.
fn misspelt(node: &Node, keys: &[&str]) -> bool {
    let keys = || keys.iter().copied();
    let close = |text: &str| !keys().any(|key| key == text) && suggest(text, keys()).is_some();
    node.entries().iter().any(|(key, _)| close(&key.text))
}

fn approval(node: &Node, out: &mut Diagnostics) {
    let (people, teams) = (node.get("people"), node.get("teams"));
    let count = |list: Option<&Node>| list.map_or(0, |list| list.items().len());
    let misspelt = misspelt(node, &["people", "teams"]);
    let wrong = [people, teams]
        .into_iter()
        .flatten()
        .any(|list| list.text().is_some());
    if misspelt || wrong {
        return;
    }
    if count(people) == 0 && count(teams) == 0 {
        let complaint = Complaint::new("empty-approval", "nobody can give this approval")
            .help("name somebody: `people: [ana]` or `teams: [release-approvers]`");
        return out.add(node.place, complaint);
    }
    let wanted = node
        .get("count")
        .and_then(|n| n.text()?.parse::<usize>().ok())
        .unwrap_or(1);
    if count(teams) == 0 && wanted > count(people) && wanted <= 20 {
        let message = format!(
            "{wanted} people have to approve, but only {} may",
            match count(people) {
                1 => "one".to_owned(),
                n => n.to_string(),
            }
        );
        let place = node.get("count").map_or(node.place, |count| count.place);
        let complaint = Complaint::new("too-few-approvers", message)
            .help("name more people or a team, or lower `count`");
        out.add(place, complaint);
    }
}

/// A freeze that begins again before it ends never lets a deployment through.
fn freeze(node: &Node, out: &mut Diagnostics) {
    let Ok(freeze) = Freeze::deserialize(node) else {
        return;
    };
    let window = FreezeWindow::from(&freeze);
    if calendar::never_thaws(&window) {
        let message = format!(
            "this freeze begins again before its {} are over",
            freeze.length
        );
        let complaint = Complaint::new("endless-freeze", message)
            .help("shorten `for`, or let `cron` come less often");
        out.add(node.place, complaint);
    }
}
