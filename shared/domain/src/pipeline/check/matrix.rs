//! Purpose: checks of one matrix: how many cells it has, and whether `include` and `exclude` fit its axes.

use super::super::diagnostic::{Complaint, Diagnostics, did_you_mean, listed, shown, suggest};
use super::super::matrix::{Cell, MAX_CELLS, Matrix, label};
use super::super::node::Node;

/// Adds the mistakes of this matrix to `out`; returns how many cells it has, at least 1.
pub fn check(node: &Node, out: &mut Diagnostics) -> usize {
    let matrix = read(node);
    for entry in node.get("exclude").map_or(&[][..], Node::items) {
        known_axes(entry, &matrix, out);
    }
    if !matrix.axes.is_empty() {
        for entry in node.get("include").map_or(&[][..], Node::items) {
            all_axes(entry, &matrix, out);
        }
    }
    let combinations = matrix.combinations();
    if combinations > MAX_CELLS {
        let message = format!("the matrix has {combinations} combinations, more than {MAX_CELLS}");
        let complaint = Complaint::new("too-many-cells", message)
            .help("take values out; `exclude` does not help, all combinations count");
        out.add(node.place, complaint);
        return 1;
    }
    let cells = matrix.cells();
    if cells.len() > MAX_CELLS {
        let message = format!(
            "the matrix has {} cells, more than {MAX_CELLS}",
            cells.len()
        );
        out.add(node.place, Complaint::new("too-many-cells", message));
        return 1;
    }
    if cells.is_empty() && !node.entries().is_empty() && readable(&matrix) {
        let message = "nothing is left of this matrix, so its job would never run";
        out.add(node.place, Complaint::new("matrix-without-cells", message));
    }
    let included = node.get("include").map_or(&[][..], Node::items);
    let first = cells.len().saturating_sub(included.len());
    for (n, entry) in included.iter().enumerate() {
        let cell = cells.get(first + n);
        if cell.is_some_and(|cell| cells.iter().take(first + n).any(|other| other == cell)) {
            let text = cell.map(label).unwrap_or_default();
            let message = format!("{} is in the matrix already", shown(&text));
            out.add(entry.place, Complaint::new("duplicate-cell", message));
        }
    }
    cells.len().max(1)
}

/// Whether every axis has a value that could be read; otherwise the shape has been complained about.
fn readable(matrix: &Matrix) -> bool {
    matrix.axes.values().all(|values| !values.is_empty())
}

fn read(node: &Node) -> Matrix {
    let text = |node: &Node| node.text().map(str::to_owned);
    let cell = |node: &Node| -> Cell {
        node.entries()
            .iter()
            .filter_map(|(key, v)| Some((key.text.clone(), text(v)?)))
            .collect()
    };
    let cells = |key: &str| -> Vec<Cell> {
        node.get(key)
            .map_or(&[][..], Node::items)
            .iter()
            .map(cell)
            .collect()
    };
    let axes = node
        .entries()
        .iter()
        .filter(|(key, _)| !is_special(&key.text));
    let axes = axes.map(|(key, values)| {
        (
            key.text.clone(),
            values.items().iter().filter_map(text).collect(),
        )
    });
    Matrix {
        axes: axes.collect(),
        include: cells("include"),
        exclude: cells("exclude"),
    }
}

fn is_special(key: &str) -> bool {
    matches!(key, "include" | "exclude")
}

fn known_axes(entry: &Node, matrix: &Matrix, out: &mut Diagnostics) {
    let mut known = true;
    for (key, _) in entry.entries() {
        if !matrix.axes.contains_key(&key.text) {
            known = false;
            let axes = || matrix.axes.keys().map(String::as_str);
            let near = suggest(&key.text, axes());
            let message = format!("{} is not an axis of this matrix", shown(&key.text));
            let allowed = format!("its axes: {}", listed(axes()));
            let complaint = Complaint::new("unknown-axis", message);
            out.add(key.place, complaint.help(did_you_mean(near, allowed)));
        }
    }
    let excluded: Cell = entry
        .entries()
        .iter()
        .filter_map(|(key, value)| Some((key.text.clone(), value.text()?.to_owned())))
        .collect();
    let whole = excluded.len() == entry.entries().len() && !excluded.is_empty();
    if known && whole && readable(matrix) && !matrix.excludes_any(&excluded) {
        let message = format!("no combination has {}", shown(&label(&excluded)));
        let complaint = Complaint::new("excludes-nothing", message)
            .help("values are compared as they are written: `1.20` is not `1.2`");
        out.add(entry.place, complaint);
    }
}

fn all_axes(entry: &Node, matrix: &Matrix, out: &mut Diagnostics) {
    if entry.entries().is_empty() {
        return;
    }
    for axis in matrix.axes.keys().filter(|axis| entry.get(axis).is_none()) {
        let message = format!("this entry says nothing about the axis {}", shown(axis));
        let complaint = Complaint::new("missing-axis", message)
            .help("an entry of `include` is one more cell, with a value for every axis");
        out.add(entry.place, complaint);
    }
}
