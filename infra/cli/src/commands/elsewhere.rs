//! Purpose: commands that are about this computer alone, and what to do instead when a stack was named.

use crate::args::Command;
use crate::failure::Failure;

const NOT_HERE: &str = "leave out --aws, and SLIPWAY_AWS in the environment";
const MACHINE_FILE: &str = "fetch it with `aws s3 cp s3://BUCKET/config/machine.yaml .`, edit it, and put it back; BUCKET is \
     the stack's output StateBucket";

/// Refuses a command that makes no sense for a stack.
pub fn refuse(command: &Command) -> Result<(), Failure> {
    let (what, help) = match command {
        Command::Demo(_) => (
            "the demo shows a machine on this computer, not one on AWS",
            NOT_HERE,
        ),
        Command::Run(_) => (
            "`slipway run` runs the jobs of this checkout on this computer, not on AWS",
            NOT_HERE,
        ),
        Command::Up(_) => (
            "a stack runs by itself and needs no `slipway up`",
            "to run a machine on this computer, leave out --aws, and SLIPWAY_AWS in the environment",
        ),
        Command::Repo(_) => (
            "the repositories of a stack stand in config/machine.yaml of its bucket",
            MACHINE_FILE,
        ),
        Command::People(_) => (
            "the people of a stack stand in config/machine.yaml of its bucket",
            MACHINE_FILE,
        ),
        _ => return Ok(()),
    };
    Err(Failure::usage(what).help(help))
}
