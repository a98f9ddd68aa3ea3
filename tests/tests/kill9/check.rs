//! What has to be true when all is quiet, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use blackbox::{processes, until};
use serde_json::Value;

use crate::world::World;

/// What there was, for the person who ran it.
pub struct Found {
    outcomes: BTreeMap<String, usize>,
    deploys: usize,
    cut_off: usize,
    lost: usize,
    streams: usize,
    commits: u64,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "runs {:?}; {} deploys, {} of them cut off by a kill, none twice, none at the same time; {} attempts lost; \
             {} streams and {} commits, every chain holds",
            self.outcomes, self.deploys, self.cut_off, self.lost, self.streams, self.commits
        )
    }
}

/// Checks everything.
pub fn all(world: &World) -> Found {
    let commits = world.home.verify();
    let runs = world.home.runs();
    every_push_has_one_run(world, &runs);
    let streams = what_was_seen_is_there(world);
    let shown: Vec<Value> = runs
        .iter()
        .map(|run| world.home.show(run["run"].as_str().unwrap()))
        .collect();
    let (deploys, cut_off) = deploys_are_single(world, &shown);
    no_build_is_left(world);
    let mut outcomes = BTreeMap::new();
    let mut lost = 0;
    for run in &shown {
        assert!(run["quarantine"].is_null(), "{run:#}");
        *outcomes
            .entry(run["status"].as_str().unwrap().to_owned())
            .or_default() += 1;
        lost += run.to_string().matches("\"status\":\"lost\"").count();
    }
    Found {
        outcomes,
        deploys,
        cut_off,
        lost,
        streams,
        commits,
    }
}

/// Every branch's last commit has exactly one run; no commit has two; none is invented.
fn every_push_has_one_run(world: &World, runs: &[Value]) {
    let mut of_commit: BTreeMap<&str, usize> = BTreeMap::new();
    for run in runs {
        assert!(!run["finished_ms"].is_null(), "{run:#}");
        *of_commit
            .entry(run["commit"].as_str().unwrap())
            .or_default() += 1;
    }
    for (branch, commits) in &world.pushed {
        let head = commits.last().unwrap().as_str();
        assert_eq!(of_commit.get(head), Some(&1), "{branch} at {head}");
    }
    let pushed: BTreeSet<&str> = world
        .pushed
        .values()
        .flatten()
        .map(String::as_str)
        .collect();
    for (commit, count) in of_commit {
        assert!(pushed.contains(commit), "{commit} was never pushed");
        assert_eq!(count, 1, "{commit}");
    }
}

/// Every commit that a reader has seen before a kill is in the journal, with the hash that it had; gives how many streams.
fn what_was_seen_is_there(world: &World) -> usize {
    let mut hashes = BTreeMap::new();
    for line in world.home.lines(&["journal", "export"]) {
        let stream = line["p"].as_str().unwrap().to_owned();
        hashes.insert(
            (stream, line["n"].as_u64().unwrap()),
            line["x"].as_str().unwrap().to_owned(),
        );
    }
    for (place, hash) in &world.seen {
        assert_eq!(hashes.get(place), Some(hash), "{place:?}");
    }
    // Decisions that were acknowledged to bob are recorded.
    for (run, release) in &world.approved {
        let shown = world.home.show(run);
        let stage = &shown["stages"][1];
        assert_eq!(
            stage["approval"]["decisions"].as_array().map(Vec::len),
            Some(1),
            "{stage:#}"
        );
        assert_eq!(stage["approval"]["release"], release.as_str());
    }
    hashes
        .keys()
        .map(|(stream, _)| stream)
        .collect::<BTreeSet<_>>()
        .len()
}

/// One line that a deploy wrote to its target.
struct Line {
    environment: String,
    run: String,
    fence: u64,
    what: String,
    release: String,
}

fn lines(world: &World) -> Vec<Line> {
    let text = std::fs::read_to_string(world.home.folder().join("deploys")).unwrap_or_default();
    let read = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [environment, run, fence, what, release] = words[..] else {
            panic!("{line:?}")
        };
        Line {
            environment: environment.to_owned(),
            run: run.to_owned(),
            fence: fence.parse().unwrap(),
            what: what.to_owned(),
            release: release.to_owned(),
        }
    };
    text.lines().map(read).collect()
}

/// As the targets saw it: at most one deploy per run and environment, never two at once, fences that only grow, production
/// only after an approval of the same release. Gives how many there were, and how many did not come to their end.
fn deploys_are_single(world: &World, shown: &[Value]) -> (usize, usize) {
    let lines = lines(world);
    let mut begun: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut ended: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut holder: BTreeMap<&str, (&str, u64)> = BTreeMap::new();
    for line in &lines {
        let (environment, run) = (line.environment.as_str(), line.run.as_str());
        let place = format!("{environment} of {run}, fence {}", line.fence);
        if line.what == "begin" {
            assert!(begun.insert((environment, run)), "{place}: deployed twice");
            let before = holder.insert(environment, (run, line.fence));
            assert!(
                before.is_none_or(|(_, fence)| fence < line.fence),
                "{place}: after {before:?}"
            );
        }
        // Whoever writes is the one that began last: the one before is over.
        assert_eq!(
            holder.get(environment),
            Some(&(run, line.fence)),
            "{place}: two at once"
        );
        if line.what == "end" {
            ended.insert((environment, run));
        }
        if environment == "production" {
            let approved = world.approved.get(run);
            assert_eq!(approved, Some(&line.release), "{place}: not approved");
            assert!(ended.contains(&("staging", run)), "{place}: before staging");
        }
    }
    for run in shown {
        let name = run["run"].as_str().unwrap();
        let environments = ["staging", "production"];
        if run["status"] == "succeeded" {
            for environment in environments {
                assert!(
                    ended.contains(&(environment, name)),
                    "{environment} of {name} says it is deployed"
                );
            }
        }
        for stage in run["stages"].as_array().unwrap() {
            let environment = stage["environment"].as_str().unwrap();
            let deployed = stage["status"] == "deployed";
            assert!(
                !deployed || ended.contains(&(environment, name)),
                "{stage:#}"
            );
        }
    }
    (begun.len(), begun.len() - ended.len())
}

/// No process of a build is left, whichever machine had started it.
fn no_build_is_left(world: &World) {
    let folder = world.home.folder().display().to_string();
    until("the last processes of builds end", || {
        let left = processes::with_environment(&["SLIPWAY_BUILD=", &folder]);
        left.is_empty()
    });
}
