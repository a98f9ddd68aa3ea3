use super::*;

#[test]
fn a_second_machine_is_told_where_the_first_one_is() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(running(dir.path()), None);
    let lock = Lock::take(dir.path(), "http://127.0.0.1:7878").unwrap();
    let refused = Lock::take(dir.path(), "http://127.0.0.1:7879")
        .err()
        .unwrap();
    assert!(
        refused.what.contains("http://127.0.0.1:7878"),
        "{}",
        refused.what
    );
    assert!(refused.what.contains(&std::process::id().to_string()));
    let known = (std::process::id(), "http://127.0.0.1:7878".to_owned());
    assert_eq!(running(dir.path()), Some(known));

    drop(lock);
    assert_eq!(running(dir.path()), None);
    assert!(Lock::take(dir.path(), "http://127.0.0.1:7879").is_ok());
}
