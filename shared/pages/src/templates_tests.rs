//! Purpose: the layout and the small pieces, rendered.

use askama::Template;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "base.html" %}{% import "parts.html" as ui %}
{% block title %}{{ text }}{% endblock %}
{% block at_runs %} aria-current="page"{% endblock %}
{% block main %}
{% call ui::status(text) %}{% endcall %}
{% call ui::icon(text) %}{% endcall %}
{% call ui::time(text, text) %}{% endcall %}
{% call ui::hash(text, text) %}{% endcall %}
<dl class="facts">{% call ui::fact(text, text) %}{% endcall %}</dl>
{% call ui::notice("bad", text, text) %}{% endcall %}
{% call ui::field("text", "code", text, text, text, "off") %}{% endcall %}
{% call ui::button("primary", "decision", text, text) %}{% endcall %}
{% endblock %}"#
)]
struct Sample<'a> {
    text: &'a str,
}

#[test]
fn sec_23_sec_53_every_piece_escapes_its_text() {
    let page = Sample {
        text: "<b onclick='x'>\u{202e}\"",
    };
    let html = page.render().unwrap();
    assert!(!html.contains("<b "), "{html}");
    assert!(!html.contains('\u{202e}'));
    assert!(!html.contains("onclick='"));
    assert_eq!(
        html.matches("&#60;b onclick=&#39;x&#39;&#62;\\u{202e}&#34;")
            .count(),
        15
    );
}

#[test]
fn the_layout_links_the_style_and_marks_the_page() {
    let html = Sample { text: "failed" }.render().unwrap();
    assert!(html.starts_with("<!doctype html>"));
    assert!(html.contains(&format!("href=\"{}\"", crate::style_path())));
    assert!(html.contains(r#"<a href="/" aria-current="page">Runs</a>"#));
    assert!(html.contains(r#"<span class="status bad">"#));
    assert!(!html.contains("<script") && !html.contains(" style="));
}
