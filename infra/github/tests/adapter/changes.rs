//! What differs between two commits, beyond what GitHub tells in one answer.

use std::collections::BTreeSet;

use domain::ids::CommitSha;
use engine::ports::Sources as _;
use fake_github::Route;
use github_api::{MAX_CHANGED_PATHS, MAX_LISTED_COMMITS};

use super::{SHOP, Scene, scene};

async fn paths(scene: &Scene, base: &CommitSha, commit: &CommitSha) -> Option<Vec<String>> {
    let found = scene.github.changed_paths(SHOP, Some(base), commit).await;
    found.unwrap()
}

fn texts(paths: &[&str]) -> Option<Vec<String>> {
    Some(paths.iter().map(|path| (*path).to_owned()).collect())
}

#[tokio::test]
async fn changed_paths_are_those_of_the_two_trees() {
    let scene = scene().await;
    let long = "line\n".repeat(40);
    let first = scene.commit(
        "first",
        &[
            ("a", Some("a\n")),
            ("old", Some(&long)),
            ("same", Some("s")),
        ],
    );
    let second = scene.commit("second", &[("a", Some("b\n")), ("dir/new", Some("n\n"))]);
    assert_eq!(
        paths(&scene, &first, &second).await,
        texts(&["a", "dir/new"])
    );
    assert_eq!(paths(&scene, &second, &second).await, texts(&[]));
    // Backwards, as after a forced push to an older commit.
    assert_eq!(
        paths(&scene, &second, &first).await,
        texts(&["a", "dir/new"])
    );
    // Aside: what only the base has differs too.
    let side = scene.on(&first, &[("old", None), ("moved", Some(&long))]);
    let apart = texts(&["a", "dir/new", "moved", "old"]);
    assert_eq!(paths(&scene, &second, &side).await, apart);
    let none = scene.github.changed_paths(SHOP, None, &second).await;
    assert_eq!(none, Ok(None));
    let gone = CommitSha::new("0".repeat(40));
    assert_eq!(paths(&scene, &gone, &second).await, None);
}

#[tokio::test]
async fn beyond_three_hundred_files_the_trees_are_compared() {
    let scene = scene().await;
    let names: Vec<String> = (0..=MAX_CHANGED_PATHS)
        .map(|number| format!("dir/{number:04}"))
        .collect();
    let files = |count: usize, content: &'static str| -> Vec<(&str, Option<&str>)> {
        let names = names.iter().take(count);
        names.map(|name| (name.as_str(), Some(content))).collect()
    };
    let first = scene.commit("first", &files(names.len(), "a"));
    let check = async |count: usize, trees: u64| {
        let before = scene.fake.calls(Route::Tree);
        let commit = scene.on(&first, &files(count, "b"));
        let found = paths(&scene, &first, &commit).await;
        assert_eq!(scene.fake.calls(Route::Tree) - before, trees);
        found.map(|found| found.len())
    };
    assert_eq!(check(299, 0).await, Some(299));
    assert_eq!(check(300, 2).await, Some(300));
    assert_eq!(check(MAX_CHANGED_PATHS, 2).await, Some(MAX_CHANGED_PATHS));
    assert_eq!(check(MAX_CHANGED_PATHS + 1, 2).await, None);
}

#[tokio::test]
async fn a_comparison_lists_the_newest_commits_and_counts_all() {
    let scene = scene().await;
    let first = scene.commit("first", &[("a", Some("1\n2\n3\n"))]);
    let second = scene.commit("second", &[("a", Some("1\n2\n4\n5\n")), ("b", Some("b\n"))]);
    let found = scene.github.compare(SHOP, &first, &second).await;
    let found = found.unwrap().unwrap();
    assert_eq!((found.total, found.files_changed), (1, 2));
    assert_eq!((found.insertions, found.deletions), (3, 1));
    assert_eq!(found.commits[0].title, "second");
    let back = scene.github.compare(SHOP, &second, &first).await;
    let back = back.unwrap().unwrap();
    assert_eq!((back.total, back.files_changed), (0, 2));
    assert_eq!((back.insertions, back.deletions), (1, 3));
    let many = scene.bare.commits("refs/heads/many", second.as_str(), 310);
    let many = CommitSha::new(many.unwrap());
    let found = scene.github.compare(SHOP, &second, &many).await;
    let found = found.unwrap().unwrap();
    assert_eq!((found.total, found.files_changed), (310, 310));
    let titles: BTreeSet<&str> = found.commits.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles.len(), MAX_LISTED_COMMITS);
    assert_eq!(found.commits[0].title, "commit 309");
    assert_eq!(found.commits[49].title, "commit 260");
    let gone = CommitSha::new("0".repeat(40));
    assert_eq!(scene.github.compare(SHOP, &gone, &many).await, Ok(None));
}
