//! Purpose: Markdown of comments and checks as HTML, without any HTML of its author's.

use std::borrow::Cow;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// Where links may lead.
const SCHEMES: &[&str] = &["http://", "https://"];
/// What Slipway puts into names of people so that GitHub calls nobody; it is not seen there either.
const UNSEEN: char = '\u{200b}';

/// HTML of tags that Markdown makes and of no other. HTML in the text is shown as text, a comment in it is not shown; pictures are
/// their descriptions; links that lead elsewhere than to the web are their texts.
pub fn to_html(markdown: &str) -> String {
    let parser = Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
    );
    let mut links = Vec::new();
    let events = parser.filter_map(|event| harmless(event, &mut links));
    let mut shown = String::new();
    html::push_html(&mut shown, events);
    shown
}

/// The event as it may be shown; `links` tells of those that are open whether they are shown as links.
fn harmless<'a>(event: Event<'a>, links: &mut Vec<bool>) -> Option<Event<'a>> {
    Some(match event {
        Event::Html(html) | Event::InlineHtml(html) => {
            let hidden = html.trim_start().starts_with("<!--");
            return (!hidden).then(|| Event::Text(visible(&html)));
        }
        // The lines of a block of HTML come as events of their own.
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let leads_to_the_web = SCHEMES.iter().any(|scheme| dest_url.starts_with(scheme));
            links.push(leads_to_the_web);
            return leads_to_the_web.then_some(event);
        }
        Event::End(TagEnd::Link) => return links.pop().unwrap_or(false).then_some(event),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => return None,
        Event::Text(text) => Event::Text(visible(&text)),
        Event::Code(text) => Event::Code(visible(&text)),
        other => other,
    })
}

fn visible<'a>(text: &str) -> CowStr<'a> {
    let text: Cow<'_, str> = match text.contains(UNSEEN) {
        true => text.replace(UNSEEN, "").into(),
        false => text.into(),
    };
    pages::visible(&text).into_owned().into()
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
