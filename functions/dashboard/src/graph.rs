//! Purpose: the graph of a run as a drawing: jobs and environments in columns, each after what it waits for.
//!
//! The drawing repeats what the lists below it say, so it is hidden from screen readers and from narrow screens.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use engine::views::RunView;

/// More nodes than that are not drawn: nobody could read it.
const MAX_NODES: usize = 60;
/// Measures in units of the drawing.
const NODE: (u32, u32) = (172, 40);
const GAP: (u32, u32) = (44, 12);
/// Characters of a name that fit into a node.
const MAX_NAME: usize = 17;

/// The drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    pub width: u32,
    pub height: u32,
    pub nodes: Vec<Node>,
    /// Outlines of the lines between the nodes.
    pub edges: Vec<String>,
}

/// A box of the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub x: u32,
    pub y: u32,
    /// Cut to what fits.
    pub label: String,
    pub name: String,
    pub status: String,
    /// The place on the page: `job-0`.
    pub anchor: String,
}

/// Before it is laid out: a name, a word, an anchor, and the indexes of what it waits for.
struct Step {
    name: String,
    status: String,
    anchor: String,
    needs: BTreeSet<usize>,
}

impl Graph {
    /// The drawing of a run; `None` when there is nothing to see in it, or too much.
    pub fn of(view: &RunView) -> Option<Self> {
        let steps = steps(view);
        if !(2..=MAX_NODES).contains(&steps.len()) {
            return None;
        }
        Some(draw(&steps))
    }
}

fn steps(view: &RunView) -> Vec<Step> {
    let mut place = BTreeMap::new();
    let mut steps: Vec<Step> = Vec::new();
    for (index, job) in view.jobs.iter().enumerate() {
        place.insert(job.name.as_str(), index);
        steps.push(Step {
            name: job.name.clone(),
            status: job.status.clone(),
            anchor: format!("job-{index}"),
            needs: job
                .needs
                .iter()
                .filter_map(|need| place.get(need.as_str()).copied())
                .collect(),
        });
    }
    let needed: BTreeSet<usize> = steps.iter().flat_map(|s| s.needs.iter().copied()).collect();
    let ends: BTreeSet<usize> = (0..steps.len()).filter(|i| !needed.contains(i)).collect();
    let first = steps.len();
    for (index, stage) in view.stages.iter().enumerate() {
        let before = view
            .stages
            .iter()
            .position(|other| Some(&other.environment) == stage.after.as_ref());
        steps.push(Step {
            name: stage.environment.to_string(),
            status: stage.status.clone(),
            anchor: format!("stage-{index}"),
            needs: match before {
                Some(before) => BTreeSet::from([first + before]),
                None => ends.clone(),
            },
        });
    }
    steps
}

fn draw(steps: &[Step]) -> Graph {
    let columns = columns(steps);
    let mut rows: BTreeMap<usize, u32> = BTreeMap::new();
    let mut nodes = Vec::new();
    for (step, column) in steps.iter().zip(&columns) {
        let row = rows.entry(*column).or_default();
        let across = u32::try_from(*column).unwrap_or(0);
        nodes.push(Node {
            x: across * (NODE.0 + GAP.0) + 1,
            y: *row * (NODE.1 + GAP.1) + 1,
            label: cut(&step.name),
            name: step.name.clone(),
            status: step.status.clone(),
            anchor: step.anchor.clone(),
        });
        *row += 1;
    }
    let last = columns.iter().copied().max().unwrap_or(0);
    let across = u32::try_from(last + 1).unwrap_or(1);
    let down = rows.values().copied().max().unwrap_or(1);
    Graph {
        width: across * (NODE.0 + GAP.0) - GAP.0 + 2,
        height: down * (NODE.1 + GAP.1) - GAP.1 + 2,
        edges: edges(steps, &nodes),
        nodes,
    }
}

/// The column of each step: one after the last of what it needs. Steps come in an order in which needs come first.
fn columns(steps: &[Step]) -> Vec<usize> {
    let mut columns: Vec<usize> = Vec::new();
    for step in steps {
        let after = step.needs.iter().filter_map(|need| columns.get(*need));
        columns.push(after.max().map_or(0, |column| column + 1));
    }
    columns
}

/// Lines for direct needs only: what another need already implies is left out.
fn edges(steps: &[Step], nodes: &[Node]) -> Vec<String> {
    let mut above: Vec<BTreeSet<usize>> = Vec::new();
    for step in steps {
        let mut all = step.needs.clone();
        for need in &step.needs {
            all.extend(above.get(*need).into_iter().flatten());
        }
        above.push(all);
    }
    let mut lines = Vec::new();
    for (step, node) in steps.iter().zip(nodes) {
        for need in &step.needs {
            let implied = step.needs.iter().any(|other| {
                other != need && above.get(*other).is_some_and(|all| all.contains(need))
            });
            if let (false, Some(from)) = (implied, nodes.get(*need)) {
                lines.push(line(from, node));
            }
        }
    }
    lines
}

fn line(from: &Node, to: &Node) -> String {
    let (x1, y1) = (from.x + NODE.0, from.y + NODE.1 / 2);
    let (x2, y2) = (to.x, to.y + NODE.1 / 2);
    let bend = x2 - GAP.0;
    let middle = GAP.0 / 2;
    format!(
        "M{x1} {y1}H{bend}C{} {y1} {} {y2} {x2} {y2}",
        bend + middle,
        x2 - middle
    )
}

fn cut(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    name.chars().take(MAX_NAME - 1).chain("…".chars()).collect()
}
