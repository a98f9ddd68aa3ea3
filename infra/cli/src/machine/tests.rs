//! Purpose: tests of the whole machine on a data directory of its own.

use std::path::Path;

use super::*;

/// As a build that has ended is kept.
fn ended_build(dir: &Path, number: usize) {
    let folder = dir.join("builds").join(format!("1-r-unit-1.{number}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("end.json"), "{}").unwrap();
}

/// A cache that seems to have so many bytes.
fn cache(dir: &Path, name: &str, bytes: u64) {
    let folder = dir.join("caches/1/unit").join(name);
    std::fs::create_dir_all(folder.join("files")).unwrap();
    std::fs::write(folder.join("key"), name).unwrap();
    let file = std::fs::File::create(folder.join("files/large")).unwrap();
    file.set_len(bytes).unwrap();
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[tokio::test]
async fn what_is_not_needed_any_more_is_removed_while_the_machine_runs() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::open(dir.path()).unwrap();
    let machine = Machine::start(home, 0).await.unwrap();
    // What a long life leaves behind, after the start.
    for number in 0..KEPT_BUILDS + 3 {
        ended_build(dir.path(), number);
    }
    for name in ["a", "b", "c"] {
        cache(dir.path(), name, MAX_CACHE_BYTES / 2 - 1_000);
    }
    prune(&machine.functions).await.unwrap();
    assert_eq!(count(&dir.path().join("builds")), KEPT_BUILDS);
    assert_eq!(count(&dir.path().join("caches/1/unit")), 2);
    machine.stop().await;
}
