//! Purpose: what can be typed of freezing the deploys of a repository.

use clap::Args;

/// Which repository.
#[derive(Clone, Debug, Args)]
pub struct UnfreezeArgs {
    /// The repository's name or number; not needed where there is only one
    #[arg(value_name = "REPOSITORY")]
    pub repository: Option<String>,
}

/// Which repository, and why.
#[derive(Clone, Debug, Args)]
pub struct FreezeArgs {
    #[command(flatten)]
    pub of: UnfreezeArgs,
    /// Why; people who wait read it
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}
