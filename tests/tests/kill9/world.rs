//! The repository that is pushed to, the targets that deploys write to, the person who approves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use blackbox::{Home, Repository, approvals, git};
use serde_json::Value;

const PEOPLE: &str = "
jobs: 3
people:
  - { id: 1, login: ana, email: ana@example.org }
  - { id: 2, login: bob, email: bob@example.org }
";

const PIPELINE: &str = r#"
version: 1
on: { push: { branches: ["**"] } }
defaults: { timeout: 1m, retries: 1 }
jobs:
  build:
    run: [sleep 0.2, 'mkdir dist; echo "$SLIPWAY_COMMIT" > dist/commit']
    artifacts: [{ name: dist, paths: ["dist/**"] }]
  unit: { needs: [build], run: sleep 0.3 }
  lint: { run: sleep 0.1 }
environments:
  staging:
    branches: ["**"]
    deploy: { run: sh deploy.sh, env: { LOG: "@LOG@" } }
  production:
    branches: ["**"]
    after: staging
    approval: { people: [bob], exclude: [initiator, author] }
    deploy: { run: sh deploy.sh, env: { LOG: "@LOG@" } }
"#;

/// Each line is one write, so lines of different processes never mix.
const DEPLOY: &str = r#"
say() { echo "$SLIPWAY_ENVIRONMENT $SLIPWAY_RUN $SLIPWAY_FENCE $1 $SLIPWAY_RELEASE" >> "$LOG"; }
test "$(cat "$SLIPWAY_ARTIFACTS/dist/dist/commit")" = "$SLIPWAY_COMMIT"
say begin
sleep 0.1
say goes-on
sleep 0.1
say end
"#;

/// Everything that the machine is told, and what it has said.
pub struct World {
    pub home: Home,
    pub repository: u64,
    work: Repository,
    /// The last commit of each branch, and all that were pushed to it.
    pub pushed: BTreeMap<String, Vec<String>>,
    /// Runs of which bob has approved production, and the release that he was shown.
    pub approved: BTreeMap<String, String>,
    /// The hash of every commit that a reader has seen at the end of a stream.
    pub seen: BTreeMap<(String, u64), String>,
}

impl World {
    pub fn new() -> Self {
        let home = Home::new();
        home.settings(PEOPLE);
        let work = Repository::new(home.folder().join("shop"));
        let log = home.folder().join("deploys").display().to_string();
        work.write(".slipway.yaml", &PIPELINE.replace("@LOG@", &log))
            .write("deploy.sh", DEPLOY);
        work.commit("Begin");
        let bare = work.bare();
        work.push();
        let repository = home.register(&bare, &[]);
        Self {
            home,
            repository,
            work,
            pushed: [].into(),
            approved: [].into(),
            seen: [].into(),
        }
    }

    /// One commit: mostly on a branch of its own, else on `main`, where it may supersede the one before.
    pub fn push(&mut self, random: &mut fastrand::Rng) {
        let branch = match random.u32(0..4) {
            0 => "main".to_owned(),
            _ => format!("change-{}", self.pushed.len()),
        };
        if branch != "main" {
            git(
                self.work.folder(),
                &["checkout", "--quiet", "-b", &branch, "main"],
            );
        }
        let commit = self.work.commit(&format!("To {branch}"));
        git(self.work.folder(), &["push", "--quiet", "origin", &branch]);
        git(self.work.folder(), &["checkout", "--quiet", "main"]);
        self.pushed.entry(branch).or_default().push(commit);
    }

    /// Runs that have not ended.
    pub fn under_way(&self) -> usize {
        self.home
            .runs()
            .iter()
            .filter(|run| run["finished_ms"].is_null())
            .count()
    }

    /// Bob reads his mail and approves what waits for him.
    pub fn decide(&mut self) {
        let waiting: BTreeSet<String> = self
            .home
            .runs()
            .iter()
            .filter(|run| run["status"] == "awaiting approval")
            .map(|run| run["run"].as_str().unwrap().to_owned())
            .collect();
        for mail in approvals(&self.home, "bob@example.org") {
            if self.approved.contains_key(&mail.run) || !waiting.contains(&mail.run) {
                continue;
            }
            let shown = self.home.show(&mail.run);
            let release = shown["release"].as_str().unwrap().to_owned();
            let suffix = &release[release.len() - 6..];
            let words = [
                "--json",
                "approve",
                &mail.run,
                "--as",
                "bob",
                "--code",
                &mail.code,
                "--release",
                suffix,
            ];
            let said = self.home.slipway(&words);
            match said.code {
                Some(0) => {
                    self.approved.insert(mail.run, release);
                }
                // It was superseded between the two looks.
                Some(1) => println!("not approved: {}", said.err.trim()),
                _ => panic!("{said:?}"),
            }
        }
    }

    /// Takes note of where every stream stands: a reader has seen that much, so it has to stay.
    pub fn remember(&mut self) {
        for head in self.home.lines(&["journal", "list", "--limit", "100000"]) {
            let commits = head["commits"].as_u64().unwrap();
            if commits > 0 {
                let stream = head["stream"].as_str().unwrap().to_owned();
                self.seen
                    .insert((stream, commits), head["hash"].as_str().unwrap().to_owned());
            }
        }
    }

    pub fn verify(&self) {
        self.home.verify();
    }

    /// Lets it run until every pushed head has a run and every run has ended.
    pub fn until_quiet(&mut self, patience: Duration) {
        let begun = Instant::now();
        loop {
            self.decide();
            let runs = self.home.runs();
            let missing: Vec<&String> = self
                .pushed
                .values()
                .map(|commits| commits.last().unwrap())
                .filter(|commit| !runs.iter().any(|run| run["commit"] == commit.as_str()))
                .collect();
            let open: Vec<&Value> = runs
                .iter()
                .filter(|run| run["finished_ms"].is_null())
                .collect();
            if missing.is_empty() && open.is_empty() {
                return;
            }
            if begun.elapsed() > patience {
                for run in &open {
                    println!(
                        "{}",
                        self.home
                            .slipway(&["why", run["run"].as_str().unwrap()])
                            .out
                    );
                }
                panic!(
                    "after {patience:?}: heads without a run: {missing:?}; runs that have not ended: {open:#?}"
                );
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}
