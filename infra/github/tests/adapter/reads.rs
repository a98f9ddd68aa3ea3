//! Refs, files and commits.

use domain::ids::{CommitSha, RepositoryId};
use engine::ports::Sources as _;
use fake_github::Route;
use github_api::MAX_FILE_BYTES;

use super::{MAIN, SHOP, malformed, scene};

#[tokio::test]
async fn a_ref_is_the_commit_that_it_stands_for() {
    let scene = scene().await;
    assert_eq!(scene.github.head(SHOP, MAIN).await, Ok(None));
    let first = scene.commit("first", &[("a", Some("a"))]);
    let run = |args: &[&str]| scene.bare.git(args).unwrap();
    run(&["update-ref", "refs/heads/fix/größe#1", first.as_str()]);
    run(&["update-ref", "refs/heads/main2", first.as_str()]);
    run(&["tag", "light", first.as_str()]);
    scene.bare.tag("v1", first.as_str()).unwrap();
    scene.bare.tag("v1-again", "v1").unwrap();
    scene.bare.tag("tree", "main^{tree}").unwrap();
    for reference in [
        MAIN,
        "refs/heads/fix/größe#1",
        "refs/tags/light",
        "refs/tags/v1",
        "refs/tags/v1-again",
    ] {
        let found = scene.github.head(SHOP, reference).await;
        assert_eq!(found, Ok(Some(first.clone())), "{reference}");
    }
    for reference in ["refs/heads/mai", "refs/heads/main/x", "refs/tags/tree"] {
        let found = scene.github.head(SHOP, reference).await;
        assert_eq!(found, Ok(None), "{reference}");
    }
}

#[tokio::test]
async fn a_file_is_read_as_it_is_at_its_commit() {
    let scene = scene().await;
    let first = scene.commit(
        "first",
        &[("a b/ü?#%.yaml", Some("one: 1\n")), ("empty", Some(""))],
    );
    let second = scene.commit("second", &[("a b/ü?#%.yaml", Some("one: 2\n"))]);
    let file =
        async |commit: &CommitSha, path: &str| scene.github.file(SHOP, commit, path).await.unwrap();
    assert_eq!(
        file(&first, "a b/ü?#%.yaml").await.as_deref(),
        Some("one: 1\n")
    );
    assert_eq!(
        file(&second, "a b/ü?#%.yaml").await.as_deref(),
        Some("one: 2\n")
    );
    assert_eq!(file(&first, "empty").await.as_deref(), Some(""));
    assert_eq!(file(&first, "none").await, None);
    assert_eq!(file(&first, "a b").await, None);
    let nowhere = CommitSha::new("0".repeat(40));
    assert_eq!(file(&nowhere, "empty").await, None);
}

#[tokio::test]
async fn a_file_that_is_too_large_or_no_text_is_refused() {
    let scene = scene().await;
    let (most, more) = ("x".repeat(MAX_FILE_BYTES), "x".repeat(MAX_FILE_BYTES + 1));
    let commit = scene.commit(
        "large",
        &[("most", Some(most.as_str())), ("more", Some(more.as_str()))],
    );
    let read = async |path| scene.github.file(SHOP, &commit, path).await;
    assert_eq!(read("most").await.unwrap().unwrap().len(), MAX_FILE_BYTES);
    let text = malformed(read("more").await);
    assert!(text.contains("more than 262144 bytes"), "{text}");
    let file = scene.folder.path().join("binary");
    std::fs::write(&file, b"ab\xff").unwrap();
    let blob = scene
        .bare
        .git(&["hash-object", "-w", file.to_str().unwrap()])
        .unwrap();
    let entry = format!("100644,{blob},binary");
    scene
        .bare
        .git(&["update-index", "--add", "--cacheinfo", &entry])
        .unwrap();
    let tree = scene.bare.git(&["write-tree"]).unwrap();
    let commit = scene.bare.git(&["commit-tree", "-m", "x", &tree]).unwrap();
    let read = scene
        .github
        .file(SHOP, &CommitSha::new(commit), "binary")
        .await;
    assert!(malformed(read).contains("not UTF-8"));
}

#[tokio::test]
async fn a_commit_has_its_own_words() {
    let scene = scene().await;
    let sha = scene.commit("\n  Fix <b>it</b>\n\nbecause", &[("a", Some("a"))]);
    let commit = scene.github.commit(SHOP, &sha).await.unwrap().unwrap();
    assert_eq!(commit.sha, sha);
    assert_eq!(commit.title, "Fix <b>it</b>");
    assert_eq!(commit.author_name, "Ana");
    assert_eq!(commit.author_address, "ana@example.org");
    assert_eq!(commit.committer_address, "bot@example.org");
    assert_eq!(commit.at_ms, 1_767_225_660_000);
    let nowhere = CommitSha::new("0".repeat(40));
    assert_eq!(scene.github.commit(SHOP, &nowhere).await, Ok(None));
}

#[tokio::test]
async fn sec_49_a_rename_changes_nothing() {
    let scene = scene().await;
    let sha = scene.commit("first", &[("a", Some("a"))]);
    let head = scene.github.head(SHOP, MAIN).await;
    assert_eq!(head, Ok(Some(sha.clone())));
    scene.fake.rename(SHOP.0, "acme/store");
    // Somebody takes the old name.
    scene.fake.add(77, "acme/shop", scene.folder.path());
    assert_eq!(scene.github.head(SHOP, MAIN).await, Ok(Some(sha.clone())));
    let file = scene.github.file(SHOP, &sha, "a").await;
    assert_eq!(file, Ok(Some("a".to_owned())));
    let paths = scene.fake.paths();
    assert!(
        !paths.is_empty() && !paths.iter().any(|path| path.contains("acme")),
        "{paths:?}"
    );
}

#[tokio::test]
async fn sec_15_a_hostile_name_never_reaches_a_url() {
    let scene = scene().await;
    let sha = scene.commit("first", &[("a", Some("a"))]);
    for reference in [
        "main",
        "refs/heads/../../../../user",
        "refs/heads/a b",
        "refs/heads/--upload-pack=x",
        "refs/heads/x?per_page=1",
        "refs/heads/x\r\nX-Evil: 1",
    ] {
        malformed(scene.github.head(SHOP, reference).await);
    }
    for bad in ["main", "../../user", "-x", ""] {
        let bad = CommitSha::new(bad);
        malformed(scene.github.file(SHOP, &bad, "a").await);
        malformed(scene.github.commit(SHOP, &bad).await);
        malformed(scene.github.compare(SHOP, &sha, &bad).await);
        malformed(scene.github.changed_paths(SHOP, Some(&bad), &sha).await);
    }
    for path in ["", "../../../user", "/etc/passwd", "a//b", "a/", "a\0"] {
        assert_eq!(
            scene.github.file(SHOP, &sha, path).await,
            Ok(None),
            "{path:?}"
        );
    }
    assert_eq!(scene.fake.all_calls(), 0);
}

#[tokio::test]
async fn an_unchanged_answer_costs_no_quota() {
    let scene = scene().await;
    let first = scene.commit("first", &[("a", Some("a"))]);
    for _ in 0..5 {
        assert_eq!(scene.github.head(SHOP, MAIN).await, Ok(Some(first.clone())));
        let file = scene.github.file(SHOP, &first, "a").await;
        assert_eq!(file, Ok(Some("a".to_owned())));
    }
    assert_eq!(scene.fake.quota_used(), 2);
    assert_eq!(scene.fake.calls(Route::Reference), 5);
    // Asked anew each time, so a change is seen at once.
    let second = scene.commit("second", &[("a", Some("b"))]);
    assert_eq!(scene.github.head(SHOP, MAIN).await, Ok(Some(second)));
    assert_eq!(scene.fake.quota_used(), 3);
}

#[tokio::test]
async fn a_repository_without_the_app_says_what_to_do() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    scene.fake.uninstall(SHOP.0);
    let text = malformed(scene.github.head(SHOP, MAIN).await);
    assert_eq!(
        text,
        "the GitHub App 7 is not installed on repository 42; install it there, or remove the repository here"
    );
    malformed(scene.github.head(RepositoryId(1), MAIN).await);
    assert_eq!(scene.fake.calls(Route::AccessToken), 0);
}
