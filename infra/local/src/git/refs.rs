//! Purpose: refs: their grammar, where they point now, and what moved between two looks.

use std::collections::BTreeMap;
use std::path::Path;

use domain::ids::CommitSha;

use super::checkout::has_origin;
use super::command::{FETCH_TIME, Git, GitError};

/// Longest ref that is taken, bytes: what a file name may be on the usual file systems, times a few folders.
const MAX_REF: usize = 1_024;

/// Whether git could have a full ref of this name. <https://git-scm.com/docs/git-check-ref-format>
pub fn is_valid_ref(name: &str) -> bool {
    name.starts_with("refs/")
        && name.len() <= MAX_REF
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && !name
            .bytes()
            .any(|b| b <= b' ' || b == 0x7f || b"~^:?*[\\".contains(&b))
        && name.split('/').count() >= 2
        && name
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock"))
}

/// Branches and tags of a repository, tags as the commits that they stand for.
///
/// A tag of something that is no commit is left out.
pub async fn refs(git: &Git, path: &Path) -> Result<BTreeMap<String, CommitSha>, GitError> {
    list(git, path, &["refs/heads", "refs/tags"]).await
}

/// The commit of exactly this ref.
pub(super) async fn head(
    git: &Git,
    path: &Path,
    reference: &str,
) -> Result<Option<CommitSha>, GitError> {
    // for-each-ref takes a prefix, so `refs/heads/main` lists `refs/heads/main/x` too.
    Ok(list(git, path, &[reference]).await?.remove(reference))
}

/// The commit that exactly this ref has at `origin` now; a folder without `origin` answers for itself.
///
/// # Errors
/// Also when `origin` does not answer: the folder's own ref would be an old one.
pub(super) async fn head_at_origin(
    git: &Git,
    path: &Path,
    reference: &str,
) -> Result<Option<CommitSha>, GitError> {
    if !has_origin(git, path).await? {
        return head(git, path, reference).await;
    }
    // What an annotated tag stands for is listed under a name of its own.
    let peeled = format!("{reference}^{{}}");
    let listed = git
        .at(path)
        .with_user_config()
        .within(FETCH_TIME)
        .args(["ls-remote", "--quiet", "origin", reference, &peeled])
        .text()
        .await?;
    // The names are patterns that match at the end of longer ones, too.
    let named = |name: &str| {
        let mut pairs = listed.lines().filter_map(|line| line.split_once('\t'));
        let found = pairs.find(|(_, found)| *found == name);
        found.map(|(commit, _)| CommitSha::from(commit))
    };
    Ok(named(&peeled).or_else(|| named(reference)))
}

/// The branch that holds for all others: at `origin` where webhooks tell of its moves, else the one that `origin` was
/// cloned with, else the one that `HEAD` names. A `HEAD` that names no branch yet gives way to the only branch there is.
pub async fn default_branch(
    git: &Git,
    path: &Path,
    follows_origin: bool,
) -> Result<Option<String>, GitError> {
    if follows_origin && has_origin(git, path).await? {
        return default_at_origin(git, path).await;
    }
    let cloned = git
        .at(path)
        .args(["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"])
        .answer()
        .await?;
    if let Some(name) = cloned {
        let name = String::from_utf8_lossy(&name);
        let branch = name.trim_end().strip_prefix("refs/remotes/origin/");
        return Ok(branch.map(str::to_owned));
    }
    let named = current_branch(git, path).await?;
    let branches = list(git, path, &["refs/heads"]).await?;
    let mut names = branches
        .keys()
        .filter_map(|name| name.strip_prefix("refs/heads/"));
    let there = names.clone().any(|name| Some(name) == named.as_deref());
    match (there, names.next(), names.next()) {
        (false, Some(only), None) => Ok(Some(only.to_owned())),
        _ => Ok(named),
    }
}

async fn default_at_origin(git: &Git, path: &Path) -> Result<Option<String>, GitError> {
    let listed = git
        .at(path)
        .with_user_config()
        .within(FETCH_TIME)
        .args(["ls-remote", "--quiet", "--symref", "origin", "HEAD"])
        .text()
        .await?;
    // `ref: refs/heads/main<TAB>HEAD`
    let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
    let named = lines.find_map(|(value, _)| value.strip_prefix("ref: refs/heads/"));
    Ok(named.map(str::to_owned))
}

async fn list(
    git: &Git,
    path: &Path,
    patterns: &[&str],
) -> Result<BTreeMap<String, CommitSha>, GitError> {
    let format =
        "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)";
    let output = git
        .at(path)
        .args(["for-each-ref", format, "--end-of-options"])
        .args(patterns)
        .output()
        .await?;
    let mut found = BTreeMap::new();
    for line in output.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let line = String::from_utf8_lossy(line);
        let fields: Vec<&str> = line.split('\0').collect();
        let [name, kind, object, peeled_kind, peeled] = fields[..] else {
            continue;
        };
        let commit = match (kind, peeled_kind) {
            ("commit", _) => Some(CommitSha::from(object)),
            ("tag", "commit") => Some(CommitSha::from(peeled)),
            // A tag of a tag: older gits peel one layer only.
            ("tag", "tag") => peel(git, path, object).await?,
            _ => None,
        };
        if let Some(commit) = commit {
            found.insert(name.to_owned(), commit);
        }
    }
    Ok(found)
}

async fn peel(git: &Git, path: &Path, object: &str) -> Result<Option<CommitSha>, GitError> {
    let commit = git
        .at(path)
        .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
        .args([format!("{object}^{{commit}}")])
        .answer()
        .await?;
    Ok(commit.map(|sha| CommitSha::new(String::from_utf8_lossy(&sha).trim())))
}

/// The branch that the work tree stands on; `None` when it stands on a commit.
pub async fn current_branch(git: &Git, path: &Path) -> Result<Option<String>, GitError> {
    let head = git
        .at(path)
        .args(["symbolic-ref", "--quiet", "HEAD"])
        .answer()
        .await?;
    Ok(head.map(|name| {
        let name = String::from_utf8_lossy(&name);
        let name = name.trim_end_matches('\n');
        name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()
    }))
}

/// A ref that points elsewhere than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefMove {
    /// The full ref.
    pub reference: String,
    /// `None` = it is new.
    pub from: Option<CommitSha>,
    /// `None` = it is gone.
    pub to: Option<CommitSha>,
}

/// What moved between two looks, by name.
pub fn moved(
    before: &BTreeMap<String, CommitSha>,
    now: &BTreeMap<String, CommitSha>,
) -> Vec<RefMove> {
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name))
        .map(|name| RefMove {
            reference: name.clone(),
            from: before.get(name).cloned(),
            to: now.get(name).cloned(),
        })
        .collect()
}
