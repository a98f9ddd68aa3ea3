//! Purpose: the sentences about an approval that the mail, the page and the terminal have in common.

use domain::words::{bytes, counted, exact};

use super::view::{ApprovalView, ArtifactLine, Before, Changes, Part, Seat};
use crate::ports::Commit;

impl ApprovalView {
    /// What changes: `3 commits since 1a2b3c4, which production runs now: 2 files changed, +10 −4.`
    pub fn changes_sentence(&self) -> String {
        let environment = &self.environment;
        match &self.changes {
            Changes::First => {
                format!("The first deployment: nothing was deployed to {environment} before.")
            }
            Changes::Same { deployed } => format!(
                "No new commit: {environment} runs {} already.",
                deployed.commit.short()
            ),
            Changes::Unknown { deployed, why } => format!(
                "What changes since {}, which {environment} runs now, cannot be told: {why}.",
                deployed.commit.short()
            ),
            Changes::Since {
                deployed,
                comparison,
            } => {
                let now = deployed.commit.short();
                let figures = format!(
                    "{} changed, +{} −{}",
                    counted(comparison.files_changed, "file"),
                    comparison.insertions,
                    comparison.deletions
                );
                if comparison.total == 0 {
                    format!(
                        "This goes back: {now}, which {environment} runs now, has all of this commit and more; {figures}."
                    )
                } else {
                    let commits = counted(comparison.total, "commit");
                    format!("{commits} since {now}, which {environment} runs now: {figures}.")
                }
            }
        }
    }

    /// The change in two words, for a subject: `3 commits`.
    pub fn changes_in_brief(&self) -> String {
        match &self.changes {
            Changes::First => "the first deployment".to_owned(),
            Changes::Same { .. } => "no new commit".to_owned(),
            Changes::Unknown { .. } => "an unknown change".to_owned(),
            Changes::Since { comparison, .. } if comparison.total == 0 => {
                "back to an older commit".to_owned()
            }
            Changes::Since { comparison, .. } => counted(comparison.total, "commit"),
        }
    }

    /// The commits that the environment gets, newest first, those that are listed.
    pub fn commits(&self) -> &[Commit] {
        match &self.changes {
            Changes::Since { comparison, .. } => &comparison.commits,
            _ => &[],
        }
    }

    /// Commits that are there but not listed.
    pub fn commits_not_listed(&self) -> u64 {
        let Changes::Since { comparison, .. } = &self.changes else {
            return 0;
        };
        let listed = u64::try_from(comparison.commits.len()).unwrap_or(u64::MAX);
        comparison.total.saturating_sub(listed)
    }

    /// `120 passed, 0 failed, 3 skipped.`
    pub fn tests_sentence(&self) -> String {
        let tests = self.tests;
        if (tests.passed, tests.failed, tests.skipped) == (0, 0, 0) {
            return "No job reported tests.".to_owned();
        }
        format!(
            "{} passed, {} failed, {} skipped.",
            tests.passed, tests.failed, tests.skipped
        )
    }

    /// `4 findings, 1 of them new.`; `None` when no job looked for any.
    pub fn findings_sentence(&self) -> Option<String> {
        let total = u64::from(self.findings.total());
        (total > 0).then(|| {
            format!(
                "{}, {} of them new.",
                counted(total, "finding"),
                self.findings.new
            )
        })
    }

    /// Who may decide: `1 approval is needed, from Ana or Bob.`
    pub fn who_sentence(&self) -> String {
        let may: Vec<&str> = self
            .seats
            .iter()
            .filter(|seat| !matches!(seat.part, Part::Excluded { .. }))
            .map(|seat| seat.name.as_str())
            .collect();
        match self.count {
            1 => format!("1 approval is needed, from {}.", list(&may, "or")),
            many => format!(
                "{many} approvals are needed, from among {}.",
                list(&may, "and")
            ),
        }
    }

    /// Those who were named but may not decide: `Not Carl, who started this run.`
    pub fn excluded_sentences(&self) -> Vec<String> {
        self.seats
            .iter()
            .filter_map(|seat| match seat.part {
                Part::Excluded { why } => Some(format!("Not {}, who {why}.", seat.name)),
                _ => None,
            })
            .collect()
    }

    /// Until when: `2026-03-02 09:30:00 UTC`.
    pub fn until(&self) -> String {
        exact(self.expires_at)
    }
}

impl ArtifactLine {
    /// `2.0 KiB in 1 file`.
    pub fn size(&self) -> String {
        let files = u64::try_from(self.files).unwrap_or(u64::MAX);
        format!("{} in {}", bytes(self.bytes), counted(files, "file"))
    }
}

impl Before {
    /// `staging: deployed, verification succeeded.`
    pub fn sentence(&self) -> String {
        let why = self
            .why
            .as_ref()
            .map_or(String::new(), |why| format!(" ({why})"));
        let verified = self
            .verified
            .map_or(String::new(), |word| format!(", verification {word}"));
        format!("{}: {}{why}{verified}.", self.environment, self.word)
    }
}

impl Seat {
    /// `approved, 2026-03-01 09:30:00 UTC`, `has not decided yet` …
    pub fn part_sentence(&self) -> String {
        match &self.part {
            Part::MayDecide => "has not decided yet".to_owned(),
            Part::Excluded { why } => format!("may not decide: {why}"),
            Part::Decided { approve, at, .. } => {
                let word = if *approve { "approved" } else { "rejected" };
                format!("{word}, {}", exact(*at))
            }
        }
    }

    /// The reason that the person gave.
    pub fn reason(&self) -> Option<&str> {
        match &self.part {
            Part::Decided { reason, .. } if !reason.is_empty() => Some(reason),
            _ => None,
        }
    }
}

/// `Ana`, `Ana or Bob`, `Ana, Bob or Carl`.
fn list(names: &[&str], word: &str) -> String {
    match names {
        [] => "nobody".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}
