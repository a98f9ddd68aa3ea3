//! Purpose: `slipway completion SHELL`: the script with which a shell completes commands and options.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::Failure;
use crate::output;

/// Prints it.
pub fn run(shell: Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "slipway", &mut script);
    output::write(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
