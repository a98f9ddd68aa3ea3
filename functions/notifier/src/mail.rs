//! Purpose: the mail that asks one person for a decision, as HTML and as text.

use askama::Template;
use engine::Fault;
use engine::approvals::{ApprovalView, Code, MAX_NAME, line};
use engine::ports::{Mail, Person};

use crate::dead::dead;

/// Characters of a subject; mail programs show about half of it.
const MAX_SUBJECT: usize = 150;

/// What the mail is made of.
pub struct Letter<'a> {
    pub view: &'a ApprovalView,
    pub person: &'a Person,
    /// The person's address for mail.
    pub address: &'a str,
    pub link: &'a str,
    pub code: &'a Code,
}

#[derive(Template)]
#[template(path = "approval.html")]
struct Html<'a> {
    view: &'a ApprovalView,
    subject: &'a str,
    name: &'a str,
    link: &'a str,
    code: &'a Code,
}

#[derive(Template)]
#[template(path = "approval.txt")]
struct Text<'a> {
    view: &'a ApprovalView,
    name: &'a str,
    link: &'a str,
    code: &'a Code,
}

/// Writes the mail. Its id is the same for the same approval and person, so that sending it twice is one mail.
pub fn write(letter: &Letter<'_>) -> Result<Mail, Fault> {
    let Letter {
        view,
        person,
        address,
        link,
        code,
    } = *letter;
    let subject = line(&dead(&subject(view)), MAX_SUBJECT);
    let name = line(&person.name, MAX_NAME);
    let name = if name.is_empty() {
        &person.login
    } else {
        &name
    };
    let html = Html {
        view,
        subject: &subject,
        name,
        link,
        code,
    };
    let text = Text {
        view,
        name,
        link,
        code,
    };
    let broken = |error| Fault::Malformed(format!("the mail could not be written: {error}"));
    Ok(Mail {
        id: format!(
            "approval/{}/{}/{}/{}",
            view.run, view.environment, view.release, person.id
        ),
        to_name: name.to_owned(),
        to_address: address.to_owned(),
        html: html.render().map_err(broken)?,
        text: text.render().map_err(broken)?,
        subject,
    })
}

fn subject(view: &ApprovalView) -> String {
    format!(
        "Deploy {} to {}? Release {}, {}",
        view.repository_name,
        view.environment,
        view.release.short(),
        view.changes_in_brief()
    )
}
