//! Purpose: what GitHub says of the App itself: who it is, what it was granted where, where its webhook goes, and what the
//! branches of a repository require of it.

use domain::ids::RepositoryId;
use engine::Fault;
use github::app::{Grant, Required, of_branch, of_rules};
use http::header;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::answer::{Judged, judge};
use crate::budget::Budget;
use crate::client::Answer;
use crate::deliveries::found;
use crate::github::{GitHub, JSON, MAX_JSON_BYTES};
use crate::pages::PAGE;
use crate::route::Route;
use crate::shapes::{AppBody, HookBody, InstalledBody, parse};

/// Pages of installations that are read, a hundred each.
const MAX_PAGES: usize = 10;

/// The App, as it sees itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub id: u64,
    pub slug: String,
    pub grant: Grant,
}

/// What asking for the App came to.
#[derive(Debug)]
pub struct Look {
    /// GitHub's clock when it answered, and ours.
    pub clocks: Option<(Timestamp, Timestamp)>,
    pub about: Result<About, Fault>,
}

/// The App's webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    pub url: String,
    /// `json` or `form`.
    pub content_type: String,
    /// Whether certificates are checked when it delivers.
    pub is_verified: bool,
}

/// The App in one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    pub id: u64,
    pub account: String,
    pub grant: Grant,
    pub is_suspended: bool,
}

/// What a branch requires.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    pub required: Vec<Required>,
    /// Why there may be more that is not seen.
    pub unseen: Option<String>,
}

impl GitHub {
    /// Asks who the App is. Also where it is not let in, the answer tells GitHub's clock.
    /// <https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app>
    pub async fn look(&self) -> Look {
        let route = Route::app();
        let now = self.clock.now();
        let call = async {
            let headers = self.as_app(now).await?;
            let time = self.limits.call;
            self.client.get(&route, headers, MAX_JSON_BYTES, time).await
        };
        let answer = match call.await {
            Ok(answer) => answer,
            Err(fault) => {
                return Look {
                    clocks: None,
                    about: Err(fault),
                };
            }
        };
        Look {
            clocks: date(&answer).map(|theirs| (theirs, self.clock.now())),
            about: about(&route, answer, now),
        }
    }

    /// The webhook; `None` when the App has none.
    /// <https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app>
    pub async fn hook(&self) -> Result<Option<Hook>, Fault> {
        let route = Route::hook();
        let Some(answer) = self.app_reads(&route, MAX_JSON_BYTES).await? else {
            return Ok(None);
        };
        let body: HookBody = parse(&route, &answer.body)?;
        let Some(url) = body.url.filter(|url| !url.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(Hook {
            url,
            content_type: body.content_type.unwrap_or_else(|| "form".to_owned()),
            is_verified: body.insecure_ssl.is_none_or(|switch| switch == "0"),
        }))
    }

    /// Where the App is installed.
    /// <https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app>
    pub async fn installations(&self) -> Result<Vec<Installation>, Fault> {
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let route = Route::installations(page);
            let Some(answer) = self.app_reads(&route, MAX_JSON_BYTES).await? else {
                break;
            };
            let listed: Vec<InstalledBody> = parse(&route, &answer.body)?;
            let is_last = listed.len() < PAGE;
            all.extend(listed.into_iter().map(InstalledBody::into_installation));
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    /// What GitHub still takes, as its latest answers to this client said.
    pub fn budgets(&self) -> Vec<Budget> {
        self.client.budgets.all()
    }

    /// Whether the App is installed on a repository.
    pub async fn is_installed(&self, repository: RepositoryId) -> Result<bool, Fault> {
        let route = Route::installation(repository);
        let answer = self.app_reads(&route, MAX_JSON_BYTES).await?;
        Ok(answer.is_some())
    }

    /// What a branch requires, as far as an App sees that does not administer: the rules that hold for it, and what the
    /// branch shows of the older protection.
    pub async fn protection(
        &self,
        repository: RepositoryId,
        branch: &str,
    ) -> Result<Protection, Fault> {
        let mut seen = Protection::default();
        let route = Route::rules(repository, branch)?;
        match self.read(repository, &route, JSON, MAX_JSON_BYTES).await {
            Ok(None) => {}
            Ok(Some(answer)) => {
                let required = of_rules(&answer.body).map_err(|error| strange(&route, &error))?;
                seen.required.extend(required);
            }
            // Private repositories of free accounts have no rules, and GitHub says so by 403.
            Err(Fault::Malformed(why)) => seen.unseen = Some(why),
            Err(fault) => return Err(fault),
        }
        let route = Route::branch(repository, branch)?;
        let Some(answer) = self.read(repository, &route, JSON, MAX_JSON_BYTES).await? else {
            return Ok(seen);
        };
        match of_branch(&answer.body).map_err(|error| strange(&route, &error))? {
            Some(required) => seen.required.extend(required),
            None => {
                seen.unseen.get_or_insert_with(|| {
                    "it is protected in a way that only an App which may administer could read"
                        .to_owned()
                });
            }
        }
        Ok(seen)
    }
}

fn strange(route: &Route, error: &serde_json::Error) -> Fault {
    let (line, column) = (error.line(), error.column());
    Fault::Malformed(format!(
        "GitHub's answer to {route} is not what it documents (line {line}, column {column})"
    ))
}

fn about(route: &Route, answer: Answer, now: Timestamp) -> Result<About, Fault> {
    // Of the App itself 404 means what 401 does.
    let gone = || {
        Fault::Unavailable(
            "GitHub knows no App with this number and key: it was deleted, or the number is another's"
                .to_owned(),
        )
    };
    let answer = match judge(route, &answer, now) {
        Judged::Absent => return Err(gone()),
        _ => found(route, answer, now)?.ok_or_else(gone)?,
    };
    let body: AppBody = parse(route, &answer.body)?;
    Ok(About {
        id: body.id,
        slug: body.slug,
        grant: body.grant,
    })
}

/// The header `Date`. <https://www.rfc-editor.org/rfc/rfc9110#field.date>
fn date(answer: &Answer) -> Option<Timestamp> {
    let text = answer.header(header::DATE.as_str())?;
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text);
    at.ok()
}

impl InstalledBody {
    fn into_installation(self) -> Installation {
        Installation {
            id: self.id,
            account: self
                .account
                .map_or_else(|| "nobody".to_owned(), |account| account.login),
            grant: self.grant,
            is_suspended: self.suspended_at.is_some(),
        }
    }
}
