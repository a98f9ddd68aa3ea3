//! Purpose: tests of the way from bytes to lines.

use super::super::redact::MASK;
use super::*;

fn lines(secrets: &[&str], chunks: &[&[u8]]) -> Vec<String> {
    let redactor = Arc::new(Redactor::new(secrets.iter().copied()).unwrap());
    let mut lines = Lines::new(redactor);
    let mut all: Vec<String> = chunks.iter().flat_map(|chunk| lines.push(chunk)).collect();
    all.extend(lines.finish());
    all
}

#[test]
fn lines_end_with_a_newline_or_with_the_output() {
    assert_eq!(lines(&[], &[b"a\nb", b"c\n\nd"]), ["a", "bc", "", "d"]);
    assert_eq!(lines(&[], &[b"a\n"]), ["a"]);
    assert!(lines(&[], &[b""]).is_empty());
}

#[test]
fn sec_31_terminal_sequences_and_directions_are_left_out() {
    let text = b"\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x08\x00\x7f\ttab\n";
    assert_eq!(lines(&[], &[text]), ["red link \ttab"]);
    assert_eq!(
        lines(&[], &["a\u{202e}b\u{9b}31mc\n".as_bytes()])[0]
            .chars()
            .nth(1),
        Some('\u{fffd}')
    );
    // Cut in the middle of a sequence.
    assert_eq!(lines(&[], &[b"x\x1b", b"[3", b"1my\n"]), ["xy"]);
    // A sequence without an end does not swallow the rest.
    assert_eq!(lines(&[], &[b"\x1b]0;never ended\nnext\n"]), ["", "next"]);
}

#[test]
fn a_carriage_return_begins_the_line_again() {
    assert_eq!(
        lines(&[], &[b"10%\r20%\r", b"100%\r\nnext\r\n"]),
        ["100%", "next"]
    );
}

#[test]
fn characters_survive_chunk_borders_and_bad_bytes_are_left_out() {
    let text = "aä€😀\n".as_bytes();
    for cut in 0..text.len() {
        assert_eq!(
            lines(&[], &[&text[..cut], &text[cut..]]),
            ["aä€😀"],
            "cut at {cut}"
        );
    }
    assert_eq!(lines(&[], &[b"a\xffb\n"]), ["ab"]);
}

#[test]
fn long_lines_become_several_without_losing_a_byte() {
    let long = "ä".repeat(LINE_LIMIT * 2 + 5);
    let mut bytes = long.clone().into_bytes();
    bytes.push(b'\n');
    for size in [1_000, 4_097, 100_000] {
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        let cut = lines(&["some-secret"], &chunks);
        assert!(cut.iter().all(|line| line.len() <= LINE_LIMIT), "{size}");
        assert_eq!(cut.concat(), long, "{size}");
    }
}

#[test]
fn sec_19_secrets_across_chunk_borders_are_masked() {
    let secret = "hunter2-canary";
    let text = format!("before {secret} after\n");
    for cut in 0..text.len() {
        let (a, b) = text.as_bytes().split_at(cut);
        assert_eq!(
            lines(&[secret], &[a, b]),
            [format!("before {MASK} after")],
            "cut at {cut}"
        );
    }
    let single: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    assert_eq!(lines(&[secret], &single), [format!("before {MASK} after")]);
}

#[test]
fn sec_19_secrets_across_the_border_of_long_lines_are_masked() {
    let secret = "hunter2-canary";
    // The output has no newline, and a secret stands at every place around the limits.
    for shift in 0..40 {
        let mut text = "x".repeat(LINE_LIMIT - 20 + shift);
        for _ in 0..3_000 {
            text.push_str(secret);
            text.push_str("yyy");
        }
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(8_191).collect();
        let shown = lines(&[secret], &chunks).concat();
        assert!(
            !shown.contains("hunter2") && !shown.contains("canary"),
            "shift {shift}"
        );
        assert_eq!(shown.matches(MASK).count(), 3_000, "shift {shift}");
    }
}

#[test]
fn sec_19_sequences_within_a_secret_do_not_hide_it() {
    assert_eq!(
        lines(&["hunter2-canary"], &[b"hunter2\x1b[0m-can\x00ary\n"]),
        [MASK]
    );
}
