//! Purpose: what a program says of `demo --github` that was built without a client of GitHub.

use crate::args::{DemoArgs, Global};
use crate::failure::Failure;

/// The road of a pull request.
pub async fn run(_global: &Global, _args: &DemoArgs) -> Result<u8, Failure> {
    Err(crate::app::missing())
}
