//! Purpose: what people have said about the pull request of a run: in the check of the whole run, and in the comment.

use domain::checks::{Check, Conclusion, Status};
use domain::ids::PersonId;
use domain::pull;

use super::{MAX_NAME, MAX_TITLE, text};

/// Characters of a reason in Markdown.
const MAX_WHY: usize = 500;

/// What was said about the pull request, as far as it holds at the commit of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// It must not be merged.
    pub hold: Option<Said>,
}

/// Who said something, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Their name.
    pub by: String,
    pub why: Option<String>,
}

impl Words {
    /// As a pull request has them, with the names of people.
    pub fn of(words: &pull::Words, name: impl Fn(PersonId) -> String) -> Self {
        let hold = words.held().map(|hold| Said {
            by: name(hold.by),
            why: hold.reason.clone(),
        });
        Self { hold }
    }

    /// The people whose names are shown.
    pub fn people(words: &pull::Words) -> Vec<PersonId> {
        words.held().map(|hold| hold.by).into_iter().collect()
    }

    /// The check of the whole run, which lets nothing be merged while somebody holds it.
    pub(super) fn on(&self, mut check: Check) -> Check {
        let Some(hold) = &self.hold else {
            return check;
        };
        if check.status == Status::Completed(Conclusion::Success) {
            check.status = Status::Completed(Conclusion::ActionRequired);
            let why = hold.why.as_ref().map(|why| format!(": {why}"));
            let title = format!("Held by {}{}", hold.by, why.unwrap_or_default());
            check.title = text::line(&title, MAX_TITLE);
        }
        check
    }

    /// Markdown, one part for each that there is something to say of.
    pub(super) fn parts(&self) -> Vec<String> {
        let hold = self.hold.as_ref().map(|hold| {
            let why = hold.why.as_ref();
            let why = why.map(|why| format!(": {}", text::markdown(why, MAX_WHY)));
            format!(
                "**Held by {}**{}\n\nNothing is merged that requires this check before somebody ends the hold with \
                 `/unhold`.",
                text::markdown(&hold.by, MAX_NAME),
                why.unwrap_or_default()
            )
        });
        hold.into_iter().collect()
    }
}
