use super::*;

fn secrets(texts: &[&str]) -> Secrets {
    Secrets::new(texts.iter().map(|text| text.as_bytes().to_vec()).collect()).unwrap()
}

const SECRET: &str = "It's a Secret to Everybody";
const BODY: &[u8] = b"Hello, World!";
/// GitHub's own published example.
const GOOD: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

#[test]
fn sec_01_the_published_example_is_good() {
    assert_eq!(secrets(&[SECRET]).verify(BODY, Some(GOOD)), Ok(()));
    assert_eq!(secrets(&[SECRET]).sign(BODY), GOOD);
}

#[test]
fn sec_36_two_secrets_at_once() {
    assert_eq!(
        secrets(&["another secret, newer", SECRET]).verify(BODY, Some(GOOD)),
        Ok(())
    );
}

#[test]
fn sec_01_forgeries_are_refused() {
    let check = |header: Option<&str>| secrets(&[SECRET]).verify(BODY, header);
    assert_eq!(check(None), Err(SignatureError::Missing));
    let cases = [
        "",
        "sha1=757107ea0eb2509fc211221cce984b8a37570b6d",
        &GOOD["sha256=".len()..],
        &GOOD[..GOOD.len() - 1],
        &GOOD.to_uppercase(),
        &GOOD.replace('7', "g"),
        &format!("{GOOD}, {GOOD}"),
        &format!("{GOOD}00"),
    ];
    for case in cases {
        assert_eq!(check(Some(case)), Err(SignatureError::Malformed), "{case}");
    }
    let flipped = GOOD.replace("3e17", "3e18");
    assert_eq!(check(Some(&flipped)), Err(SignatureError::Wrong));
    let other_key = secrets(&["another secret, newer"]).verify(BODY, Some(GOOD));
    assert_eq!(other_key, Err(SignatureError::Wrong));
    let other_body = secrets(&[SECRET]).verify(b"Hello,  World!", Some(GOOD));
    assert_eq!(other_body, Err(SignatureError::Wrong));
}

#[test]
fn sec_01_no_secret_no_machine() {
    assert_eq!(
        Secrets::new(vec![]).err(),
        Some(SignatureError::SecretCount(0))
    );
    assert_eq!(
        Secrets::new(vec![b"short".to_vec()]).err(),
        Some(SignatureError::SecretTooShort)
    );
    assert_eq!(
        Secrets::new(vec![vec![1; 32]; 3]).err(),
        Some(SignatureError::SecretCount(3))
    );
}
