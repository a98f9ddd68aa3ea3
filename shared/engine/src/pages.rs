//! Purpose: a list of heads, page after page.

use crate::fault::Fault;
use crate::ports::{Head, HeadCursor, Journal};

/// Heads that are read at once.
pub(crate) const PAGE: usize = 200;

/// The heads of all streams whose name begins with a prefix (nothing for all), newest first.
pub struct Pages<'a> {
    journal: &'a dyn Journal,
    prefix: &'a str,
    cursor: Option<HeadCursor>,
}

impl<'a> Pages<'a> {
    /// From the newest on; nothing is read yet.
    pub fn new(journal: &'a dyn Journal, prefix: &'a str) -> Self {
        Self {
            journal,
            prefix,
            cursor: None,
        }
    }

    /// The next page; `None` = there are no more. Whoever reads them all decides how many those are at most.
    ///
    /// # Errors
    /// As [`Journal::heads`]; asked again, the same page is read.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Head>>, Fault> {
        let page = self.journal.heads(self.prefix, self.cursor.as_ref(), PAGE);
        let page = page.await?;
        // A page may be short and not the last one; only one with nothing on it is.
        let Some(last) = page.last() else {
            return Ok(None);
        };
        self.cursor = Some(last.cursor());
        Ok(Some(page))
    }
}
