//! Documents: every link leads somewhere, every command that they name exists.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use blackbox::{Said, binary, workspace};

use super::{files, none, read};

/// Options before the command that take a value.
const WITH_VALUE: &[&str] = &["--data", "--aws", "--color"];

/// README.md and docs/*.md; nothing before there is a README.
fn documents() -> Vec<PathBuf> {
    let wanted = |file: &PathBuf| {
        file.extension().is_some_and(|kind| kind == "md")
            && (file.starts_with("docs") || file.components().count() == 1)
    };
    let all: Vec<PathBuf> = files().into_iter().filter(wanted).collect();
    let begun = all.iter().any(|file| file.ends_with("README.md"));
    if begun { all } else { Vec::new() }
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    let mut broken = Vec::new();
    for file in documents() {
        let text = read(&file);
        let folder = workspace().join(&file);
        let folder = folder.parent().unwrap();
        for (index, line) in text.lines().enumerate() {
            for link in line.split("](").skip(1) {
                let link = link.split([')', ' ']).next().unwrap();
                let outside = link.contains("://") || link.starts_with("mailto:");
                let path = link.split('#').next().unwrap();
                if !outside && !path.is_empty() && !folder.join(path).exists() {
                    broken.push(format!("{}:{}: {link}", file.display(), index + 1));
                }
            }
        }
    }
    none("links that lead nowhere", &broken);
}

#[test]
fn every_command_in_the_documents_exists() {
    let known = commands(&[]);
    assert!(
        known.contains("demo") && known.contains("journal"),
        "{known:?}"
    );
    let mut unknown = Vec::new();
    for file in documents() {
        for (number, call) in calls(&read(&file)) {
            let mut words = call.iter().map(String::as_str).peekable();
            while let Some(word) = words.next_if(|word| word.starts_with('-')) {
                if WITH_VALUE.contains(&word) {
                    words.next();
                }
            }
            let Some(command) = words.next().filter(|word| is_word(word)) else {
                continue;
            };
            let place = format!("{}:{number}: slipway {}", file.display(), call.join(" "));
            if !known.contains(command) {
                unknown.push(place);
                continue;
            }
            let below = commands(&[command]);
            let next = words.next().filter(|word| is_word(word));
            if !below.is_empty() && next.is_some_and(|word| !below.contains(word)) {
                unknown.push(place);
            }
        }
    }
    none("commands that `slipway --help` does not know", &unknown);
}

fn is_word(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !word.starts_with('-')
}

/// The words after each `slipway` in code: in fences and between backticks.
fn calls(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        let parts: Vec<&str> = if fenced {
            vec![line]
        } else {
            line.split('`').skip(1).step_by(2).collect()
        };
        for part in parts {
            let part = part.split(" #").next().unwrap().trim_start_matches("$ ");
            for call in part.split("&&").map(str::trim) {
                let mut words = call.split_whitespace().map(str::to_owned);
                if words.next().is_some_and(|word| word == "slipway") {
                    found.push((index + 1, words.collect()));
                }
            }
        }
    }
    found
}

/// The commands that `--help` lists.
fn commands(below: &[&str]) -> BTreeSet<String> {
    let help = Said::by(Command::new(binary()).args(below).arg("--help"))
        .expect(0)
        .out;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    // Longer descriptions go on in the lines below, further to the right.
    let names = lines.filter_map(|line| {
        line.strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '))
    });
    names
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn calls_are_found_where_readers_see_them() {
    let text = "Say `slipway up` or slipway down.\n```\n$ slipway --data D repo add . && slipway up\n```\n";
    let calls: Vec<String> = calls(text)
        .iter()
        .map(|(line, words)| format!("{line} {}", words.join(" ")))
        .collect();
    assert_eq!(calls, ["1 up", "3 --data D repo add .", "3 up"]);
}
