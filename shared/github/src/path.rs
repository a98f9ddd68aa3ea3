//! Purpose: which texts can be the path of a file in a commit.

/// Longest path that is asked for, bytes: what file systems allow.
pub const MAX_PATH: usize = 4_096;

/// Whether a commit can have a file of this path: relative, no empty part, no `.` and no `..`.
///
/// Git refuses the others itself: <https://git-scm.com/docs/git-fsck#Documentation/git-fsck.txt-hasDotdot>
pub fn is_path(text: &str) -> bool {
    text.len() <= MAX_PATH
        && !text.contains('\0')
        && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
