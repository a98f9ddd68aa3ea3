//! Purpose: what a program says of `--aws` that was built without it.

use crate::args::{DecideArgs, DlqCommand, Global};
use crate::backend::Backend;
use crate::failure::Failure;

/// A machine on AWS.
pub async fn open(_stack: &str) -> Result<Backend, Failure> {
    Err(missing())
}

/// The address of its dashboard.
pub async fn dashboard(_global: &Global, _stack: &str) -> Result<u8, Failure> {
    Err(missing())
}

/// A decision at its approval page.
pub async fn decide(
    _global: &Global,
    _stack: &str,
    _args: &DecideArgs,
    _approve: bool,
) -> Result<u8, Failure> {
    Err(missing())
}

/// Its dead letters.
pub async fn dead_letters(
    _global: &Global,
    _stack: &str,
    _command: DlqCommand,
) -> Result<u8, Failure> {
    Err(missing())
}

/// Who keeps its GitHub App.
#[cfg(feature = "github")]
pub async fn app_keeper(
    _stack: &str,
    _args: &crate::args::SetupArgs,
) -> Result<(Box<dyn crate::app::Keeper>, String, String), Failure> {
    Err(missing())
}

/// The checks of its GitHub App.
pub async fn app_checks(_stack: &str) -> Result<Vec<crate::commands::doctor::Check>, Failure> {
    Err(missing())
}

fn missing() -> Failure {
    Failure::unavailable("this `slipway` was built without the clients of AWS").help(
        "`cargo install --path infra/cli --features aws` in a checkout of Slipway builds one that has them",
    )
}
