//! Purpose: from the code that GitHub gave to an App that is kept: exchanged, checked twice, stored; or nothing at all.

use std::sync::Arc;

use github::app::Difference;
use github_api::{GitHub, NewApp, PemSigner};
use jiff::Timestamp;

use super::keeper::{Keeper, Kept, Plan};
use crate::failure::Failure;
use crate::home::SystemClock;
use crate::output;

/// An App that was made and kept, without its secrets.
#[derive(Clone, Debug)]
pub struct Made {
    pub id: u64,
    pub slug: String,
    pub owner: String,
    /// Its page at GitHub.
    pub page: String,
    /// Where it is installed.
    pub install: String,
}

/// Makes the App. What goes wrong after GitHub has made it says so, and how to get rid of it.
pub async fn make(plan: &Plan, keeper: &dyn Keeper, code: &str) -> Result<(Made, Kept), Failure> {
    let app = github_api::convert(&plan.api, code, Timestamp::now()).await?;
    let checked = async {
        check(&plan.api, &app).await?;
        keeper.keep(plan, &app).await
    };
    let kept = checked.await.map_err(|failure| {
        let help = format!(
            "the App {} is there at GitHub all the same: delete it at {}, then begin again",
            app.slug,
            settings(plan, &app.slug)
        );
        let help = match &failure.help {
            Some(first) => format!("{first}; {help}"),
            None => help,
        };
        failure.help(help)
    })?;
    let page = page(&plan.api, &plan.web, &app.slug);
    Ok((
        Made {
            install: format!("{page}/installations/new"),
            page,
            id: app.id,
            slug: app.slug,
            owner: app.owner,
        },
        kept,
    ))
}

/// Whether the App was granted what was asked for: by what GitHub said when it made it, and by what it says to the App's key.
async fn check(api: &str, app: &NewApp) -> Result<(), Failure> {
    refuse(&app.grant.differences())?;
    let signer = Arc::new(PemSigner::new(app.key.reveal())?);
    let github = GitHub::new(api, app.id, signer, Arc::new(SystemClock)).await?;
    let about = github.look().await.about?;
    if about.id != app.id {
        return Err(Failure::negative(format!(
            "GitHub made the App {} and answers its key as the App {}: nothing was stored",
            app.id, about.id
        )));
    }
    refuse(&about.grant.differences())
}

fn refuse(differences: &[Difference]) -> Result<(), Failure> {
    if differences.is_empty() {
        return Ok(());
    }
    let listed: Vec<String> = differences
        .iter()
        .map(|difference| format!("- {}", output::clean(&difference.to_string())))
        .collect();
    Err(Failure::negative(format!(
        "granted is not what was asked for, so nothing was stored:\n{}",
        listed.join("\n")
    )))
}

/// The page of an App; a GitHub Enterprise Server has it elsewhere.
pub fn page(api: &str, web: &str, slug: &str) -> String {
    let folder = match api.ends_with("/api/v3") {
        true => "github-apps",
        false => "apps",
    };
    format!("{web}/{folder}/{slug}")
}

/// Where its owner changes or deletes it.
fn settings(plan: &Plan, slug: &str) -> String {
    let web = &plan.web;
    match &plan.organization {
        Some(name) => format!("{web}/organizations/{name}/settings/apps/{slug}/advanced"),
        None => format!("{web}/settings/apps/{slug}/advanced"),
    }
}
