//! Purpose: links in text of strangers made dead, because mail programs turn every address that they see into a link.

use std::fmt::{self, Write};

use askama::filters::Escaper;

/// For HTML: dead links, invisible characters spelled out, then escaped.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeadHtml;

impl Escaper for DeadHtml {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> fmt::Result {
        pages::Escape.write_escaped_str(dest, &dead(string))
    }
}

/// For plain text: dead links, invisible characters spelled out.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeadText;

impl Escaper for DeadText {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        dest.write_str(&pages::visible(&dead(string)))
    }
}

/// `https://evil.example` becomes `https[:]//evil.example`, which no program links.
pub fn dead(text: &str) -> String {
    let mut text = text.replace("://", "[:]//");
    for prefix in ["www.", "Www.", "WWW."] {
        text = text.replace(prefix, &prefix.replace('.', "[.]"));
    }
    text
}
