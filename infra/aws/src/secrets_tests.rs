#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use futures::executor::block_on;

use super::*;

#[test]
fn a_code_of_one_purpose_is_none_of_another() {
    let keys = MacKeys::from_hex(&"0b".repeat(32)).unwrap();
    let mac =
        |purpose: &str, message: &[u8]| hex::encode(block_on(keys.mac(purpose, message)).unwrap());
    // HMAC(HMAC(secret, purpose), message), worked out elsewhere: the same as keys in a file give.
    assert_eq!(
        mac("approval-link", b"message"),
        "ceda1e509af1b3f3a53593c5375c06bc70dc49744e1e530dae5cc3abdf8625a9"
    );
    assert_ne!(
        mac("approval-link", b"message"),
        mac("approval-code", b"message")
    );
    assert_ne!(mac("a", b"bc"), mac("ab", b"c"));
}

#[test]
fn a_secret_of_another_length_is_refused() {
    for text in ["", "0b", "zz", &"0b".repeat(33)] {
        assert!(MacKeys::from_hex(text).is_none(), "{text}");
    }
    assert!(MacKeys::from_hex(&format!("{}\n", "0b".repeat(32))).is_some());
}

#[test]
fn a_function_without_the_key_of_decisions_decides_nothing() {
    let keys = MacKeys::from_hex(&"0b".repeat(32)).unwrap();
    assert!(block_on(keys.sign(b"m")).is_err());
    assert!(block_on(keys.verify(b"m", "c2ln")).is_err());
}
