//! Purpose: what `cargo test` prints, for every test binary of every package
//! (<https://doc.rust-lang.org/rustc/tests/index.html>).

use std::collections::BTreeMap;

use super::seconds;
use crate::Known;
use crate::locate::rust_panic;
use crate::tests_seen::{TestsSeen, failure};

/// Adds the results of all `test result:` lines; whether there was one.
pub(super) fn recognise(lines: &[&str], known: &Known, tests: &mut TestsSeen) -> bool {
    let mut seen = false;
    for line in lines {
        if let Some(result) = line.strip_prefix("test result: ") {
            seen |= add_result(result, tests);
        }
    }
    if seen {
        // Binary by binary, for two of them may have tests of the same name.
        for binary in lines.split_inclusive(|line| line.starts_with("test result: ")) {
            for (name, said) in failing(binary) {
                let said = if said.is_empty() {
                    "the test failed without a message"
                } else {
                    &said
                };
                tests.detail(|| failure(name, said, known));
            }
        }
    }
    seen
}

/// `FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s`.
fn add_result(result: &str, tests: &mut TestsSeen) -> bool {
    let Some((_, counts)) = result.split_once(". ") else {
        return false;
    };
    for part in counts.split("; ") {
        match part.split_once(' ') {
            Some(("finished", time)) => tests.took(
                time.strip_prefix("in ")
                    .and_then(seconds)
                    .unwrap_or_default(),
            ),
            Some((number, what)) => {
                let Ok(number) = number.parse::<u32>() else {
                    return false;
                };
                match what {
                    // A benchmark that was measured has run through.
                    "passed" | "measured" => tests.passed(number),
                    "failed" => tests.failed(number),
                    "ignored" => tests.skipped(number),
                    _ => {}
                }
            }
            None => return false,
        }
    }
    true
}

/// Failing tests in the order in which they are named first, each with what it printed.
fn failing<'a>(lines: &[&'a str]) -> Vec<(&'a str, String)> {
    let mut failing = Failing::default();
    let mut in_list = false;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if let Some(name) = block_of(line) {
            let block = block(&lines[at..]);
            at += block.len();
            failing.add(name, &block.join("\n"));
        } else if let Some(name) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            failing.add(name.trim_end_matches(" - should panic"), "");
        } else if *line == "failures:" {
            in_list = true;
        } else if in_list && !line.is_empty() {
            match line
                .strip_prefix("    ")
                .filter(|name| !name.starts_with(' '))
            {
                Some(name) => failing.add(name, ""),
                None => in_list = false,
            }
        }
    }
    failing.add_uncaptured(lines);
    failing.tests
}

#[derive(Default)]
struct Failing<'a> {
    tests: Vec<(&'a str, String)>,
    index: BTreeMap<&'a str, usize>,
}

impl<'a> Failing<'a> {
    fn add(&mut self, name: &'a str, said: &str) {
        let index = *self.index.entry(name).or_insert_with(|| {
            self.tests.push((name, String::new()));
            self.tests.len() - 1
        });
        if self.tests[index].1.is_empty() {
            self.tests[index].1 = said.to_owned();
        }
    }

    /// With `--nocapture` there are no blocks: the thread's name says which test panicked, and what a test prints, its
    /// error among it, begins on the line of its name.
    fn add_uncaptured(&mut self, lines: &[&str]) {
        for (at, line) in lines.iter().enumerate() {
            let thread = line
                .trim_start()
                .strip_prefix("thread '")
                .and_then(|rest| rest.split_once('\''));
            if let Some((name, _)) = thread.filter(|_| rust_panic(line).is_some()) {
                let more = lines[at + 1..]
                    .iter()
                    .take_while(|line| !is_of_the_harness(line));
                self.explain(name, || {
                    std::iter::once(line)
                        .chain(more)
                        .copied()
                        .collect::<Vec<_>>()
                        .join("\n")
                });
            }
        }
        for line in lines {
            if let Some((name, said)) = line
                .strip_prefix("test ")
                .and_then(|rest| rest.split_once(" ... "))
            {
                self.explain(name, || {
                    if said == "FAILED" {
                        String::new()
                    } else {
                        said.to_owned()
                    }
                });
            }
        }
    }

    /// Says why this test failed, unless that is known.
    fn explain(&mut self, name: &str, said: impl FnOnce() -> String) {
        if let Some((_, known)) = self
            .index
            .get(name)
            .and_then(|index| self.tests.get_mut(*index))
            && known.is_empty()
        {
            *known = said();
        }
    }
}

/// `cart::adds_two` of `---- cart::adds_two stdout ----`.
fn block_of<'a>(line: &&'a str) -> Option<&'a str> {
    let name = line.strip_prefix("---- ")?.strip_suffix(" ----")?;
    name.strip_suffix(" stdout")
        .or_else(|| name.strip_suffix(" stderr"))
}

/// The lines of a block: up to the next one, or to the list of names.
fn block<'a, 'b>(lines: &'b [&'a str]) -> &'b [&'a str] {
    let ends = |line: &&str| {
        block_of(line).is_some() || *line == "failures:" || line.starts_with("test result: ")
    };
    &lines[..lines.iter().position(ends).unwrap_or(lines.len())]
}

fn is_of_the_harness(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty()
        || line == "failures:"
        || line.starts_with("test ")
        || line.starts_with("thread '")
}
