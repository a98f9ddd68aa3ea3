use super::*;

fn write(text: &str) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join(FILE_NAME), text).unwrap();
    data
}

#[test]
fn no_file_is_all_defaults() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(
        MachineFile::read(data.path()).unwrap(),
        MachineFile::default()
    );
    assert_eq!(MachineFile::default().capacity(), DEFAULT_JOBS);
}

#[test]
fn what_is_written_is_read() {
    let data = write(
        "people:\n  - { id: 1, login: ana, email: ana@example.org, teams: [release] }\n  - { id: 2, login: bob }\njobs: 3\n\
         mail: { host: localhost, port: 25, tls: none, from: 'Slipway <ci@example.org>' }\n\
         secrets: [{ name: TOKEN, file: /run/token, environments: [production] }]\n",
    );
    let file = MachineFile::read(data.path()).unwrap();
    assert_eq!((file.people.len(), file.capacity()), (2, 3));
    file.write(data.path()).unwrap();
    assert_eq!(MachineFile::read(data.path()).unwrap(), file);
}

#[test]
fn mistakes_have_a_place_and_a_reason() {
    for (text, expected) in [
        ("peple: []\n", "peple"),
        ("jobs: 0\n", "`jobs` is 0; it has to be 1 to 256"),
        (
            "people: [{ id: 1, login: a }, { id: 1, login: b }]\n",
            "a and b have the same id 1",
        ),
        (
            "people: [{ id: 1, login: a }, { id: 2, login: a }]\n",
            "the login a is there twice",
        ),
    ] {
        let data = write(text);
        let message = MachineFile::read(data.path()).unwrap_err().to_string();
        assert!(
            message.contains(expected) && message.contains(FILE_NAME),
            "{message}"
        );
    }
}
