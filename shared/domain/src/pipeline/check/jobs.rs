//! Purpose: checks between jobs, and between the parts of one job.

use super::super::diagnostic::{Complaint, Diagnostics, listed, shown};
use super::super::gate::GATES;
use super::super::matrix::MAX_JOBS;
use super::super::node::Node;
use super::{References, matrix, references, unique};

const NEEDS: References = References {
    what: "job",
    verb: "needs",
    unknown: "unknown-need",
    to_self: "self-need",
    cycle: "needs-cycle",
};

/// Checks everything under `jobs`.
pub fn check(jobs: &Node, out: &mut Diagnostics) {
    let entries = jobs.entries();
    references(entries, needs, &NEEDS, out);
    let mut cells = 0_usize;
    for (key, job) in entries {
        let own = match job.get("matrix") {
            Some(node) => matrix::check(node, out),
            None => 1,
        };
        let before = cells;
        cells = cells.saturating_add(own);
        if before <= MAX_JOBS && cells > MAX_JOBS {
            let message = format!("here the file has more than {MAX_JOBS} jobs");
            let complaint = Complaint::new("too-many-jobs", message)
                .help("every cell of a matrix counts as a job");
            out.add(key.place, complaint);
        }
        for report in job.get("reports").map_or(&[][..], Node::items) {
            gate(report, out);
        }
    }
    let artifacts = entries
        .iter()
        .flat_map(|(_, job)| job.get("artifacts").map_or(&[][..], Node::items));
    unique(
        artifacts.filter_map(|a| a.get("name")),
        "duplicate-artifact",
        "artifact",
        out,
    );
}

fn needs(job: &Node) -> Vec<&Node> {
    job.get("needs")
        .map_or(&[][..], Node::items)
        .iter()
        .collect()
}

/// A condition must be one that the kind of report can answer.
fn gate(report: &Node, out: &mut Diagnostics) {
    let kind = report.get("kind").and_then(Node::text).unwrap_or_default();
    let known = GATES.iter().any(|(_, kinds)| kinds.contains(&kind));
    if !known {
        return;
    }
    for (key, _) in report.get("gate").map_or(&[][..], Node::entries) {
        let Some((_, kinds)) = GATES.iter().find(|(name, _)| *name == key.text) else {
            continue;
        };
        if !kinds.contains(&kind) {
            let fitting = GATES
                .iter()
                .filter(|(_, kinds)| kinds.contains(&kind))
                .map(|(name, _)| *name);
            let message = format!(
                "{} says nothing about a report of kind {}",
                shown(&key.text),
                shown(kind)
            );
            let complaint = Complaint::new("gate-of-other-report", message)
                .help(format!("for this kind: {}", listed(fitting)));
            out.add(key.place, complaint);
        }
    }
}
