//! Purpose: what `pytest` prints (<https://docs.pytest.org/en/stable/how-to/output.html>).

use std::collections::BTreeMap;

use domain::report::TestFailure;

use super::seconds;
use crate::locate::{Place, locate};
use crate::tests_seen::{TestsSeen, placed};
use crate::{Known, text};

/// Adds the results of all summary lines; whether there was one.
pub(super) fn recognise(lines: &[&str], known: &Known, tests: &mut TestsSeen) -> bool {
    let mut seen = false;
    for line in lines {
        if let Some(summary) = summary(line) {
            seen = true;
            tests.passed(summary.passed);
            tests.failed(summary.failed);
            tests.skipped(summary.skipped);
            tests.took(summary.seconds);
        }
    }
    if seen {
        let sections = sections(lines);
        for line in lines {
            if let Some((id, why)) = failing(line) {
                tests.detail(|| failure(id, why, &sections, known));
            }
        }
    }
    seen
}

#[derive(Default)]
struct Summary {
    passed: u32,
    failed: u32,
    skipped: u32,
    seconds: f64,
}

/// `=== 1 failed, 3 passed, 1 warning in 0.12s ===`, and the same without the frame, as `-q` prints it.
fn summary(line: &str) -> Option<Summary> {
    let (counts, time) = line.trim_matches(['=', ' ']).rsplit_once(" in ")?;
    let mut summary = Summary {
        seconds: seconds(time.split(' ').next()?)?,
        ..Summary::default()
    };
    if counts == "no tests ran" {
        return Some(summary);
    }
    for part in counts.split(", ") {
        let (number, what) = part.split_once(' ')?;
        let number: u32 = number.parse().ok()?;
        let count = match what {
            "passed" | "xpassed" => &mut summary.passed,
            "failed" | "error" | "errors" => &mut summary.failed,
            "skipped" | "xfailed" => &mut summary.skipped,
            "warning" | "warnings" | "deselected" | "rerun" => continue,
            _ => return None,
        };
        *count = count.saturating_add(number);
    }
    Some(summary)
}

/// `FAILED tests/test_cart.py::test_add[2-3] - assert 4 == 5`, `ERROR tests/test_cart.py - ImportError: …`.
fn failing(line: &str) -> Option<(&str, &str)> {
    let rest = line
        .strip_prefix("FAILED ")
        .or_else(|| line.strip_prefix("ERROR "))?;
    let (id, why) = rest.split_once(" - ").unwrap_or((rest, ""));
    let file = id.split("::").next()?;
    file.ends_with(".py").then_some((id, why))
}

/// What stands below `____ name ____`.
struct Section {
    place: Option<Place>,
    /// The last line that begins with `E`: what was raised.
    raised: Option<String>,
}

/// The sections between the results and the summary, by name.
fn sections<'a>(lines: &[&'a str]) -> BTreeMap<&'a str, Section> {
    let mut sections = BTreeMap::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in lines {
        let name = section(line);
        if name.is_some() || line.starts_with("====") {
            if let Some((name, text)) = open.take() {
                let raised = text
                    .iter()
                    .rev()
                    .find_map(|line| line.strip_prefix("E  "))
                    .map(|raised| raised.trim().to_owned());
                sections.entry(name).or_insert(Section {
                    place: locate(&text.join("\n")),
                    raised,
                });
            }
            open = name.map(|name| (name, Vec::new()));
        } else if let Some((_, text)) = &mut open {
            text.push(line);
        }
    }
    sections
}

/// `TestCart.test_add` of `____ TestCart.test_add ____`, `tests/test_cart.py` of `_ ERROR collecting tests/test_cart.py _`.
fn section<'a>(line: &&'a str) -> Option<&'a str> {
    let name = line.strip_prefix('_')?.strip_suffix('_')?.trim_matches('_');
    // `_ _ _ _` divides the frames of one traceback.
    let name = name
        .strip_prefix(' ')?
        .strip_suffix(' ')
        .filter(|name| !name.starts_with("_ "))?;
    let name = name
        .strip_prefix("ERROR at setup of ")
        .or_else(|| name.strip_prefix("ERROR at teardown of "))
        .unwrap_or(name);
    Some(name.strip_prefix("ERROR collecting ").unwrap_or(name))
}

/// A test that failed: in its section's place, or without a line in the file that its name begins with.
fn failure(id: &str, why: &str, sections: &BTreeMap<&str, Section>, known: &Known) -> TestFailure {
    let (file, name) = match id.split_once("::") {
        Some((file, name)) => (file, name.replace("::", ".")),
        None => (id, id.to_owned()),
    };
    let section = sections.get(name.as_str());
    let raised = section.and_then(|section| section.raised.as_deref());
    let message = if why.is_empty() {
        raised.unwrap_or("the test failed")
    } else {
        why
    };
    let mut failure = placed(
        id,
        message,
        section.and_then(|section| section.place.clone()),
        known,
    );
    failure.file.get_or_insert_with(|| text::file(file, known));
    failure
}
