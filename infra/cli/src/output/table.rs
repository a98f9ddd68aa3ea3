//! Purpose: columns that fit the terminal.

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::style::{self, paint};

/// Blanks between two columns.
const GAP: usize = 2;
/// A column that gives way is not made narrower than this; rather it is left out.
const MIN_FLEXIBLE: usize = 8;

/// One cell: its text and its colour.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Plain text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            style: style::PLAIN,
        }
    }

    /// Text in a style.
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self {
            text: text.into(),
            style,
        }
    }

    /// A status word in its colour.
    pub fn status(word: impl Into<String>) -> Self {
        let text = word.into();
        let style = style::of_status(&text);
        Self { text, style }
    }
}

/// What happens to a column when the terminal is too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It stays whole.
    Whole,
    /// It is cut, with an ellipsis.
    Cut,
    /// It is left out; the last such column goes first.
    Spare,
}

/// A table without lines around it.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(&'static str, Fit)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Columns with their headings.
    pub fn new(columns: &[(&'static str, Fit)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; what is missing at its end is empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table for a terminal of so many columns, each row a line.
    pub fn render(&self, width: usize) -> String {
        let widths = self.fit(width);
        let mut out = String::new();
        let heading: Vec<Cell> = self
            .columns
            .iter()
            .map(|(name, _)| Cell::styled(*name, style::STRONG))
            .collect();
        for row in std::iter::once(&heading).chain(&self.rows) {
            let mut blanks = 0;
            for (index, width) in widths.iter().enumerate() {
                let Some(width) = width else { continue };
                let empty = Cell::new("");
                let cell = row.get(index).unwrap_or(&empty);
                let shown = cut(&cell.text, *width);
                if !shown.is_empty() {
                    out.push_str(&" ".repeat(blanks));
                    out.push_str(&paint(cell.style, &shown));
                    blanks = 0;
                }
                blanks += width - shown.width().min(*width) + GAP;
            }
            out.push('\n');
        }
        out
    }

    /// The width of each column; `None` = it is left out.
    fn fit(&self, width: usize) -> Vec<Option<usize>> {
        let mut widths: Vec<Option<usize>> = (0..self.columns.len())
            .map(|index| self.natural(index))
            .collect();
        loop {
            let used: Vec<usize> = widths.iter().flatten().copied().collect();
            let total = used.iter().sum::<usize>() + GAP * used.len().saturating_sub(1);
            let Some(over) = total.checked_sub(width).filter(|over| *over > 0) else {
                return widths;
            };
            // The widest column that may be cut gives way as far as it can; then spare columns go.
            let room = |column: usize| widths[column].map_or(0, |w| w.saturating_sub(MIN_FLEXIBLE));
            let widest = self.with(Fit::Cut).max_by_key(|column| room(*column));
            let spare = self.with(Fit::Spare).rfind(|c| widths[*c].is_some());
            match (widest.filter(|column| room(*column) >= over), spare) {
                (Some(column), _) => widths[column] = widths[column].map(|w| w - over),
                (None, Some(column)) => widths[column] = None,
                (None, None) => match widest.filter(|column| room(*column) > 0) {
                    Some(column) => widths[column] = Some(MIN_FLEXIBLE),
                    None => return widths,
                },
            }
        }
    }

    fn with(&self, fit: Fit) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(move |(_, column)| column.1 == fit)
            .map(|(index, _)| index)
    }

    /// As wide as its widest cell; `None` when all its cells are empty.
    fn natural(&self, index: usize) -> Option<usize> {
        let cells = self.rows.iter().filter_map(|row| row.get(index));
        let widest = cells.map(|cell| cell.text.width()).max().unwrap_or(0);
        (widest > 0).then(|| widest.max(self.columns[index].0.width()))
    }
}

/// At most so many columns of this text, with an ellipsis where some is missing.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 0;
    let mut kept = String::new();
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= width {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
