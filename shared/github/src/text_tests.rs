use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;

/// What a reader is shown, and the marks that were found in it.
fn rendered(markdown: &str) -> (String, Vec<String>) {
    let (mut text, mut marks) = (String::new(), Vec::new());
    for event in Parser::new_ext(markdown, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
        match event {
            Event::Text(part) => text.push_str(&part),
            Event::Code(part) => text.push_str(&part),
            Event::Start(Tag::Paragraph) | Event::End(_) => {}
            other => marks.push(format!("{other:?}")),
        }
    }
    (text, marks)
}

/// Whether GitHub would find a mention, a reference or an address in what is shown; written without the code under test.
fn has_reference(shown: &str) -> bool {
    let lower = shown.to_lowercase();
    let follows = |mark: &str, is: fn(char) -> bool| {
        let found = lower.match_indices(mark);
        let mut next = found.map(|(at, _)| lower[at + mark.len()..].chars().next());
        next.any(|next| next.is_some_and(is))
    };
    follows("@", |c| c.is_ascii_alphanumeric())
        || follows("#", |c| c.is_ascii_digit())
        || follows("gh-", |c| c.is_ascii_digit())
        || lower.contains("://")
        || lower.contains("www.")
}

fn without_parts(text: &str) -> String {
    text.replace(PART, "")
}

#[test]
fn sec_30_marks_of_others_have_no_effect() {
    let cases = [
        "@acme/release please",
        "mail a@example.org",
        "fixes #12, acme/shop#12, GH-12, gh-7",
        "![x](https://evil.example/p.png) [y](javascript:alert(1))",
        "<img src=x onerror=alert(1)> <!-- hidden",
        "https://evil.example www.evil.example WWW.evil.example ftp://x",
        "<https://evil.example>",
        "[x]: https://evil.example",
        "```\nclosed\n```",
        "~~~ sh",
        "- item",
        "+ item",
        "1. item",
        "12) item",
        "# heading",
        "===",
        "---",
        ":-:",
        "> quote",
        "a | b",
        "*a* **b** _c_ __d__ ~~e~~ `f`",
        "$x$ $$y$$",
        "&amp; &#64;team",
        "[^1] [[wiki]] - [ ] task",
        "trailing \\",
        "    indented",
    ];
    for case in cases {
        for around in ["", "- ", "## ", "words "] {
            let (shown, marks) = rendered(&format!("{around}{}", inline(case, LINE)));
            let words = shown
                .strip_prefix(around.trim_start_matches(['-', '#', ' ']))
                .unwrap();
            assert_eq!(without_parts(words), one_line(case), "{case}");
            let ours = marks
                .iter()
                .filter(|mark| !mark.contains("List") && !mark.contains("Item"));
            let ours: Vec<_> = ours.filter(|mark| !mark.contains("Heading")).collect();
            assert!(ours.is_empty(), "{case}: {ours:?}");
            assert!(!has_reference(words), "{case}: {words}");
        }
    }
}

#[test]
fn sec_31_hidden_characters_are_left_out() {
    let cases = [
        ("\u{1b}[31mred\u{1b}[0m", "red"),
        (
            "\u{1b}]8;;https://evil.example\u{7}link\u{1b}]8;;\u{7}",
            "link",
        ),
        ("a\u{202e}b\u{2066}c\u{200f}d", "abcd"),
        ("a\u{200b}b\u{feff}c\u{2060}d", "abcd"),
        ("a\u{e0041}b\u{3164}c\u{e000}d", "abcd"),
        ("a\u{a0}b\tc\u{2028}d", "a b c d"),
        ("a\r\nb\rc\u{0}", "a\nb c"),
        ("größe 漢字 🚀", "größe 漢字 🚀"),
    ];
    for (text, expected) in cases {
        assert_eq!(clean(text), expected);
    }
}

#[test]
fn what_is_too_long_is_cut_between_escapes() {
    let cap = |chars, bytes| Cap { chars, bytes };
    assert_eq!(inline("abc", cap(3, 99)), "abc");
    assert_eq!(inline("abcd", cap(3, 99)), "ab…");
    assert_eq!(inline("a**b", cap(4, 99)), "a\\*…");
    assert_eq!(inline("a@bc", cap(3, 99)), "a…");
    assert_eq!(cut("ääää", cap(99, 7)), "ää…");
    assert_eq!(cut("abc", cap(0, 0)), "");
    assert_eq!(plain("a_b\n\u{202e}*c*", LINE), "a_b *c*");
    assert_eq!(code("a`b", LINE), "``a`b``");
    assert_eq!(code("`", LINE), "`` ` ``");
    assert_eq!(code(" \u{200b}", LINE), "");
    assert_eq!(block("a\n```\nb\n", LINE), "````\na\n```\nb\n````");
    assert_eq!(block("x", cap(9, 99)), "```\nx\n```");
    assert_eq!(cell("\u{200b}", LINE), "–");
}

/// Text that is rich in marks.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-z0-9 ]{0,6}",
        "[\\x00-\\x7f]{0,4}",
        ".{0,4}",
        proptest::sample::select(vec![
            "@team",
            "#1",
            "GH-1",
            "https://a.b",
            "www.a.b",
            "![a](b)",
            "[a](b)",
            "[a]: b\n",
            "<b>",
            "<!--",
            "-->",
            "```",
            "~~~",
            "`",
            "``",
            "\n",
            "\n\n",
            "    ",
            "- ",
            "1. ",
            "> ",
            "| a |",
            "|-|",
            "$$",
            "&lt;",
            "\\",
            "\u{1b}[1m",
            "\u{202e}",
            "===",
            "---",
            "* * *",
            "__",
            "~~",
            "[^1]",
            "{#a}",
            "+++",
            ": ",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn sec_30_inline_text_is_text_and_nothing_else(text in hostile()) {
        let (shown, marks) = rendered(&inline(&text, COMMENT));
        prop_assert!(marks.is_empty(), "{:?}", marks);
        prop_assert!(!has_reference(&shown), "{}", shown);
        prop_assert_eq!(without_parts(&shown), one_line(&text));
    }

    #[test]
    fn sec_30_a_cell_stays_in_its_table(text in hostile()) {
        let table = format!("| a | b |\n| --- | --- |\n| {} | ; |\n", cell(&text, COMMENT));
        let cells = Parser::new_ext(&table, Options::ENABLE_TABLES)
            .filter(|event| matches!(event, Event::Start(Tag::TableCell)))
            .count();
        prop_assert_eq!(cells, 4);
        let (shown, marks) = rendered(&table);
        prop_assert!(marks.iter().all(|mark| mark.contains("Table")), "{:?}", marks);
        prop_assert!(!has_reference(&shown), "{}", shown);
    }

    #[test]
    fn sec_30_code_is_one_span(text in hostile()) {
        let events: Vec<Event<'_>> = Parser::new_ext(&format!("x {} y", code(&text, COMMENT)), Options::all())
            .map(Event::into_static)
            .collect();
        let spans = events.iter().filter(|event| matches!(event, Event::Code(_))).count();
        prop_assert_eq!(spans, usize::from(!one_line(&text).is_empty()));
        prop_assert!(events.len() <= 5, "{:?}", events);
    }

    #[test]
    fn sec_30_a_block_ends_at_its_own_fence(text in hostile()) {
        let page = format!("before\n\n{}\n\nafter\n", block(&text, COMMENT));
        let (shown, marks) = rendered(&page);
        prop_assert_eq!(marks.len(), 1, "{:?}", marks);
        prop_assert_eq!(shown, format!("before{}\nafter", clean(&text).trim_end()));
    }

    #[test]
    fn sec_30_nothing_is_longer_than_its_cap(text in hostile(), chars in 10_usize..40, bytes in 10_usize..80) {
        let cap = Cap { chars, bytes };
        for out in [plain(&text, cap), inline(&text, cap), cell(&text, cap), code(&text, cap), block(&text, cap), cut(&text, cap)] {
            prop_assert!(out.chars().count() <= chars && out.len() <= bytes, "{:?}", out);
        }
    }
}
