//! Purpose: `slipway repo`: the repositories that this machine knows.

use std::path::{Path, PathBuf};

use domain::ids::RepositoryId;
use domain::pipeline::FILE_NAME;
use local::git::{self, Git, is_valid_ref, refs};
use local::registry::{Entry, Registry};
use serde_json::json;

use crate::args::{Global, RepoCommand};
use crate::data;
use crate::failure::Failure;
use crate::machine::watch;
use crate::output::table::{Cell, Fit, Table};
use crate::output::{self, style};

/// Adds, lists or removes.
pub async fn run(global: &Global, command: RepoCommand) -> Result<u8, Failure> {
    let dir = data::dir(global)?;
    let registry = Registry::new(&dir);
    match command {
        RepoCommand::Add {
            path,
            name,
            github_id,
            default_branch,
        } => {
            data::make(&dir)?;
            let github = github_id.map(RepositoryId);
            add(global, &dir, &path, name, github, default_branch).await
        }
        RepoCommand::List => list(global, &registry.entries()?),
        RepoCommand::Remove { repository } => remove(global, &dir, &registry, &repository),
    }
}

async fn add(
    global: &Global,
    dir: &Path,
    path: &Path,
    name: Option<String>,
    github: Option<RepositoryId>,
    default_branch: Option<String>,
) -> Result<u8, Failure> {
    let path = top(path)?;
    // Reading its refs is what the machine will do all the time.
    refs(&Git::new(), &path).await.map_err(|error| {
        Failure::usage(format!(
            "{} is not a git repository: {error}",
            path.display()
        ))
        .help("name the folder of a work tree or of a bare repository; `git init` makes one")
    })?;
    let name = name.unwrap_or_else(|| default_name(&path));
    let default = match default_branch {
        Some(branch) => Some(named_branch(branch)?),
        None => standing_branch(&path, github.is_some()).await?,
    };
    let entry = Registry::new(dir).add(&path, &name, github, default.as_deref())?;
    // What comes from now on is news, also before the machine has looked.
    watch::begin(dir, &entry).await?;
    if global.json {
        output::document(&entry)?;
        return Ok(0);
    }
    output::line(format!(
        "{} is registered as {} (id {}).",
        path.display(),
        style::paint(style::STRONG, &output::clean(&entry.name)),
        entry.id
    ))?;
    output::line(match entry.polled {
        true => "While `slipway up` is running, a commit or a push there starts a run.",
        false => "Webhooks of GitHub start its runs: POST /webhook of `slipway up`.",
    })?;
    if let Some(branch) = &entry.default_branch {
        output::line(format!(
            "Environments and approvals are read on its branch {}.",
            output::clean(branch)
        ))?;
    }
    if !is_bare(&path) && !path.join(FILE_NAME).exists() {
        output::note(&format!(
            "It has no {FILE_NAME} yet: nothing will run before one is committed. `slipway lint` checks it."
        ));
    }
    Ok(0)
}

fn list(global: &Global, entries: &[Entry]) -> Result<u8, Failure> {
    if global.json {
        for entry in entries {
            output::json_line(entry)?;
        }
        return Ok(0);
    }
    if entries.is_empty() {
        output::note("No repository is registered. `slipway repo add PATH` registers one.");
        return Ok(0);
    }
    let mut table = Table::new(&[
        ("NAME", Fit::Whole),
        ("ID", Fit::Whole),
        ("DRIVEN BY", Fit::Spare),
        ("DEFAULT BRANCH", Fit::Spare),
        ("PATH", Fit::Cut),
    ]);
    for entry in entries {
        let missing = !entry.path.exists();
        let path = entry.path.display().to_string();
        table.row([
            Cell::styled(output::clean(&entry.name), style::STRONG),
            Cell::new(entry.id.to_string()),
            Cell::new(if entry.polled { "its refs" } else { "webhooks" }),
            Cell::new(match &entry.default_branch {
                Some(branch) => output::clean(branch),
                None => "as git says".to_owned(),
            }),
            match missing {
                true => Cell::styled(format!("{path} (missing)"), style::BAD),
                false => Cell::new(path),
            },
        ]);
    }
    output::write(&table.render(output::width()))?;
    Ok(0)
}

fn remove(global: &Global, dir: &Path, registry: &Registry, wanted: &str) -> Result<u8, Failure> {
    let entries = registry.entries()?;
    let known = |text: &str| {
        entries.iter().any(|entry| {
            entry.name == text || entry.id.to_string() == text || entry.path == Path::new(text)
        })
    };
    // A path may be typed as it is from here.
    let absolute = top(Path::new(wanted))
        .ok()
        .map(|path| path.display().to_string());
    let word = match absolute.filter(|path| !known(wanted) && known(path)) {
        Some(path) => path,
        None => wanted.to_owned(),
    };
    let Some(entry) = registry.remove(&word)? else {
        let names: Vec<String> = entries.into_iter().map(|entry| entry.name).collect();
        let help = match names.as_slice() {
            [] => "none is registered".to_owned(),
            names => format!("registered are: {}", names.join(", ")),
        };
        return Err(
            Failure::usage(format!("no repository is registered as {wanted:?}")).help(help),
        );
    };
    watch::forget(dir, &entry)?;
    if global.json {
        output::document(&json!({ "removed": entry }))?;
    } else {
        let name = output::clean(&entry.name);
        output::line(format!(
            "{name} is not watched any more; its history stays in the journal."
        ))?;
    }
    Ok(0)
}

fn named_branch(branch: String) -> Result<String, Failure> {
    if is_valid_ref(&format!("refs/heads/{branch}")) {
        return Ok(branch);
    }
    Err(Failure::usage(format!(
        "{branch:?} is no name that git allows for a branch"
    ))
    .help("for instance `--default-branch main`"))
}

/// The default branch of a work tree, as it is when it is registered: later it may stand on any branch. A bare
/// repository and GitHub say at any time which it is, so nothing is written down for them.
async fn standing_branch(path: &Path, is_hosted: bool) -> Result<Option<String>, Failure> {
    if is_hosted || is_bare(path) {
        return Ok(None);
    }
    let found = git::default_branch(&Git::new(), path, false).await;
    Ok(found.map_err(engine::Fault::from)?)
}

/// The absolute path, links resolved; of a folder inside a work tree, the top of it.
fn top(path: &Path) -> Result<PathBuf, Failure> {
    let path = path.canonicalize().map_err(|error| {
        Failure::usage(format!("{} cannot be read: {error}", path.display()))
            .help("name the folder of a git repository")
    })?;
    if is_bare(&path) {
        return Ok(path);
    }
    let tree = path.ancestors().find(|folder| folder.join(".git").exists());
    Ok(tree.unwrap_or(&path).to_path_buf())
}

fn is_bare(path: &Path) -> bool {
    path.join("HEAD").is_file() && path.join("objects").is_dir()
}

/// `shop` of `/srv/git/shop.git`.
fn default_name(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    name.strip_suffix(".git").unwrap_or(&name).to_owned()
}
