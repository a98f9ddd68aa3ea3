//! Purpose: each counterpart starts, answers, and ends with whoever started it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use testbed::{Dynoxide, Ministack, account, or_skip};

/// One call of DynamoDB in its own protocol, unsigned but for the account.
fn list_tables(url: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let account = account();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 2\r\n\
         Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n\
         X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential={account}/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, \
         Signature={}\r\n\r\n{{}}",
        "0".repeat(64)
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The processes of this group that have not ended.
fn group(pid: u32) -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let stats = all.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
    let of_group = |stat: &String| {
        let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
        let fields: Vec<&str> = after.split(' ').collect();
        fields.first() != Some(&"Z") && fields.get(2) == Some(&pid.to_string().as_str())
    };
    stats.filter(of_group).collect()
}

/// Whether nothing of this group is left soon.
fn ends(pid: u32) -> bool {
    (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        group(pid).is_empty()
    })
}

#[test]
fn dynoxide_answers_and_ends() {
    let Some(dynoxide) = or_skip(Dynoxide::start()) else {
        return;
    };
    let answer = list_tables(&dynoxide.url());
    assert!(answer.contains("\"TableNames\":[]"), "{answer}");
    let pid = dynoxide.pid();
    assert!(!group(pid).is_empty());
    drop(dynoxide);
    assert!(ends(pid), "{:?}", group(pid));
}

#[test]
fn ministack_answers_and_ends() {
    let Some(ministack) = or_skip(Ministack::start()) else {
        return;
    };
    let answer = list_tables(&ministack.url()).replace(' ', "");
    assert!(answer.contains("\"TableNames\":[]"), "{answer}");
    let pid = ministack.pid();
    assert!(!group(pid).is_empty());
    drop(ministack);
    assert!(ends(pid), "{:?}", group(pid));
}

#[test]
fn accounts_are_twelve_digits_and_different() {
    let (one, other) = (account(), account());
    assert_ne!(one, other);
    for account in [one, other] {
        assert_eq!(account.len(), 12);
        assert!(account.bytes().all(|byte| byte.is_ascii_digit()));
    }
}

/// Started by a process that dies without a word, which is this test again with a variable set.
#[test]
fn a_counterpart_does_not_outlive_a_killed_parent() {
    const PARENT: &str = "TESTBED_TEST_IS_PARENT";
    if std::env::var_os(PARENT).is_some() {
        let Some(dynoxide) = or_skip(Dynoxide::start()) else {
            println!("group none");
            return;
        };
        println!("\ngroup {}", dynoxide.pid());
        loop {
            std::thread::park();
        }
    }
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "a_counterpart_does_not_outlive_a_killed_parent",
            "--nocapture",
        ])
        .env(PARENT, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let said = lines.find_map(|line| Some(line.unwrap().strip_prefix("group ")?.to_owned()));
    let pid = said.and_then(|said| said.parse().ok());
    if let Some(pid) = pid {
        assert!(!group(pid).is_empty());
        parent.kill().unwrap();
        parent.wait().unwrap();
        assert!(ends(pid), "{:?}", group(pid));
    } else {
        parent.wait().unwrap();
        assert!(std::env::var_os("CI").is_none(), "it did not start");
    }
}
