//! Purpose: `slipway --aws STACK approve LINK` and `reject`: the approval page without a browser.
//!
//! Credentials of AWS identify no approver, and the key of decisions is the approval function's alone. So this command is a
//! visitor of its page like any other: it has the link and asks for the code.

use std::io::{BufRead as _, Write as _};

use approval::SUFFIX_CHARS;
use serde_json::json;

use crate::approval_page::{ApprovalPage, Shown, Wish, between, text};
use crate::args::{DecideArgs, Global};
use crate::failure::Failure;
use crate::output::{self, style};

/// Shows what is asked, then decides it.
pub async fn run(
    global: &Global,
    stack: &str,
    args: &DecideArgs,
    approve: bool,
) -> Result<u8, Failure> {
    if !args.run.contains("://") {
        return Err(no_link(args, approve));
    }
    let (_, stack) = super::find(stack).await?;
    check(&args.run, stack.base_url()?, stack.name())?;
    let (json, args) = (global.json, args.clone());
    let visit = tokio::task::spawn_blocking(move || visit(json, &args, approve));
    visit
        .await
        .map_err(|error| Failure::unavailable(format!("the visit broke off: {error}")))?
}

fn no_link(args: &DecideArgs, approve: bool) -> Failure {
    let word = if approve { "approve" } else { "reject" };
    Failure::usage(format!(
        "{:?} is no link: on AWS a decision is made on the page that the mail to the approver links to",
        args.run
    ))
    .help(format!(
        "`slipway --aws STACK {word} LINK`, with the link of your mail; the code in it is asked for"
    ))
}

/// A link that leads elsewhere gets no code.
fn check(link: &str, base_url: &str, stack: &str) -> Result<(), Failure> {
    let path = link
        .strip_prefix(base_url)
        .and_then(|rest| rest.strip_prefix("/approvals/"));
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    let parts: Vec<&str> = path.unwrap_or_default().split('/').collect();
    if parts.len() == 4 && parts.iter().all(|part| plain(part)) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "this is no approval link of the stack {stack}, whose links begin with {base_url}/approvals/"
    ))
    .help("copy the whole link of the mail; give your code to no other page"))
}

fn visit(json: bool, args: &DecideArgs, approve: bool) -> Result<u8, Failure> {
    let mut page = ApprovalPage::new(&args.run);
    let shown = page.look()?;
    if !json {
        output::write(&asked(&shown))?;
    }
    shown.open()?;
    let code = given(args.code.as_deref(), "Code of your mail")?;
    page.sign_in(&code)?;
    let shown = page.look()?.open()?;
    let release = shown.release()?.to_owned();
    let suffix = match approve {
        true => given(
            Some(args.release.as_str()).filter(|text| !text.is_empty()),
            &format!("Last {SUFFIX_CHARS} characters of the release {release}, to approve it"),
        )?,
        false => String::new(),
    };
    let reason = match approve || !args.reason.is_empty() {
        true => args.reason.clone(),
        false => given(None, "Reason, which everybody may read")?,
    };
    let wish = Wish {
        approve,
        release: &suffix,
        reason: &reason,
    };
    page.decide(&shown, &wish)?;
    let standing = standing(&page.look()?.main);
    let word = if approve { "approved" } else { "rejected" };
    if json {
        output::document(&json!({ "decision": word, "release": release, "standing": standing }))?;
    } else {
        let word = style::status(word);
        output::line(format!("You {word} the release {release}. {standing}"))?;
    }
    Ok(0)
}

/// What the page asks, for a terminal: its question, how the approval stands, and what would be deployed.
fn asked(shown: &Shown) -> String {
    let title = between(&shown.main, "<h1>", "</h1>").map(text);
    let title = title.unwrap_or_default();
    let mut asked = format!("{}\n", style::paint(style::STRONG, &title));
    asked.push_str(&output::wrapped(&standing(&shown.main), 2));
    for fact in shown.main.split("<dt>").skip(1) {
        let (name, value) = fact.split_once("</dt>").unwrap_or_default();
        let value = between(value, "<dd>", "</dd>").unwrap_or_default();
        asked.push_str(&output::wrapped(
            &format!("{}: {}", text(name), text(value)),
            2,
        ));
    }
    asked
}

/// How the approval stands: the sentence after the status word.
fn standing(main: &str) -> String {
    let line = between(main, "<p class=\"line\">", "</p>");
    let sentence = line.and_then(|line| line.rsplit_once("<span>"));
    sentence.map_or_else(String::new, |(_, sentence)| text(sentence))
}

/// What was typed as an option, or else a line of standard input.
fn given(typed: Option<&str>, what: &str) -> Result<String, Failure> {
    if let Some(typed) = typed {
        return Ok(typed.to_owned());
    }
    let broken = |error: std::io::Error| {
        Failure::unavailable(format!("standard input cannot be read: {error}"))
    };
    let mut question = anstream::stderr();
    write!(question, "{what}: ")
        .and_then(|()| question.flush())
        .map_err(broken)?;
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(broken)?;
    let line = line.trim();
    if line.is_empty() {
        return Err(Failure::usage("nothing was typed, so nothing was decided")
            .help("`--code`, `--release` and `--reason` answer without being asked"));
    }
    Ok(line.to_owned())
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
