//! Purpose: the page of one approval, as a person with a browser uses it: open the link, sign in with the code of the mail,
//! decide. Nothing is done that the page does not offer.

use crate::failure::Failure;

/// Bytes of a page at most.
const MAX_PAGE: u64 = 4 << 20;
/// For one request.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

type Answer = ureq::http::Response<ureq::Body>;

/// A decision.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub approve: bool,
    /// The last characters of the release's hash; needed to approve.
    pub release: &'a str,
    /// Needed to reject.
    pub reason: &'a str,
}

/// An approval page and whoever looks at it.
pub struct ApprovalPage {
    agent: ureq::Agent,
    link: String,
    origin: String,
    cookie: String,
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The page's own part, in HTML.
    pub main: String,
    /// The release that a signed-in person decides about, and what their form has to carry.
    desk: Option<(String, String)>,
}

impl ApprovalPage {
    /// The page behind this link, without `sign-in` or `decision` at its end.
    pub fn new(link: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build();
        let origin: Vec<&str> = link.splitn(4, '/').take(3).collect();
        Self {
            agent: agent.into(),
            origin: origin.join("/"),
            link: link.to_owned(),
            cookie: String::new(),
        }
    }

    /// What the page shows to whoever has signed in by now.
    pub fn look(&self) -> Result<Shown, Failure> {
        let call = self.agent.get(&self.link).header("cookie", &self.cookie);
        let answer = call.call().map_err(|error| self.unreachable(&error))?;
        match answer.status().as_u16() {
            200 => Ok(self.read(answer)?.1),
            _ => Err(self.refused(answer)?),
        }
    }

    /// Signs in with the code of the mail.
    pub fn sign_in(&mut self, code: &str) -> Result<(), Failure> {
        let answer = self.post("sign-in", &[("code", code)])?;
        let cookie = answer.headers().get("set-cookie");
        let cookie = cookie.and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        if let Some(cookie) = cookie.filter(|cookie| !cookie.is_empty()) {
            cookie.clone_into(&mut self.cookie);
            return Ok(());
        }
        let wrong_code = answer.status().as_u16() == 403;
        let refused = self.refused(answer)?;
        Err(match wrong_code {
            true => Failure::usage(refused.what),
            false => refused,
        })
    }

    /// Sends the decision of whoever has signed in.
    pub fn decide(&self, shown: &Shown, wish: &Wish<'_>) -> Result<(), Failure> {
        let (_, csrf) = shown.desk()?;
        let decision = if wish.approve { "approve" } else { "reject" };
        let answer = self.post(
            "decision",
            &[
                ("csrf", csrf),
                ("decision", decision),
                ("release", wish.release),
                ("reason", wish.reason),
            ],
        )?;
        match answer.status().as_u16() {
            303 => Ok(()),
            _ => Err(self.refused(answer)?),
        }
    }

    fn post(&self, action: &str, form: &[(&str, &str)]) -> Result<Answer, Failure> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        self.agent
            .post(format!("{}/{action}", self.link))
            .header("origin", &self.origin)
            .header("cookie", &self.cookie)
            .content_type("application/x-www-form-urlencoded")
            .send(body)
            .map_err(|error| self.unreachable(&error))
    }

    fn read(&self, mut answer: Answer) -> Result<(u16, Shown), Failure> {
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(MAX_PAGE);
        let page = body
            .read_to_string()
            .map_err(|error| self.unreachable(&error))?;
        Ok((status, Shown::of(&page)))
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        Failure::unavailable(format!("{} cannot be reached: {error}", self.origin))
    }

    /// What the page says when it does not do what was asked.
    fn refused(&self, answer: Answer) -> Result<Failure, Failure> {
        let (status, shown) = self.read(answer)?;
        let what = match shown.notice() {
            Some(notice) => notice.trim_end_matches('.').to_owned(),
            None => format!("{} answered with status {status}", self.origin),
        };
        Ok(match status {
            400 | 413 => Failure::usage(what),
            403..=405 | 409 | 410 => Failure::negative(what),
            _ => Failure::unavailable(what),
        })
    }
}

impl Shown {
    /// Reads a page of `functions/approval`.
    pub fn of(page: &str) -> Self {
        let main = between(page, "<main", "</main>").unwrap_or(page);
        let csrf = between(main, "name=\"csrf\" value=\"", "\"");
        let release = between(main, "The release is <code>", "</code>");
        Self {
            main: main.to_owned(),
            desk: release
                .zip(csrf)
                .map(|(release, csrf)| (text(release), text(csrf))),
        }
    }

    /// The release that is decided about.
    pub fn release(&self) -> Result<&str, Failure> {
        Ok(self.desk()?.0)
    }

    /// Whether there is something to decide, for whoever signs in.
    pub fn open(self) -> Result<Self, Failure> {
        match self.closed() {
            Some(why) => Err(Failure::negative(why.trim_end_matches('.'))),
            None => Ok(self),
        }
    }

    /// The sentence after the bold one of a box that says why something was not done.
    fn notice(&self) -> Option<String> {
        let notice = between(&self.main, "<div class=\"notice bad\"", "</div>")?;
        let sentence = notice.split_once("</strong>")?.1;
        Some(text(sentence)).filter(|sentence| !sentence.is_empty())
    }

    fn desk(&self) -> Result<(&str, &str), Failure> {
        let (release, csrf) = self.desk.as_ref().ok_or_else(|| {
            Failure::unavailable(
                "the page offers nothing to decide: it is none of Slipway's, or of another version",
            )
        })?;
        Ok((release, csrf))
    }

    /// Why there is nothing to decide: it stands where the form would be.
    fn closed(&self) -> Option<String> {
        let (_, desk) = self.main.split_once("id=\"decide\"")?;
        Some(text(between(desk, "<p class=\"card\">", "</p>")?))
    }
}

/// What stands between the two.
pub fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let found = text.split_once(before)?.1.split_once(after)?.0;
    Some(found.trim())
}

/// The text of a piece of a page: without tags, entities as characters, on one line, and nothing that moves a cursor.
pub fn text(html: &str) -> String {
    let mut plain = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    let plain = characters(&plain);
    let words: Vec<&str> = plain.split_whitespace().collect();
    crate::output::clean(&words.join(" "))
}

/// The text with the entities that our pages are written with as characters; each is read once.
fn characters(text: &str) -> String {
    let entities = [
        ("&lt;", '<'),
        ("&#60;", '<'),
        ("&gt;", '>'),
        ("&#62;", '>'),
        ("&quot;", '"'),
        ("&#34;", '"'),
        ("&#39;", '\''),
        ("&amp;", '&'),
        ("&#38;", '&'),
    ];
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let entity = entities.iter().find(|(entity, _)| from.starts_with(entity));
        let (length, letter) = entity.map_or((1, '&'), |(entity, letter)| (entity.len(), *letter));
        plain.push(letter);
        rest = from.get(length..).unwrap_or_default();
    }
    plain + rest
}

#[cfg(test)]
#[path = "approval_page_tests.rs"]
mod tests;
