//! Purpose: stories of the run machine: what is asked, and what happens. Only [`check`] touches the machine.

mod approval;
mod claim;
mod jobs;
mod laws;
mod line;
mod skip;
mod stages;
mod stop;
pub(crate) mod story;

use expect_test::Expect;
use story::Story;

/// Tells a story, one command a line, and compares all events and refusals.
#[allow(
    clippy::needless_pass_by_value,
    reason = "an expectation is written where it is used"
)]
pub(super) fn check(plan: &str, story: &str, expected: Expect) {
    let mut told = Story::open(plan);
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        told.tell(line);
    }
    expected.assert_eq(&told.text());
}
