#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

fn mailer(from: &str) -> Result<SesMailer, Fault> {
    SesMailer::new(
        &SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
            .build(),
        from,
    )
}

fn mail() -> Mail {
    Mail {
        id: "approval/r1/production/abc/1".to_owned(),
        to_name: "Ana".to_owned(),
        to_address: "ana@example.org".to_owned(),
        subject: "Deploy?\r\nBcc: eve@example.org".to_owned(),
        text: "text".to_owned(),
        html: "<p>html</p>".to_owned(),
    }
}

#[test]
fn a_sender_is_one_address() {
    assert_eq!(
        mailer("Slipway <ci@example.org>").unwrap().domain,
        "example.org"
    );
    assert_eq!(mailer("ci@example.org").unwrap().domain, "example.org");
    for bad in [
        "",
        "ci",
        "ci@",
        "a@b@c",
        "a@b, c@d",
        "Slipway <ci@example.org",
        "é@example.org",
    ] {
        assert!(mailer(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_same_mail_has_the_same_headers_and_strangers_begin_none() {
    let mailer = mailer("ci@example.org").unwrap();
    let content = mailer.content(&mail()).unwrap();
    assert_eq!(content, mailer.content(&mail()).unwrap());
    let message = content.simple().unwrap();
    assert_eq!(
        message.subject().unwrap().data(),
        "Deploy? Bcc: eve@example.org"
    );
    let stem = Mail::stem(&mail().id);
    let headers: Vec<String> = message
        .headers()
        .iter()
        .map(|header| format!("{}: {}", header.name(), header.value()))
        .collect();
    assert_eq!(
        headers,
        [
            format!("X-Slipway-Mail: {stem}"),
            format!("References: <{stem}@example.org>")
        ]
    );
}

#[test]
fn a_text_that_is_no_address_is_refused_for_good_before_anything_is_sent() {
    let mailer = mailer("ci@example.org").unwrap();
    for bad in [
        "ana",
        "ana@example.org, eve@example.org",
        "ana@example.org\r\nBcc: eve@x",
    ] {
        let to = Mail {
            to_address: bad.to_owned(),
            ..mail()
        };
        let refused = futures::executor::block_on(mailer.send(&to)).unwrap_err();
        assert!(matches!(refused, Fault::Malformed(_)), "{refused}");
    }
}
