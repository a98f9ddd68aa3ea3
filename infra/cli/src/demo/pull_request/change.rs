//! Purpose: the change that the pull request is about, on a branch of its own, and its merge as GitHub's button makes it.

use crate::demo::sample::{MAKE, SHOP, Sample};
use crate::failure::Failure;

pub const BRANCH: &str = "count-things";
pub const BASE: &str = "main";
pub const TITLE: &str = "Count what is in the cart";

const COMMAND: &str = "command=$1\n";
const COUNT: &str = "# How many things there are: shop count PRICE…\ncount() { echo \"$#\"; }\n\n";
const LAST_TEST: &str = "  check one_item 7 \"$shop\" total 7\n";
const COUNT_TEST: &str = "  check things_are_counted 2 \"$shop\" count 20 22\n";

/// Commits and pushes the change; the base and the commit.
pub fn propose(sample: &Sample) -> Result<(String, String), Failure> {
    let base = head(sample)?;
    // The sample's files are executable in git, and not here.
    sample.git(&["config", "core.fileMode", "false"])?;
    sample.git(&["switch", "--quiet", "--create", BRANCH])?;
    let shop = SHOP.replace(COMMAND, &format!("{COUNT}{COMMAND}"));
    let make = MAKE
        .replace(LAST_TEST, &format!("{LAST_TEST}{COUNT_TEST}"))
        .replace(r#"tests=\"3\""#, r#"tests=\"4\""#);
    sample.write("shop.sh", &shop)?;
    sample.write("make.sh", &make)?;
    sample.git(&["commit", "--quiet", "--all", "--message", TITLE])?;
    sample.push(BRANCH)?;
    Ok((base, head(sample)?))
}

/// Merges it and pushes; the commit of the merge.
pub fn merge(sample: &Sample, number: u64) -> Result<String, Failure> {
    let message = format!("Merge pull request #{number}\n\n{TITLE}");
    sample.git(&["switch", "--quiet", BASE])?;
    sample.git(&["merge", "--quiet", "--no-ff", "--message", &message, BRANCH])?;
    sample.push(BASE)?;
    head(sample)
}

fn head(sample: &Sample) -> Result<String, Failure> {
    Ok(sample.git(&["rev-parse", "HEAD"])?.trim().to_owned())
}
