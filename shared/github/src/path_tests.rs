use super::*;

#[test]
fn sec_15_paths_stay_below_the_root_of_the_repository() {
    for good in [".slipway.yaml", "deploy/a b/ü.yaml", "..a/b..", "a/.../b"] {
        assert!(is_path(good), "{good}");
    }
    let long = "a".repeat(MAX_PATH + 1);
    for bad in [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\0", &long,
    ] {
        assert!(!is_path(bad), "{bad:?}");
    }
}
