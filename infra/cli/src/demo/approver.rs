//! Purpose: the designated person of the demo: reads the mail, opens the link, signs in with the code, approves. Nothing is
//! done that a person with a browser could not do.

use std::path::Path;

use crate::failure::Failure;

/// What the approval mail says.
struct Mail {
    link: String,
    code: String,
}

/// Reads the mail in the outbox and approves at the page that it names; tells whether the mail was there yet.
pub async fn approve(outbox: &Path, address: &str) -> Result<bool, Failure> {
    let Some(mail) = find_mail(outbox, address)? else {
        return Ok(false);
    };
    tokio::task::spawn_blocking(move || decide(&mail))
        .await
        .map_err(|error| Failure::unavailable(format!("the approver gave up: {error}")))??;
    Ok(true)
}

fn find_mail(outbox: &Path, address: &str) -> Result<Option<Mail>, Failure> {
    let Ok(files) = std::fs::read_dir(outbox) else {
        return Ok(None);
    };
    for file in files.flatten() {
        let path = file.path();
        if path.extension().is_none_or(|extension| extension != "eml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::unavailable(format!("{} cannot be read: {error}", path.display()))
        })?;
        if text.contains(&format!("<{address}>")) || text.contains(&format!("To: {address}")) {
            return read_mail(&text).map(Some).ok_or_else(|| {
                Failure::unavailable(format!("{} names no link and code", path.display()))
            });
        }
    }
    Ok(None)
}

fn read_mail(text: &str) -> Option<Mail> {
    // Quoted-printable breaks long lines with `=` and writes `=` as `=3D`.
    let text = text
        .replace("=\r\n", "")
        .replace("=\n", "")
        .replace("=3D", "=");
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
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .into();
    let origin = mail
        .link
        .splitn(4, '/')
        .take(3)
        .collect::<Vec<_>>()
        .join("/");
    let post = |path: &str, cookie: &str, form: &str| {
        agent
            .post(format!("{}/{path}", mail.link))
            .header("origin", &origin)
            .header("cookie", cookie)
            .content_type("application/x-www-form-urlencoded")
            .send(form)
            .map_err(|error| Failure::unavailable(format!("{}: {error}", mail.link)))
    };
    let signed_in = post("sign-in", "", &format!("code={}", mail.code))?;
    let cookie = signed_in
        .headers()
        .get("set-cookie")
        .and_then(|value| value.to_str().ok());
    let cookie = cookie
        .and_then(|cookie| cookie.split(';').next())
        .unwrap_or_default()
        .to_owned();
    if cookie.is_empty() {
        return Err(Failure::unavailable(format!(
            "signing in at {} did not work",
            mail.link
        )));
    }
    let page = agent
        .get(&mail.link)
        .header("cookie", &cookie)
        .call()
        .and_then(|mut page| page.body_mut().read_to_string())
        .map_err(|error| Failure::unavailable(format!("{}: {error}", mail.link)))?;
    let csrf = between(&page, "name=\"csrf\" value=\"", "\"");
    let release = between(&page, "The release is <code>", "</code>");
    let (Some(csrf), Some(release)) = (csrf, release) else {
        return Err(Failure::unavailable(format!(
            "{} shows no decision form",
            mail.link
        )));
    };
    let suffix = release
        .get(release.len().saturating_sub(6)..)
        .unwrap_or_default();
    let form = format!("csrf={csrf}&decision=approve&release={suffix}&reason=it+adds+up");
    let decided = post("decision", &cookie, &form)?;
    if decided.status().as_u16() != 303 {
        return Err(Failure::unavailable(format!(
            "{} answered the decision with {}",
            mail.link,
            decided.status()
        )));
    }
    Ok(())
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?
        .1
        .split_once(after)
        .map(|(found, _)| found.trim())
}

#[cfg(test)]
#[path = "approver_tests.rs"]
mod tests;
