//! Purpose: a small family of pipeline files, and what each of them means, told apart from the file's own reader: the
//! checkers take a policy from here and not from the plan.

use std::fmt::Write as _;

use domain::ids::PersonId;

use super::people::{ANA, BEN, CHO, DEE};

/// Who must have said yes before production is touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub named: Vec<PersonId>,
    /// Whether the team `release` (Ben and Cho) may decide as well.
    pub team: bool,
    pub count: u8,
    /// Whether the initiator and the author are left out.
    pub excludes_own: bool,
    pub expires_minutes: u32,
}

/// What one commit's pipeline file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// 1..=3 in the family; the second needs the first, the third does not.
    pub jobs: usize,
    pub retries: u8,
    pub staging: bool,
    /// Only with staging.
    pub production: Option<Policy>,
    pub verify: bool,
    pub rollback: bool,
    /// Minutes after the hour at which production is frozen for a quarter of an hour.
    pub freeze: Option<u32>,
    pub queue: bool,
    /// Whether all branches share one place.
    pub one_group: bool,
    pub schedule: bool,
    /// The file is not one that can be read.
    pub broken: bool,
}

impl Recipe {
    /// The full road: one job, staging, production after one approval.
    pub fn full_road() -> Self {
        Self {
            jobs: 1,
            retries: 0,
            staging: true,
            production: Some(Policy {
                named: vec![DEE],
                team: false,
                count: 1,
                excludes_own: true,
                expires_minutes: 60,
            }),
            verify: true,
            rollback: true,
            freeze: None,
            queue: false,
            one_group: false,
            schedule: false,
            broken: false,
        }
    }

    /// One of the family.
    pub fn of(rng: &mut fastrand::Rng) -> Self {
        let staging = rng.u32(0..10) > 0;
        let production = (staging && rng.u32(0..10) > 1).then(|| Policy::of(rng));
        Self {
            jobs: *rng.choice(&[1, 1, 1, 2, 3]).unwrap_or(&1),
            retries: rng.u8(0..2),
            staging,
            production,
            verify: rng.u32(0..3) == 0,
            rollback: rng.u32(0..3) == 0,
            freeze: (rng.u32(0..8) == 0).then(|| rng.u32(0..60)),
            queue: rng.u32(0..2) == 0,
            one_group: rng.u32(0..4) == 0,
            schedule: rng.u32(0..12) == 0,
            broken: rng.u32(0..40) == 0,
        }
    }

    /// The text of `.slipway.yaml`.
    pub fn text(&self) -> String {
        let mut text = String::from("version: 1\ndefaults: {timeout: 4m}\n");
        if self.schedule {
            text.push_str("on:\n  push: {}\n  schedule:\n    - {name: nightly, cron: \"10 12 2 3 *\", branch: main}\n");
        }
        text.push_str("jobs:\n");
        for job in 0..self.jobs {
            let retries = self.retries;
            let needs = if job == 1 { ", needs: [j0]" } else { "" };
            // Writing to a String does not fail; the result says nothing.
            writeln!(
                text,
                "  j{job}: {{run: make j{job}, retries: {retries}{needs}, artifacts: [{{name: a{job}, paths: [out]}}]}}"
            )
            .unwrap_or_default();
        }
        if self.staging {
            text.push_str("environments:\n  staging:\n    branches: [\"*\"]\n");
            self.steps(&mut text, "staging");
        }
        if let Some(policy) = &self.production {
            text.push_str("  production:\n    after: staging\n");
            self.steps(&mut text, "production");
            text.push_str(&policy.text());
            if let Some(minute) = self.freeze {
                writeln!(
                    text,
                    "    freeze: [{{cron: \"{minute} * * * *\", for: 15m}}]"
                )
                .unwrap_or_default();
            }
        }
        let on_new = if self.queue { "queue" } else { "cancel" };
        let group = if self.one_group { "all" } else { "${ref}" };
        writeln!(
            text,
            "concurrency: {{group: \"{group}\", on_new: {on_new}}}"
        )
        .unwrap_or_default();
        if self.broken {
            text.push_str("jbos: {}\n");
        }
        text
    }

    fn steps(&self, text: &mut String, environment: &str) {
        writeln!(text, "    deploy: {{run: ship {environment}}}").unwrap_or_default();
        if self.verify {
            writeln!(text, "    verify: {{run: probe {environment}}}").unwrap_or_default();
        }
        if self.rollback {
            writeln!(text, "    rollback: {{run: back {environment}}}").unwrap_or_default();
        }
    }
}

impl Policy {
    fn of(rng: &mut fastrand::Rng) -> Self {
        let team = rng.bool();
        let named = match (team, rng.u32(0..3)) {
            (true, 0) => Vec::new(),
            (_, 1) => vec![DEE, ANA],
            _ => vec![DEE],
        };
        Self {
            count: if team && rng.u32(0..2) == 0 { 2 } else { 1 },
            excludes_own: rng.u32(0..4) > 0,
            expires_minutes: *rng.choice(&[6, 15, 40]).unwrap_or(&15),
            named,
            team,
        }
    }

    fn text(&self) -> String {
        let logins: Vec<&str> = self
            .named
            .iter()
            .map(|id| super::people::login(*id))
            .collect();
        let people = match logins.as_slice() {
            [] => String::new(),
            logins => format!("people: [{}], ", logins.join(", ")),
        };
        let teams = if self.team { "teams: [release], " } else { "" };
        let exclude = if self.excludes_own {
            ""
        } else {
            "exclude: [], "
        };
        format!(
            "    approval: {{{people}{teams}{exclude}count: {}, expires: {}m}}\n",
            self.count, self.expires_minutes
        )
    }

    /// Whether the policy names this person, initiator and author aside.
    pub fn names(&self, person: PersonId) -> bool {
        self.named.contains(&person) || (self.team && [BEN, CHO].contains(&person))
    }
}

#[cfg(test)]
mod tests {
    use super::Recipe;
    use domain::pipeline::read;

    #[test]
    fn the_whole_family_can_be_read_but_for_the_broken_ones() {
        for seed in 0..500 {
            let recipe = Recipe::of(&mut fastrand::Rng::with_seed(seed));
            let read = read(&recipe.text());
            assert_eq!(read.is_err(), recipe.broken, "{}\n{read:#?}", recipe.text());
        }
        assert!(read(&Recipe::full_road().text()).is_ok());
    }
}
