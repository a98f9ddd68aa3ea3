//! Purpose: `slipway github setup`: a GitHub App made of a manifest on GitHub's own page, checked, and kept where this machine
//! keeps its secrets.

mod checks;
mod desk;
mod keeper;
mod make;

use serde_json::json;
use uuid::Uuid;

use crate::args::{Global, SetupArgs};
use crate::cloud;
use crate::data;
use crate::failure::Failure;
use crate::output;

pub use checks::checks;
#[cfg(feature = "aws")]
pub use checks::{Subject, of as checks_of};
#[cfg(feature = "aws")]
pub use keeper::Kept;
pub use keeper::{Keeper, Plan};

/// GitHub's own API.
const GITHUB_API: &str = "https://api.github.com";
/// Random hexadecimal digits in the default name: names of Apps are unique at GitHub.
const NAME_DIGITS: usize = 6;
/// Characters of an App's name at most.
/// <https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/registering-a-github-app>
const MAX_NAME: usize = 34;

/// Makes the App; tells the exit status.
pub async fn setup(global: &Global, args: &SetupArgs) -> Result<u8, Failure> {
    if let Some(org) = args
        .org
        .as_deref()
        .filter(|org| !github::app::is_account(org))
    {
        return Err(Failure::usage(format!(
            "{org:?} is no name of an organisation"
        )));
    }
    let (keeper, url, api) = match &global.aws {
        Some(stack) => cloud::app_keeper(stack, args).await?,
        None => here(global, args)?,
    };
    let plan = plan(args, &url, &api)?;
    keeper.prepare().await?;
    let desk = desk::Desk::open(plan, keeper, args.port).await?;
    if global.json {
        output::json_line(&json!({ "state": "waiting", "page": desk.page }))?;
    } else {
        output::line(format!("open       {}", desk.page))?;
        output::line(
            "waiting    create the App at GitHub, which sends you back here within an hour; Ctrl-C stops, and nothing is stored",
        )?;
    }
    let (made, kept) = desk.outcome().await?;
    if global.json {
        output::json_line(&json!({
            "state": "done",
            "app": { "id": made.id, "slug": made.slug, "owner": made.owner, "url": made.page, "install": made.install },
            "stored": kept.stored,
            "next": kept.next,
        }))?;
        return Ok(0);
    }
    output::line(format!(
        "app        {}, number {}, of {}: {}",
        made.slug, made.id, made.owner, made.page
    ))?;
    output::line("granted    what was asked for, nothing less and nothing more")?;
    for line in &kept.stored {
        output::line(format!("stored     {line}"))?;
    }
    output::line(format!("next       install it: {}", made.install))?;
    for line in &kept.next {
        output::line(format!("           {line}"))?;
    }
    Ok(0)
}

/// The data directory of this computer as the App's keeper, with the machine's address and GitHub's API.
fn here(global: &Global, args: &SetupArgs) -> Result<(Box<dyn Keeper>, String, String), Failure> {
    let url = args.url.clone().ok_or_else(|| {
        Failure::usage("GitHub has to reach this machine, and it is not said where").help(
            "`--url https://ci.example.org` names the public address that leads to the port of `slipway up`: a reverse proxy or a tunnel of yours",
        )
    })?;
    let api = args.api.clone().unwrap_or_else(|| GITHUB_API.to_owned());
    let keeper = keeper::Here {
        dir: data::dir(global)?,
        replace: args.replace,
    };
    Ok((Box::new(keeper), url, api))
}

/// What will be made, with every address checked.
fn plan(args: &SetupArgs, url: &str, api: &str) -> Result<Plan, Failure> {
    let api = api.trim_end_matches('/').to_owned();
    github_api::check_api(&api)?;
    let web = github::app::web_of(&api).ok_or_else(|| {
        Failure::usage(format!("no GitHub has its API at {api}")).help(
            "github.com has it at https://api.github.com, a GitHub Enterprise Server at https://HOST/api/v3",
        )
    })?;
    let url = url.trim_end_matches('/').to_owned();
    if !is_public(&url) {
        return Err(Failure::usage(format!(
            "{url:?} is no address that GitHub could deliver to"
        ))
        .help("it is written as https://ci.example.org, without a query"));
    }
    let random = Uuid::new_v4().simple().to_string();
    let ending = args.org.clone();
    let ending = ending.unwrap_or_else(|| random.chars().take(NAME_DIGITS).collect());
    let usual = || format!("slipway-{ending}").chars().take(MAX_NAME).collect();
    let name = args.name.clone().unwrap_or_else(usual);
    if name.trim().is_empty() || name.chars().count() > MAX_NAME {
        return Err(Failure::usage(format!(
            "an App's name has 1 to {MAX_NAME} characters"
        )));
    }
    Ok(Plan {
        webhook: format!("{url}/webhook"),
        api,
        web,
        url,
        name,
        organization: args.org.clone(),
    })
}

/// Whether it is the address of a host: `https`, or `http` on this computer, for trials.
fn is_public(url: &str) -> bool {
    let Ok(parsed) = url.parse::<lambda_http::http::Uri>() else {
        return false;
    };
    let host = parsed.host().unwrap_or_default();
    let here = host == "127.0.0.1" || host == "localhost";
    let scheme = parsed.scheme_str();
    !host.is_empty()
        && (scheme == Some("https") || (scheme == Some("http") && here))
        && parsed.query().is_none()
        && !parsed.authority().is_some_and(|a| a.as_str().contains('@'))
}
