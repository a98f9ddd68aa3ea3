//! Purpose: facts of a bare repository, asked of the `git` command.

use std::path::Path;
use std::process::Command;

/// Fields of a commit as [`FORMAT`] writes them.
const FIELDS: usize = 10;
const FORMAT: &str =
    "--format=tformat:%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B";
const DATE: &str = "--date=format-local:%Y-%m-%dT%H:%M:%SZ";

#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    #[error("git could not be run: {0}")]
    Io(#[from] std::io::Error),
    #[error("git {0} failed: {1}")]
    Failed(String, String),
    #[error("git wrote what was not expected: {0:?}")]
    Odd(String),
}

/// A commit's own words.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub sha: String,
    pub tree: String,
    pub parents: Vec<String>,
    pub author: Person,
    pub committer: Person,
    pub message: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub name: String,
    pub email: String,
    pub date: String,
}

/// One line of a tree.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub mode: String,
    /// `blob`, `tree` or `commit`.
    pub kind: String,
    pub sha: String,
    pub size: Option<u64>,
    pub path: String,
}

/// One file that differs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    pub sha: String,
    pub status: &'static str,
    pub path: String,
    pub previous: Option<String>,
    pub additions: u64,
    pub deletions: u64,
}

/// The bare repository at a path.
pub(crate) struct Git<'a>(pub &'a Path);

impl Git<'_> {
    fn run(&self, args: &[&str]) -> Result<Option<Vec<u8>>, GitError> {
        let output = Command::new("git")
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(["-c", "safe.directory=*", "-c", "core.quotePath=false"])
            .arg("-C")
            .arg(self.0)
            .arg("--literal-pathspecs")
            .args(args)
            .output()?;
        Ok(output.status.success().then_some(output.stdout))
    }

    fn must(&self, args: &[&str]) -> Result<String, GitError> {
        let failed = || GitError::Failed(args.join(" "), self.0.display().to_string());
        let output = self.run(args)?.ok_or_else(failed)?;
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    /// Where exactly this ref points: name and kind of the object.
    pub fn reference(&self, name: &str) -> Result<Option<(String, String)>, GitError> {
        let format = "--format=%(refname) %(objectname) %(objecttype)";
        let listed = self.must(&["for-each-ref", format, "--end-of-options", name])?;
        Ok(listed.lines().find_map(|line| {
            let mut words = line.split(' ');
            (words.next()? == name)
                .then(|| Some((words.next()?.to_owned(), words.next()?.to_owned())))?
        }))
    }

    /// The commit that a name stands for.
    pub fn resolve(&self, name: &str) -> Result<Option<String>, GitError> {
        let wanted = format!("{name}^{{commit}}");
        let found = self.run(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &wanted,
        ])?;
        Ok(found.map(|sha| String::from_utf8_lossy(&sha).trim().to_owned()))
    }

    /// The kind of an object, by its full name.
    pub fn kind(&self, sha: &str) -> Result<Option<String>, GitError> {
        let found = self.run(&["cat-file", "-t", sha])?;
        Ok(found.map(|kind| String::from_utf8_lossy(&kind).trim().to_owned()))
    }

    pub fn object(&self, kind: &str, sha: &str) -> Result<Option<Vec<u8>>, GitError> {
        self.run(&["cat-file", kind, sha])
    }

    /// Commits of a range, oldest first.
    pub fn log(&self, range: &str) -> Result<Vec<Commit>, GitError> {
        self.commits("--reverse", range)
    }

    /// One commit.
    pub fn commit(&self, sha: &str) -> Result<Commit, GitError> {
        let mut found = self.commits("--no-walk", sha)?;
        found.pop().ok_or_else(|| GitError::Odd(sha.to_owned()))
    }

    fn commits(&self, order: &str, range: &str) -> Result<Vec<Commit>, GitError> {
        let text = self.must(&[
            "log",
            "-z",
            order,
            DATE,
            FORMAT,
            "--end-of-options",
            range,
            "--",
        ])?;
        let text = text.strip_suffix('\0').unwrap_or(&text);
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let fields: Vec<&str> = text.split('\0').collect();
        fields.chunks(FIELDS).map(commit).collect()
    }

    pub fn merge_base(&self, base: &str, head: &str) -> Result<Option<String>, GitError> {
        let found = self.run(&["merge-base", base, head])?;
        Ok(found.map(|sha| String::from_utf8_lossy(&sha).trim().to_owned()))
    }

    /// How many commits only the first has, and how many only the second.
    pub fn apart(&self, base: &str, head: &str) -> Result<(u64, u64), GitError> {
        let range = format!("{base}...{head}");
        let text = self.must(&["rev-list", "--left-right", "--count", &range])?;
        let mut numbers = text
            .split_ascii_whitespace()
            .filter_map(|word| word.parse().ok());
        match (numbers.next(), numbers.next()) {
            (Some(left), Some(right)) => Ok((left, right)),
            _ => Err(GitError::Odd(text)),
        }
    }

    /// A tree, all levels or one, below a path or whole.
    pub fn tree(
        &self,
        tree: &str,
        recursive: bool,
        path: Option<&str>,
    ) -> Result<Option<Vec<Entry>>, GitError> {
        let mut args = vec!["ls-tree", "-z", "-l", "--full-tree"];
        if recursive {
            args.extend(["-r", "-t"]);
        }
        args.push(tree);
        if let Some(path) = path {
            args.extend(["--", path]);
        }
        let Some(listed) = self.run(&args)? else {
            return Ok(None);
        };
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let lines = listed.split('\0').filter(|line| !line.is_empty());
        lines.map(entry).collect::<Result<_, _>>().map(Some)
    }

    /// What differs between two commits, with renames found.
    pub fn diff(&self, base: &str, head: &str) -> Result<Vec<Change>, GitError> {
        let raw = self.must(&["diff-tree", "-r", "-z", "-M", "--raw", base, head])?;
        let numbers = self.must(&["diff-tree", "-r", "-z", "-M", "--numstat", base, head])?;
        let mut changes = Vec::new();
        let mut fields = raw.split('\0');
        let mut counts = numbers.split('\0');
        while let Some(head) = fields.next().filter(|field| field.starts_with(':')) {
            let words: Vec<&str> = head.split(' ').collect();
            let [_, _, old, new, letter] = words[..] else {
                return Err(GitError::Odd(head.to_owned()));
            };
            let moved = letter.starts_with(['R', 'C']);
            let first = fields.next().unwrap_or_default().to_owned();
            let (previous, path) = match moved {
                true => (Some(first), fields.next().unwrap_or_default().to_owned()),
                false => (None, first),
            };
            let count = counts.next().unwrap_or_default();
            if moved {
                counts.nth(1);
            }
            let mut lines = count.split('\t').map(|word| word.parse().unwrap_or(0));
            let (status, sha) = match letter.chars().next() {
                Some('A') => ("added", new),
                Some('D') => ("removed", old),
                Some('R') => ("renamed", new),
                Some('C') => ("copied", new),
                _ => ("modified", new),
            };
            changes.push(Change {
                sha: sha.to_owned(),
                status,
                path,
                previous,
                additions: lines.next().unwrap_or(0),
                deletions: lines.next().unwrap_or(0),
            });
        }
        Ok(changes)
    }

    /// The files of a commit as a zip archive, below one folder.
    pub fn zip(&self, commit: &str, folder: &str) -> Result<Option<Vec<u8>>, GitError> {
        self.run(&[
            "archive",
            "--format=zip",
            &format!("--prefix={folder}/"),
            commit,
        ])
    }
}

fn commit(fields: &[&str]) -> Result<Commit, GitError> {
    let [sha, tree, parents, an, ae, ad, cn, ce, cd, message] = fields else {
        return Err(GitError::Odd(fields.join("|")));
    };
    let person = |name: &str, email: &str, date: &str| Person {
        name: name.to_owned(),
        email: email.to_owned(),
        date: date.to_owned(),
    };
    Ok(Commit {
        sha: (*sha).to_owned(),
        tree: (*tree).to_owned(),
        parents: parents
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect(),
        author: person(an, ae, ad),
        committer: person(cn, ce, cd),
        message: message.trim_end().to_owned(),
    })
}

fn entry(line: &str) -> Result<Entry, GitError> {
    let odd = || GitError::Odd(line.to_owned());
    let (facts, path) = line.split_once('\t').ok_or_else(odd)?;
    let words: Vec<&str> = facts.split_ascii_whitespace().collect();
    let [mode, kind, sha, size] = words[..] else {
        return Err(odd());
    };
    Ok(Entry {
        mode: mode.to_owned(),
        kind: kind.to_owned(),
        sha: sha.to_owned(),
        size: size.parse().ok(),
        path: path.to_owned(),
    })
}
