use super::*;

#[test]
fn link_and_code_are_found_in_the_text_of_a_mail() {
    let text = "To: Bob <bob@example.org>\nSubject: Approve\n\nOpen\nhttp://127.0.0.1:4180/approvals/7/abc/production/00ff\n\
                The code is 2KQ4X-9ZT0B.\n";
    let mail = read_text(text).unwrap();
    assert_eq!(
        mail.link,
        "http://127.0.0.1:4180/approvals/7/abc/production/00ff"
    );
    assert_eq!(mail.code, "2KQ4X-9ZT0B");
    assert!(read_text("no link and no code").is_none());
}
