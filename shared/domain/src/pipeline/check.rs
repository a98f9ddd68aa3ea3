//! Purpose: holds the parts of a file against each other. It works on the tree, so that it still says what it can about
//! a file that has other mistakes; what [`shape`](super::shape) refuses is passed over here.

mod environments;
mod jobs;
mod matrix;

use std::collections::BTreeMap;

use super::diagnostic::{Complaint, Diagnostics, did_you_mean, listed, shown, suggest};
use super::graph;
use super::node::{Key, Node};

/// Adds every mistake between parts of the file to `out`.
pub fn check(root: &Node, out: &mut Diagnostics) {
    if let Some(jobs) = root.get("jobs") {
        jobs::check(jobs, out);
    }
    if let Some(environments) = root.get("environments") {
        environments::check(environments, out);
    }
    let schedules = root.get("on").and_then(|on| on.get("schedule"));
    let names = schedules
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|s| s.get("name"));
    unique(names, "duplicate-schedule", "schedule", out);
}

/// Complains about every name that was there before.
fn unique<'a>(
    names: impl Iterator<Item = &'a Node>,
    code: &'static str,
    what: &str,
    out: &mut Diagnostics,
) {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for node in names {
        let Some(text) = node.text() else { continue };
        if let Some(line) = seen.get(text) {
            let complaint = Complaint::new(
                code,
                format!("{} is the name of another {what}", shown(text)),
            )
            .help(format!("the other is in line {line}"));
            out.add(node.place, complaint);
        } else {
            seen.insert(text, node.place.line);
        }
    }
}

/// What the references of one kind are called in diagnostics.
struct References {
    /// `job`, `environment`.
    what: &'static str,
    /// `needs`, `comes after`.
    verb: &'static str,
    unknown: &'static str,
    to_self: &'static str,
    cycle: &'static str,
}

/// Checks the references from entry to entry and returns them as indices, without those that make no sense.
fn references(
    entries: &[(Key, Node)],
    of: impl Fn(&Node) -> Vec<&Node>,
    words: &References,
    out: &mut Diagnostics,
) -> Vec<Vec<usize>> {
    let References { what, verb, .. } = *words;
    let mut edges = Vec::with_capacity(entries.len());
    for (index, (key, value)) in entries.iter().enumerate() {
        let mut targets = Vec::new();
        for reference in of(value) {
            let Some(name) = reference.text() else {
                continue;
            };
            match entries.iter().position(|(key, _)| key.text == name) {
                Some(target) if target == index || name == key.text => {
                    let message = format!("{} {verb} itself", shown(name));
                    out.add(reference.place, Complaint::new(words.to_self, message));
                }
                Some(target) => targets.push(target),
                None => {
                    let names = || entries.iter().map(|(key, _)| key.text.as_str());
                    let near = suggest(name, names().filter(|other| *other != key.text));
                    let message = format!("there is no {what} {}", shown(name));
                    let complaint = Complaint::new(words.unknown, message);
                    let known = format!("{what}s of this file: {}", listed(names().take(12)));
                    out.add(reference.place, complaint.help(did_you_mean(near, known)));
                }
            }
        }
        edges.push(targets);
    }
    for cycle in graph::cycles(&edges) {
        report_cycle(entries, &cycle, &of, words, out);
    }
    edges
}

/// Points at the reference of the circle's first member that leads on along the circle.
fn report_cycle(
    entries: &[(Key, Node)],
    cycle: &[usize],
    of: &impl Fn(&Node) -> Vec<&Node>,
    words: &References,
    out: &mut Diagnostics,
) {
    let name = |index: &usize| entries.get(*index).map_or("", |(key, _)| key.text.as_str());
    let (Some(first), Some(next)) = (cycle.first(), cycle.get(1)) else {
        return;
    };
    let Some((key, value)) = entries.get(*first) else {
        return;
    };
    let mut road: Vec<String> = cycle.iter().map(|index| shown(name(index))).collect();
    road.push(shown(name(first)));
    let message = format!("circle: {}", road.join(&format!(" {} ", words.verb)));
    let place = of(value)
        .iter()
        .find(|node| node.text() == Some(name(next)))
        .map(|node| node.place);
    let complaint = Complaint::new(words.cycle, message)
        .help("none of these can ever start: take one of the references out");
    out.add(place.unwrap_or(key.place), complaint);
}

#[cfg(test)]
mod tests;
