//! Purpose: `slipway why RUN`: what a run waits for, and what that waits for in turn.

use engine::views::{self, Why};
use jiff::Timestamp;

use super::find;
use crate::args::{Global, RunArg};
use crate::backend::Backend;
use crate::failure::Failure;
use crate::output::{self, style};

/// Says it.
pub async fn run(global: &Global, args: &RunArg) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let stream = find::run(&backend, &args.run).await?;
    let now = Timestamp::now();
    let Some(why) = views::why(&*backend.journal, &*backend.people, &stream, now).await? else {
        return Err(Failure::usage(format!("{stream} was never opened")));
    };
    if global.json {
        output::document(&why)?;
    } else {
        output::write(&chain(&why, 0))?;
    }
    Ok(0)
}

/// The run, what it waits for, and below each wait the run that it is behind.
fn chain(why: &Why, depth: usize) -> String {
    let indent = "    ".repeat(depth);
    let run = style::paint(style::STRONG, why.run.as_str());
    let mut text = format!("{indent}{run}  {}\n", style::status(&why.status));
    if why.waits.iter().all(|wait| wait.sentence != why.sentence) {
        text.push_str(&output::wrapped(
            &output::clean(&why.sentence),
            4 * depth + 2,
        ));
    }
    for wait in &why.waits {
        text.push_str(&output::wrapped(
            &output::clean(&wait.sentence),
            4 * depth + 2,
        ));
        if let Some(behind) = &wait.behind {
            text.push_str(&chain(behind, depth + 1));
        }
    }
    text
}
