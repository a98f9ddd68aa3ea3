//! Purpose: the lines of a comment that stand for themselves, as GitHub shows them.
//!
//! Grammar: <https://github.github.com/gfm/>. A line counts only in a paragraph of the comment itself: not in code, quotes,
//! lists, tables, footnotes, HTML, and not inside of emphasis, links or code that spans lines.

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Spaces before a command at most; with more it is meant as code, also where Markdown takes it for text.
const MAX_INDENT: usize = 3;

/// The lines that begin with a slash, with their numbers from 1, without white space around them.
pub(super) fn own(body: &str) -> Vec<(usize, String)> {
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    let comments: Vec<usize> = body.match_indices("<!--").map(|(at, _)| at).collect();
    let mut found = Vec::new();
    let (mut depth, mut in_paragraph, mut in_code) = (0_usize, false, false);
    let (mut number, mut counted) = (1, 0);
    for (event, range) in Parser::new_ext(&body, options).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                in_paragraph = in_paragraph || (depth == 0 && matches!(tag, Tag::Paragraph));
                in_code = in_code || matches!(tag, Tag::CodeBlock(_));
                depth += 1;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                in_paragraph = in_paragraph && depth > 0;
                in_code = in_code && depth > 0;
            }
            Event::Text(_) => {
                // A comment that nobody closed is text to Markdown; whoever wrote it meant to hide what follows.
                let next = comments.partition_point(|at| *at < range.start);
                if !in_code && comments.get(next).is_some_and(|at| *at < range.end) {
                    break;
                }
                if !(in_paragraph && depth == 1) {
                    continue;
                }
                if let Some(line) = line_at(&body, range.start) {
                    number += body[counted..range.start].matches('\n').count();
                    counted = range.start;
                    found.push((number, line.to_owned()));
                }
            }
            _ => {}
        }
    }
    found
}

/// The rest of the line from a slash that is the first of it.
fn line_at(body: &str, start: usize) -> Option<&str> {
    let (before, rest) = (body.get(..start)?, body.get(start..)?);
    let margin = before.trim_end_matches(' ');
    let begins = margin.is_empty() || margin.ends_with('\n');
    let indent = before.len() - margin.len();
    if !rest.starts_with('/') || !begins || indent > MAX_INDENT {
        return None;
    }
    rest.lines()
        .next()
        .map(|line| line.trim_end_matches([' ', '\t']))
}
