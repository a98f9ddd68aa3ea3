//! Which links get a code.

use super::check;

#[test]
fn only_links_of_the_stack_get_a_code() {
    let base = "https://ci.example.org";
    let good = "https://ci.example.org/approvals/7/3f2a9c0d1e5b/production/00ff";
    assert!(check(good, base, "ci").is_ok());
    for bad in [
        "https://ci.example.org.evil.example/approvals/7/3f2a/production/00ff",
        "https://ci.example.org@evil.example/approvals/7/3f2a/production/00ff",
        "http://ci.example.org/approvals/7/3f2a/production/00ff",
        "https://ci.example.org/approvals/7/3f2a/production",
        "https://ci.example.org/approvals/7/3f2a/production/00ff/decision",
        "https://ci.example.org/approvals/7/../production/00ff",
        "https://ci.example.org/runs/7/3f2a",
    ] {
        let failure = check(bad, base, "ci").unwrap_err();
        assert!(
            failure.what.contains("no approval link of the stack ci"),
            "{bad}: {failure}"
        );
        assert_eq!(failure.code, crate::failure::USAGE);
    }
}
