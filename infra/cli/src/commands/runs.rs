//! Purpose: `slipway runs`: runs, newest first.

use domain::report::TestCounts;
use engine::views::{self, RunRow, RunsFilter};
use jiff::Timestamp;

use super::find;
use crate::args::{Global, RunsArgs};
use crate::backend::Backend;
use crate::failure::Failure;
use crate::output::table::{Cell, Fit, Table};
use crate::output::{self, style};

/// Lists them.
pub async fn run(global: &Global, args: &RunsArgs) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let filter = RunsFilter {
        repository: args.repo.clone(),
        branch: args.branch.clone(),
        status: args.status.clone(),
    };
    let limit = usize::from(args.limit);
    let view = views::runs(&backend.reads(), &filter, None, limit, Timestamp::now()).await?;
    if let Some(wanted) = &args.repo
        && !known(&view.repositories, wanted)
    {
        let names = view.repositories.iter().map(|known| known.name.as_str());
        return Err(find::no_repository(&backend, wanted, names));
    }
    if global.json {
        for row in &view.runs {
            output::json_line(row)?;
        }
        return Ok(0);
    }
    if view.runs.is_empty() {
        output::note(&match filter.is_empty() {
            true => format!("There are no runs yet: {}.", backend.first_run()),
            false => "No run fits. `slipway runs` without options lists all.".to_owned(),
        });
        return Ok(0);
    }
    output::write(&table(&view.runs).render(output::width()))?;
    if let Some(notice) = &view.notice {
        output::note(notice);
    } else if view.next.is_some() {
        output::note(&format!(
            "… and more: `--limit N` shows them, here {limit}."
        ));
    }
    Ok(0)
}

fn known(repositories: &[views::RepositoryRef], wanted: &str) -> bool {
    repositories
        .iter()
        .any(|known| known.name == wanted || known.id.to_string() == wanted)
}

fn table(rows: &[RunRow]) -> Table {
    let now = Timestamp::now();
    let several = rows
        .windows(2)
        .any(|pair| pair[0].repository != pair[1].repository);
    let mut table = Table::new(&[
        ("RUN", Fit::Whole),
        ("STATUS", Fit::Whole),
        ("REPOSITORY", Fit::Cut),
        ("BRANCH", Fit::Cut),
        ("COMMIT", Fit::Whole),
        ("OPENED", Fit::Whole),
        ("TOOK", Fit::Spare),
        ("TESTS", Fit::Spare),
        ("TITLE", Fit::Cut),
    ]);
    for row in rows {
        let repository = if several {
            output::clean(&row.repository.name)
        } else {
            String::new()
        };
        let commit = row.commit.as_ref().map_or("", |commit| commit.short());
        let about = about(row);
        table.row([
            Cell::styled(row.run.as_str(), style::STRONG),
            Cell::status(&row.status),
            Cell::new(repository),
            Cell::new(output::clean(&row.branch)),
            Cell::new(commit),
            Cell::styled(output::ago(row.opened_ms, now), style::FAINT),
            Cell::styled(domain::words::duration(row.duration_ms), style::FAINT),
            tests(&row.tests),
            about,
        ]);
    }
    table
}

/// Why nobody works on it, why it did not succeed, or else what it is about.
fn about(row: &RunRow) -> Cell {
    if let Some(why) = &row.quarantine {
        return Cell::styled(format!("quarantined: {}", output::clean(why)), style::BAD);
    }
    if row.headline.is_empty() || row.status == "succeeded" {
        return Cell::new(output::clean(row.title.as_deref().unwrap_or_default()));
    }
    // The status stands in a column of its own.
    let again = format!("{}: ", row.status);
    let headline = row.headline.strip_prefix(&again).unwrap_or(&row.headline);
    Cell::new(output::clean(headline))
}

fn tests(counts: &TestCounts) -> Cell {
    match (counts.passed, counts.failed) {
        (0, 0) => Cell::new(""),
        (passed, 0) => Cell::styled(format!("{passed} passed"), style::GOOD),
        (_, failed) => Cell::styled(format!("{failed} failed"), style::BAD),
    }
}
