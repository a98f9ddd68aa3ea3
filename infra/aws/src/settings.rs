//! Purpose: the environment variables of the functions, typed. A missing one is named, with what to do.

use std::collections::BTreeMap;
use std::env;

use engine::Fault;
use engine::ports::Function;

/// What all of our variables begin with.
const PREFIX: &str = "SLIPWAY_";
/// GitHub's own API, where nothing else is said.
const GITHUB_API: &str = "https://api.github.com";
/// More places in the pool than this are taken for a slip of the keyboard.
const MAX_JOBS: usize = 1000;

/// The variables of one function, as `template.yaml` sets them.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<String, String>);

/// The CodeBuild projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projects {
    pub trusted: String,
    pub untrusted: String,
    pub images: String,
    /// The project of an environment is this and the environment's name.
    pub deploy_prefix: String,
}

/// How GitHub is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Github {
    /// Without a slash at the end.
    pub api: String,
    pub app_id: u64,
    /// The KMS key that holds the App's private key.
    pub app_key: String,
}

impl Settings {
    /// The variables of this process.
    pub fn from_env() -> Self {
        Self::new(env::vars_os().filter_map(|(name, value)| {
            // What is not text is none of ours.
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// These variables; those that are not ours or empty are left out.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = variables
            .into_iter()
            .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty());
        Self(ours.collect())
    }

    #[cfg(feature = "journal")]
    pub fn tables(&self) -> Result<crate::journal::Tables, Fault> {
        Ok(crate::journal::Tables {
            journal: self.text("SLIPWAY_JOURNAL_TABLE", "the name of the journal's table")?,
            heads: self.heads_table()?,
        })
    }

    pub fn heads_table(&self) -> Result<String, Fault> {
        self.text("SLIPWAY_HEADS_TABLE", "the name of the heads' table")
    }

    pub fn bucket(&self) -> Result<String, Fault> {
        self.text("SLIPWAY_BUCKET", "the name of the state bucket")
    }

    /// The queue of one function.
    pub fn queue(&self, function: Function) -> Result<String, Fault> {
        let name = format!("SLIPWAY_QUEUE_{}", function.name().to_ascii_uppercase());
        self.text(&name, "the URL of that function's queue")
    }

    /// The queues of all functions.
    pub fn queues(&self) -> Result<BTreeMap<Function, String>, Fault> {
        let each = |function| Ok((function, self.queue(function)?));
        Function::ALL.into_iter().map(each).collect()
    }

    pub fn signing_key(&self) -> Result<String, Fault> {
        self.text("SLIPWAY_SIGNING_KEY", "the KMS key of decisions")
    }

    pub fn mac_secret(&self) -> Result<String, Fault> {
        self.text(
            "SLIPWAY_MAC_SECRET",
            "the ARN of the secret of codes and links",
        )
    }

    pub fn webhook_secret(&self) -> Result<String, Fault> {
        self.text("SLIPWAY_WEBHOOK_SECRET", "the ARN of the webhook secrets")
    }

    /// Without a slash at the end.
    pub fn base_url(&self) -> Result<String, Fault> {
        self.url("SLIPWAY_BASE_URL", "the public URL of the HTTP API")
    }

    pub fn claims_url(&self) -> Result<String, Fault> {
        self.url("SLIPWAY_CLAIMS_URL", "the public URL that builds claim at")
    }

    pub fn projects(&self) -> Result<Projects, Fault> {
        let project = |name, of| self.text(name, &format!("the CodeBuild project of {of}"));
        Ok(Projects {
            trusted: project("SLIPWAY_PROJECT_TRUSTED", "trusted jobs")?,
            untrusted: project("SLIPWAY_PROJECT_UNTRUSTED", "untrusted jobs")?,
            images: project("SLIPWAY_PROJECT_IMAGES", "image builds")?,
            deploy_prefix: self.text(
                "SLIPWAY_PROJECT_DEPLOY_PREFIX",
                "what the names of deploy projects begin with",
            )?,
        })
    }

    pub fn mail_from(&self) -> Result<String, Fault> {
        self.text("SLIPWAY_MAIL_FROM", "the sender of mails")
    }

    pub fn announce_topic(&self) -> Result<String, Fault> {
        self.text("SLIPWAY_ANNOUNCE_TOPIC", "the ARN of the SNS topic")
    }

    /// Places in the pool.
    pub fn jobs(&self) -> Result<usize, Fault> {
        let name = "SLIPWAY_JOBS";
        let text = self.text(name, "how many jobs run at once")?;
        let jobs = text
            .parse()
            .ok()
            .filter(|jobs| (1..=MAX_JOBS).contains(jobs));
        jobs.ok_or_else(|| wrong(name, &text, &format!("a number from 1 to {MAX_JOBS}")))
    }

    pub fn github(&self) -> Result<Github, Fault> {
        let name = "SLIPWAY_GITHUB_APP_ID";
        let id = self.text(name, "the number of the GitHub App")?;
        let api = match self.0.get("SLIPWAY_GITHUB_API") {
            Some(_) => self.url("SLIPWAY_GITHUB_API", "where GitHub's API is")?,
            None => GITHUB_API.to_owned(),
        };
        Ok(Github {
            api,
            app_id: id.parse().map_err(|_| wrong(name, &id, "a number"))?,
            app_key: self.text(
                "SLIPWAY_GITHUB_APP_KEY",
                "the KMS key that holds the App's private key",
            )?,
        })
    }

    fn text(&self, name: &str, what: &str) -> Result<String, Fault> {
        let value = self.0.get(name).cloned();
        value.ok_or_else(|| {
            Fault::Malformed(format!(
                "the environment variable {name} is not set: give it {what}, as template.yaml does"
            ))
        })
    }

    fn url(&self, name: &str, what: &str) -> Result<String, Fault> {
        let text = self.text(name, what)?;
        if !text.starts_with("https://") && !text.starts_with("http://") {
            return Err(wrong(name, &text, "a URL"));
        }
        Ok(text.trim_end_matches('/').to_owned())
    }
}

fn wrong(name: &str, value: &str, wanted: &str) -> Fault {
    Fault::Malformed(format!(
        "the environment variable {name} is \"{value}\"; it has to be {wanted}"
    ))
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
