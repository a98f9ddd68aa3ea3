use super::*;

#[test]
fn link_and_code_are_found_in_a_wrapped_mail() {
    let text = "To: Bob <bob@example.org>\r\nMIME-Version: 1.0\r\n\r\nOpen http://127.0.0.1:4180/approvals/7/abc/produ=\r\n\
                ction/00ff\r\nThe code is 2KQ4X-9ZT0B.\r\n";
    let mail = read_mail(text).unwrap();
    assert_eq!(
        mail.link,
        "http://127.0.0.1:4180/approvals/7/abc/production/00ff"
    );
    assert_eq!(mail.code, "2KQ4X-9ZT0B");
    assert!(read_mail("no link and no code").is_none());
}
