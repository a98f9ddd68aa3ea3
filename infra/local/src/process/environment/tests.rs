//! Purpose: tests of the environment of builds.

use super::*;

fn host(variables: &[(&str, &str)]) -> HostEnvironment {
    HostEnvironment::of(
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    )
}

#[test]
fn only_what_is_on_the_list_is_passed() {
    let seen = host(&[
        ("PATH", "/bin"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("SLIPWAY_TOKEN", "x"),
        ("SSH_AUTH_SOCK", "/x"),
        ("LD_PRELOAD", "/x"),
        ("CARGO_HOME", "/tools/cargo"),
        ("GOPROXY", "https://ana:t0ken@proxy.example"),
        ("https_proxy", "http://proxy.example:3128"),
    ]);
    let names: Vec<&str> = seen.variables.keys().map(String::as_str).collect();
    assert_eq!(names, ["CARGO_HOME", "PATH", "https_proxy"]);
}

#[test]
fn folders_of_tools_are_found_below_the_home_folder() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join(".cargo")).unwrap();
    let seen = host(&[("HOME", home.path().to_str().unwrap())]);
    let cargo = home.path().join(".cargo").into_os_string();
    assert_eq!(
        seen.variables,
        BTreeMap::from([("CARGO_HOME".to_owned(), cargo)])
    );
}

#[test]
fn later_words_win_and_what_slipway_says_wins_over_all() {
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    };
    let (step, secrets, facts) = (
        map(&[
            ("A", "step"),
            ("B", "step"),
            ("C", "step"),
            ("PATH", "/step"),
            ("SLIPWAY_ARTIFACTS", "x"),
        ]),
        map(&[("B", "secret"), ("C", "secret"), ("SLIPWAY_BUILD", "x")]),
        map(&[("C", "fact"), ("SLIPWAY_PROCESS_MARK", "x")]),
    );
    let told = Told {
        step: &step,
        secrets: &secrets,
        facts: &facts,
        build: "b.1",
        mark: "m",
    };
    let root = Path::new("/w");
    let places = Places {
        home: root,
        temporary: root,
        artifacts: root,
    };
    let all = compose(&host(&[("PATH", "/bin"), ("LANG", "C")]), &places, &told);
    let get = |name: &str| all[name].to_str().unwrap();
    let names = [
        "A",
        "B",
        "C",
        "PATH",
        "LANG",
        "SLIPWAY_ARTIFACTS",
        "SLIPWAY_BUILD",
        "SLIPWAY_PROCESS_MARK",
    ];
    assert_eq!(
        names.map(get),
        ["step", "secret", "fact", "/step", "C", "/w", "b.1", "m"]
    );
}

#[test]
fn names_and_values_that_no_program_can_take_are_refused() {
    for name in ["", "A=B", "1A", "A B", "A\0", "Ä", "BASH_FUNC_x%%"] {
        assert!(refusal(name, "x").is_some(), "{name:?}");
    }
    assert!(refusal("A", "x\0y").is_some());
    assert_eq!(refusal("_A1", "$(x) `y` ${IFS}\n"), None);
}
