//! Purpose: what differs between two commits, although GitHub only compares with where the histories parted.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use engine::ports::{Commit, Comparison};

use crate::github::{GitHub, JSON, MAX_JSON_BYTES};
use crate::route::Route;
use crate::shapes::{ComparisonBody, TreeBody, parse};

/// With more changed paths than this, it is not told which they are.
pub const MAX_CHANGED_PATHS: usize = 3_000;
/// Commits that a comparison lists.
pub const MAX_LISTED_COMMITS: usize = 50;
/// Files that GitHub lists of a comparison; with as many there may be more.
/// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
const LISTED_FILES: usize = 300;

/// Both sides since the histories parted; the second is empty when one commit follows from the other.
struct Sides {
    forward: ComparisonBody,
    /// From the commit back to the base, for what only the base has.
    backward: Option<ComparisonBody>,
}

impl GitHub {
    /// Paths that differ. One that both sides changed alike since they parted counts as changed: a job more is run, not
    /// one less. Beyond 300 files the two trees are compared.
    pub(crate) async fn paths_between(
        &self,
        repository: RepositoryId,
        base: &CommitSha,
        commit: &CommitSha,
    ) -> Result<Option<Vec<String>>, Fault> {
        let Some(sides) = self.sides(repository, base, commit).await? else {
            return Ok(None);
        };
        let paths = match sides.is_whole() {
            true => Some(sides.paths()),
            false => self.trees_differ(repository, base, commit).await?,
        };
        let few = paths.filter(|paths| paths.len() <= MAX_CHANGED_PATHS);
        Ok(few.map(|paths| paths.into_iter().collect()))
    }

    /// Lines are those of the files that GitHub lists, 300 on each side at most.
    pub(crate) async fn comparison(
        &self,
        repository: RepositoryId,
        base: &CommitSha,
        commit: &CommitSha,
    ) -> Result<Option<Comparison>, Fault> {
        let Some(sides) = self.sides(repository, base, commit).await? else {
            return Ok(None);
        };
        let paths = match sides.is_whole() {
            true => None,
            false => self.trees_differ(repository, base, commit).await?,
        };
        let files = paths.unwrap_or_else(|| sides.paths()).len();
        let (insertions, deletions) = sides.lines();
        let total = sides.forward.total_commits;
        // GitHub lists the newest last.
        let newest = sides.forward.commits.into_iter().rev();
        let commits: Vec<Commit> = newest
            .take(MAX_LISTED_COMMITS)
            .map(|listed| listed.commit.into_commit(listed.sha))
            .collect();
        Ok(Some(Comparison {
            commits,
            total,
            files_changed: u64::try_from(files).unwrap_or(u64::MAX),
            insertions,
            deletions,
        }))
    }

    /// `None` when one of the commits is not there.
    async fn sides(
        &self,
        repository: RepositoryId,
        base: &CommitSha,
        commit: &CommitSha,
    ) -> Result<Option<Sides>, Fault> {
        let Some(forward) = self.side(repository, base, commit).await? else {
            return Ok(None);
        };
        // What the commit is built on is not in doubt: the base itself.
        let backward = match forward.status.as_str() {
            "ahead" | "identical" => None,
            _ => match self.side(repository, commit, base).await? {
                None => return Ok(None),
                backward => backward,
            },
        };
        Ok(Some(Sides { forward, backward }))
    }

    async fn side(
        &self,
        repository: RepositoryId,
        from: &CommitSha,
        to: &CommitSha,
    ) -> Result<Option<ComparisonBody>, Fault> {
        let route = Route::compare(repository, from, to)?;
        match self.read(repository, &route, JSON, MAX_JSON_BYTES).await? {
            None => Ok(None),
            Some(answer) => parse(&route, &answer.body).map(Some),
        }
    }

    /// The paths at which the trees differ; `None` when a tree is too large for GitHub to hand out.
    async fn trees_differ(
        &self,
        repository: RepositoryId,
        base: &CommitSha,
        commit: &CommitSha,
    ) -> Result<Option<BTreeSet<String>>, Fault> {
        let (Some(old), Some(new)) = (
            self.tree(repository, base).await?,
            self.tree(repository, commit).await?,
        ) else {
            return Ok(None);
        };
        let gone = old.iter().filter(|(path, at)| new.get(*path) != Some(*at));
        let come = new.keys().filter(|path| !old.contains_key(*path));
        let paths = gone.map(|(path, _)| path).chain(come);
        Ok(Some(paths.cloned().collect()))
    }

    /// Mode and object of each file, by path.
    async fn tree(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
    ) -> Result<Option<BTreeMap<String, (String, String)>>, Fault> {
        let route = Route::tree(repository, commit)?;
        let Some(answer) = self.read(repository, &route, JSON, MAX_JSON_BYTES).await? else {
            return Ok(None);
        };
        let whole: TreeBody = parse(&route, &answer.body)?;
        if whole.truncated {
            return Ok(None);
        }
        let files = whole.tree.into_iter().filter(|entry| entry.kind != "tree");
        Ok(Some(
            files
                .map(|entry| (entry.path, (entry.mode, entry.sha)))
                .collect(),
        ))
    }
}

impl Sides {
    fn each(&self) -> impl Iterator<Item = &ComparisonBody> {
        std::iter::once(&self.forward).chain(&self.backward)
    }

    fn is_whole(&self) -> bool {
        self.each().all(|side| side.files.len() < LISTED_FILES)
    }

    /// Both names of a file that was renamed.
    fn paths(&self) -> BTreeSet<String> {
        let files = self.each().flat_map(|side| &side.files);
        files
            .flat_map(|file| std::iter::once(&file.filename).chain(&file.previous_filename))
            .cloned()
            .collect()
    }

    /// Lines that came and lines that went; what only the base has counts the other way round.
    fn lines(&self) -> (u64, u64) {
        let sum = |side: &ComparisonBody| {
            side.files
                .iter()
                .fold((0_u64, 0_u64), |(more, less), file| {
                    (
                        more.saturating_add(file.additions),
                        less.saturating_add(file.deletions),
                    )
                })
        };
        let (more, less) = sum(&self.forward);
        let (less_back, more_back) = self.backward.as_ref().map(sum).unwrap_or_default();
        (
            more.saturating_add(more_back),
            less.saturating_add(less_back),
        )
    }
}
