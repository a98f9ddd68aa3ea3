//! Purpose: the data directory and what is in it: space, journal, keys, settings, mail.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use domain::words;
use engine::audit;
use engine::ports::{Head, Journal as _};
use jiff::{SignedDuration, Timestamp};
use local::journal::SqliteJournal;
use local::machine_file::{self, MachineFile};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};

use super::Check;
use crate::data;
use crate::machine::lock;

/// Less free space than this stops builds and, in the end, the journal.
const LITTLE: u64 = 1 << 30;
/// Less than this stops them soon.
const TOO_LITTLE: u64 = 64 << 20;
/// Heads whose streams are verified: a look, not an audit.
const LOOKED_AT: usize = 50;
/// A clock that was before this is not set.
const BUILT_AFTER: &str = "2025-01-01T00:00:00Z";
/// How far into the future the journal may be ahead of the clock.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);

/// All checks of this data directory.
pub async fn checks(dir: &Path) -> Vec<Check> {
    let mut checks = vec![directory(dir), space(dir)];
    let (journal, newest) = journal(dir).await;
    checks.push(journal);
    checks.push(clock(newest.as_ref()));
    checks.push(match lock::running(dir) {
        Some((pid, url)) => Check::ok("machine", format!("it is running: process {pid}, {url}")),
        None => Check::ok("machine", "it is not running; `slipway up` starts it"),
    });
    checks.push(keys(dir));
    checks.extend(settings(dir));
    checks
}

fn directory(dir: &Path) -> Check {
    let name = "data";
    let shown = dir.display();
    let Some(there) = dir.ancestors().find(|folder| folder.exists()) else {
        return Check::missing(
            name,
            format!("{shown} cannot be made"),
            "name another with `--data DIR`",
        );
    };
    if !there.is_dir() {
        let found = format!("{} is not a directory", there.display());
        return Check::missing(
            name,
            found,
            "move it away, or name another with `--data DIR`",
        );
    }
    if let Err(error) = access(there, AccessFlags::W_OK | AccessFlags::X_OK) {
        let found = format!("{} cannot be written to: {}", there.display(), error.desc());
        let help = "`chown` or `chmod` it for the user that runs Slipway, or name another with `--data DIR`";
        return Check::missing(name, found, help);
    }
    if there == dir {
        Check::ok(name, format!("{shown} can be written to"))
    } else {
        Check::ok(name, format!("{shown} will be made when it is needed"))
    }
}

#[allow(
    clippy::useless_conversion,
    reason = "the types differ between systems"
)]
fn space(dir: &Path) -> Check {
    let name = "space";
    let there = dir
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(dir);
    let free = match statvfs(there) {
        Ok(stat) => {
            u64::from(stat.blocks_available()).saturating_mul(u64::from(stat.fragment_size()))
        }
        Err(error) => {
            let found = format!("free space is unknown: {}", error.desc());
            return Check::warn(name, found, "see to it that there is a gigabyte at least");
        }
    };
    let found = format!("{} free", words::bytes(free));
    let help = "free some space: builds, caches and logs are kept in the data directory";
    match free {
        ..TOO_LITTLE => Check::missing(name, found, help),
        TOO_LITTLE..LITTLE => Check::warn(name, found, help),
        _ => Check::ok(name, found),
    }
}

async fn journal(dir: &Path) -> (Check, Option<Head>) {
    let name = "journal";
    let file = dir.join(data::JOURNAL);
    if !file.exists() {
        return (Check::ok(name, "none yet; the machine makes it"), None);
    }
    let audit = "`slipway journal verify` checks all of it; restore it from a backup that verifies";
    match look_at(&file).await {
        Err(fault) => (Check::missing(name, fault.to_string(), audit), None),
        Ok(Look {
            bad: Some(why),
            newest,
            ..
        }) => (Check::missing(name, why, audit), newest),
        Ok(Look {
            quarantined,
            streams,
            newest,
            ..
        }) if quarantined > 0 => {
            let many = words::counted(quarantined, "stream");
            let found = format!("it opens, but {many} of the newest {streams} cannot be worked on");
            let help =
                "`slipway journal list` says why; `slipway journal release STREAM` tries again";
            (Check::warn(name, found, help), newest)
        }
        Ok(Look {
            streams, newest, ..
        }) => {
            let many = words::counted(streams, "stream");
            (
                Check::ok(name, format!("it opens, and the newest {many} verify")),
                newest,
            )
        }
    }
}

struct Look {
    streams: u64,
    quarantined: u64,
    bad: Option<String>,
    newest: Option<Head>,
}

async fn look_at(file: &Path) -> Result<Look, engine::Fault> {
    let journal = SqliteJournal::open_read_only(file)?;
    let heads = journal.heads("", None, LOOKED_AT).await?;
    let mut look = Look {
        streams: heads.len() as u64,
        quarantined: 0,
        bad: journal.check_file().await?.into_iter().next(),
        newest: heads.iter().max_by_key(|head| head.updated_ms).cloned(),
    };
    for head in &heads {
        look.quarantined += u64::from(head.quarantine.is_some());
        let (_, finding) = audit::verify_stream(&journal, head).await?;
        look.bad = look
            .bad
            .or_else(|| finding.map(|finding| finding.to_string()));
    }
    Ok(look)
}

fn clock(newest: Option<&Head>) -> Check {
    let name = "clock";
    let now = Timestamp::now();
    let help = "set the clock, and let it be kept by NTP: deadlines and approvals depend on it";
    let earliest: Option<Timestamp> = BUILT_AFTER.parse().ok();
    if earliest.is_some_and(|earliest| now < earliest) {
        return Check::missing(name, format!("it says {}", words::exact(now)), help);
    }
    let last = newest.and_then(|head| Timestamp::from_millisecond(head.updated_ms).ok());
    match last.filter(|last| last.duration_since(now) > CLOCK_SLACK) {
        Some(last) => {
            let found = format!(
                "it says {}, but the journal goes on to {}",
                words::exact(now),
                words::exact(last)
            );
            Check::warn(name, found, help)
        }
        None => Check::ok(name, words::exact(now)),
    }
}

fn keys(dir: &Path) -> Check {
    let name = "keys";
    let file = dir.join("keys").join("machine.key");
    let shown = file.display();
    match std::fs::metadata(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Check::ok(name, "none yet; the machine makes them")
        }
        Err(error) => Check::missing(
            name,
            format!("{shown} cannot be read: {error}"),
            "give it back to the user that runs Slipway",
        ),
        Ok(metadata) => match metadata.permissions().mode() & 0o077 {
            0 => Check::ok(name, "only their owner can read them"),
            _ => Check::missing(
                name,
                format!("other users can read {shown}"),
                format!(
                    "`chmod 600 {shown}`; if somebody may have read it, remove it: open approvals become void"
                ),
            ),
        },
    }
}

fn settings(dir: &Path) -> Vec<Check> {
    let name = "settings";
    let file = match MachineFile::read(dir) {
        Ok(file) => file,
        Err(fault) => {
            let help = format!("mend {}", dir.join(machine_file::FILE_NAME).display());
            return vec![Check::missing(name, fault.to_string(), help)];
        }
    };
    let jobs = words::counted(file.capacity() as u64, "job");
    let secrets = words::counted(file.secrets.len() as u64, "secret");
    let mut checks = vec![Check::ok(name, format!("{jobs} at once, {secrets}"))];
    for secret in file.secrets.iter().filter(|secret| !secret.file.is_file()) {
        let found = format!(
            "the file of {} is missing: {}",
            secret.name,
            secret.file.display()
        );
        checks.push(Check::missing(
            "secret",
            found,
            "write the value into that file, readable by its owner only",
        ));
    }
    checks.push(people(&file));
    checks.push(mail(dir, &file));
    checks
}

fn people(file: &MachineFile) -> Check {
    let name = "people";
    let many = file.people.len();
    if many == 0 {
        let help = "`slipway people add LOGIN --name NAME --email ADDRESS`; without people nobody can approve";
        return Check::warn(name, "nobody is declared", help);
    }
    let without: Vec<&str> = file
        .people
        .iter()
        .filter(|person| person.email.is_none())
        .map(|person| person.login.as_str())
        .collect();
    match without.as_slice() {
        [] => Check::ok(name, format!("{many} declared, all with an address")),
        some => {
            let found = format!("{many} declared; no address of {}", some.join(", "));
            let help = format!(
                "`slipway people add {} --email ADDRESS`; who has none gets no approval mail",
                some[0]
            );
            Check::warn(name, found, help)
        }
    }
}

fn mail(dir: &Path, file: &MachineFile) -> Check {
    let name = "mail";
    let Some(mail) = &file.mail else {
        let outbox = dir.join("outbox");
        let found = format!("written to {}", outbox.display());
        let writable = !outbox.exists() || access(&outbox, AccessFlags::W_OK).is_ok();
        return match writable {
            true => Check::ok(name, found),
            false => Check::missing(
                name,
                format!("{} cannot be written to", outbox.display()),
                "`chown` or `chmod` it for the user that runs Slipway",
            ),
        };
    };
    match mail.settings() {
        Ok(_) => Check::ok(name, format!("sent through {}:{}", mail.host, mail.port)),
        Err(fault) => {
            let help = format!(
                "mend `mail` in {}",
                dir.join(machine_file::FILE_NAME).display()
            );
            Check::missing(name, fault.to_string(), help)
        }
    }
}
