//! Purpose: `slipway dlq`: dead letters, which only a machine with queues has.

use crate::args::{DlqCommand, Global};
use crate::cloud;
use crate::failure::Failure;

/// Lists, shows or puts back dead letters of a stack.
pub async fn run(global: &Global, command: DlqCommand) -> Result<u8, Failure> {
    match &global.aws {
        Some(stack) => cloud::dead_letters(global, stack, command).await,
        None => Err(Failure::usage(
            "dead letters lie in the queues of a stack, and a machine on this computer has no queues",
        )
        .help("name the stack: `slipway dlq list --aws STACK`. Here `slipway journal list` shows what fails")),
    }
}
