//! Purpose: globs over branches, tags and paths; and the variables of a text.

use globset::{GlobBuilder, GlobSet};

use super::diagnostic::{Complaint, shown};

/// `*` stays within one part of a path, `**` does not.
fn compile(glob: &str) -> Result<GlobSet, globset::Error> {
    let glob = GlobBuilder::new(glob)
        .literal_separator(true)
        .backslash_escape(false)
        .build()?;
    GlobSet::builder().add(glob).build()
}

/// What makes a glob more than a name.
const SPECIAL: [char; 6] = ['*', '?', '[', ']', '{', '}'];

/// Whether the text is a glob.
pub fn check(glob: &str) -> Result<(), Complaint> {
    if !glob.contains(SPECIAL) {
        return Ok(());
    }
    compile(glob).map(|_| ()).map_err(|error| {
        let message = format!("{} is not a pattern: {}", shown(glob), error.kind());
        Complaint::new("bad-glob", message)
            .help("`*` stands for anything but `/`, `**` for anything, `?` for one character")
    })
}

/// Whether the glob matches all of the text. A glob that cannot be read matches nothing.
pub fn matches(glob: &str, text: &str) -> bool {
    if !glob.contains(SPECIAL) {
        return glob == text;
    }
    compile(glob).is_ok_and(|set| set.is_match(text))
}

/// Whether a name is meant by patterns: some pattern matches, and no `!pattern` does.
pub fn selects<'a>(patterns: impl IntoIterator<Item = &'a str>, name: &str) -> bool {
    let mut selected = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(excluded) if matches(excluded, name) => return false,
            Some(_) => {}
            None => selected = selected || matches(pattern, name),
        }
    }
    selected
}

/// Whether a name can be meant by both lists. Two globs that may share a name count as sharing one.
pub fn may_overlap(a: &[&str], b: &[&str]) -> bool {
    let wanted = |list: &[&str]| -> Vec<String> {
        list.iter()
            .filter(|p| !p.starts_with('!'))
            .map(|p| (*p).to_owned())
            .collect()
    };
    let (left, right) = (wanted(a), wanted(b));
    left.iter()
        .any(|x| right.iter().any(|y| pair_may_overlap(x, y, a, b)))
}

fn pair_may_overlap(x: &str, y: &str, a: &[&str], b: &[&str]) -> bool {
    let both = |name: &str| selects(a.iter().copied(), name) && selects(b.iter().copied(), name);
    let (start_x, start_y) = (literal_start(x), literal_start(y));
    match (start_x == x, start_y == y) {
        (true, _) => both(x),
        (_, true) => both(y),
        _ => start_x.starts_with(start_y) || start_y.starts_with(start_x),
    }
}

/// The part of a glob in front of its first special character.
fn literal_start(glob: &str) -> &str {
    glob.split(['*', '?', '[', '{']).next().unwrap_or(glob)
}

/// What stands between `${` and `}`, in order.
pub fn variables(text: &str) -> Vec<&str> {
    text.split("${")
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap_or(rest))
        .collect()
}

#[cfg(test)]
mod tests;
