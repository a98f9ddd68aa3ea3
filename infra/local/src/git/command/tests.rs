//! Purpose: tests of one invocation of git.

use super::*;

#[test]
fn credentials_of_a_url_are_not_repeated() {
    assert_eq!(
        said(b"fatal: unable to access 'https://ana:tok3n@host/x.git/': no\n"),
        "fatal: unable to access 'https://host/x.git/': no"
    );
    assert_eq!(
        said(b"see https://host/a@b now"),
        "see https://host/a@b now"
    );
    assert_eq!(said(b"\n"), "it gave no reason");
}

#[tokio::test]
async fn a_missing_git_says_what_to_install() {
    let error = Git::with_path("/nonexistent")
        .at(Path::new("/"))
        .args(["version"])
        .output()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`git` was not found in PATH; install git 2.30 or newer"
    );
}

#[tokio::test]
async fn a_git_that_hangs_is_ended() {
    let dir = tempfile::tempdir().unwrap();
    let error = Git::new()
        .at(dir.path())
        .within(Duration::from_millis(700))
        .args(["-c", "alias.wait=!echo $$ >pid; exec sleep 600", "wait"])
        .output()
        .await
        .unwrap_err();
    assert!(matches!(error, GitError::TimedOut { .. }), "{error}");
    // What it started ends with it.
    let child: i32 = std::fs::read_to_string(dir.path().join("pid"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let stat = || std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
    while !stat().is_empty() && !stat().contains(") Z") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
