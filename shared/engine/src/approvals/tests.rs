//! Purpose: what links and codes open, who still may decide, and what an approval says.

mod fixture;

use async_trait::async_trait;
use domain::ids::{Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use domain::plan::ApprovalPolicy;
use expect_test::expect;
use futures::FutureExt as _;
use sha2::Digest as _;

use super::*;
use crate::ports::Person;
use fixture::{Known, run_at_approval, view};

/// Runs a future that never waits.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

struct TestKeys;

#[async_trait]
impl Keys for TestKeys {
    async fn mac(&self, purpose: &str, message: &[u8]) -> Result<[u8; 32], Fault> {
        let mut all = purpose.as_bytes().to_vec();
        all.push(0);
        all.extend(message);
        Ok(sha2::Sha256::digest(&all).into())
    }

    async fn sign(&self, _: &[u8]) -> Result<String, Fault> {
        Err(Fault::Unavailable("nothing is signed here".to_owned()))
    }

    async fn verify(&self, _: &[u8], _: &str) -> Result<bool, Fault> {
        Ok(false)
    }
}

#[test]
fn the_link_and_the_code_of_one_person() {
    let (run, environment) = (
        RunId::from("a1b2c3d4e5f6"),
        EnvironmentName::from("production"),
    );
    let release = Digest::of(b"release");
    let recipient = Recipient {
        run: &run,
        environment: &environment,
        release: &release,
        person: PersonId(7),
    };
    let link = block_on(recipient.link(&TestKeys, "https://ci.example/", RepositoryId(12)));
    let code = block_on(recipient.code(&TestKeys)).unwrap();
    expect![[r#"
        https://ci.example/approvals/12/a1b2c3d4e5f6/production/d90bd4d8c8b5995bb129c459a63cb23f
        FG1TP-RXCWK
    "#]]
    .assert_eq(&format!("{}\n{code}\n", link.unwrap()));
}

#[test]
fn sec_10_sec_13_link_and_code_change_with_every_part_of_what_they_are_for() {
    let runs = [RunId::from("a1"), RunId::from("a2")];
    let environments = ["staging", "production"].map(EnvironmentName::from);
    let releases = [Digest::of(b"1"), Digest::of(b"2")];
    let mut tokens = std::collections::BTreeSet::new();
    let mut codes = std::collections::BTreeSet::new();
    for index in 0..16_usize {
        let recipient = Recipient {
            run: &runs[index & 1],
            environment: &environments[index >> 1 & 1],
            release: &releases[index >> 2 & 1],
            person: PersonId((index >> 3 & 1) as u64),
        };
        tokens.insert(block_on(recipient.token(&TestKeys)).unwrap());
        codes.insert(block_on(recipient.code(&TestKeys)).unwrap().to_string());
    }
    assert_eq!((tokens.len(), codes.len()), (16, 16));
    assert!(tokens.iter().all(|token| token.len() == 32));
}

#[test]
fn a_code_is_the_first_fifty_bits() {
    let mut mac = [0; 32];
    assert_eq!(Code::of(&mac).to_string(), "00000-00000");
    mac[0] = 0b0000_1000;
    mac[6] = 0b0100_0000;
    assert_eq!(Code::of(&mac).to_string(), "10000-00001");
    mac[6] = 0b0011_1111;
    mac[7] = 0xff;
    assert_eq!(Code::of(&mac).to_string(), "10000-00000");
    assert_eq!(Code::of(&[0xff; 32]).to_string(), "ZZZZZ-ZZZZZ");
}

#[test]
fn a_code_is_read_as_people_type_it_and_nothing_else_opens() {
    let mut mac = [0; 32];
    mac[0] = 0b0000_1000;
    let code = Code::of(&mac);
    for typed in [
        "10000-00000",
        "1000000000",
        "i0oo0-0Oo00",
        " L0000 00000 ",
        "l0000-00000",
    ] {
        assert!(code.matches(typed), "{typed}");
    }
    for typed in [
        "",
        "1",
        "10000-0000",
        "10000-000000",
        "10000-00001",
        "10000_00000",
        "é0000-00000",
    ] {
        assert!(!code.matches(typed), "{typed}");
    }
}

#[test]
fn sec_53_a_line_is_one_short_visible_line() {
    let cases = [
        ("  a title ", "a title"),
        ("two\r\nlines\n\nhere", "two lines here"),
        ("user\u{202e}txt.exe", "user\\u{202e}txt.exe"),
        ("\u{1b}[31mred", " [31mred"),
        ("zero\u{200b}width", "zero\\u{200b}width"),
        ("0123456789abcdef", "0123456789ab…"),
        ("", ""),
    ];
    for (text, shown) in cases {
        let max = if text.starts_with('0') { 12 } else { 80 };
        assert_eq!(line(text, max), shown);
    }
}

fn person(id: u64, login: &str, teams: &[&str]) -> Person {
    Person {
        id: PersonId(id),
        login: login.to_owned(),
        name: login.to_owned(),
        address: None,
        teams: teams.iter().map(|team| (*team).to_owned()).collect(),
    }
}

#[test]
fn sec_12_only_those_whom_the_policy_names_now_are_designated() {
    let policy = ApprovalPolicy {
        people: vec!["ana".to_owned()],
        teams: vec!["release".to_owned()],
        count: 1,
        exclude: Vec::new(),
        expires_seconds: 60,
    };
    let known = Known(vec![
        person(1, "ana", &[]),
        person(2, "bob", &["release"]),
        person(3, "eve", &["releases"]),
        person(4, "Ana", &[]),
    ]);
    let designated = |id| block_on(is_designated(&known, &policy, PersonId(id))).unwrap();
    assert_eq!(
        [1, 2, 3, 4, 5, 12].map(designated),
        [true, true, false, false, false, false]
    );
    // Removed from the team since.
    let known = Known(vec![person(2, "bob", &[])]);
    assert!(!block_on(is_designated(&known, &policy, PersonId(2))).unwrap());
}

#[test]
fn an_approval_in_sentences() {
    let (run, facts) = run_at_approval();
    let view = view(&run, &facts);
    let mut said = vec![
        view.changes_sentence(),
        view.tests_sentence(),
        view.findings_sentence().unwrap_or_default(),
        view.who_sentence(),
    ];
    said.extend(view.excluded_sentences());
    said.extend(view.before.iter().map(Before::sentence));
    said.push(view.until());
    said.push(format!("{:?}", view.standing));
    expect![[r#"
        2 commits since aaaaaaa, which production runs now: 2 files changed, +10 −4.
        120 passed, 1 failed, 3 skipped.
        4 findings, 1 of them new.
        2 approvals are needed, from among Ana and Bob.
        Not Carl, who started this run.
        Not person 4, who wrote this change.
        staging: deployed, verification succeeded.
        2026-03-02 09:00:00 UTC
        Open { missing: 1 }"#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn what_changes_is_told_for_every_case() {
    let (run, mut facts) = run_at_approval();
    let mut said = Vec::new();
    for changes in fixture::all_changes() {
        facts.changes = changes;
        said.push(view(&run, &facts).changes_sentence());
    }
    expect![[r#"
        The first deployment: nothing was deployed to production before.
        No new commit: production runs aaaaaaa already.
        1 commit since aaaaaaa, which production runs now: 1 file changed, +10 −4.
        7 commits since aaaaaaa, which production runs now: 2 files changed, +10 −4.
        This goes back: aaaaaaa, which production runs now, has all of this commit and more; 3 files changed, +10 −4.
        What changes since aaaaaaa, which production runs now, cannot be told: git said no."#]].assert_eq(&said.join("\n"));
}

#[test]
fn text_of_strangers_is_cut_and_made_visible() {
    let (run, mut facts) = run_at_approval();
    let long = "x".repeat(5_000);
    facts.repository_name = format!("a\nb{long}");
    if let Changes::Since { comparison, .. } = &mut facts.changes {
        let mut commit = comparison.commits[0].clone();
        commit.title = format!("\u{202e}{long}");
        commit.author_name = long;
        comparison.commits = vec![commit; 50];
        comparison.total = 70;
    }
    let view = view(&run, &facts);
    assert!(view.repository_name.chars().count() <= MAX_NAME + 1);
    assert!(view.repository_name.starts_with("a bx"));
    let Changes::Since { comparison, .. } = &view.changes else {
        panic!("{:?}", view.changes);
    };
    assert_eq!(comparison.commits.len(), MAX_LISTED);
    assert_eq!(view.commits_not_listed(), 50);
    assert!(comparison.commits[0].title.starts_with("\\u{202e}x"));
    assert!(comparison.commits[0].author_name.chars().count() <= MAX_NAME + 1);
}
