//! Purpose: tests of checkouts, fetching and snapshots.

use super::*;

async fn check_out(repo: &Repo, commit: &CommitSha) -> Result<tempfile::TempDir, GitError> {
    let into = tempfile::tempdir().unwrap();
    checkout(&Git::new(), repo.path(), commit, into.path()).await?;
    Ok(into)
}

#[tokio::test]
async fn a_checkout_is_exactly_that_commit() {
    let repo = Repo::new();
    repo.write("f", "one");
    let one = repo.commit("one");
    repo.write("f", "two");
    repo.commit("two");
    repo.write("f", "not committed");
    let into = check_out(&repo, &one).await.unwrap();
    assert_eq!(
        std::fs::read_to_string(into.path().join("f")).unwrap(),
        "one"
    );
    assert_eq!(git_in(into.path(), &["rev-parse", "HEAD"]), one.as_str());
    assert_eq!(git_in(into.path(), &["status", "--porcelain"]), "");
    assert_eq!(git_in(into.path(), &["log", "--format=%s"]), "one");
    assert_eq!(repo.git(&["status", "--porcelain"]), "M f");
}

#[tokio::test]
async fn a_checkout_runs_no_hook_filter_or_submodule() {
    let repo = Repo::new();
    let marker = repo.path().join("ran");
    let run = format!("touch {}; cat", marker.display());
    repo.write(".gitattributes", "f filter=evil\n");
    repo.write("f", "plain");
    repo.write(
        ".gitmodules",
        "[submodule \"s\"]\n\tpath = s\n\turl = ../nowhere\n",
    );
    let commit = repo.commit("one");
    repo.git(&["config", "filter.evil.smudge", &run]);
    repo.git(&["config", "filter.evil.required", "true"]);
    let hook = repo.path().join(".git/hooks/post-checkout");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\n{run}\n")).unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let into = check_out(&repo, &commit).await.unwrap();
    assert_eq!(
        std::fs::read_to_string(into.path().join("f")).unwrap(),
        "plain"
    );
    assert!(!marker.exists());
    assert!(!into.path().join(".git/hooks").exists());
}

#[tokio::test]
async fn bare_linked_shallow_and_sha256_repositories_are_checked_out() {
    let repo = Repo::new();
    repo.write("f", "x");
    repo.commit("zero");
    let commit = repo.commit("one");
    let elsewhere = tempfile::tempdir().unwrap();
    let at = |name: &str| elsewhere.path().join(name);
    repo.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "other",
        at("linked").to_str().unwrap(),
    ]);
    repo.git(&[
        "clone",
        "-q",
        "--bare",
        ".",
        at("bare.git").to_str().unwrap(),
    ]);
    let url = format!("file://{}", repo.path().display());
    repo.git(&[
        "clone",
        "-q",
        "--depth=1",
        &url,
        at("shallow").to_str().unwrap(),
    ]);
    for name in ["linked", "bare.git", "shallow"] {
        let into = tempfile::tempdir().unwrap();
        checkout(&Git::new(), &at(name), &commit, into.path())
            .await
            .unwrap();
        assert!(into.path().join("f").exists(), "{name}");
        git_in(into.path(), &["log", "--oneline"]);
    }
    let wide = Repo::with(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    wide.write("f", "y");
    let commit = wide.commit("one");
    let into = check_out(&wide, &commit).await.unwrap();
    assert_eq!(git_in(into.path(), &["rev-parse", "HEAD"]), commit.as_str());
}

#[tokio::test]
async fn sec_15_only_full_names_of_commits_are_checked_out() {
    let repo = Repo::new();
    repo.write("f", "x");
    repo.commit("one");
    for bad in ["--upload-pack=x", "-b x", "main", "..", "HEAD~1"] {
        let error = check_out(&repo, &CommitSha::from(bad)).await.unwrap_err();
        assert!(matches!(error, GitError::BadCommit(_)), "{error}");
    }
    let tree = CommitSha::new(repo.git(&["rev-parse", "HEAD^{tree}"]));
    let error = check_out(&repo, &tree).await.unwrap_err();
    assert!(
        error.to_string().contains("is not in this repository"),
        "{error}"
    );
}

#[tokio::test]
async fn a_commit_that_is_missing_is_fetched_from_origin() {
    let origin = Repo::new();
    origin.commit("one");
    let clone = Repo {
        dir: tempfile::tempdir().unwrap(),
    };
    let url = origin.path().to_str().unwrap().to_owned();
    clone.git(&["clone", "-q", &url, "."]);
    let refs_before = clone.git(&["for-each-ref"]);
    origin.write("f", "new");
    let new = origin.commit("two");
    let git = Git::new();
    fetch_commit(&git, clone.path(), &new).await.unwrap();
    assert_eq!(clone.git(&["cat-file", "-t", new.as_str()]), "commit");
    assert_eq!(clone.git(&["for-each-ref"]), refs_before);
    assert!(!clone.path().join(".git/FETCH_HEAD").exists());
    // A second time there is nothing to ask for, so a dead origin does not matter.
    clone.git(&["remote", "set-url", "origin", "/nonexistent/origin"]);
    fetch_commit(&git, clone.path(), &new).await.unwrap();

    let unknown = CommitSha::new("1".repeat(40));
    let error = fetch_commit(&git, clone.path(), &unknown)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, GitError::NoCommit { certain: false, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("could not be fetched"),
        "{error}"
    );
    clone.git(&["remote", "set-url", "origin", &url]);
    let error = fetch_commit(&git, clone.path(), &unknown)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, GitError::NoCommit { certain: true, .. }),
        "{error}"
    );
    let error = fetch_commit(&git, origin.path(), &unknown)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "commit {unknown} is not in this repository, and there is no remote named `origin` to fetch it from"
        )
    );
}

#[tokio::test]
async fn a_snapshot_holds_changed_and_untracked_files_and_touches_nothing() {
    let repo = Repo::new();
    repo.write(".gitignore", "ignored\n");
    repo.write("kept", "1");
    repo.write("deleted", "1");
    repo.write("staged", "1");
    let head = repo.commit("one");
    let git = Git::new();
    assert_eq!(snapshot(&git, repo.path()).await.unwrap(), head);

    repo.write("kept", "2");
    repo.write("staged", "2");
    repo.git(&["add", "staged"]);
    repo.write("dir/untracked", "3");
    repo.write("ignored", "no");
    std::fs::remove_file(repo.path().join("deleted")).unwrap();
    let (status, refs) = (
        repo.git(&["status", "--porcelain"]),
        repo.git(&["for-each-ref"]),
    );
    let index = std::fs::read(repo.path().join(".git/index")).unwrap();
    let snap = snapshot(&git, &repo.path().join("dir")).await.unwrap();
    assert_eq!(
        std::fs::read(repo.path().join(".git/index")).unwrap(),
        index
    );
    assert_eq!(repo.git(&["status", "--porcelain"]), status);
    assert_eq!(repo.git(&["for-each-ref"]), refs);
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), head.as_str());

    let files = repo.git(&["ls-tree", "-r", "--name-only", snap.as_str()]);
    assert_eq!(files, ".gitignore\ndir/untracked\nkept\nstaged");
    let into = check_out(&repo, &snap).await.unwrap();
    assert_eq!(
        std::fs::read_to_string(into.path().join("kept")).unwrap(),
        "2"
    );
    assert_eq!(repo.git(&["rev-parse", &format!("{snap}^")]), head.as_str());
}

#[tokio::test]
async fn a_snapshot_works_before_the_first_commit() {
    let repo = Repo::new();
    repo.write("f", "x");
    let snap = snapshot(&Git::new(), repo.path()).await.unwrap();
    assert_eq!(
        repo.git(&["ls-tree", "-r", "--name-only", snap.as_str()]),
        "f"
    );
    let empty = tempfile::tempdir().unwrap();
    let error = snapshot(&Git::new(), empty.path()).await.unwrap_err();
    assert!(
        error.to_string().contains("not a git repository"),
        "{error}"
    );
}
