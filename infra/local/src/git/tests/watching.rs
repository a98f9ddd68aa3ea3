//! Purpose: tests of what the ref watcher stands on.

use std::collections::BTreeMap;

use super::*;

#[tokio::test]
async fn refs_are_branches_and_peeled_tags() {
    let repo = Repo::new();
    repo.write("f", "x");
    let one = repo.commit("one");
    repo.git(&["tag", "light"]);
    repo.git(&["tag", "-a", "heavy", "-m", "x"]);
    repo.git(&[
        "-c",
        "advice.nestedTag=false",
        "tag",
        "-a",
        "nested",
        "heavy",
        "-m",
        "x",
    ]);
    repo.git(&["tag", "tree", "HEAD^{tree}"]);
    repo.git(&["update-ref", "refs/notes/x", "HEAD"]);
    let two = repo.commit("two");
    let found = refs(&Git::new(), repo.path()).await.unwrap();
    let expected = BTreeMap::from([
        ("refs/heads/main".to_owned(), two),
        ("refs/tags/light".to_owned(), one.clone()),
        ("refs/tags/heavy".to_owned(), one.clone()),
        ("refs/tags/nested".to_owned(), one),
    ]);
    assert_eq!(found, expected);
}

#[test]
fn moves_are_new_changed_and_gone_refs() {
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, CommitSha> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), CommitSha::from(*v)))
            .collect()
    };
    let before = map(&[("a", "1"), ("b", "1"), ("c", "1")]);
    let now = map(&[("b", "1"), ("c", "2"), ("d", "3")]);
    let moves: Vec<_> = moved(&before, &now)
        .into_iter()
        .map(|m| {
            (
                m.reference,
                m.from.map(|c| c.to_string()),
                m.to.map(|c| c.to_string()),
            )
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        moves,
        [
            ("a".to_owned(), some("1"), None),
            ("c".to_owned(), some("1"), some("2")),
            ("d".to_owned(), None, some("3")),
        ]
    );
    assert!(moved(&now, &now).is_empty());
}

#[tokio::test]
async fn the_current_branch_is_told_even_before_its_first_commit() {
    let repo = Repo::new();
    let git = Git::new();
    assert_eq!(
        current_branch(&git, repo.path()).await.unwrap().as_deref(),
        Some("main")
    );
    repo.commit("one");
    repo.git(&["checkout", "-q", "-b", "feature/x"]);
    assert_eq!(
        current_branch(&git, repo.path()).await.unwrap().as_deref(),
        Some("feature/x")
    );
    repo.git(&["checkout", "-q", "--detach"]);
    assert_eq!(current_branch(&git, repo.path()).await.unwrap(), None);
}
