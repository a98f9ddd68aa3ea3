//! Purpose: the file and the line that a failing test's text points at.
//!
//! Recognised, best first; places in the standard library or in dependencies do not count:
//! 1. a Rust panic: `panicked at src/lib.rs:12:5:`, and the form before Rust 1.73, `panicked at 'why', src/lib.rs:12:5`;
//! 2. a line that begins with a place: `cart_test.go:42: …`, `x.py:3: AssertionError`, `cart.cc:12: Failure`. The
//!    first one, but for Python the last one, which is where the exception was raised;
//! 3. a stack frame: Python `File "x.py", line 3` (the last: the most recent call is last), JavaScript `(cart.js:1:2)`
//!    or `at file:///cart.js:1:2`, Java `(CartTest.java:42)`, Go `cart.go:12 +0x1d`, .NET `in Cart.cs:line 42`;
//! 4. any `name.ext:42` where `ext` is the extension of a source file.

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// As the text names it, without a leading `./`.
    pub file: String,
    /// From 1.
    pub line: u32,
}

/// How sure a place is to be the one that a person wants to see; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Style {
    Panic,
    Start,
    Frame,
    Loose,
}

const EXTENSIONS: &[&str] = &[
    "rs", "go", "py", "js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte",
    "java", "kt", "kts", "scala", "groovy", "clj", "cs", "fs", "vb", "rb", "php", "c", "cc", "cpp",
    "cxx", "h", "hh", "hpp", "m", "mm", "swift", "ex", "exs", "erl", "dart", "lua", "pl", "pm",
    "t", "sh", "bats", "zig", "hs", "ml", "nim", "r", "jl",
];

/// Bytes of a line that are looked at: a line costs up to the square of its length.
const MAX_LINE: usize = 1024;

/// Parts of the names of files that belong to a runtime or a dependency.
const FOREIGN_FILES: &[&str] = &[
    "/rustc/",
    "/.cargo/registry/",
    "library/core/src/",
    "library/std/src/",
    "library/alloc/src/",
    "/usr/local/go/src/",
    "/usr/lib/go",
    "/libexec/src/",
    "/x64/src/",
    "/src/runtime/",
    "/src/testing/",
    "/pkg/mod/",
    "_testmain.go",
    "node_modules/",
    "site-packages/",
    "dist-packages/",
    "/lib/python3",
    "/lib/python2",
    "<frozen ",
];

/// Beginnings of the class names that belong to the Java runtime or a test framework.
const FOREIGN_CLASSES: &[&str] = &[
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "kotlin.",
    "scala.",
    "groovy.",
    "org.junit.",
    "junit.",
    "org.testng.",
    "org.hamcrest.",
    "org.assertj.",
    "org.mockito.",
    "org.gradle.",
    "org.apache.maven.",
    "worker.org.gradle.",
];

/// The place that this text points at. Clean the text of escape sequences before ([`crate::text::clean`]).
pub fn locate(text: &str) -> Option<Place> {
    let mut best: Option<(Style, Place)> = None;
    for line in text.lines() {
        for (style, place) in places(begin(line)) {
            let better = match &best {
                None => true,
                Some((than, _)) if style != *than => style < *than,
                // Python: the last one. Others: the first one.
                Some(_) => is_python(&place) && matches!(style, Style::Start | Style::Frame),
            };
            if better {
                best = Some((style, place));
            }
        }
    }
    best.map(|(_, place)| place)
}

fn is_python(place: &Place) -> bool {
    place.file.ends_with(".py")
}

/// The part of a line that is looked at.
fn begin(line: &str) -> &str {
    &line[..line.floor_char_boundary(MAX_LINE)]
}

/// All own places in one line.
fn places(line: &str) -> Vec<(Style, Place)> {
    let mut found = Vec::new();
    if let Some(place) = rust_panic(line).map(|panic| panic.place)
        && !is_foreign(&place.file)
    {
        found.push((Style::Panic, place));
    }
    if let Some(place) = python_frame(line).filter(|place| !is_foreign(&place.file)) {
        found.push((Style::Frame, place));
    }
    found.extend(coloned_places(line));
    found
}

/// A Rust panic's first line.
pub(crate) struct Panic<'a> {
    pub place: Place,
    /// The message, where the line itself has it (before Rust 1.73).
    pub quoted: Option<&'a str>,
}

/// <https://doc.rust-lang.org/std/macro.panic.html>, as the default hook prints it.
pub(crate) fn rust_panic(line: &str) -> Option<Panic<'_>> {
    let (_, rest) = line.split_once("panicked at ")?;
    let rest = rest.trim_end();
    match rest.strip_suffix(':') {
        Some(place) => Some(Panic {
            place: file_line_column(place)?,
            quoted: None,
        }),
        None => {
            let (quoted, place) = rest.rsplit_once(", ")?;
            Some(Panic {
                place: file_line_column(place)?,
                quoted: Some(quoted.trim_matches('\'')),
            })
        }
    }
}

/// `src/lib.rs:12:5`.
fn file_line_column(text: &str) -> Option<Place> {
    let (rest, column) = text.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    column.parse::<u32>().ok()?;
    place(file, line)
}

/// `  File "x.py", line 3, in test_add`.
fn python_frame(line: &str) -> Option<Place> {
    let (file, rest) = line
        .trim_start()
        .strip_prefix("File \"")?
        .split_once("\", line ")?;
    place(file, digits(rest))
}

/// What follows a place that the text begins with: `got 4` of `cart_test.go:42: got 4`.
pub(crate) fn starts_with_place(text: &str) -> Option<&str> {
    let trimmed = text.trim_start();
    let head = trimmed
        .split([' ', '\n'])
        .next()
        .filter(|head| head.ends_with(':'))?;
    let (style, _) = coloned_places(begin(head)).into_iter().next()?;
    (style == Style::Start).then(|| &trimmed[head.len()..])
}

/// Every `name.ext:42` in a line.
fn coloned_places(line: &str) -> Vec<(Style, Place)> {
    let mut found = Vec::new();
    let begin = line.len() - line.trim_start().len();
    let mut from = 0;
    while let Some(colon) = line[from..].find(':').map(|at| from + at) {
        let token = token_start(line, from, colon);
        from = colon + 1;
        let name = &line[token..colon];
        let rest = line[from..].strip_prefix("line ").unwrap_or(&line[from..]);
        let number = digits(rest);
        let Some(place) = place(name, number).filter(|_| has_source_extension(name)) else {
            continue;
        };
        let before = &line[..token];
        let after = &rest[number.len()..];
        if !is_foreign(&place.file) && !before.ends_with("node:") && !is_foreign_class(before) {
            found.push((style(before, token == begin, after), place));
        }
    }
    found
}

fn style(before: &str, at_start: bool, after: &str) -> Style {
    let before = before.trim_start();
    if at_start && after.starts_with(':') {
        Style::Start
    } else if before.ends_with('(') || before.starts_with("at ") || after.starts_with(" +0x") {
        Style::Frame
    } else {
        Style::Loose
    }
}

/// Where the name that ends at `end` begins, not before `from`, so that a line is walked over once.
fn token_start(line: &str, from: usize, end: usize) -> usize {
    let is_edge = |c: char| c.is_whitespace() || "\"'`()[]<>{},;=|".contains(c);
    line[from..end]
        .char_indices()
        .rfind(|(_, c)| is_edge(*c))
        .map_or(from, |(at, c)| from + at + c.len_utf8())
}

fn place(file: &str, line: &str) -> Option<Place> {
    let line = line.parse::<u32>().ok().filter(|line| *line > 0)?;
    // What is left of `file:///x` once the scheme is cut off.
    let slashes = file.len() - file.trim_start_matches('/').len();
    let file = file[slashes.saturating_sub(1)..].trim_start_matches("./");
    (!file.is_empty()).then(|| Place {
        file: file.to_owned(),
        line,
    })
}

fn digits(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    &text[..end]
}

fn has_source_extension(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(stem, extension)| !stem.is_empty() && EXTENSIONS.contains(&extension))
}

fn is_foreign(file: &str) -> bool {
    FOREIGN_FILES.iter().any(|part| file.contains(part))
}

fn is_foreign_class(before: &str) -> bool {
    let frame = before.trim_start().strip_prefix("at ").unwrap_or("");
    // Java 9 names the module first: `java.base/java.util.ArrayList.get(ArrayList.java:427)`.
    let class = frame.rsplit('/').next().unwrap_or("");
    FOREIGN_CLASSES
        .iter()
        .any(|start| frame.starts_with(start) || class.starts_with(start))
}

#[cfg(test)]
mod tests;
