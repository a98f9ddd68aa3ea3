//! Purpose: SARIF 2.1.0, as golangci-lint, CodeQL, Semgrep, Trivy and others write it
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).
//!
//! A result counts unless it is suppressed (§3.27.23), passed or not applicable (§3.27.9), or gone (`absent`, §3.27.24).
//! Its level is its own, else its rule's, else `warning` (§3.27.10); `none` counts as a note. Results and rules are
//! parsed one at a time: a small file can hold a million empty ones, whose structs would fill the memory.

mod rules;

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::Digest;
use domain::report::{Finding, FindingCounts, MAX_DETAILS, Report};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_sarif::sarif::{Result as Outcome, ResultKind, ResultLevel, Suppression};

use crate::{Known, Unreadable, text};
use rules::{Rule, Rules, named};

#[derive(Deserialize)]
struct Log<'a> {
    version: String,
    #[serde(borrow)]
    runs: Vec<Run<'a>>,
}

#[derive(Deserialize)]
struct Run<'a> {
    #[serde(borrow)]
    tool: Tool<'a>,
    #[serde(borrow, default)]
    results: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
pub(crate) struct Tool<'a> {
    #[serde(borrow)]
    driver: Component<'a>,
    #[serde(borrow, default)]
    extensions: Option<Vec<Component<'a>>>,
}

#[derive(Deserialize)]
pub(crate) struct Component<'a> {
    name: String,
    #[serde(borrow, default)]
    rules: Option<Vec<&'a RawValue>>,
}

/// Reads the file into counts and findings.
pub(crate) fn read(bytes: &[u8], known: &Known, report: &mut Report) -> Result<(), Unreadable> {
    let mut counts = FindingCounts::default();
    let (mut new, mut old) = (Vec::new(), Vec::new());
    each(bytes, known, |finding, level| {
        let count = match level {
            ResultLevel::Error => &mut counts.errors,
            ResultLevel::Warning => &mut counts.warnings,
            ResultLevel::Note | ResultLevel::None => &mut counts.notes,
        };
        *count = count.saturating_add(1);
        counts.new = counts.new.saturating_add(u32::from(finding.new));
        let kept = if finding.new { &mut new } else { &mut old };
        if kept.len() < MAX_DETAILS {
            kept.push(finding);
        }
    })?;
    report.findings = Some(counts);
    new.append(&mut old);
    new.truncate(MAX_DETAILS);
    report.details = new;
    Ok(())
}

/// The fingerprints of all findings.
pub(crate) fn fingerprints(bytes: &[u8], known: &Known) -> Result<BTreeSet<String>, Unreadable> {
    let mut fingerprints = BTreeSet::new();
    each(bytes, known, |finding, _| {
        fingerprints.insert(finding.fingerprint);
    })?;
    Ok(fingerprints)
}

/// What to say where a gate on new findings could not know the old ones.
pub(crate) fn note_on_unknown_base(report: &Report) -> Option<String> {
    let findings = report
        .findings
        .filter(|findings| findings.total() > findings.new)?;
    Some(format!(
        "no good run of this job was found on the base branch, so {} of {} findings count as not new (max_new)",
        findings.total() - findings.new,
        findings.total()
    ))
}

fn each(
    bytes: &[u8],
    known: &Known,
    mut take: impl FnMut(Finding, ResultLevel),
) -> Result<(), Unreadable> {
    let json = std::str::from_utf8(bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes))
        .map_err(|_| Unreadable::new("it is not UTF-8"))?;
    if !json.trim_start().starts_with('{') {
        return Err(Unreadable::new("it is no JSON object, so it is not SARIF"));
    }
    let log: Log<'_> = serde_json::from_str(json).map_err(|error| not_sarif("it", &error))?;
    if log.version != "2.1.0" {
        let version = text::line(&log.version, 20);
        return Err(Unreadable::new(format!(
            "it is SARIF {version}, and only 2.1.0 is read"
        )));
    }
    // The same finding twice in one file makes two fingerprints, so that a second one is new where there was one.
    let mut seen: BTreeMap<Digest, u32> = BTreeMap::new();
    for (run_number, run) in log.runs.into_iter().enumerate() {
        let rules = Rules::of(&run.tool)?;
        let tool = text::cap(&run.tool.driver.name, text::MAX_NAME);
        for (number, raw) in run.results.unwrap_or_default().into_iter().enumerate() {
            let result: Outcome = serde_json::from_str(raw.get()).map_err(|error| {
                not_sarif(&format!("runs[{run_number}].results[{number}]"), &error)
            })?;
            let Some(level) = level(&result, &rules) else {
                continue;
            };
            let mut finding = finding(&result, level, &rules, known);
            let digest = digest(&tool, &result, &finding);
            let occurrence = seen
                .entry(digest.clone())
                .and_modify(|times| *times += 1)
                .or_insert(1);
            finding.fingerprint = fingerprint(&digest, *occurrence);
            finding.new = match &known.fingerprints {
                Some(fingerprints) => !fingerprints.contains(&finding.fingerprint),
                None => baseline(&result) == Some("new"),
            };
            take(finding, level);
        }
    }
    Ok(())
}

fn not_sarif(what: &str, error: &serde_json::Error) -> Unreadable {
    Unreadable::new(format!(
        "{what} is not SARIF: {}",
        text::line(&error.to_string(), text::MAX_NAME)
    ))
}

/// How bad it is; `None` = it does not count.
fn level(result: &Outcome, rules: &Rules) -> Option<ResultLevel> {
    let suppressions = result.suppressions.as_deref().unwrap_or_default();
    if baseline(result) == Some("absent")
        || (!suppressions.is_empty() && suppressions.iter().all(is_accepted))
    {
        return None;
    }
    match &result.kind {
        Some(ResultKind::Pass | ResultKind::NotApplicable) => None,
        Some(ResultKind::Review | ResultKind::Open | ResultKind::Informational) => {
            Some(ResultLevel::Note)
        }
        Some(ResultKind::Fail) | None => {
            let of_rule = || rules.of_result(result).and_then(|rule| rule.level);
            Some(
                result
                    .level
                    .or_else(of_rule)
                    .unwrap_or(ResultLevel::Warning),
            )
        }
    }
}

/// A suppression without a status is accepted (§3.35.3).
fn is_accepted(suppression: &Suppression) -> bool {
    suppression
        .status
        .as_ref()
        .is_none_or(|status| status == "accepted")
}

fn baseline(result: &Outcome) -> Option<&str> {
    result.baseline_state.as_ref()?.as_str()
}

fn finding(result: &Outcome, level: ResultLevel, rules: &Rules, known: &Known) -> Finding {
    let rule = rules.of_result(result);
    let place = result
        .locations
        .iter()
        .flatten()
        .find_map(|location| location.physical_location.as_ref());
    let uri = place.and_then(|place| place.artifact_location.as_ref()?.uri.as_deref());
    let line = place.and_then(|place| place.region.as_ref()?.start_line);
    Finding {
        rule: text::line(
            named(result)
                .or(rule.map(|rule| rule.id.as_str()))
                .unwrap_or("unnamed"),
            text::MAX_NAME,
        ),
        level: match level {
            ResultLevel::Error => "error",
            ResultLevel::Warning => "warning",
            ResultLevel::Note | ResultLevel::None => "note",
        }
        .to_owned(),
        message: text::message(&message(result, rule)),
        file: uri
            .map(|uri| text::file(uri, known))
            .filter(|file| !file.is_empty()),
        line: line
            .and_then(|line| u32::try_from(line).ok())
            .filter(|line| *line > 0),
        fingerprint: String::new(),
        new: false,
    }
}

/// The message, looked up in the rule where the result only names it, with `{0}` filled in (§3.11.5).
fn message(result: &Outcome, rule: Option<&Rule>) -> String {
    let message = &result.message;
    let named = || message.id.as_ref().and_then(|id| rule?.messages.get(id));
    let mut text = message
        .text
        .as_ref()
        .or_else(named)
        .cloned()
        .unwrap_or_default();
    for (index, argument) in message.arguments.iter().flatten().take(10).enumerate() {
        text = text::cap(&text, text::MAX_MESSAGE).replace(
            &format!("{{{index}}}"),
            &text::cap(argument, text::MAX_MESSAGE),
        );
    }
    text
}

/// What makes two findings the same, wherever their lines have moved to: tool, rule and file, with the tool's own
/// fingerprint if it has one, else with the message.
fn digest(tool: &str, result: &Outcome, finding: &Finding) -> Digest {
    let mut parts = vec![
        tool,
        &finding.rule,
        finding.file.as_deref().unwrap_or_default(),
    ];
    let own = own_fingerprint(result);
    if own.is_empty() {
        parts.push(&finding.message);
    }
    parts.extend(own.into_iter().flat_map(|(key, value)| [key, value]));
    // A JSON array keeps the parts apart, whatever is in them.
    let parts = serde_json::Value::from(parts).to_string();
    Digest::of(parts.as_bytes())
}

/// `fingerprints` identify a result (§3.27.16); of `partialFingerprints` (§3.27.17) the hash of the line is enough where
/// there is one, for the others change with the indentation.
fn own_fingerprint(result: &Outcome) -> Vec<(&str, &str)> {
    fn pairs(map: Option<&BTreeMap<String, String>>) -> Vec<(&str, &str)> {
        map.into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect()
    }
    let whole = pairs(result.fingerprints.as_ref());
    if !whole.is_empty() {
        return whole;
    }
    let partial = pairs(result.partial_fingerprints.as_ref());
    match partial
        .iter()
        .find(|(key, _)| key.starts_with("primaryLocationLineHash"))
    {
        Some(line_hash) => vec![*line_hash],
        None => partial,
    }
}

/// 32 hexadecimal characters, with `-2` for the second finding of the same kind.
fn fingerprint(digest: &Digest, occurrence: u32) -> String {
    let short = digest.as_str().get(..32).unwrap_or(digest.as_str());
    if occurrence == 1 {
        short.to_owned()
    } else {
        format!("{short}-{occurrence}")
    }
}

#[cfg(test)]
mod tests;
