//! Purpose: what a program says of the GitHub App that was built without a client of GitHub.

use std::path::Path;

use crate::args::{Global, SetupArgs};
use crate::commands::doctor::Check;
use crate::failure::Failure;

const HOW: &str = "`cargo install --path infra/cli --features github` in a checkout of Slipway builds one that has it";

/// Makes an App.
pub async fn setup(_global: &Global, _args: &SetupArgs) -> Result<u8, Failure> {
    Err(missing())
}

/// What needs the client is refused.
pub fn missing() -> Failure {
    Failure::unavailable("this `slipway` was built without a client of GitHub").help(HOW)
}

/// What there is to say of the App of this data directory: nothing, where there is none.
pub async fn checks(dir: &Path) -> Vec<Check> {
    match local::app::App::read(dir) {
        Ok(None) => Vec::new(),
        Ok(Some(app)) => {
            let found = format!(
                "{} was not looked at: this `slipway` was built without a client of GitHub",
                app.slug
            );
            vec![Check::warn("app", found, HOW)]
        }
        Err(fault) => vec![Check::missing("app", fault.to_string(), HOW)],
    }
}
