//! Purpose: what can be typed of the GitHub App.

use clap::{Args, Subcommand};

use super::examples;

/// The GitHub App of this machine.
#[derive(Clone, Debug, Subcommand)]
pub enum GithubCommand {
    /// Make the App on a page of GitHub, check what it was granted, keep its key and its webhook secret
    #[command(after_help = examples::GITHUB_SETUP)]
    Setup(SetupArgs),
}

/// How the App is made.
#[derive(Clone, Debug, Args)]
pub struct SetupArgs {
    /// The public address of this machine, where GitHub delivers to URL/webhook; a stack knows its own
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The organisation that the App is for [default: you, who are signed in at GitHub]
    #[arg(long, value_name = "NAME")]
    pub org: Option<String>,
    /// What the App is called; GitHub's page lets you change it [default: slipway- and the organisation]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// GitHub's API; of a GitHub Enterprise Server https://HOST/api/v3. A stack knows its own
    /// [default: https://api.github.com]
    #[arg(long, value_name = "URL")]
    pub api: Option<String>,
    /// The port of the page on 127.0.0.1; 0 or nothing = a free one
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Make another App, although this machine has one
    #[arg(long)]
    pub replace: bool,
}
