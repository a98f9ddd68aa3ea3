//! What a source file may look like.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{files, none, read};

const MAX_LINES: usize = 400;

/// Words of the clock, the disk, the environment, chance and threads.
const IMPURE: &[&str] = &[
    "SystemTime",
    "Instant::",
    "std::time::",
    "Timestamp::now",
    "Zoned::now",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "thread::spawn",
    "HashMap",
    "HashSet",
    "tokio",
    "getrandom",
    "fastrand",
    "println!",
];

/// What ends the program, or is not finished.
const FORBIDDEN: &[&str] = &[
    ".unwrap()",
    ".expect(",
    "panic!(",
    "todo!(",
    "unimplemented!(",
    "unreachable!(",
    "dbg!(",
    "TODO",
    "FIXME",
];

fn sources() -> Vec<PathBuf> {
    let rust = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    files().into_iter().filter(rust).collect()
}

/// Whether the file is a test, belongs to one, or lies in a package that only tests use.
fn is_test(file: &Path) -> bool {
    static SUPPORT: OnceLock<BTreeSet<PathBuf>> = OnceLock::new();
    let folders = ["tests", "benches", "examples"];
    let below = file
        .components()
        .any(|part| folders.iter().any(|folder| part.as_os_str() == *folder));
    let name = file.file_name().unwrap().to_str().unwrap();
    let support = SUPPORT.get_or_init(test_modules).contains(file);
    support
        || below
        || name == "tests.rs"
        || name.ends_with("_tests.rs")
        || file.starts_with("shared/testkit")
}

/// The files of modules that are only there in tests.
fn test_modules() -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for file in sources() {
        let text = read(&file);
        let lines = text.lines().collect::<Vec<_>>();
        for pair in lines
            .windows(2)
            .filter(|pair| pair[0].trim() == "#[cfg(test)]")
        {
            let Some((_, name)) = pair[1].trim_end_matches(';').split_once("mod ") else {
                continue;
            };
            let top = ["lib.rs", "main.rs", "mod.rs"]
                .iter()
                .any(|top| file.ends_with(top));
            let folder = if top {
                file.parent().unwrap().to_owned()
            } else {
                file.with_extension("")
            };
            found.insert(folder.join(format!("{name}.rs")));
        }
    }
    found
}

/// The lines of code, numbered from 1, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    lines.filter_map(|(number, line)| {
        let code = line.split_once("//").map_or(line, |(code, _)| code);
        (!code.trim().is_empty()).then_some((number, code))
    })
}

fn places(files: impl Iterator<Item = PathBuf>, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let text = read(&file);
        for (number, line) in code(&text) {
            let bad = words.iter().filter(|word| line.contains(**word));
            found.extend(bad.map(|word| format!("{}:{number}: {word}", file.display())));
        }
    }
    found
}

#[test]
fn no_file_is_too_long_to_read() {
    let long = sources().into_iter().filter_map(|file| {
        let lines = read(&file).lines().count();
        (lines > MAX_LINES).then(|| format!("{}: {lines} lines", file.display()))
    });
    none(
        &format!("more than {MAX_LINES} lines"),
        &long.collect::<Vec<_>>(),
    );
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent = sources()
        .into_iter()
        .filter(|file| !is_test(file) && !read(file).starts_with("//! "));
    none(
        "no purpose in the first line",
        &silent
            .map(|file| file.display().to_string())
            .collect::<Vec<_>>(),
    );
}

#[test]
fn rules_know_no_clock_no_disk_and_no_chance() {
    let pure = [
        "shared/domain/src",
        "shared/github/src",
        "shared/reports/src",
    ];
    let pure = sources()
        .into_iter()
        .filter(|file| !is_test(file) && pure.iter().any(|folder| file.starts_with(folder)));
    let pure: Vec<PathBuf> = pure.collect();
    assert!(pure.len() > 40, "only {} files", pure.len());
    none("not pure", &places(pure.into_iter(), IMPURE));
}

#[test]
fn nothing_that_users_run_gives_up_or_is_unfinished() {
    let product = sources().into_iter().filter(|file| !is_test(file));
    none("not for production code", &places(product, FORBIDDEN));
}

/// `cfg(test)` may only name a module of tests; production code is the same in tests as elsewhere.
#[test]
fn production_code_does_not_know_of_tests() {
    let mut wrong = Vec::new();
    for file in sources().into_iter().filter(|file| !is_test(file)) {
        let text = read(&file);
        let lines: Vec<(usize, &str)> = code(&text)
            .map(|(number, line)| (number, line.trim()))
            .collect();
        for (index, (number, line)) in lines.iter().enumerate() {
            if !line.contains("cfg(test)")
                && !line.contains("cfg(not(test))")
                && !line.contains("cfg!(test)")
            {
                continue;
            }
            let mut after = lines[index + 1..].iter().map(|(_, line)| *line);
            let next = after
                .find(|line| !line.starts_with("#[path"))
                .unwrap_or_default();
            let next = next
                .trim_start_matches("pub(super) ")
                .trim_start_matches("pub(crate) ");
            if *line != "#[cfg(test)]" || !next.starts_with("mod ") || !next.ends_with(';') {
                wrong.push(format!("{}:{number}: {line} {next}", file.display()));
            }
        }
    }
    none("`cfg(test)` around production code", &wrong);
}

/// Neither folders of a developer's machine nor their neighbours.
#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    let words = [
        concat!("/wo", "rk/main"),
        concat!("/wo", "rk/shared"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/runner"),
        concat!("/tmp/b", "rief"),
    ];
    let mut found = Vec::new();
    for file in files()
        .into_iter()
        .filter(|file| file.extension().is_none_or(|kind| kind != "png"))
    {
        let text = read(&file);
        for (index, line) in text.lines().enumerate() {
            let bad = words.iter().filter(|word| starts_a_path(line, word));
            found.extend(bad.map(|word| format!("{}:{}: {word}", file.display(), index + 1)));
        }
    }
    none("places on one machine", &found);
}

/// Whether a path begins so somewhere in the line; in `{folder}/work/` it begins before.
fn starts_a_path(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '}' | '.' | '_' | '-' | '*');
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(inside))
}
