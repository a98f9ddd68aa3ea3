#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

#[test]
fn the_file_names_people_repositories_and_secrets() {
    let file = MachineFile::parse(
        "people: [{ id: 1, login: ana, email: ana@example.org, teams: [release] }]\n\
         repositories: [{ id: 12, name: acme/shop }]\n\
         secrets: [{ name: TOKEN, arn: 'arn:t', environments: [production], repositories: [12] }]\n",
    )
    .unwrap();
    assert_eq!((file.people.len(), file.repositories.len()), (1, 1));
    let of = |repository, environment: &str| {
        file.secrets_of(RepositoryId(repository), &environment.into())
    };
    assert_eq!(of(12, "production"), [("TOKEN", "arn:t")]);
    assert!(of(12, "staging").is_empty() && of(13, "production").is_empty());
    assert_eq!(MachineFile::parse("{}").unwrap(), MachineFile::default());
}

#[test]
fn mistakes_have_a_place_and_a_reason() {
    for (text, expected) in [
        ("peple: []\n", "peple"),
        (
            "people: [{ id: 1, login: a }, { id: 1, login: b }]\n",
            "the same id 1",
        ),
        (
            "repositories: [{ id: 1, name: a/b }, { id: 2, name: a/b }]\n",
            "a/b (id 1) and a/b (id 2) are the same repository",
        ),
        (
            "secrets: [{ name: T, file: x, environments: [] }]\n",
            "file",
        ),
    ] {
        let message = MachineFile::parse(text).unwrap_err().to_string();
        assert!(
            message.contains(expected) && message.starts_with(FILE_KEY),
            "{message}"
        );
    }
}
