//! Purpose: who keeps the secrets of an App: the data directory of this computer, or a stack.

use std::path::PathBuf;

use async_trait::async_trait;
use github_api::NewApp;
use local::app::App;

use crate::failure::Failure;
use crate::machine::lock;

/// What is to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// GitHub's API, without a slash at the end.
    pub api: String,
    /// GitHub's pages.
    pub web: String,
    /// The machine's own address.
    pub url: String,
    /// Where GitHub delivers to.
    pub webhook: String,
    pub name: String,
    pub organization: Option<String>,
}

/// What was kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What lies where, as phrases.
    pub stored: Vec<String>,
    /// What is still to be done, in order.
    pub next: Vec<String>,
}

/// Keeps the secrets of an App.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// Makes sure that an App can be kept, before there is one.
    async fn prepare(&self) -> Result<(), Failure>;

    /// Keeps a new App that was checked.
    async fn keep(&self, plan: &Plan, app: &NewApp) -> Result<Kept, Failure>;
}

/// The data directory of this computer.
pub struct Here {
    pub dir: PathBuf,
    pub replace: bool,
}

#[async_trait]
impl Keeper for Here {
    async fn prepare(&self) -> Result<(), Failure> {
        if let Some(app) = App::read(&self.dir)?.filter(|_| !self.replace) {
            return Err(Failure::negative(format!(
                "this machine has an App already: {}, number {}",
                app.slug, app.id
            ))
            .help("`slipway doctor` says how it is; `--replace` makes another one in its place"));
        }
        App::prepare(&self.dir).map_err(|fault| {
            let file = self.dir.join("keys").join("webhook.secret");
            let help = format!("take the line out of {} that no App uses", file.display());
            let failure = Failure::from(fault);
            match failure.code {
                crate::failure::NEGATIVE => failure.help(help),
                _ => failure,
            }
        })
    }

    async fn keep(&self, plan: &Plan, app: &NewApp) -> Result<Kept, Failure> {
        let known = App {
            id: app.id,
            slug: app.slug.clone(),
            owner: app.owner.clone(),
            api: plan.api.clone(),
            webhook: plan.webhook.clone(),
        };
        known.keep(&self.dir, app.key.reveal(), app.webhook_secret.reveal())?;
        let keys = self.dir.join("keys");
        let start = match lock::running(&self.dir) {
            Some(_) => {
                "stop `slipway up` and start it again: it reads webhook secrets when it starts"
            }
            None => "start the machine: `slipway up`",
        };
        Ok(Kept {
            stored: vec![
                format!(
                    "the private key in {}",
                    keys.join("github-app.pem").display()
                ),
                format!(
                    "the webhook secret in {}",
                    keys.join("webhook.secret").display()
                ),
            ],
            next: vec![
                start.to_owned(),
                "register repositories: `slipway repo add PATH --name OWNER/NAME --github-id ID`"
                    .to_owned(),
                "see that all of it fits together: `slipway doctor`".to_owned(),
            ],
        })
    }
}
