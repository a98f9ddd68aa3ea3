//! Purpose: a seed's scenario: repositories, pushes, and mishaps with a date.

use domain::ids::{CommitSha, Digest, PersonId, RepositoryId};

use super::agenda::Happening;
use super::fork;
use super::people::{ANA, BEN, CHO, DEE};
use super::recipe::Recipe;
use super::world::{DEFAULT_BRANCH, Push, Sent, World};

/// Commits that were there before are numbered from here.
const BASE_NUMBER: usize = 900;
/// The commit of a merge group has this number.
const QUEUED_NUMBER: usize = 800;

/// What a scenario is made of.
pub struct Scenario {
    /// What the default branches hold before anything is pushed.
    pub bases: Vec<Push>,
    pub pushes: Vec<(i64, Push)>,
    pub mishaps: Vec<(i64, Happening)>,
    /// Places in the pool.
    pub pool: usize,
    /// Milliseconds after which nothing goes wrong any more.
    pub horizon_ms: i64,
}

fn push(repository: u64, branch: &'static str, number: usize, recipe: Recipe) -> Push {
    let name = |n: usize| {
        let digest = Digest::of(format!("{repository} {n}").as_bytes());
        CommitSha::new(digest.as_str().chars().take(40).collect::<String>())
    };
    Push {
        sent: Sent::Push,
        repository: RepositoryId(repository),
        branch,
        commit: name(number + 1),
        before: name(number),
        recipe,
        author: ANA,
        sender: ANA,
        guid: format!("guid-{repository}-{number}"),
    }
}

/// A merge queue asks for the checks of a group, and merges it or gives it up, sometimes at once.
fn queued(rng: &mut fastrand::Rng, recipe: &Recipe, until_ms: i64) -> [(i64, Push); 2] {
    let asked = rng.i64(0..=until_ms);
    let ended = asked + [rng.i64(1..2_000), rng.i64(2_000..900_000)][rng.usize(0..2)];
    let group = Push {
        sent: Sent::Group,
        guid: "guid-group".to_owned(),
        ..push(
            101,
            "gh-readonly-queue/main/pr-7",
            QUEUED_NUMBER,
            recipe.clone(),
        )
    };
    let end = Push {
        sent: Sent::GroupEnded,
        guid: "guid-group-ended".to_owned(),
        ..group.clone()
    };
    [(asked, group), (ended, end)]
}

impl Scenario {
    /// One push that goes all the way, and nothing else.
    pub fn full_road() -> Self {
        Self::one_push(Recipe::full_road(), 1)
    }

    /// One push, and nothing else.
    pub fn one_push(recipe: Recipe, pool: usize) -> Self {
        Self {
            bases: Vec::new(),
            pushes: vec![(0, push(101, "main", 0, recipe))],
            mishaps: Vec::new(),
            pool,
            horizon_ms: 30 * 60_000,
        }
    }

    /// What this seed stands for.
    pub fn of(rng: &mut fastrand::Rng) -> Self {
        let repositories = if rng.u32(0..5) == 0 { 2 } else { 1 };
        let branches: &[&'static str] = if rng.u32(0..3) > 0 {
            &["main", "release"]
        } else {
            &["main"]
        };
        let count = rng.usize(1..=4);
        let recipes: Vec<Recipe> = (0..repositories).map(|_| Recipe::of(rng)).collect();
        let mut at = 0;
        let mut pushes = Vec::new();
        for number in 0..count {
            let index = rng.usize(0..repositories);
            let branch = rng.choice(branches).copied().unwrap_or("main");
            let mut recipe = recipes
                .get(index)
                .cloned()
                .unwrap_or_else(Recipe::full_road);
            // Another branch likes to say something else about environments.
            let odds = if branch == DEFAULT_BRANCH { 8 } else { 3 };
            if rng.u32(0..odds) == 0 {
                recipe = Recipe::of(rng);
            }
            let mut next = push(101 + index as u64, branch, number, recipe);
            let somebody = |rng: &mut fastrand::Rng| -> PersonId {
                rng.choice([ANA, ANA, ANA, BEN, CHO, DEE]).unwrap_or(ANA)
            };
            next.author = somebody(rng);
            next.sender = if rng.u32(0..3) == 0 {
                somebody(rng)
            } else {
                next.author
            };
            pushes.push((at, next));
            at += match rng.u32(0..4) {
                0 => rng.i64(0..2_000),
                1 | 2 => rng.i64(2_000..120_000),
                _ => rng.i64(120_000..900_000),
            };
        }
        let horizon_ms = at + 40 * 60_000;
        if let Some(recipe) = recipes.first().filter(|_| rng.u32(0..3) == 0) {
            pushes.extend(fork::story(rng, recipe, horizon_ms));
        }
        if let Some(recipe) = recipes.first().filter(|_| rng.u32(0..5) == 0) {
            pushes.extend(queued(rng, recipe, at));
        }
        let mut mishaps = Vec::new();
        if rng.u32(0..6) == 0 {
            mishaps.push((rng.i64(1_000..at + 300_000), Happening::HostDies));
        }
        if rng.u32(0..6) == 0 {
            let person = rng.choice([BEN, CHO, DEE]).unwrap_or(DEE);
            mishaps.push((rng.i64(1_000..at + 600_000), Happening::Remove(person)));
        }
        let base = |(index, recipe): (usize, &Recipe)| {
            let number = BASE_NUMBER + index;
            push(101 + index as u64, DEFAULT_BRANCH, number, recipe.clone())
        };
        Self {
            bases: recipes.iter().enumerate().map(base).collect(),
            pushes,
            mishaps,
            pool: rng.usize(1..=2),
            horizon_ms,
        }
    }

    /// Puts it on the world's agenda.
    pub fn begin(self, world: &World) {
        let mut state = world.state();
        for (index, (at, push)) in self.pushes.into_iter().enumerate() {
            state.pushes.push(push);
            state.after(at, Happening::Push(index));
        }
        for base in self.bases {
            state.move_branch(&base);
            state.pushes.push(base);
        }
        for (at, mishap) in self.mishaps {
            state.after(at, mishap);
        }
    }
}
