//! Purpose: a run while it goes on, for the person who watches: bars that move on a terminal, else a line for each change.

use std::collections::BTreeMap;
use std::time::Duration;

use anstyle::Style;
use domain::run::{EndFacts, Phase, Run, StagePhase, Task, TaskId, Verdict};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::failure::Failure;
use crate::output::{self, style};

/// Between two pictures of a moving bar.
const TICK: Duration = Duration::from_millis(120);

/// Shows a run as it goes on.
pub struct Live {
    bars: Option<MultiProgress>,
    shown: BTreeMap<String, Shown>,
    json: bool,
}

struct Shown {
    text: String,
    bar: Option<ProgressBar>,
}

/// One line of the picture: a job or an environment.
struct Item {
    name: String,
    text: String,
    mark: Mark,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Waits,
    Works,
    Good,
    Bad,
    Skipped,
}

impl Live {
    /// Bars on a terminal; plain lines otherwise; nothing in between when the answer is for programs.
    pub fn new(json: bool) -> Self {
        let bars = (!json && output::is_live()).then(MultiProgress::new);
        Self {
            bars,
            shown: BTreeMap::new(),
            json,
        }
    }

    /// Shows what has changed since the last look.
    pub fn update(&mut self, run: &Run) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        for item in items(run) {
            self.show(item)?;
        }
        Ok(())
    }

    /// A sentence between the lines.
    pub fn say(&self, text: &str) -> Result<(), Failure> {
        match &self.bars {
            _ if self.json => Ok(()),
            Some(bars) => bars.println(text).map_err(|error| {
                Failure::unavailable(format!("the terminal cannot be written to: {error}"))
            }),
            None => output::line(text),
        }
    }

    /// Leaves the last picture standing.
    pub fn finish(&mut self) {
        for shown in self.shown.values() {
            if let Some(bar) = &shown.bar {
                bar.abandon();
            }
        }
    }

    fn show(&mut self, item: Item) -> Result<(), Failure> {
        let known = self.shown.get(&item.name);
        if known.is_some_and(|shown| shown.text == item.text) {
            return Ok(());
        }
        let Some(bars) = &self.bars else {
            let line = format!("{} {:<22} {}", mark(item.mark), item.name, item.text);
            self.shown.insert(
                item.name,
                Shown {
                    text: item.text,
                    bar: None,
                },
            );
            return output::line(line);
        };
        let bar = match known.and_then(|shown| shown.bar.clone()) {
            Some(bar) => bar,
            None => bars.add(ProgressBar::new_spinner()),
        };
        let moving = item.mark == Mark::Works;
        let lead = if moving {
            "{spinner:.cyan}".to_owned()
        } else {
            mark(item.mark)
        };
        if let Ok(look) =
            ProgressStyle::with_template(&format!("{lead} {{prefix:<22}} {{wide_msg}}"))
        {
            bar.set_style(look);
        }
        bar.set_prefix(item.name.clone());
        bar.set_message(item.text.clone());
        if moving {
            bar.enable_steady_tick(TICK);
        } else {
            bar.disable_steady_tick();
            bar.tick();
        }
        self.shown.insert(
            item.name,
            Shown {
                text: item.text,
                bar: Some(bar),
            },
        );
        Ok(())
    }
}

fn mark(mark: Mark) -> String {
    let (sign, look): (&str, Style) = match mark {
        Mark::Waits => ("·", style::FAINT),
        Mark::Works => ("▸", style::BUSY),
        Mark::Good => ("✓", style::GOOD),
        Mark::Bad => ("✗", style::BAD),
        Mark::Skipped => ("–", style::FAINT),
    };
    if output::is_colored() {
        format!("{look}{sign}{look:#}")
    } else {
        sign.to_owned()
    }
}

fn items(run: &Run) -> Vec<Item> {
    let Some(opening) = &run.opening else {
        return Vec::new();
    };
    let jobs = opening.plan.jobs.iter().filter_map(|job| {
        let task = run.tasks.get(&TaskId::Job(job.id.clone()))?;
        let (mark, text) = job_text(task);
        Some(Item {
            name: job.id.to_string(),
            text,
            mark,
        })
    });
    let stages = opening.plan.stages.iter().filter_map(|planned| {
        let stage = run.stages.get(&planned.environment)?;
        let (mark, text) = stage_text(run, planned.environment.as_str(), &stage.phase);
        Some(Item {
            name: format!("→ {}", planned.environment),
            text,
            mark,
        })
    });
    jobs.chain(stages).collect()
}

fn job_text(task: &Task) -> (Mark, String) {
    match &task.phase {
        Phase::Waiting => (Mark::Waits, "waiting".to_owned()),
        Phase::WantsSlot { .. } => (Mark::Waits, "queued".to_owned()),
        Phase::Requested {
            deferred: Some(deferred),
            ..
        } => (Mark::Works, format!("not started yet: {}", deferred.why)),
        Phase::Requested { .. } => (Mark::Works, "starting".to_owned()),
        Phase::Started { claimed: false, .. } => (Mark::Works, "preparing".to_owned()),
        Phase::Started { .. } if task.attempt > 1 => {
            (Mark::Works, format!("running, attempt {}", task.attempt))
        }
        Phase::Started { .. } => (Mark::Works, "running".to_owned()),
        Phase::Ended(verdict) => ended_text(verdict, task.last_end()),
    }
}

fn ended_text(verdict: &Verdict, end: Option<&EndFacts>) -> (Mark, String) {
    let mark = match verdict {
        Verdict::Succeeded => Mark::Good,
        Verdict::Skipped { .. } => Mark::Skipped,
        _ => Mark::Bad,
    };
    let mut text = verdict.word().to_owned();
    if let Some(end) = end.filter(|end| end.started_ms > 0) {
        let seconds = (end.finished_ms - end.started_ms) as f64 / 1000.0;
        text = format!("{text} in {seconds:.1} s");
        let tests = end.reports.iter().filter_map(|report| report.tests);
        let (passed, failed) = tests.fold((0, 0), |(p, f), t| (p + t.passed, f + t.failed));
        if passed + failed > 0 {
            let passed = domain::words::counted(u64::from(passed), "test");
            text = format!("{text}, {passed} passed, {failed} failed");
        }
    }
    let detail = end
        .and_then(|end| end.headline.as_deref())
        .or(verdict.why());
    if let Some(detail) = detail {
        text = format!("{text}: {detail}");
    }
    (mark, text)
}

fn stage_text(run: &Run, environment: &str, phase: &StagePhase) -> (Mark, String) {
    let mark = match phase {
        StagePhase::Blocked => Mark::Waits,
        StagePhase::Ended(domain::run::StageOutcome::Deployed) => Mark::Good,
        StagePhase::Ended(domain::run::StageOutcome::Cancelled) => Mark::Skipped,
        StagePhase::Ended(_) => Mark::Bad,
        _ => Mark::Works,
    };
    let mut text = phase.word().to_owned();
    if let StagePhase::Ended(outcome) = phase {
        match (outcome.why(), &run.release) {
            (Some(why), _) => text = format!("{text}: {why}"),
            (None, Some(release)) if mark == Mark::Good => {
                text = format!("{text}, release {}", release.short());
            }
            _ => {}
        }
    }
    if matches!(phase, StagePhase::Working) {
        let verifies = TaskId::Verify(environment.into());
        if run.tasks.contains_key(&verifies) {
            text = "verifying".to_owned();
        }
        if run
            .tasks
            .contains_key(&TaskId::Rollback(environment.into()))
        {
            text = "rolling back".to_owned();
        }
    }
    (mark, text)
}
