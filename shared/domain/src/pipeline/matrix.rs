//! Purpose: the cells of a matrix: every combination of its axes, without the excluded, with the included.

use indexmap::IndexMap;

/// Cells of one job.
pub const MAX_CELLS: usize = 64;
/// Jobs of one file, each cell counted.
pub const MAX_JOBS: usize = 256;

/// A value for each axis, in order.
pub type Cell = IndexMap<String, String>;

/// A matrix as plain text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    pub axes: IndexMap<String, Vec<String>>,
    pub include: Vec<Cell>,
    pub exclude: Vec<Cell>,
}

impl From<&super::file::Matrix> for Matrix {
    fn from(matrix: &super::file::Matrix) -> Self {
        let cell = |cell: &super::file::Cell| -> Cell {
            cell.0
                .iter()
                .map(|(axis, value)| (axis.to_string(), value.to_string()))
                .collect()
        };
        Self {
            axes: matrix
                .axes
                .iter()
                .map(|(axis, values)| {
                    (
                        axis.to_string(),
                        values.0.iter().map(ToString::to_string).collect(),
                    )
                })
                .collect(),
            include: matrix.include.iter().map(cell).collect(),
            exclude: matrix.exclude.iter().map(cell).collect(),
        }
    }
}

impl Matrix {
    /// How many combinations the axes have.
    pub fn combinations(&self) -> usize {
        if self.axes.is_empty() {
            return 0;
        }
        self.axes
            .values()
            .fold(1, |product, values| product.saturating_mul(values.len()))
    }

    /// The cells in the order of the file: the last axis turns fastest, what is included comes last. A matrix with
    /// more than [`MAX_CELLS`] combinations has none; the check of the file refuses it.
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells = vec![Cell::new()];
        if self.combinations() == 0 || self.combinations() > MAX_CELLS {
            cells.clear();
        }
        for (axis, values) in &self.axes {
            cells = cells
                .iter()
                .flat_map(|cell| {
                    values.iter().map(|value| {
                        let mut cell = cell.clone();
                        cell.insert(axis.clone(), value.clone());
                        cell
                    })
                })
                .collect();
        }
        cells.retain(|cell| !self.exclude.iter().any(|excluded| covers(excluded, cell)));
        cells.extend(self.include.iter().map(|included| self.in_order(included)));
        cells
    }

    /// The axes first, in their order, whatever order the entry has.
    fn in_order(&self, cell: &Cell) -> Cell {
        let axes = self.axes.keys().filter_map(|axis| cell.get_key_value(axis));
        let others = cell
            .iter()
            .filter(|(axis, _)| !self.axes.contains_key(*axis));
        axes.chain(others)
            .map(|(axis, value)| (axis.clone(), value.clone()))
            .collect()
    }

    /// Whether an entry of `exclude` leaves out any combination.
    pub fn excludes_any(&self, excluded: &Cell) -> bool {
        excluded.iter().all(|(axis, value)| {
            self.axes
                .get(axis)
                .is_some_and(|values| values.contains(value))
        })
    }
}

fn covers(excluded: &Cell, cell: &Cell) -> bool {
    excluded
        .iter()
        .all(|(axis, value)| cell.get(axis) == Some(value))
}

/// `go=1.24, os=linux`.
pub fn label(cell: &Cell) -> String {
    cell.iter()
        .map(|(axis, value)| format!("{axis}={value}"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests;
