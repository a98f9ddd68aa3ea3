//! Purpose: tests of the port `Sources`.

use super::*;

#[tokio::test]
async fn head_is_exactly_the_ref_asked_for() {
    let repo = Repo::new();
    let first = repo.commit("one");
    repo.git(&["branch", "feature/x"]);
    repo.git(&["tag", "-a", "v1", "-m", "annotated"]);
    let sources = repo.sources();
    let head = async |name: &str| sources.head(ONE, name).await.unwrap();
    assert_eq!(head("refs/heads/main").await, Some(first.clone()));
    assert_eq!(head("refs/tags/v1").await, Some(first));
    assert_eq!(head("refs/heads/feature").await, None);
    assert_eq!(head("refs/heads/none").await, None);
}

#[tokio::test]
async fn the_head_of_a_repository_that_webhooks_drive_is_asked_at_its_origin() {
    let origin = Repo::new();
    let old = origin.commit("one");
    origin.git(&["branch", "other/refs/heads/main"]);
    let copy = Repo::with(&["clone", "-q", &origin.path().display().to_string(), "."]);
    let new = origin.commit("two");
    origin.git(&["tag", "-a", "v1", "-m", "annotated"]);
    let asked = async |paths: Arc<dyn RepositoryPaths>, name: &str| {
        GitSources::new(paths).head(ONE, name).await
    };
    let follows = || Arc::new(Mirror(copy.path().to_owned()));
    let main = "refs/heads/main";
    assert_eq!(asked(follows(), main).await, Ok(Some(new.clone())));
    assert_eq!(asked(follows(), "refs/tags/v1").await, Ok(Some(new)));
    assert_eq!(asked(follows(), "refs/heads/none").await, Ok(None));
    let own = Arc::new(Only(copy.path().to_owned()));
    assert_eq!(asked(own, main).await, Ok(Some(old.clone())));

    // An origin that does not answer says nothing about the ref.
    copy.git(&["remote", "set-url", "origin", "/nonexistent/origin"]);
    let fault = asked(follows(), main).await.unwrap_err();
    assert!(fault.is_transient(), "{fault}");
    copy.git(&["remote", "remove", "origin"]);
    assert_eq!(asked(follows(), main).await, Ok(Some(old)));
}

#[tokio::test]
async fn the_default_branch_is_what_origin_or_the_repository_itself_names() {
    let origin = Repo::new();
    origin.commit("one");
    origin.git(&["branch", "trunk"]);
    let copy = Repo::with(&["clone", "-q", &origin.path().display().to_string(), "."]);
    copy.git(&["checkout", "-q", "-b", "feature"]);
    let asked = async |paths: Arc<dyn RepositoryPaths>| {
        GitSources::new(paths).default_branch(ONE).await.unwrap()
    };
    let main = Some("main".to_owned());
    // A clone says what it was cloned with, whatever it stands on.
    assert_eq!(asked(Arc::new(Only(copy.path().to_owned()))).await, main);
    let hosted = async || asked(Arc::new(Mirror(copy.path().to_owned()))).await;
    assert_eq!(hosted().await, main);
    origin.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    assert_eq!(hosted().await, Some("trunk".to_owned()));
    // A HEAD that names no branch yet gives way to the only one; a detached one names none of several.
    origin.git(&["symbolic-ref", "HEAD", "refs/heads/master"]);
    let own = async || asked(Arc::new(Only(origin.path().to_owned()))).await;
    assert_eq!(own().await, Some("master".to_owned()));
    origin.git(&["branch", "-D", "trunk"]);
    assert_eq!(own().await, main);
    origin.git(&["branch", "other", "main"]);
    origin.git(&["checkout", "-q", "--detach", "main"]);
    assert_eq!(own().await, None);
}

#[tokio::test]
async fn sec_15_refs_that_are_arguments_or_ranges_are_refused() {
    let repo = Repo::new();
    repo.commit("one");
    let bad = [
        "--upload-pack=touch /tmp/x",
        "-b x",
        "main",
        "HEAD",
        "refs/heads/a..b",
        "refs/heads/*",
        "refs/heads/ma?n",
        "refs/heads/[m]ain",
        "refs/heads/a b",
        "refs/heads/a\nb",
        "refs/heads/a\0b",
        "refs/heads/.a",
        "refs/heads/a.lock",
        "refs/heads/a.",
        "refs/heads//a",
        "refs/heads/",
        "refs/heads/a@{1}",
        "refs/heads/a^",
        "refs/heads/a:b",
        "refs/heads/a\\b",
        "",
    ];
    for name in bad {
        assert!(!is_valid_ref(name), "{name:?}");
        let fault = repo.sources().head(ONE, name).await.unwrap_err();
        assert!(matches!(fault, engine::Fault::Malformed(_)), "{name:?}");
    }
    for name in [
        "refs/heads/main",
        "refs/heads/-x",
        "refs/tags/v1.0",
        "refs/heads/é/$(x)",
    ] {
        assert!(is_valid_ref(name), "{name:?}");
    }
}

#[tokio::test]
async fn sec_15_commits_that_are_no_full_names_never_reach_git() {
    let repo = Repo::new();
    let good = repo.commit("one");
    let sources = repo.sources();
    let short = good.short().to_owned();
    for bad in ["--output=/tmp/x", "-p", "HEAD", "main", short.as_str(), ""] {
        let bad = CommitSha::from(bad);
        for fault in [
            sources.commit(ONE, &bad).await.unwrap_err(),
            sources.file(ONE, &bad, "f").await.unwrap_err(),
            sources.compare(ONE, &good, &bad).await.unwrap_err(),
            sources
                .changed_paths(ONE, Some(&bad), &good)
                .await
                .unwrap_err(),
        ] {
            assert!(matches!(fault, engine::Fault::Malformed(_)), "{bad}");
        }
    }
}

#[tokio::test]
async fn files_are_read_at_the_commit_not_from_the_folder() {
    let repo = Repo::new();
    repo.write(".slipway.yaml", "version: 1\n");
    repo.write("*", "star");
    repo.write("dir/x", "x");
    repo.write("limit", vec![b'a'; 256 << 10]);
    repo.write("big", vec![b'a'; (256 << 10) + 1]);
    repo.write("binary", [0xff, 0xfe]);
    std::os::unix::fs::symlink("/etc/passwd", repo.path().join("link")).unwrap();
    let commit = repo.commit("one");
    repo.write(".slipway.yaml", "changed: 1\n");
    let sources = repo.sources();
    let file = async |name: &str| sources.file(ONE, &commit, name).await;
    assert_eq!(
        file(".slipway.yaml").await.unwrap().as_deref(),
        Some("version: 1\n")
    );
    assert_eq!(file("*").await.unwrap().as_deref(), Some("star"));
    assert_eq!(file("limit").await.unwrap().unwrap().len(), 256 << 10);
    for none in ["none", "dir", "dir/", "", ":(glob)**", "--help", "d*"] {
        assert_eq!(file(none).await.unwrap(), None, "{none:?}");
    }
    for (bad, why) in [
        ("big", "big has 262145 bytes"),
        ("binary", "binary is not UTF-8"),
        ("link", "link is a symbolic link"),
    ] {
        let fault = file(bad).await.unwrap_err();
        assert!(matches!(fault, engine::Fault::Malformed(_)));
        assert!(fault.to_string().starts_with(why), "{fault}");
    }
}

#[tokio::test]
async fn a_commit_tells_its_own_words() {
    let repo = Repo::new();
    let long = "é".repeat(300);
    let commit = repo.commit(&format!("{long}\nsecond line\n\nbody"));
    let read = repo.sources().commit(ONE, &commit).await.unwrap().unwrap();
    assert_eq!(read.sha, commit);
    assert_eq!(read.title, "é".repeat(200));
    assert_eq!(read.author_name, "Ana");
    assert_eq!(read.author_address, "ana@example.com");
    assert_eq!(read.committer_address, "ana@example.com");
    assert!(read.at_ms > 1_500_000_000_000);
    let unknown = CommitSha::new("0".repeat(40));
    assert_eq!(repo.sources().commit(ONE, &unknown).await.unwrap(), None);
}

#[tokio::test]
async fn a_comparison_lists_what_is_new_newest_first() {
    let repo = Repo::new();
    repo.write("a", "1\n2\n");
    let base = repo.commit("base");
    for number in 1..=60 {
        repo.write("b", format!("{number}\n"));
        repo.commit(&format!("change {number}"));
    }
    repo.write("a", "1\n");
    let head = repo.commit("last");
    let found = repo
        .sources()
        .compare(ONE, &base, &head)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.total, 61);
    assert_eq!(found.commits.len(), 50);
    assert_eq!(found.commits[0].title, "last");
    assert_eq!(found.commits[1].title, "change 60");
    assert_eq!(
        (found.files_changed, found.insertions, found.deletions),
        (2, 1, 1)
    );
    let same = repo
        .sources()
        .compare(ONE, &head, &head)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(same, engine::ports::Comparison::default());
    let unknown = CommitSha::new("0".repeat(40));
    assert_eq!(
        repo.sources().compare(ONE, &unknown, &head).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn changed_paths_compare_the_trees_as_they_are() {
    let repo = Repo::new();
    repo.write("a", "1");
    repo.write("moved", "same");
    let base = repo.commit("base");
    repo.git(&["mv", "moved", "renamed"]);
    repo.write("new\nline", "x");
    let head = repo.commit("two");
    let sources = repo.sources();
    let paths = sources
        .changed_paths(ONE, Some(&base), &head)
        .await
        .unwrap();
    assert_eq!(paths.unwrap(), ["moved", "new\nline", "renamed"]);
    assert_eq!(sources.changed_paths(ONE, None, &head).await.unwrap(), None);
    let gone = CommitSha::new("1".repeat(40));
    assert_eq!(
        sources
            .changed_paths(ONE, Some(&gone), &head)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_path_that_is_not_utf8_is_told_nearly() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::new();
    let base = repo.commit("base");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    if std::fs::write(repo.path().join(name), "x").is_err() {
        return; // This file system takes UTF-8 names only.
    }
    let head = repo.commit("two");
    let paths = repo
        .sources()
        .changed_paths(ONE, Some(&base), &head)
        .await
        .unwrap();
    assert_eq!(paths.unwrap(), ["caf\u{fffd}"]);
}

#[tokio::test]
async fn too_many_changed_paths_are_not_told() {
    let repo = Repo::new();
    let base = repo.commit("base");
    for number in 0..MAX_CHANGED_PATHS {
        repo.write(&format!("f/{number}"), "");
    }
    let limit = repo.commit("limit");
    repo.write("one more", "");
    let above = repo.commit("above");
    let sources = repo.sources();
    let at_limit = sources
        .changed_paths(ONE, Some(&base), &limit)
        .await
        .unwrap();
    assert_eq!(at_limit.unwrap().len(), MAX_CHANGED_PATHS);
    assert_eq!(
        sources
            .changed_paths(ONE, Some(&base), &above)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn bare_linked_and_sha256_repositories_are_read() {
    let repo = Repo::new();
    repo.write("f", "x");
    let commit = repo.commit("one");
    let elsewhere = tempfile::tempdir().unwrap();
    let linked = elsewhere.path().join("linked");
    repo.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "other",
        linked.to_str().unwrap(),
    ]);
    let bare = elsewhere.path().join("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    for path in [linked, bare] {
        let sources = GitSources::new(Arc::new(Only(path)));
        assert_eq!(
            sources.head(ONE, "refs/heads/main").await.unwrap(),
            Some(commit.clone())
        );
        assert_eq!(
            sources.file(ONE, &commit, "f").await.unwrap().as_deref(),
            Some("x")
        );
    }
    let wide = Repo::with(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    wide.write("f", "y");
    let commit = wide.commit("one");
    assert_eq!(commit.as_str().len(), 64);
    assert_eq!(
        wide.sources()
            .file(ONE, &commit, "f")
            .await
            .unwrap()
            .as_deref(),
        Some("y")
    );
    assert_eq!(
        wide.sources().head(ONE, "refs/heads/main").await.unwrap(),
        Some(commit)
    );
}

#[tokio::test]
async fn an_unknown_repository_and_a_lost_folder_are_told_apart() {
    let repo = Repo::new();
    let commit = repo.commit("one");
    let fault = repo
        .sources()
        .commit(RepositoryId(9), &commit)
        .await
        .unwrap_err();
    assert_eq!(
        fault,
        engine::Fault::Malformed("repository 9 is not registered on this machine".into())
    );
    let gone = GitSources::new(Arc::new(Only("/nonexistent/repo".into())));
    let fault = gone.commit(ONE, &commit).await.unwrap_err();
    assert!(fault.is_transient(), "{fault}");
    assert!(fault.to_string().contains("/nonexistent/repo"), "{fault}");
}

#[tokio::test]
async fn configuration_of_a_repository_runs_nothing() {
    let repo = Repo::new();
    repo.write("f", "x");
    let base = repo.commit("one");
    repo.write("f", "y");
    let head = repo.commit("two");
    let marker = repo.path().join("ran");
    let run = format!("touch {}", marker.display());
    for key in [
        "core.fsmonitor",
        "diff.external",
        "core.pager",
        "pager.log",
        "gpg.program",
    ] {
        repo.git(&["config", key, &run]);
    }
    repo.git(&["config", "log.showSignature", "true"]);
    let sources = repo.sources();
    sources.compare(ONE, &base, &head).await.unwrap();
    sources
        .changed_paths(ONE, Some(&base), &head)
        .await
        .unwrap();
    sources.commit(ONE, &head).await.unwrap();
    assert!(!marker.exists());
}
