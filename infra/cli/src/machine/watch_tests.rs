use std::process::Command;
use std::sync::Arc;

use domain::kernel::StreamId;
use engine::ports::Journal as _;

use super::*;
use crate::machine::assemble;

/// A machine that nobody works on, which looks at one repository with the branches `a` and `main`.
struct World {
    dir: tempfile::TempDir,
    entry: Entry,
    functions: Arc<Functions>,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shop = dir.path().join("shop");
        std::fs::create_dir(&shop).unwrap();
        git(&shop, &["init", "-q", "-b", "main"]);
        git(&shop, &["commit", "-q", "--allow-empty", "-m", "one"]);
        git(&shop, &["branch", "a"]);
        let home = Home::open(&dir.path().join("data")).unwrap();
        let entry = home.repositories.add(&shop, "shop", None, None).unwrap();
        begin(&home.dir, &entry).await.unwrap();
        let functions = assemble(home, "http://127.0.0.1").unwrap();
        Self {
            dir,
            entry,
            functions,
        }
    }

    fn git(&self, args: &[&str]) {
        git(&self.entry.path, args);
    }

    async fn look(&self) -> Result<(), Fault> {
        look_at(&self.functions, &self.entry).await
    }

    async fn deliveries(&self) -> usize {
        let prefix = StreamId::delivery("");
        let journal = &self.functions.home.journal;
        let heads = journal.heads(prefix.as_str(), None, 100).await.unwrap();
        heads.len()
    }

    fn seen(&self) -> Vec<String> {
        let file = file_of(&self.functions.home.dir, &self.entry);
        let seen = read(&file).unwrap().unwrap();
        seen.refs.into_keys().collect()
    }
}

fn git(dir: &Path, args: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=Ana", "-c", "user.email=ana@example.org"])
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "git {args:?}: {said}");
}

#[tokio::test]
async fn a_ref_that_no_run_may_have_does_not_hide_the_ones_after_it() {
    let world = World::new().await;
    world.git(&["update-ref", "refs/heads/fix/-x", "HEAD"]);
    world.git(&["branch", "z"]);
    for _ in 0..2 {
        world.look().await.unwrap();
        assert_eq!(world.deliveries().await, 1);
        let all = ["a", "fix/-x", "main", "z"].map(|name| format!("refs/heads/{name}"));
        assert_eq!(world.seen(), all);
    }
    world.git(&["update-ref", "-d", "refs/heads/fix/-x"]);
    world.look().await.unwrap();
    assert_eq!(world.seen().len(), 3);
}

#[tokio::test]
async fn what_was_handed_in_is_noted_also_when_the_next_one_has_to_wait() {
    let world = World::new().await;
    // Whose commit `z` is cannot be told while the settings are broken; that `a` is gone can.
    let settings = world.dir.path().join("data/machine.yaml");
    std::fs::write(&settings, "people: [").unwrap();
    world.git(&["branch", "-D", "a"]);
    world.git(&["branch", "z"]);
    assert!(world.look().await.is_err());
    assert_eq!(world.deliveries().await, 1);
    assert_eq!(world.seen(), ["refs/heads/main"]);

    std::fs::remove_file(&settings).unwrap();
    world.look().await.unwrap();
    assert_eq!(world.deliveries().await, 2);
    assert_eq!(world.seen(), ["refs/heads/main", "refs/heads/z"]);
}
