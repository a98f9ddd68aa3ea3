//! Purpose: the two lists that the program of a build leaves, read strictly: the commands could have written them. Pure.

use domain::buildspec::is_below;

/// What the program wrote last.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub status: i32,
    pub timed_out: bool,
    pub cpu_ms: u64,
}

/// One line of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub is_artifact: bool,
    pub spec: usize,
    pub executable: bool,
    pub number: u32,
    pub path: String,
}

/// The result: `status 0`, `timed-out`, `times 0m0.1s 0m0.2s`.
pub fn outcome(text: &str) -> Option<Outcome> {
    let mut outcome = Outcome::default();
    let mut told = false;
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("status", status)) => {
                outcome.status = status.parse().ok()?;
                told = true;
            }
            Some(("times", times)) => {
                outcome.cpu_ms = times.split(' ').filter_map(milliseconds).sum();
            }
            None if line == "timed-out" => outcome.timed_out = true,
            _ => return None,
        }
    }
    told.then_some(outcome)
}

/// `1m2.345s`, as the shell writes it.
fn milliseconds(time: &str) -> Option<u64> {
    let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let minutes: u64 = minutes.parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    let part: u64 = part.parse().ok()?;
    Some((minutes * 60 + whole) * 1000 + part)
}

/// The list: `artifact 0 x 17 dist/shop.sh`.
pub fn index(text: &str) -> Result<Vec<Entry>, String> {
    let wrong =
        |line: &str| format!("the list of files has a line that Slipway did not write: {line:?}");
    let lines = text.lines();
    lines
        .map(|line| entry(line).ok_or_else(|| wrong(line)))
        .collect()
}

fn entry(line: &str) -> Option<Entry> {
    let mut words = line.splitn(5, ' ');
    let mut word = || words.next();
    let is_artifact = match word()? {
        "artifact" => true,
        "report" => false,
        _ => return None,
    };
    let entry = Entry {
        is_artifact,
        spec: word()?.parse().ok()?,
        executable: match word()? {
            "x" => true,
            "-" => false,
            _ => return None,
        },
        number: word()?.parse().ok()?,
        path: word()?.to_owned(),
    };
    is_below(&entry.path).then_some(entry)
}
