//! Purpose: what is shown of hostile text.

use super::*;

fn escaped(text: &str) -> String {
    let mut shown = String::new();
    Escape.write_escaped_str(&mut shown, text).unwrap();
    shown
}

#[test]
fn sec_53_bidirectional_overrides_are_spelled_out() {
    let hidden = [
        '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{200e}', '\u{61c}', '\u{feff}',
    ];
    for character in hidden {
        let text = format!("a{character}b");
        let shown = visible(&text);
        assert!(!shown.contains(character), "{shown}");
        assert_eq!(shown, format!("a\\u{{{:x}}}b", u32::from(character)));
    }
}

#[test]
fn sec_31_ansi_escapes_are_spelled_out_and_line_ends_stay() {
    assert_eq!(
        visible("a\u{1b}[31mb\r\n\tc\0"),
        "a\\u{1b}[31mb\\u{d}\n\tc\\u{0}"
    );
}

#[test]
fn ordinary_text_is_not_touched() {
    for text in ["", "fix: naïve Größe 数据 🚀", "שלום", "a\tb\nc"] {
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }
}

#[test]
fn sec_23_markup_is_escaped() {
    assert_eq!(
        escaped("<img src=x onerror=\"a('1')\">&"),
        "&#60;img src=x onerror=&#34;a(&#39;1&#39;)&#34;&#62;&#38;"
    );
}
