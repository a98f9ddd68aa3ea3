//! Purpose: mails as files and through a mail server, which here is a few lines that write down what they hear.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, Mutex};

use engine::Fault;
use engine::ports::{Mail, Mailer};
use local::mail::{OutboxMailer, SmtpMailer, SmtpSettings, SmtpTls};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

const FROM: &str = "Slipway <bot@acme.example>";

fn mail() -> Mail {
    Mail {
        id: "run/1/c0ffee/approval/production/7".to_owned(),
        to_name: "Bob Bär".to_owned(),
        to_address: "bob@acme.example".to_owned(),
        subject: "Approve acme/shop c0ffee for production ✓".to_owned(),
        text: "Code: 123456\n\n.\nA line of one dot is above.\n".to_owned(),
        html: "<p>Code: <b>123456</b></p>\n".to_owned(),
    }
}

/// The header's lines of this name, without what folds them.
fn headers<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    head.split("\r\n")
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .collect()
}

fn header_names(message: &str) -> Vec<&str> {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let is_first = |line: &&str| !line.starts_with([' ', '\t']);
    head.split("\r\n")
        .filter(is_first)
        .map(|line| line.split(':').next().unwrap())
        .collect()
}

const NAMES: [&str; 7] = [
    "From",
    "To",
    "Subject",
    "Message-ID",
    "MIME-Version",
    "Date",
    "Content-Type",
];

#[tokio::test]
async fn a_mail_becomes_one_file_however_often_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = OutboxMailer::new(folder.path().join("outbox"), FROM).unwrap();
    let path = outbox.path(&mail().id);
    assert!(!path.exists());
    outbox.send(&mail()).await.unwrap();
    let first = std::fs::read_to_string(&path).unwrap();
    for _ in 0..3 {
        outbox.send(&mail()).await.unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    let files: Vec<_> = std::fs::read_dir(outbox.folder()).unwrap().collect();
    assert_eq!(files.len(), 2);
    let text = std::fs::read_to_string(path.with_extension("txt")).unwrap();
    assert!(
        text.starts_with("To: ") && text.contains("\nSubject: "),
        "{text}"
    );
    assert!(text.ends_with(&format!("\n\n{}", mail().text)), "{text}");
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, "run-1-c0ffee-approval-production-7-6fc7dbcb4c52.eml");

    assert_eq!(headers(&first, "From"), [FROM]);
    let expected = "<run-1-c0ffee-approval-production-7-6fc7dbcb4c52@acme.example>";
    assert_eq!(headers(&first, "Message-ID"), [expected]);
    assert!(headers(&first, "Content-Type")[0].starts_with("multipart/alternative;"));
    let (text, html) = (
        first.find("Content-Type: text/plain; charset=utf-8"),
        first.find("Content-Type: text/html; charset=utf-8"),
    );
    assert!(text.is_some() && text < html, "{first}");
    assert!(first.contains("Code: 123456\r\n"));
    assert!(first.contains("<p>Code: <b>123456</b></p>"));
}

#[tokio::test]
async fn different_mails_are_different_files() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = OutboxMailer::new(folder.path(), FROM).unwrap();
    let long = "x".repeat(500);
    let ids = [
        "a/b",
        "a-b",
        "A/B",
        "",
        "../../etc/passwd",
        "✓",
        "✗",
        &long,
        &format!("{long}y"),
    ];
    for id in ids {
        let one = Mail {
            id: id.to_owned(),
            ..mail()
        };
        outbox.send(&one).await.unwrap();
        let path = outbox.path(id);
        assert_eq!(path.parent(), Some(folder.path()));
        assert!(path.file_name().unwrap().len() < 100);
    }
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 2 * ids.len());
}

#[tokio::test]
async fn no_text_begins_a_header_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = OutboxMailer::new(folder.path(), FROM).unwrap();
    let breaks = [
        "\r\n", "\n", "\r", "\r\n ", "\n\n", "\0", "\u{b}", "\u{c}", "\u{85}", "\u{2028}",
    ];
    for (n, line_break) in breaks.into_iter().enumerate() {
        let attack = format!("x{line_break}Bcc: eve@evil.example{line_break}{line_break}<script>");
        let one = Mail {
            id: format!("{n}{attack}"),
            to_name: attack.clone(),
            subject: attack.clone(),
            ..mail()
        };
        outbox.send(&one).await.unwrap();
        let message = std::fs::read_to_string(outbox.path(&one.id)).unwrap();
        assert_eq!(header_names(&message), NAMES, "{line_break:?}");
        let subject = headers(&message, "Subject");
        assert_eq!(subject, ["x Bcc: eve@evil.example <script>"]);
        let address = Mail {
            to_address: format!("bob@acme.example{line_break}Bcc: eve@evil.example"),
            ..mail()
        };
        let refused = outbox.send(&address).await;
        assert!(matches!(refused, Err(Fault::Malformed(_))), "{refused:?}");
    }
    // A name cannot smuggle in a second recipient either.
    let one = Mail {
        id: "recipients".to_owned(),
        to_name: "\"x\" <eve@evil.example>, Bob".to_owned(),
        ..mail()
    };
    outbox.send(&one).await.unwrap();
    let message = std::fs::read_to_string(outbox.path(&one.id)).unwrap();
    let to = headers(&message, "To");
    // One encoded word, which is text and never an address: https://www.rfc-editor.org/rfc/rfc2047#section-5
    let expected = "=?utf-8?b?IngiIDxldmVAZXZpbC5leGFtcGxlPiwgQm9i?= <bob@acme.example>";
    assert_eq!(to, [expected]);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refused = OutboxMailer::new("outbox", "no address");
    assert!(matches!(refused, Err(Fault::Malformed(_))));
    let good = settings(25);
    let user = |user: Option<&str>, password: Option<&str>| SmtpSettings {
        host: "mail.acme.example".to_owned(),
        user: user.map(str::to_owned),
        password: password.map(str::to_owned),
        ..good.clone()
    };
    for (bad, expected) in [
        (user(Some("bot"), None), "give both or neither"),
        (user(None, Some("s3cret")), "give both or neither"),
        (user(Some("bot"), Some("s3cret")), "sent in the clear"),
    ] {
        match SmtpMailer::new(&bad) {
            Err(Fault::Malformed(why)) => assert!(why.contains(expected), "{why}"),
            other => panic!("{other:?}"),
        }
        assert!(!format!("{bad:?}").contains("s3cret"));
    }
    let protected = SmtpSettings {
        tls: SmtpTls::Starttls,
        ..user(Some("bot"), Some("s3cret"))
    };
    let mailer = SmtpMailer::new(&protected).unwrap();
    assert!(!format!("{mailer:?}").contains("s3cret"));
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: SmtpTls::None,
        user: None,
        password: None,
        from: FROM.to_owned(),
    }
}

/// A mail server that answers each command with what `replies` has for its first word, or with 250.
struct Sink {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    async fn start(replies: &'static [(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let writer = heard.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                serve(socket, replies, &writer).await;
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(socket: TcpStream, replies: &[(&str, &str)], heard: &Arc<Mutex<Vec<String>>>) {
    let mut socket = BufReader::new(socket);
    let mut say = "220 sink".to_owned();
    let mut in_data = false;
    loop {
        if !say.is_empty() {
            let line = format!("{say}\r\n");
            socket.write_all(line.as_bytes()).await.unwrap();
        }
        let mut line = String::new();
        if socket.read_line(&mut line).await.unwrap() == 0 {
            return;
        }
        let line = line.strip_suffix("\r\n").expect("lines end with CRLF");
        heard.lock().unwrap().push(line.to_owned());
        if in_data {
            in_data = line != ".";
            say = if in_data { "" } else { "250 queued" }.to_owned();
            continue;
        }
        let word = line.split([' ', ':']).next().unwrap();
        let reply = replies.iter().find(|(command, _)| *command == word);
        say = match (word, reply) {
            (_, Some((_, reply))) => (*reply).to_owned(),
            ("DATA", None) => "354 go on".to_owned(),
            ("QUIT", None) => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        in_data = say.starts_with("354");
    }
}

#[tokio::test]
async fn a_mail_goes_through_a_server_whole() {
    let sink = Sink::start(&[]).await;
    let mailer = SmtpMailer::new(&settings(sink.port)).unwrap();
    mailer.send(&mail()).await.unwrap();
    let heard = sink.heard();
    let words: Vec<&str> = heard[..4]
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(words, ["EHLO", "MAIL", "RCPT", "DATA"]);
    assert!(
        heard[1].starts_with("MAIL FROM:<bot@acme.example>"),
        "{}",
        heard[1]
    );
    assert_eq!(heard[2], "RCPT TO:<bob@acme.example>");
    let end = heard.iter().position(|line| line == ".").unwrap();
    let message = heard[4..end].join("\r\n");
    assert_eq!(header_names(&message), NAMES);
    assert_eq!(headers(&message, "From"), [FROM]);
    // A line of one dot is doubled on the way, or it would end the mail.
    assert!(
        message.contains("\r\n..\r\nA line of one dot is above."),
        "{message}"
    );
    assert!(message.contains("<p>Code: <b>123456</b></p>"));

    mailer.send(&mail()).await.unwrap();
    let ids: Vec<String> = sink.heard();
    let ids: Vec<&String> = ids
        .iter()
        .filter(|l| l.starts_with("Message-ID: "))
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_user_signs_in_on_this_machine() {
    let replies = &[
        ("EHLO", "250-sink\r\n250 AUTH PLAIN"),
        ("AUTH", "235 welcome"),
    ];
    let sink = Sink::start(replies).await;
    let with_user = SmtpSettings {
        user: Some("bot".to_owned()),
        password: Some("s3cret".to_owned()),
        ..settings(sink.port)
    };
    let mailer = SmtpMailer::new(&with_user).unwrap();
    mailer.send(&mail()).await.unwrap();
    // base64 of "\0bot\0s3cret", https://www.rfc-editor.org/rfc/rfc4616
    assert!(
        sink.heard()
            .contains(&"AUTH PLAIN AGJvdABzM2NyZXQ=".to_owned())
    );
}

async fn sent_with(
    replies: &'static [(&'static str, &'static str)],
    change: impl FnOnce(&mut SmtpSettings),
) -> Fault {
    let sink = Sink::start(replies).await;
    let mut settings = settings(sink.port);
    change(&mut settings);
    let mailer = SmtpMailer::new(&settings).unwrap();
    mailer.send(&mail()).await.unwrap_err()
}

#[tokio::test]
async fn refusals_for_good_and_for_now_are_told_apart() {
    let gone = sent_with(&[("RCPT", "550 no such user")], |_| {}).await;
    assert!(
        matches!(&gone, Fault::Malformed(why) if why.contains("no such user")),
        "{gone}"
    );
    let busy = sent_with(&[("RCPT", "451 try later")], |_| {}).await;
    assert!(
        matches!(&busy, Fault::Unavailable(why) if why.contains("try later")),
        "{busy}"
    );
    let closing = sent_with(&[("DATA", "421 closing")], |_| {}).await;
    assert!(closing.is_transient(), "{closing}");
    let sign_in = &[
        ("EHLO", "250-sink\r\n250 AUTH PLAIN"),
        ("AUTH", "535 wrong password"),
    ];
    let wrong = sent_with(sign_in, |settings| {
        settings.user = Some("bot".to_owned());
        settings.password = Some("wrong".to_owned());
    })
    .await;
    assert!(wrong.is_transient(), "{wrong}");
}

#[tokio::test]
async fn without_a_server_or_its_tls_nothing_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mailer = SmtpMailer::new(&settings(port)).unwrap();
    let fault = mailer.send(&mail()).await.unwrap_err();
    let expected = format!("the mail server 127.0.0.1:{port} did not take the mail");
    assert!(
        fault.is_transient() && fault.to_string().starts_with(&expected),
        "{fault}"
    );

    // The server offers no STARTTLS: the mail is not sent in the clear instead.
    let sink = Sink::start(&[]).await;
    let starttls = SmtpSettings {
        tls: SmtpTls::Starttls,
        ..settings(sink.port)
    };
    let fault = SmtpMailer::new(&starttls).unwrap().send(&mail()).await;
    assert!(fault.is_err());
    assert!(!sink.heard().iter().any(|line| line.starts_with("MAIL")));
}
