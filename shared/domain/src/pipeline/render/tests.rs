//! Purpose: how diagnostics look.

use expect_test::expect;

use super::super::diagnostic::Diagnostic;
use super::render;

fn diagnostic(line: u32, column: u32, length: u32) -> Diagnostic {
    let (code, message) = ("some-code", "something is wrong".to_owned());
    Diagnostic {
        code,
        message,
        help: None,
        line,
        column,
        length,
    }
}

#[test]
fn the_caret_is_below_the_mistake_and_the_numbers_are_aligned() {
    let text = "one\n\ttwo three\n".to_owned() + &"\n".repeat(7) + "ten\n";
    let found = [diagnostic(2, 6, 5), diagnostic(10, 1, 3)];
    expect![[r#"
        error[some-code]: something is wrong
         --> p.yaml:2:6
        2 |  two three
          |      ^^^^^

        error[some-code]: something is wrong
          --> p.yaml:10:1
        10 | ten
           | ^^^

        p.yaml: 2 mistakes
    "#]]
    .assert_eq(&render("p.yaml", &text, &found, false));
}

#[test]
fn colors_are_asked_for() {
    let found = [diagnostic(1, 1, 1)];
    expect![[r#"
        ESC[1;31merror[some-code]ESC[0mESC[1m: something is wrongESC[0m
         ESC[1;34m-->ESC[0m p.yaml:1:1
        ESC[1;34m1 |ESC[0m a
          ESC[1;34m|ESC[0m ESC[1;31m^ESC[0m

        ESC[1mp.yaml: 1 mistakeESC[0m
    "#]]
    .assert_eq(&render("p.yaml", "a", &found, true).replace('\u{1b}', "ESC"));
}

#[test]
fn a_long_line_is_cut_around_the_mistake() {
    let text = format!("{}HERE{}", "a".repeat(1_000), "b".repeat(1_000));
    let rendered = render("p.yaml", &text, &[diagnostic(1, 1_001, 4)], false);
    let lines: Vec<&str> = rendered.lines().collect();
    assert!(
        lines[2].chars().count() < 170 && lines[2].contains("HERE"),
        "{rendered}"
    );
    assert_eq!(lines[2].find("HERE"), lines[3].find("^^^^"), "{rendered}");
}

#[test]
fn a_place_outside_the_text_does_no_harm() {
    let rendered = render("p.yaml", "a", &[diagnostic(9, 9, 900)], false);
    assert!(rendered.contains("p.yaml:9:9"), "{rendered}");
    assert_eq!(render("p.yaml", "a", &[], false), "");
}
