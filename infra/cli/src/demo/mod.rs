//! Purpose: `slipway demo`: the whole road on this computer, from a push to production, with nothing made up.

mod approver;
mod follow;
#[cfg(feature = "github")]
mod pull_request;
#[cfg(not(feature = "github"))]
#[path = "without_pull_request.rs"]
mod pull_request;
mod road;
mod sample;

use std::path::{Path, PathBuf};
use std::time::Instant;

use domain::ids::PersonId;
use local::machine_file::{MachineFile, PersonEntry};

use crate::args::{DemoArgs, Global};
use crate::commands::up::Signals;
use crate::failure::Failure;
use crate::home::Home;
use crate::live::Live;
use crate::machine::{Machine, watch};
use crate::output;
use approver::ByMail;
use follow::Follower;
use road::Road;
use sample::Sample;

const STAGING: &str = "staging";
const PRODUCTION: &str = "production";
const INITIATOR: (u64, &str, &str, &str) = (1, "ana", "Ana Aro", "ana@example.org");
const APPROVER: (u64, &str, &str, &str) = (2, "bob", "Bob Baker", "bob@example.org");

/// Goes the whole road; the exit status is 0 only when both environments run the same release.
pub async fn run(global: &Global, args: &DemoArgs) -> Result<u8, Failure> {
    match args.github {
        true => pull_request::run(global, args).await,
        false => push(global, args).await,
    }
}

/// The road of a push to a repository of this computer.
async fn push(global: &Global, args: &DemoArgs) -> Result<u8, Failure> {
    let begun = Instant::now();
    let dir = directory(global)?;
    let home = Home::open(&dir)?;
    people(&dir)?;
    let sample = Sample::make(&dir, INITIATOR.2, INITIATOR.3)?;
    let entry = home.repositories.add(&sample.bare, "shop", None, None)?;
    watch::begin(&dir, &entry).await?;
    let machine = Machine::start(home.clone(), args.port.unwrap_or(0)).await?;
    let mut live = Live::new(global.json);
    live.say(&format!("dashboard  {}", machine.dashboard))?;
    live.say(&format!("journal    {}", dir.display()))?;
    live.say(&format!(
        "push       {} opens the shop: git push origin main",
        INITIATOR.1
    ))?;
    sample.push("main")?;
    let outbox = dir.join("outbox");
    let follower = Follower {
        home: &home,
        repository: entry.id,
        json: global.json,
        begun,
        approver: &ByMail { outbox: &outbox },
    };
    let followed = follower.follow(None, &mut live).await;
    if let Some(status) = stay_or_stop(machine, args.stay && followed.is_ok(), &live).await? {
        return Ok(status);
    }
    let road = Road::read(&home, &sample, entry.id, &followed?, begun).await?;
    if global.json {
        output::json_line(&road.facts(&dir))?;
    } else {
        road.say()?;
        say_more(&dir)?;
    }
    Ok(u8::from(!road.is_good()))
}

/// Stops the machine, at once or after Ctrl-C; tells the exit status of a stop that was cut short.
async fn stay_or_stop(machine: Machine, stay: bool, live: &Live) -> Result<Option<u8>, Failure> {
    if !stay {
        machine.stop().await;
        return Ok(None);
    }
    live.say(&format!(
        "The machine stays up at {} until Ctrl-C.",
        machine.dashboard
    ))?;
    let mut signals = Signals::listen()?;
    signals.wait().await;
    Ok(signals.stop(machine).await)
}

/// What can be done with what the demo leaves behind.
fn say_more(dir: &Path) -> Result<(), Failure> {
    let data = dir.display();
    output::line("")?;
    output::line(format!(
        "look again  slipway --data {data} up     (the dashboard)"
    ))?;
    output::line(format!("            slipway --data {data} show latest"))?;
    output::line(format!("            slipway --data {data} journal verify"))?;
    output::line("your own    slipway up, then slipway repo add PATH")
}

/// A directory of its own: the demo never touches the machine that a user has.
fn directory(global: &Global) -> Result<PathBuf, Failure> {
    let failed = |error: std::io::Error| {
        Failure::unavailable(format!("a directory for the demo cannot be made: {error}"))
            .help("name one: `slipway --data DIR demo`")
    };
    let Some(dir) = &global.data else {
        let dir = tempfile::Builder::new()
            .prefix("slipway-demo-")
            .tempdir()
            .map_err(failed)?;
        return Ok(dir.keep());
    };
    let dir = std::path::absolute(dir).map_err(failed)?;
    let full = std::fs::read_dir(&dir).is_ok_and(|mut files| files.next().is_some());
    if full {
        return Err(Failure::usage(format!("{} is not empty", dir.display()))
            .help("the demo begins anew: name a directory that is empty or not there yet"));
    }
    Ok(dir)
}

fn people(dir: &Path) -> Result<(), Failure> {
    let person = |(id, login, name, email): (u64, &str, &str, &str), teams: &[&str]| PersonEntry {
        id: PersonId(id),
        login: login.to_owned(),
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        teams: teams.iter().map(|team| (*team).to_owned()).collect(),
    };
    let people = vec![
        person(INITIATOR, &[]),
        person(APPROVER, &["release-approvers"]),
    ];
    Ok(MachineFile {
        people,
        ..MachineFile::default()
    }
    .write(dir)?)
}
