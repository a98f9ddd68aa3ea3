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
    let needs = direct_needs(steps);
    let rows = rows(&columns, &needs);
    let row_of = |step: usize, column: usize| rows.get(&(column, step)).copied().unwrap_or(0);
    let mut nodes = Vec::new();
    let mut edges = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let column = columns.get(index).copied().unwrap_or(0);
        let (x, y) = corner(column, row_of(index, column));
        nodes.push(Node {
            x,
            y,
            label: cut(&step.name),
            name: step.name.clone(),
            status: step.status.clone(),
            anchor: step.anchor.clone(),
        });
        for need in needs.get(index).into_iter().flatten() {
            let from = columns.get(*need).copied().unwrap_or(0);
            let mut stops: Vec<_> = (from..column)
                .map(|c| corner(c, row_of(*need, c)))
                .collect();
            stops.push((x, y));
            edges.push(line(&stops));
        }
    }
    let across = columns.iter().copied().max().unwrap_or(0);
    let down = rows.values().copied().max().unwrap_or(0);
    let (x, y) = corner(across, down);
    Graph {
        width: x + NODE.0 + 1,
        height: y + NODE.1 + 1,
        nodes,
        edges,
    }
}

/// The upper left corner of a place.
fn corner(column: usize, row: usize) -> (u32, u32) {
    let at = |index: usize, step: u32| u32::try_from(index).unwrap_or(0) * step + 1;
    (at(column, NODE.0 + GAP.0), at(row, NODE.1 + GAP.1))
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

/// What each step needs, without what another need already implies: these become lines.
fn direct_needs(steps: &[Step]) -> Vec<Vec<usize>> {
    let mut above: Vec<BTreeSet<usize>> = Vec::new();
    for step in steps {
        let mut all = step.needs.clone();
        for need in &step.needs {
            all.extend(above.get(*need).into_iter().flatten());
        }
        above.push(all);
    }
    let implied = |need: &usize, by: &usize| {
        by != need && above.get(*by).is_some_and(|all| all.contains(need))
    };
    let direct = |step: &Step| {
        let needs = step.needs.iter().copied();
        needs
            .filter(|need| !step.needs.iter().any(|by| implied(need, by)))
            .collect()
    };
    steps.iter().map(direct).collect()
}

/// The row of each step in its column, and of its line in every column that the line passes, so that no line runs behind
/// a box. Each comes near the rows that it is connected with.
fn rows(columns: &[usize], needs: &[Vec<usize>]) -> BTreeMap<(usize, usize), usize> {
    let mut rows = BTreeMap::new();
    let last = columns.iter().copied().max().unwrap_or(0);
    for column in 0..=last {
        let mut places: Vec<(usize, bool, usize)> = Vec::new();
        for (step, at) in columns.iter().enumerate() {
            let passes = *at < column
                && needs
                    .iter()
                    .zip(columns)
                    .any(|(needs, to)| *to > column && needs.contains(&step));
            if *at != column && !passes {
                continue;
            }
            let itself = [step];
            let from = match needs.get(step) {
                Some(needs) if !passes => needs.as_slice(),
                _ => &itself,
            };
            let before = column.saturating_sub(1);
            let near = from.iter().filter_map(|from| rows.get(&(before, *from)));
            let near: Vec<usize> = near.copied().collect();
            // Hundredths of a row: the middle of what it is connected with.
            let middle = near.iter().sum::<usize>() * 100 / near.len().max(1);
            places.push((middle, passes, step));
        }
        places.sort_unstable();
        for (row, (_, _, step)) in places.iter().enumerate() {
            rows.insert((column, *step), row);
        }
    }
    rows
}

/// From the right side of the first place, through the others, to the left side of the last.
fn line(stops: &[(u32, u32)]) -> String {
    let middle = |y: u32| y + NODE.1 / 2;
    let Some(((x, y), rest)) = stops.split_first() else {
        return String::new();
    };
    let mut path = format!("M{} {}", x + NODE.0, middle(*y));
    let mut from = middle(*y);
    for (index, (x, y)) in rest.iter().enumerate() {
        let (bend, to) = (x - GAP.0 / 2, middle(*y));
        path.push_str(&format!("C{bend} {from} {bend} {to} {x} {to}"));
        if index + 1 < rest.len() {
            path.push_str(&format!("H{}", x + NODE.0));
        }
        from = to;
    }
    path
}

fn cut(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    name.chars().take(MAX_NAME - 1).chain("…".chars()).collect()
}
