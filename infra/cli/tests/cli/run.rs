//! Purpose: `slipway run` on a real checkout: uncommitted files, failing tests, Ctrl-C.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{git, said, slipway};

const FILE: &str = "\
version: 1
on: { push: { branches: [main] } }
jobs:
  build: { run: cat made.txt }
  unit: { run: sh test.sh, needs: [build], reports: [{ kind: junit, path: unit.xml }] }
  slow: { run: sleep 600 }
environments:
  staging: { branches: [main], deploy: { run: touch $HOME/deployed } }
";

const TEST: &str = r#"cat > unit.xml <<'END'
<testsuites><testsuite name="shop" tests="2" failures="1">
<testcase classname="shop" name="adds"/>
<testcase classname="shop" name="sums" file="src/shop.c" line="12"><failure message="3 is not 4">at src/shop.c:12</failure></testcase>
</testsuite></testsuites>
END
echo the sums are wrong
exit 1
"#;

/// A repository whose work tree is ahead of its commit.
fn checkout(dir: &Path) -> PathBuf {
    let shop = dir.join("shop");
    std::fs::create_dir(&shop).unwrap();
    git(&shop, &["init", "-q"]);
    std::fs::write(shop.join(".slipway.yaml"), FILE).unwrap();
    std::fs::write(shop.join("test.sh"), TEST).unwrap();
    git(&shop, &["add", "."]);
    git(&shop, &["commit", "-qm", "Begin"]);
    // Neither committed nor added.
    std::fs::write(shop.join("made.txt"), "made here\n").unwrap();
    shop
}

#[test]
fn uncommitted_files_count_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let shop = checkout(dir.path());
    let (code, out, err) =
        said(slipway(&shop, &["run", "--job", "build", "--json"]).env("TMPDIR", dir.path()));
    assert_eq!(code, 0, "{out}{err}");
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(last["outcome"], "succeeded");
    assert_eq!(last["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(last["not_deployed"][0], "staging");
    assert!(
        out.lines().any(|line| line.contains("\"BuildClaimed\"")),
        "{out}"
    );
    assert!(!dir.path().join("deployed").exists());
    assert!(!dir.path().join("data").exists());
    let left: Vec<String> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, ["shop"]);
}

#[test]
fn a_failing_test_is_shown_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let shop = checkout(dir.path());
    let (code, out, err) = said(&mut slipway(&shop, &["run", "--job", "unit"]));
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        out.contains("Environments are not deployed by `slipway run`: staging"),
        "{out}"
    );
    assert!(out.contains("1 passed, 1 failed"), "{out}");
    assert!(out.contains("src/shop.c:12"), "{out}");
    assert!(
        out.contains("the sums are wrong"),
        "the end of the log: {out}"
    );
}

#[test]
fn an_interrupt_cancels_and_leaves_no_process() {
    let dir = tempfile::tempdir().unwrap();
    let shop = checkout(dir.path());
    let child = slipway(&shop, &["run", "--job", "slow", "--json"])
        .env("TMPDIR", dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until(|| sleeps_below(dir.path()) == 1, "the job begins");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{out}");
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(last["outcome"], "cancelled");
    assert_eq!(sleeps_below(dir.path()), 0);
}

#[test]
fn a_file_with_mistakes_does_not_run() {
    let dir = tempfile::tempdir().unwrap();
    let shop = checkout(dir.path());
    std::fs::write(
        shop.join(".slipway.yaml"),
        "version: 1\njobs: { a: { rum: make } }\n",
    )
    .unwrap();
    let (code, out, _) = said(&mut slipway(&shop, &["run"]));
    assert_eq!(code, 1);
    assert!(out.contains("error["), "{out}");
    let (code, _, err) = said(&mut slipway(dir.path(), &["run"]));
    assert_eq!(code, 2);
    assert!(err.contains("is in no git repository"), "{err}");
}

/// Processes of a `sleep 600` whose working directory is below this one.
fn sleeps_below(dir: &Path) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let ours = processes.filter(|process| {
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let cwd = std::fs::read_link(process.path().join("cwd"));
        command == b"sleep\x00600\x00" && cwd.is_ok_and(|cwd| cwd.starts_with(dir))
    });
    ours.count()
}

fn wait_until(holds: impl Fn() -> bool, what: &str) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{what}: it did not"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
