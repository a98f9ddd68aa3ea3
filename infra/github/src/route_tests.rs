use super::*;

const ID: RepositoryId = RepositoryId(42);

fn sha() -> CommitSha {
    CommitSha::new("a".repeat(40))
}

#[test]
fn sec_15_a_ref_is_checked_and_encoded() {
    let good =
        Route::reference(ID, "refs/heads/fix/größe#1%2e?x=&y").map(|route| route.to_string());
    // `?` is not allowed in a ref, so nothing can begin a query.
    assert!(good.is_err());
    let good = Route::reference(ID, "refs/heads/fix/größe#1%2e&y").unwrap();
    assert_eq!(
        good.to_string(),
        "/repositories/42/git/ref/heads/fix/gr%C3%B6%C3%9Fe%231%252e%26y"
    );
    for bad in [
        "main",
        "refs/",
        "refs/heads/../../../user",
        "refs/heads/a b",
        "refs/heads/-x",
        "refs/heads/a\r\nHost: x",
        "refs/heads/a\\b",
    ] {
        assert!(
            matches!(Route::reference(ID, bad), Err(Fault::Malformed(_))),
            "{bad:?}"
        );
    }
}

#[test]
fn sec_15_only_whole_commit_names_get_into_a_path() {
    for bad in ["main", "-x", "../..", &"A".repeat(40), &"a".repeat(39)] {
        let bad = CommitSha::new(bad);
        let refused = [
            Route::commit(ID, &bad).is_err(),
            Route::tag(ID, &bad).is_err(),
            Route::tree(ID, &bad).is_err(),
            Route::zipball(ID, &bad).is_err(),
            Route::contents(ID, &bad, "a").is_err(),
            Route::compare(ID, &bad, &sha()).is_err(),
            Route::compare(ID, &sha(), &bad).is_err(),
        ];
        assert_eq!(refused, [true; 7], "{bad}");
    }
}

#[test]
fn sec_15_a_path_that_leaves_the_repository_is_no_file() {
    for bad in ["", "/etc/passwd", "../other", "a/../../b", "a//b", "a/"] {
        assert_eq!(Route::contents(ID, &sha(), bad), Ok(None), "{bad}");
    }
    let file = Route::contents(ID, &sha(), "deploy/a b?ref=main.yaml").unwrap();
    let expected = format!(
        "/repositories/42/contents/deploy/a%20b%3Fref%3Dmain.yaml?ref={}",
        sha()
    );
    assert_eq!(file.unwrap().to_string(), expected);
}
