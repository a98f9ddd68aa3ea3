//! Purpose: the answer to `/help` and the page of the documentation, both written from the table.

use super::arguments::MIN_RELEASE;
use super::table::TABLE;
use super::{MAX_COMMANDS, MAX_COMMENT};

/// The answer to `/help`, in Markdown.
pub fn help() -> String {
    format!(
        "A command is a line of its own in a new comment.\n\n{}",
        table(true)
    )
}

/// `docs/commands.md`.
pub fn page() -> String {
    format!(
        "# Commands in comments

What a person can ask for in a comment on GitHub. This page and the answer to `/help` are written from one table.

{table}
Whoever gives a command gets a reaction (👍 done, 😕 not), and an answer where there is more to say. `/test` with the name of a
job also runs what has not passed at the commit, so that nothing that failed hides behind what passed.

These are understood, and answered with that they are not there yet:

{later}
## How a comment is read

- A command is a line of its own, with at most three spaces before it. Names may be written in any case, arguments may not.
- A line that GitHub shows as code, quote, list, table or HTML is not read, and neither is an HTML comment or what follows
  one that is never closed. A line right below a quote, without an empty line between, is part of the quote.
- A word that is close to a command is answered with the one that was meant. Any other line with a slash is left alone, so
  paths and commands of other bots are.
- `<commit>` is a full commit name. The pull request is trusted at that commit only; each push takes the trust away.
- `/lgtm`, `/override` and `/skip` are about what was shown when they were said: what was pushed or run since is not meant.
- `<release>` is {MIN_RELEASE} or more characters of the release's hash, so that what is approved is what was read.
- A comment has at most {MAX_COMMANDS} commands and {MAX_COMMENT} characters.
- Only new comments count: edited ones are not read, comments of bots and apps neither, and a comment counts for its author.
- Who may is asked of GitHub for each command. Where GitHub gives no answer, the answer is no.
",
        table = table(true),
        later = table(false)
    )
}

/// Nothing in it needs an escape but the bars; the rows are ours.
fn table(is_followed: bool) -> String {
    let rows = TABLE.iter().filter(|row| row.is_followed == is_followed);
    let rows = rows.map(|row| {
        format!(
            "| `{}` | {} | {} | {} |\n",
            row.usage(),
            row.does,
            row.who.who(),
            row.place.which()
        )
    });
    let head = "| command | what it does | who may | where |\n| --- | --- | --- | --- |\n";
    std::iter::once(head.to_owned()).chain(rows).collect()
}
