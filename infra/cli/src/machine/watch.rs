//! Purpose: the watcher, which tells the webhook function about moved refs of local repositories, in GitHub's own words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::ids::{CommitSha, Digest, RepositoryId};
use engine::Fault;
use engine::ports::{People, Person, Sources};
use lambda_http::http::Method;
use lambda_http::{Body, Request};
use local::disk;
use local::git::{Git, RefMove, moved, refs};
use local::registry::Entry;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::functions::Functions;
use crate::home::Home;

/// Commits that one look tells of at most per repository; the next look goes on.
const MAX_MOVES: usize = 50;
const ZERO: &str = "0000000000000000000000000000000000000000";

/// What was seen of one repository: `<data>/watch/<id>.json`.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// Grows with every change, so that the same move at another time is another delivery.
    generation: u64,
    refs: BTreeMap<String, CommitSha>,
    /// It was taken out of the list; the next look begins anew.
    #[serde(default)]
    forgotten: bool,
}

/// Takes what a repository has now as seen, if nobody looks at it yet: what comes after is news.
pub async fn begin(dir: &Path, entry: &Entry) -> Result<(), Fault> {
    let file = file_of(dir, entry);
    let seen = read(&file)?;
    if !entry.polled || seen.as_ref().is_some_and(|seen| !seen.forgotten) {
        return Ok(());
    }
    let refs = refs(&Git::new(), &entry.path).await?;
    let generation = seen.map_or(0, |seen| seen.generation);
    write(
        &file,
        &Seen {
            generation,
            refs,
            forgotten: false,
        },
    )
}

/// Stops looking at a repository: what happens until it is registered again will be no news.
pub fn forget(dir: &Path, entry: &Entry) -> Result<(), Fault> {
    let file = file_of(dir, entry);
    let Some(seen) = read(&file)? else {
        return Ok(());
    };
    write(
        &file,
        &Seen {
            generation: seen.generation + 1,
            refs: BTreeMap::new(),
            forgotten: true,
        },
    )
}

fn file_of(dir: &Path, entry: &Entry) -> PathBuf {
    dir.join("watch").join(format!("{}.json", entry.id))
}

/// Looks once at every polled repository.
pub async fn look(functions: &Functions) -> Result<(), Fault> {
    for entry in functions
        .home
        .repositories
        .entries()?
        .into_iter()
        .filter(|entry| entry.polled)
    {
        if let Err(fault) = look_at(functions, &entry).await {
            tracing::warn!(repository = entry.name, %fault, "a repository could not be looked at");
        }
    }
    Ok(())
}

async fn look_at(functions: &Functions, entry: &Entry) -> Result<(), Fault> {
    let file = file_of(&functions.home.dir, entry);
    let Some(mut seen) = read(&file)?.filter(|seen| !seen.forgotten) else {
        return begin(&functions.home.dir, entry).await;
    };
    let now = refs(&Git::new(), &entry.path).await?;
    let moves = moved(&seen.refs, &now);
    if moves.is_empty() {
        return Ok(());
    }
    let (mut noted, mut trouble) = (false, None);
    for step in moves.into_iter().take(MAX_MOVES) {
        if let Err(fault) = deliver(functions, entry, seen.generation, &step).await {
            trouble = Some(fault);
            break;
        }
        noted = true;
        match &step.to {
            Some(to) => seen.refs.insert(step.reference.clone(), to.clone()),
            None => seen.refs.remove(&step.reference),
        };
    }
    // What was handed in is noted also when something after it has to be tried again.
    if noted {
        seen.generation += 1;
        write(&file, &seen)?;
    }
    trouble.map_or(Ok(()), Err)
}

/// Hands one move in. Until it is noted as seen, a crash hands the same delivery in again, under the same guid. A move that
/// the webhook refuses, such as one of a ref that no run may have, is refused for good and counts as seen.
///
/// # Errors
/// When it may be taken at another time.
async fn deliver(
    functions: &Functions,
    entry: &Entry,
    generation: u64,
    step: &RefMove,
) -> Result<(), Fault> {
    let name = |sha: &Option<CommitSha>| sha.as_ref().map_or(ZERO, |sha| sha.as_str()).to_owned();
    let (before, after) = (name(&step.from), name(&step.to));
    let guid = Digest::of(
        format!(
            "{} {generation} {} {before} {after}",
            entry.id, step.reference
        )
        .as_bytes(),
    );
    let sender = match &step.to {
        Some(commit) => sender(&functions.home, entry.id, commit).await?,
        None => None,
    };
    let body = json!({
        "ref": step.reference,
        "before": before,
        "after": after,
        "created": step.from.is_none(),
        "deleted": step.to.is_none(),
        "repository": { "id": entry.id, "name": entry.name, "full_name": entry.name },
        "sender": sender.map(|person| json!({ "id": person.id, "login": person.login })),
    })
    .to_string();
    let request = request(functions, guid.short(), body)?;
    let response = functions.answer(request).await;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(response.body().as_ref())
        .trim()
        .to_owned();
    if status.is_client_error() {
        let (repository, reference) = (&entry.name, &step.reference);
        tracing::error!(repository, reference, %status, text, "this move leads to no run");
        return Ok(());
    }
    Err(Fault::Unavailable(format!(
        "the webhook answered {status}: {text}"
    )))
}

/// A plain push has no signed-in sender: whoever committed counts as the initiator.
pub async fn sender(
    home: &Home,
    repository: RepositoryId,
    commit: &CommitSha,
) -> Result<Option<Person>, Fault> {
    let Some(commit) = home.sources.commit(repository, commit).await? else {
        return Ok(None);
    };
    home.people.by_address(&commit.committer_address).await
}

fn request(functions: &Functions, guid: &str, body: String) -> Result<Request, Fault> {
    lambda_http::http::Request::builder()
        .method(Method::POST)
        .uri("/webhook")
        .header("content-type", "application/json")
        .header("x-github-event", "push")
        .header("x-github-delivery", format!("local-{guid}"))
        .header(
            "x-hub-signature-256",
            functions.secrets.sign(body.as_bytes()),
        )
        .body(Body::Text(body))
        .map_err(|error| Fault::Malformed(format!("a delivery: {error}")))
}

fn read(file: &Path) -> Result<Option<Seen>, Fault> {
    let Some(bytes) = disk::read(file)? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        Fault::Malformed(format!(
            "{}: {error}; remove it to begin anew",
            file.display()
        ))
    })
}

fn write(file: &Path, seen: &Seen) -> Result<(), Fault> {
    let bytes = serde_json::to_vec(seen)
        .map_err(|error| Fault::Malformed(format!("{}: {error}", file.display())))?;
    if let Some(folder) = file.parent() {
        disk::make_folder(folder)?;
    }
    disk::write(file, &bytes)
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
