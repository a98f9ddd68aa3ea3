//! Purpose: what an ended build means for its attempt: verdict, reports with their gates, headline.

use domain::kernel::StreamId;
use domain::plan::{ReportKind, ReportSpec};
use domain::report::Report;
use domain::run::{Attempt, EndFacts, Run, Verdict};
use jiff::Timestamp;

use super::{Tasks, base};
use crate::fault::Fault;
use crate::ports::{BuildEnd, CollectedReport, Ending};

/// The end of a build that its host does not know (any more).
pub(super) fn vanished(at: Timestamp) -> EndFacts {
    let why = "the host knows nothing of the build any more".to_owned();
    EndFacts::without_build(Verdict::Lost { why }, at)
}

/// The end of a build, with its reports read and judged.
pub(super) async fn end_facts(
    tasks: &Tasks<'_>,
    stream: &StreamId,
    run: &Run,
    attempt: &Attempt,
    end: &BuildEnd,
) -> Result<EndFacts, Fault> {
    let specs = run
        .job(&attempt.task)
        .map(|job| job.reports.as_slice())
        .unwrap_or_default();
    let reports = read_reports(tasks, stream, run, attempt, specs, end).await?;
    let verdict = verdict(&end.ending, &reports, run, attempt);
    let headline = if verdict.is_good() {
        None
    } else {
        headline(&reports, tasks, end, &verdict).await?
    };
    Ok(EndFacts {
        verdict,
        headline,
        reports,
        artifacts: end.artifacts.clone(),
        started_ms: end.started_ms,
        finished_ms: end.finished_ms,
        cpu_ms: end.usage.cpu_ms,
        max_rss_kib: end.usage.max_rss_kib,
    })
}

fn verdict(ending: &Ending, reports: &[Report], run: &Run, attempt: &Attempt) -> Verdict {
    match ending {
        Ending::Exited { code: 0 } => {
            let broken = reports.iter().find(|report| !report.holds());
            let Some(report) = broken else {
                return Verdict::Succeeded;
            };
            let sentences = report.broken_gates.iter().chain(&report.unreadable);
            Verdict::Failed {
                why: sentences.cloned().collect::<Vec<_>>().join("; "),
            }
        }
        Ending::Exited { code } => Verdict::Failed {
            why: format!("exit status {code}"),
        },
        Ending::Killed { signal } => Verdict::Failed {
            why: format!("ended by signal {signal}"),
        },
        Ending::TimedOut => Verdict::TimedOut,
        // Nobody but the run asks for a stop: when it was not cancelled, its time was over.
        Ending::Stopped if run.is_stopping() => Verdict::Cancelled,
        Ending::Stopped
            if run
                .tasks
                .get(&attempt.task)
                .is_some_and(|task| task.was_claimed()) =>
        {
            Verdict::TimedOut
        }
        Ending::Stopped => Verdict::NotStarted {
            why: "it did not claim in time".to_owned(),
        },
        Ending::Unclaimed { why } | Ending::Unprepared { why } => {
            Verdict::NotStarted { why: why.clone() }
        }
        Ending::Lost { why } => Verdict::Lost { why: why.clone() },
    }
}

async fn read_reports(
    tasks: &Tasks<'_>,
    stream: &StreamId,
    run: &Run,
    attempt: &Attempt,
    specs: &[ReportSpec],
    end: &BuildEnd,
) -> Result<Vec<Report>, Fault> {
    let ran = matches!(end.ending, Ending::Exited { .. });
    let mut all = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let known = match spec.kind {
            ReportKind::Sarif => base::known_findings(tasks, stream, run, attempt).await?,
            _ => None,
        };
        let known = reports::Known {
            fingerprints: known,
            checkout: None,
        };
        let mut of_spec = Vec::new();
        for collected in end
            .reports
            .iter()
            .filter(|collected| collected.spec == index)
        {
            of_spec.push(read_one(tasks, spec, collected, &known).await?);
        }
        if of_spec.is_empty() && ran {
            of_spec.push(reports::missing(spec));
        }
        reports::judge(spec, &mut of_spec);
        all.extend(of_spec);
    }
    if specs.is_empty() && attempt.task.environment().is_none() {
        all.extend(
            console_of(tasks, end)
                .await?
                .as_deref()
                .and_then(|text| reports::from_console(text, &reports::Known::default())),
        );
    }
    Ok(all)
}

async fn read_one(
    tasks: &Tasks<'_>,
    spec: &ReportSpec,
    collected: &CollectedReport,
    known: &reports::Known,
) -> Result<Report, Fault> {
    let unreadable = |why: String| {
        let mut report = Report::empty(spec.kind, collected.path.clone());
        report.unreadable = Some(format!("{} {why}", collected.path));
        report
    };
    let bytes = match readable(tasks.blobs.get(&collected.digest).await)? {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(unreadable("is not in the blob store any more".to_owned())),
        Err(why) => return Ok(unreadable(format!("cannot be read: {why}"))),
    };
    let mut report = reports::read(spec, &collected.path, &bytes, known);
    report.source = Some(collected.digest.clone());
    Ok(report)
}

/// What will never be readable is a fact about the build, and no reason to ask for ever: the inner error says why. Only
/// what may answer another time stays a fault.
pub(super) fn readable<T>(read: Result<T, Fault>) -> Result<Result<T, String>, Fault> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(fault) if fault.is_transient() => Err(fault),
        Err(fault) => Ok(Err(fault.to_string())),
    }
}

async fn console_of(tasks: &Tasks<'_>, end: &BuildEnd) -> Result<Option<String>, Fault> {
    let Some(digest) = &end.console else {
        return Ok(None);
    };
    let bytes = match readable(tasks.blobs.get(digest).await)? {
        Ok(bytes) => bytes,
        Err(why) => {
            tracing::warn!(%digest, why, "the output of a build cannot be read");
            None
        }
    };
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// The sentence to show first: the failing test, else a gate, else the last line that was printed.
async fn headline(
    reports: &[Report],
    tasks: &Tasks<'_>,
    end: &BuildEnd,
    verdict: &Verdict,
) -> Result<Option<String>, Fault> {
    if let Some(headline) = reports::headline(reports) {
        return Ok(Some(headline));
    }
    let Verdict::Failed { why } = verdict else {
        return Ok(None);
    };
    let console = console_of(tasks, end).await?.unwrap_or_default();
    let last = console
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    Ok(last.map(|line| format!("{why}: {}", reports::text::line(line, 200))))
}
