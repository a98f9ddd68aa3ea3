//! The laws of the tree, held by tests and not by good will: layout, purity, length, and documents that tell the truth.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod documents;
mod layout;
mod sources;

use std::path::PathBuf;
use std::process::Command;

use blackbox::workspace;
use serde_json::Value;

/// Every file that git knows or would take, below the workspace.
fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = String::from_utf8(output.stdout).unwrap();
    let files = names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from);
    // A file that was removed and not yet committed is still listed.
    let files: Vec<PathBuf> = files
        .filter(|file| workspace().join(file).is_file())
        .collect();
    assert!(files.len() > 100, "git lists only {} files", files.len());
    files
}

fn read(file: &std::path::Path) -> String {
    let bytes = std::fs::read(workspace().join(file)).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What cargo answers, without going anywhere.
fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(args)
        .args(["--offline", "--locked"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The members of the workspace.
fn members() -> Vec<Value> {
    let text = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Fails with the whole list, so that nobody has to find them one by one.
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}
