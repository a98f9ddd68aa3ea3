//! Purpose: Markdown of comments and checks as HTML, without any HTML of its author's.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// Where links may lead.
const SCHEMES: &[&str] = &["http://", "https://"];
/// What Slipway puts into names of people so that GitHub calls nobody; it is not seen there either.
const UNSEEN: char = '\u{200b}';
/// Hexadecimal digits of a commit's name, and how many of them GitHub shows in a text.
/// <https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls>
const NAME: usize = 40;
const SHOWN: usize = 7;

/// HTML of tags that Markdown makes and of no other. HTML in the text is shown as text, a comment in it is not shown;
/// pictures are their descriptions; links that lead elsewhere than to the web are their texts.
pub fn to_html(markdown: &str) -> String {
    let parser = Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
    );
    let mut filter = Filter::default();
    let mut shown = String::new();
    html::push_html(&mut shown, parser.flat_map(|event| filter.pass(event)));
    shown
}

/// What is open where the parser stands.
#[derive(Default)]
struct Filter {
    /// For each link whether it is shown as one.
    links: Vec<bool>,
    /// The lines so far of a block of HTML.
    block: String,
}

impl Filter {
    /// What is shown of an event.
    fn pass<'a>(&mut self, event: Event<'a>) -> Vec<Event<'a>> {
        match event {
            Event::Html(line) => {
                self.block.push_str(&line);
                Vec::new()
            }
            Event::End(TagEnd::HtmlBlock) => text_of(&std::mem::take(&mut self.block)),
            Event::InlineHtml(html) if is_comment(&html) => Vec::new(),
            Event::InlineHtml(text) | Event::Text(text) => vec![Event::Text(visible(&text))],
            Event::Code(text) => vec![Event::Code(visible(&text))],
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                let to_the_web = SCHEMES.iter().any(|scheme| dest_url.starts_with(scheme));
                self.links.push(to_the_web);
                shown_if(to_the_web, event)
            }
            Event::End(TagEnd::Link) => shown_if(self.links.pop() == Some(true), event),
            Event::Start(Tag::HtmlBlock | Tag::Image { .. }) | Event::End(TagEnd::Image) => {
                Vec::new()
            }
            other => vec![other],
        }
    }
}

fn shown_if(shown: bool, event: Event<'_>) -> Vec<Event<'_>> {
    shown.then_some(event).into_iter().collect()
}

/// A block of HTML as a paragraph of text.
fn text_of<'a>(block: &str) -> Vec<Event<'a>> {
    if is_comment(block) {
        return Vec::new();
    }
    vec![
        Event::Start(Tag::Paragraph),
        Event::Text(visible(block.trim_end())),
        Event::End(TagEnd::Paragraph),
    ]
}

fn is_comment(html: &str) -> bool {
    html.trim_start().starts_with("<!--")
}

/// As a reader of GitHub sees it: nothing is hidden, and commits have short names.
fn visible<'a>(text: &str) -> CowStr<'a> {
    let text = text.replace(UNSEEN, "");
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let short: String = words.map(short).collect();
    pages::visible(&short).into_owned().into()
}

/// The short name of a commit, with what ends the word; any other word as it is.
fn short(word: &str) -> String {
    let digits = word.bytes().take_while(u8::is_ascii_hexdigit).count();
    match word.split_at_checked(NAME) {
        Some((name, end)) if digits == NAME && end.chars().count() <= 1 => {
            let name: String = name.chars().take(SHOWN).collect();
            format!("{name}{end}")
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
