//! Reading pages; that the real ones are read so is shown by the demo and by the tests of decisions on AWS.

use super::*;

const SIGNED_IN: &str = r#"<main id="main"><section id="decide"><form><input type="hidden" name="csrf" value="c&amp;f">
<p class="hint">Needed to approve. The release is <code>00ff</code></p></form></section></main>"#;

#[test]
fn the_form_of_a_signed_in_person_is_found() {
    let shown = Shown::of(SIGNED_IN);
    assert_eq!(shown.release().unwrap(), "00ff");
    assert_eq!(shown.desk().unwrap(), ("00ff", "c&f"));
}

#[test]
fn a_page_without_a_form_says_why() {
    let closed = r#"<main><section id="decide"><p class="card">You approved this release, today.</p></section></main>"#;
    let failure = Shown::of(closed).open().unwrap_err();
    assert_eq!(failure.what, "You approved this release, today");
    assert_eq!(failure.code, crate::failure::NEGATIVE);
    let foreign = Shown::of("<p>Welcome</p>").release().unwrap_err();
    assert!(foreign.what.contains("nothing to decide"), "{foreign}");
}

#[test]
fn a_refusal_is_the_sentence_of_its_box() {
    let page = r#"<main><div class="notice bad" role="alert"><p><strong>Nothing was decided.</strong></p><p>That&#39;s not the code.</p></div></main>"#;
    assert_eq!(
        Shown::of(page).notice().as_deref(),
        Some("That's not the code.")
    );
}

#[test]
fn text_of_strangers_stays_text() {
    assert_eq!(
        text("<b title=\"x\">a&#38;lt;b &#38;amp; d</b>\n  c\u{1b}[31m"),
        "a&lt;b &amp; d c [31m"
    );
}
