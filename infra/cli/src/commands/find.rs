//! Purpose: the run that a person means by the beginning of its id, and the repository by its name.

use domain::kernel::StreamId;
use engine::Pages;
use engine::ports::{Head, Journal, Repository};
use engine::views::short_reference;

use crate::backend::Backend;
use crate::failure::Failure;
use crate::output;

/// Candidates that a complaint lists.
pub const MAX_CANDIDATES: usize = 10;
/// The stream of the run whose id begins so; `latest` = the newest one. `<repository>/<id>` and a stream's name fit too.
pub async fn run(backend: &Backend, wanted: &str) -> Result<StreamId, Failure> {
    run_in(&*backend.journal, wanted, backend.first_run()).await
}

/// The same in this journal; `first_run` says how to get a run where there is none.
pub async fn run_in(
    journal: &dyn Journal,
    wanted: &str,
    first_run: &str,
) -> Result<StreamId, Failure> {
    let latest = wanted == "latest";
    let prefix = wanted.strip_prefix("run/").unwrap_or(wanted);
    let mut found: Vec<Head> = Vec::new();
    let mut newest: Vec<Head> = Vec::new();
    let mut pages = Pages::new(journal, "run/");
    while let Some(page) = pages.next_page().await? {
        for head in page {
            if latest {
                return Ok(head.stream);
            }
            if newest.len() < MAX_CANDIDATES {
                newest.push(head.clone());
            }
            if fits(&head.stream, prefix) {
                found.push(head);
            }
        }
    }
    match found.as_slice() {
        [only] => Ok(only.stream.clone()),
        [] if newest.is_empty() => Err(Failure::usage("there are no runs yet").help(first_run)),
        [] => Err(
            Failure::usage(format!("no run's id begins with {wanted:?}"))
                .help(format!("the newest ones:\n{}", list(newest.iter()))),
        ),
        many => {
            let mut help = format!(
                "name one of them:\n{}",
                list(many.iter().take(MAX_CANDIDATES))
            );
            if let Some(more) = many
                .len()
                .checked_sub(MAX_CANDIDATES)
                .filter(|more| *more > 0)
            {
                help.push_str(&format!("\n  and {more} more"));
            }
            let what = format!("{} runs have ids that begin with {wanted:?}", many.len());
            Err(Failure::usage(what).help(help))
        }
    }
}

/// The repository of this name or number; without one, the only one that there is.
pub async fn repository(backend: &Backend, wanted: Option<&str>) -> Result<Repository, Failure> {
    let mut all = backend.repositories.repositories().await?;
    for known in &mut all {
        let standing = engine::standing(&*backend.journal, known.id).await?;
        known.name = standing.name.unwrap_or_else(|| known.name.clone());
    }
    let Some(wanted) = wanted else {
        return match all.as_slice() {
            [only] => Ok(only.clone()),
            [] => {
                Err(Failure::usage("there is no repository here").help(backend.first_repository()))
            }
            several => {
                let names = several.iter().map(|known| known.name.clone());
                Err(Failure::usage("which repository?").help(candidates(names)))
            }
        };
    };
    let fits = |known: &&Repository| known.name == wanted || known.id.to_string() == wanted;
    if let Some(found) = all.iter().find(fits) {
        return Ok(found.clone());
    }
    Err(no_repository(
        backend,
        wanted,
        all.iter().map(|known| known.name.as_str()),
    ))
}

/// What somebody reads who has named a repository that is not here.
pub fn no_repository<'a>(
    backend: &Backend,
    wanted: &str,
    names: impl Iterator<Item = &'a str>,
) -> Failure {
    let names: Vec<&str> = names.collect();
    let help = match names.as_slice() {
        [] => backend.first_repository().to_owned(),
        names => format!("registered are: {}", names.join(", ")),
    };
    Failure::usage(format!("no repository here is called {wanted:?}")).help(help)
}

/// `name one of: a, b, c`.
pub fn candidates(names: impl IntoIterator<Item = String>) -> String {
    let names: Vec<String> = names.into_iter().collect();
    format!("name one of: {}", names.join(", "))
}

/// `3f2a` is the beginning of an id, `7/3f2a` of one in repository 7.
fn fits(stream: &StreamId, prefix: &str) -> bool {
    match prefix.contains('/') {
        true => stream.rest().starts_with(prefix),
        false => stream
            .run_id()
            .is_some_and(|id| id.as_str().starts_with(prefix)),
    }
}

/// One line for each, in columns.
fn list<'a>(heads: impl Iterator<Item = &'a Head>) -> String {
    let lines = heads.map(|head| {
        let id = head.stream.run_id();
        let id = id.as_ref().map_or(head.stream.as_str(), |id| id.as_str());
        let of = |key: &str| head.summary.get(key).and_then(|v| v.as_str()).unwrap_or("");
        let reference = output::clean(short_reference(of("reference")));
        let commit = of("commit").get(..7).unwrap_or("");
        let text = format!("  {id}  {commit:<7}  {:<17}  {reference}", of("status"));
        text.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}
