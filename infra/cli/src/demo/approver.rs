//! Purpose: the designated person of the demo: reads the mail, opens the link, signs in with the code, approves. Nothing is
//! done that a person with a browser could not do.

use std::path::Path;

use approval::SUFFIX_CHARS;
use async_trait::async_trait;
use domain::ids::Digest;

use super::APPROVER;
use super::follow::Approver;
use crate::approval_page::{ApprovalPage, Wish};
use crate::failure::Failure;

/// What the approval mail says.
struct Mail {
    link: String,
    code: String,
}

/// Reads their mail, and approves at the page that it names.
pub struct ByMail<'a> {
    pub outbox: &'a Path,
}

#[async_trait]
impl Approver for ByMail<'_> {
    async fn approve(&self, _release: &Digest) -> Result<Option<String>, Failure> {
        let (_, login, _, address) = APPROVER;
        let Some(mail) = find_mail(self.outbox, address)? else {
            return Ok(None);
        };
        tokio::task::spawn_blocking(move || decide(&mail))
            .await
            .map_err(|error| Failure::unavailable(format!("the approver gave up: {error}")))??;
        Ok(Some(format!(
            "{login} read the mail, signed in and approved"
        )))
    }
}

fn find_mail(outbox: &Path, address: &str) -> Result<Option<Mail>, Failure> {
    let Ok(files) = std::fs::read_dir(outbox) else {
        return Ok(None);
    };
    for file in files.flatten() {
        let path = file.path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::unavailable(format!("{} cannot be read: {error}", path.display()))
        })?;
        let to = text.lines().next().unwrap_or_default();
        if to.starts_with("To: ") && to.ends_with(&format!("<{address}>")) {
            return read_text(&text).map(Some).ok_or_else(|| {
                Failure::unavailable(format!("{} names no link and code", path.display()))
            });
        }
    }
    Ok(None)
}

fn read_text(text: &str) -> Option<Mail> {
    let link = text
        .split(|c: char| c.is_whitespace() || c == '"' || c == '<')
        .find(|word| word.starts_with("http://") && word.contains("/approvals/"))?;
    let code = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .find(|word| is_code(word))?;
    Some(Mail {
        link: link.to_owned(),
        code: code.to_owned(),
    })
}

fn is_code(word: &str) -> bool {
    let letter = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    word.split_once('-').is_some_and(|(left, right)| {
        left.len() == 5 && right.len() == 5 && left.bytes().chain(right.bytes()).all(letter)
    })
}

fn decide(mail: &Mail) -> Result<(), Failure> {
    let mut page = ApprovalPage::new(&mail.link);
    page.sign_in(&mail.code)?;
    let shown = page.look()?.open()?;
    let release = shown.release()?;
    let end = release.len().saturating_sub(SUFFIX_CHARS);
    let wish = Wish {
        approve: true,
        release: release.get(end..).unwrap_or_default(),
        reason: "it adds up",
    };
    page.decide(&shown, &wish)
}

#[cfg(test)]
#[path = "approver_tests.rs"]
mod tests;
