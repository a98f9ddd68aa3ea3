//! Purpose: one row of the table, and the table as text that is also Markdown.

use serde::Serialize;

/// One figure of ours beside another.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The row's number, the same in every run.
    pub number: u8,
    /// What is measured.
    pub what: String,
    /// Our figure with its unit.
    pub ours: String,
    /// What it is compared with, measured in the same run.
    pub beside: String,
    /// Ours over the other.
    pub ratio: Option<f64>,
    /// What was set out for.
    pub goal: String,
    /// Whether the goal is reached; `None` = not measured here.
    pub reached: Option<bool>,
    /// What others published, measured elsewhere.
    pub peers: String,
}

impl Row {
    /// A row about this.
    pub fn of(number: u8, what: impl Into<String>) -> Self {
        Self {
            number,
            what: what.into(),
            ours: String::new(),
            beside: String::new(),
            ratio: None,
            goal: String::new(),
            reached: None,
            peers: String::new(),
        }
    }

    /// With two figures and the ratio of them.
    pub fn pair(mut self, ours: impl Into<String>, beside: impl Into<String>, ratio: f64) -> Self {
        (self.ours, self.beside) = (ours.into(), beside.into());
        self.ratio = Some(ratio);
        self
    }

    /// With a figure of ours alone.
    pub fn alone(mut self, ours: impl Into<String>) -> Self {
        self.ours = ours.into();
        self
    }

    /// With what was set out for, and whether it is reached.
    pub fn goal(mut self, goal: impl Into<String>, reached: bool) -> Self {
        self.goal = goal.into();
        self.reached = Some(reached);
        self
    }

    /// With what others published.
    pub fn peers(mut self, peers: impl Into<String>) -> Self {
        self.peers = peers.into();
        self
    }

    fn cells(&self) -> [String; 8] {
        let ratio = self
            .ratio
            .map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        let reached = match self.reached {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        [
            self.number.to_string(),
            self.what.clone(),
            self.ours.clone(),
            self.beside.clone(),
            ratio,
            self.goal.clone(),
            reached.to_owned(),
            self.peers.clone(),
        ]
    }
}

/// The table, its columns as wide as they have to be.
pub fn text(rows: &[Row]) -> String {
    let head = [
        "row",
        "what",
        "ours",
        "beside it",
        "ratio",
        "goal",
        "reached",
        "peers, measured elsewhere",
    ];
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(&widths) {
            text += &format!("| {cell:width$} ");
        }
        text += "|\n";
        if index == 0 {
            for width in &widths {
                text += &format!("| {} ", "-".repeat(*width));
            }
            text += "|\n";
        }
    }
    text
}
