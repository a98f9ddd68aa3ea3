//! Purpose: how the GitHub App stands: what GitHub says of it, and how to mend what does not fit.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use domain::ids::RepositoryId;
use domain::words;
use engine::Fault;
use engine::ports::{AppSigner, DeliveryLog as _, Sources as _};
use github::app::{Difference, Standing, standing, web_of};
use github::checks::SUMMARY;
use github_api::{Budget, GitHub, Hook, Look, PemSigner};
use jiff::{SignedDuration, Timestamp};
use local::app::App;
use local::registry::Registry;

use super::make::page;
use crate::commands::doctor::Check;
use crate::home::SystemClock;

/// Clocks that are further apart than this are worth a word.
const APART: SignedDuration = SignedDuration::from_secs(30);
/// Clocks that are further apart than this: GitHub takes no JWT that is dated in its future, and ours are dated back so far.
const TOO_FAR_APART: SignedDuration = SignedDuration::from_secs(60);
/// Deliveries that are looked at.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// An App, and what should be true of it.
pub struct Subject {
    pub api: String,
    pub id: u64,
    pub signer: Arc<dyn AppSigner>,
    /// Where GitHub should deliver to.
    pub webhook: String,
    pub repositories: Vec<(RepositoryId, String)>,
    /// What to do when nobody signs as the App.
    pub unsigned: &'static str,
    /// What happens with deliveries that did not arrive.
    pub missed: &'static str,
    /// How a repository becomes known.
    pub register: &'static str,
}

/// The checks of the App of this data directory; none where there is none.
pub async fn checks(dir: &Path) -> Vec<Check> {
    let subject = here(dir);
    match subject {
        Ok(None) => Vec::new(),
        Ok(Some(subject)) => of(&subject).await,
        Err(fault) => vec![Check::missing(
            "app",
            fault.to_string(),
            "restore it from a backup, or make another App: `slipway github setup --replace`",
        )],
    }
}

fn here(dir: &Path) -> Result<Option<Subject>, Fault> {
    let Some(app) = App::read(dir)? else {
        return Ok(None);
    };
    let entries = Registry::new(dir).entries()?.into_iter();
    // Polled ones are folders of this computer, which GitHub knows nothing of.
    let entries = entries.filter(|entry| !entry.polled);
    Ok(Some(Subject {
        signer: Arc::new(PemSigner::new(&App::key(dir)?)?),
        api: app.api,
        id: app.id,
        webhook: app.webhook,
        repositories: entries.map(|entry| (entry.id, entry.name)).collect(),
        unsigned: "make a new key on the App's page and put it into keys/github-app.pem of the data directory",
        missed: "see that the public address leads to the port of `slipway up`, then redeliver them in the App's settings (Advanced)",
        register: "`slipway repo add PATH --name OWNER/NAME --github-id ID` registers one",
    }))
}

/// The checks of an App.
pub async fn of(subject: &Subject) -> Vec<Check> {
    let (api, id) = (&subject.api, subject.id);
    let signer = Arc::clone(&subject.signer);
    let github = match GitHub::new(api, id, signer, Arc::new(SystemClock)).await {
        Ok(github) => github,
        Err(fault) => {
            let help = "mend the address of GitHub's API in the configuration";
            return vec![Check::missing("app", fault.to_string(), help)];
        }
    };
    let look = github.look().await;
    let mut found: Vec<Check> = clocks(&look).into_iter().collect();
    let about = match look.about {
        Ok(about) => about,
        Err(fault) => {
            let help = match found.iter().any(Check::is_missing) {
                true => "set the clock first",
                false => subject.unsigned,
            };
            found.push(Check::missing("app", fault.to_string(), help));
            return found;
        }
    };
    let place = Place::of(subject, &about.slug);
    let said = format!("{}, number {id}, answers to its key", about.slug);
    found.push(Check::ok("app", said));
    found.push(granted(&about.grant.differences(), &place));
    found.extend(installations(&github, &place).await);
    found.extend(webhook(github.hook().await, subject, &place));
    found.push(deliveries(&github, subject).await);
    if subject.repositories.is_empty() {
        let said = "none is registered that GitHub knows";
        found.push(Check::warn("repository", said, subject.register));
    }
    for (repository, name) in &subject.repositories {
        found.push(required(&github, id, *repository, name, &place).await);
    }
    found.extend(github.budgets().iter().map(budget));
    found
}

/// What is left of GitHub's patience, as the answers to all of this said.
fn budget(budget: &Budget) -> Check {
    let until = budget.resets.map_or_else(String::new, |resets| {
        format!(", until {}", resets.strftime("%H:%M UTC"))
    });
    let said = format!(
        "{} of {} calls an hour are left ({}){until}",
        budget.left, budget.limit, budget.resource
    );
    match budget.is_low() {
        false => Check::ok("budget", said),
        true => Check::warn(
            "budget",
            said,
            "what GitHub does not take now is told later; find out who else calls as this App",
        ),
    }
}

/// Where things are mended.
struct Place {
    web: String,
    page: String,
}

impl Place {
    fn of(subject: &Subject, slug: &str) -> Self {
        let web = web_of(&subject.api).unwrap_or_else(|| subject.api.clone());
        Self {
            page: page(&subject.api, &web, slug),
            web,
        }
    }
}

fn clocks(look: &Look) -> Option<Check> {
    let name = "app clock";
    let (theirs, ours) = look.clocks?;
    let apart = ours.duration_since(theirs);
    let side = if apart.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let said = format!("this clock is {} s {side} GitHub's", apart.abs().as_secs());
    let help = "set the clock, and let it be kept by NTP: what is signed as the App is good for minutes only";
    Some(match apart.abs() {
        apart if apart > TOO_FAR_APART => {
            Check::missing(name, format!("{said}: GitHub refuses what is signed"), help)
        }
        apart if apart > APART => Check::warn(name, said, help),
        _ => Check::ok(name, "it agrees with GitHub's"),
    })
}

fn listed(differences: &[Difference]) -> String {
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

fn granted(differences: &[Difference], place: &Place) -> Check {
    let name = "app grants";
    match differences {
        [] => Check::ok(name, "permissions and events are what is asked for"),
        some => Check::missing(
            name,
            format!("the App differs from what is asked for: {}", listed(some)),
            format!(
                "change it in the App's settings (Permissions & events), by way of {}; docs/github.md says what is asked for",
                place.page
            ),
        ),
    }
}

async fn installations(github: &GitHub, place: &Place) -> Vec<Check> {
    let name = "installation";
    let all = match github.installations().await {
        Ok(all) => all,
        Err(fault) => return vec![Check::missing(name, fault.to_string(), "try again")],
    };
    if all.is_empty() {
        let help = format!("install it: {}/installations/new", place.page);
        return vec![Check::missing(name, "the App is installed nowhere", help)];
    }
    let each = all.into_iter().map(|one| {
        let account = &one.account;
        let differences = one.grant.differences();
        if one.is_suspended {
            let help = format!("an owner of {account} ends that in the settings, Installed GitHub Apps");
            return Check::missing(name, format!("it is suspended for {account}"), help);
        }
        if differences.is_empty() {
            return Check::ok(name, format!("{account} granted what is asked for"));
        }
        let found = format!("for {account} it differs: {}", listed(&differences));
        let help = format!(
            "an owner of {account} accepts what changed: {}/organizations/{account}/settings/installations/{} (of a person: \
             {0}/settings/installations/{1})",
            place.web, one.id
        );
        Check::missing(name, found, help)
    });
    each.collect()
}

fn webhook(hook: Result<Option<Hook>, Fault>, subject: &Subject, place: &Place) -> Vec<Check> {
    let name = "webhook";
    let help = |what: &str| {
        format!(
            "{what} in the App's settings (General), by way of {}",
            place.page
        )
    };
    let hook = match hook {
        Ok(Some(hook)) => hook,
        Ok(None) => {
            let help = help(&format!("switch it on, to {},", subject.webhook));
            return vec![Check::missing(name, "the App has none", help)];
        }
        Err(fault) => return vec![Check::missing(name, fault.to_string(), "try again")],
    };
    let mut found = Vec::new();
    if hook.url != subject.webhook {
        let said = format!(
            "it goes to {} and should go to {}",
            hook.url, subject.webhook
        );
        found.push(Check::missing(name, said, help("set the webhook URL")));
    }
    if hook.content_type != "json" {
        let said = format!(
            "its content type is {}, which is not taken",
            hook.content_type
        );
        found.push(Check::missing(
            name,
            said,
            help("set it to application/json"),
        ));
    }
    if !hook.is_verified {
        let said = "GitHub does not check the certificate of where it delivers to";
        found.push(Check::missing(
            name,
            said,
            help("switch SSL verification on"),
        ));
    }
    if found.is_empty() {
        found.push(Check::ok(name, format!("it goes to {}", hook.url)));
    }
    found
}

/// Whether the deliveries of the last day arrived, by GitHub's own list: its newest hundred attempts.
async fn deliveries(github: &GitHub, subject: &Subject) -> Check {
    let name = "deliveries";
    let page = match github.attempts(None).await {
        Ok(page) => page,
        Err(fault) => return Check::missing(name, fault.to_string(), "try again"),
    };
    let now = Timestamp::now();
    let attempts = page.attempts.iter();
    let recent = attempts.filter(|attempt| now.duration_since(attempt.at) < RECENT);
    // One that arrived at a later attempt has arrived; the newest attempt comes first.
    let mut arrived: BTreeMap<&str, bool> = BTreeMap::new();
    let mut last = None;
    for attempt in recent {
        *arrived.entry(attempt.guid.as_str()).or_default() |= attempt.arrived;
        if !attempt.arrived {
            last = last.or(Some(attempt));
        }
    }
    let all = arrived.len() as u64;
    let failed = arrived.values().filter(|arrived| !**arrived).count() as u64;
    let many = match all {
        1 => "1 delivery".to_owned(),
        all => format!("{all} deliveries"),
    };
    match last.filter(|_| failed > 0) {
        None if all == 0 => Check::ok(name, "none in the last day"),
        None => Check::ok(name, format!("{many} in the last day, all arrived")),
        Some(last) => {
            let when = words::relative(last.at, now);
            let said = format!(
                "{failed} of {many} of the last day did not arrive; the last, {}, {when}",
                last.event
            );
            match failed == all {
                true => Check::missing(name, said, subject.missed),
                false => Check::warn(name, said, subject.missed),
            }
        }
    }
}

/// Whether the default branch of a repository requires our check, of us. None at all promises nothing, so it is a word of
/// warning; one that anybody can make promises what it does not keep.
async fn required(
    github: &GitHub,
    app: u64,
    repository: RepositoryId,
    repository_name: &str,
    place: &Place,
) -> Check {
    let name = "repository";
    let asked = async {
        if !github.is_installed(repository).await? {
            return Ok(None);
        }
        let Some(branch) = github.default_branch(repository).await? else {
            return Ok(None);
        };
        let protection = github.protection(repository, &branch).await?;
        Ok::<_, Fault>(Some((branch, protection)))
    };
    let (branch, protection) = match asked.await {
        Ok(Some(found)) => found,
        Ok(None) => {
            let help = format!(
                "install it there: {}/installations/new; or remove the repository here",
                place.page
            );
            let found = format!("the App is not installed on {repository_name}");
            return Check::missing(name, found, help);
        }
        Err(fault) => {
            let found = format!("{repository_name}: {fault}");
            return Check::missing(name, found, "try again");
        }
    };
    let rules = format!("{}/{repository_name}/settings/rules", place.web);
    let source = format!(
        "choose this App as the source of `{SUMMARY}` at {rules}: docs/github.md, \"Require the check\""
    );
    let of = format!("{repository_name}: {branch}");
    match standing(&protection.required, SUMMARY, app) {
        Standing::Ours => Check::ok(name, format!("{of} requires `{SUMMARY}` of this App")),
        Standing::Of(other) => Check::missing(
            name,
            format!("{of} requires `{SUMMARY}` of another App, number {other}, so it is never met"),
            source,
        ),
        Standing::Anybodys => Check::missing(
            name,
            format!(
                "{of} requires `{SUMMARY}` of any source: whoever may write checks or statuses there can fake it"
            ),
            source,
        ),
        Standing::NotRequired => match &protection.unseen {
            Some(why) => Check::warn(
                name,
                format!("whether {of} requires `{SUMMARY}` cannot be seen: {why}"),
                format!("look at {} yourself", rules.replace("/rules", "/branches")),
            ),
            None => Check::warn(
                name,
                format!("{of} does not require `{SUMMARY}`: what failed can be merged"),
                format!("require it at {rules}: docs/github.md, \"Require the check\""),
            ),
        },
    }
}
