use super::*;

fn entry(id: u64, login: &str, email: Option<&str>, teams: &[&str]) -> PersonEntry {
    PersonEntry {
        id: PersonId(id),
        login: login.to_owned(),
        name: None,
        email: email.map(str::to_owned),
        teams: teams.iter().map(|team| (*team).to_owned()).collect(),
    }
}

#[test]
fn people_are_found_by_everything_that_names_them() {
    let people = Directory::new(vec![
        entry(1, "ana", Some("Ana@example.org"), &["release"]),
        entry(2, "bob", None, &["release", "night"]),
    ]);
    let people = || people.clone().expect("no two are alike");
    let login = |person: Option<Person>| person.map(|person| person.login);
    assert_eq!(login(people().person(PersonId(2))).as_deref(), Some("bob"));
    assert_eq!(login(people().person(PersonId(3))), None);
    assert_eq!(login(people().by_login("ana")).as_deref(), Some("ana"));
    assert_eq!(
        login(people().by_address("ana@EXAMPLE.org")).as_deref(),
        Some("ana")
    );
    assert_eq!(people().team("release").len(), 2);
    assert_eq!(people().team("night").len(), 1);
    // Without a name, the login stands for it.
    assert_eq!(people().team("night")[0].name, "bob");
}

#[test]
fn people_who_cannot_be_told_apart_are_refused() {
    let twice = Directory::new(vec![entry(1, "a", None, &[]), entry(1, "b", None, &[])]);
    assert_eq!(twice, Err("a and b have the same id 1".to_owned()));
    let twice = Directory::new(vec![entry(1, "a", None, &[]), entry(2, "a", None, &[])]);
    assert_eq!(twice, Err("the login a is there twice".to_owned()));
    let nobody = Directory::new(vec![entry(1, " ", None, &[])]);
    assert_eq!(nobody, Err("the person with id 1 has no login".to_owned()));
}

#[test]
fn a_secret_is_for_what_it_names_only() {
    let (production, staging) = ("production".into(), "staging".into());
    let granted = |repositories: &[RepositoryId], environment: &EnvironmentName| {
        is_granted(
            std::slice::from_ref(&production),
            repositories,
            RepositoryId(1),
            environment,
        )
    };
    assert!(granted(&[], &production) && granted(&[RepositoryId(1)], &production));
    assert!(!granted(&[], &staging) && !granted(&[RepositoryId(2)], &production));
}
