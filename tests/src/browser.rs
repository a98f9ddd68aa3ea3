//! Purpose: a person with a browser, who decides about a release: signs in with the code of the mail, reads the page, posts.

use crate::outbox::Approval;

/// Decides; fails the test unless the decision was taken.
pub fn decide(mail: &Approval, approve: bool) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .into();
    let origin = mail.link.splitn(4, '/').take(3).collect::<Vec<_>>();
    let origin = origin.join("/");
    let post = |path: &str, cookie: &str, form: &str| {
        agent
            .post(format!("{}/{path}", mail.link))
            .header("origin", &origin)
            .header("cookie", cookie)
            .content_type("application/x-www-form-urlencoded")
            .send(form)
            .unwrap()
    };
    let signed_in = post("sign-in", "", &format!("code={}", mail.code));
    let cookie = signed_in.headers().get("set-cookie");
    let cookie = cookie.unwrap_or_else(|| panic!("{signed_in:?}"));
    let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
    let mut page = agent
        .get(&mail.link)
        .header("cookie", cookie)
        .call()
        .unwrap();
    let page = page.body_mut().read_to_string().unwrap();
    let csrf = between(&page, "name=\"csrf\" value=\"", "\"");
    let release = between(&page, "The release is <code>", "</code>");
    let end = &release[release.len() - 6..];
    let word = if approve { "approve" } else { "reject" };
    let form = format!("csrf={csrf}&decision={word}&release={end}&reason=seen");
    let decided = post("decision", cookie, &form);
    assert_eq!(decided.status().as_u16(), 303, "{decided:?}");
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let found = text
        .split_once(before)
        .and_then(|(_, rest)| rest.split_once(after));
    found
        .unwrap_or_else(|| panic!("no {before} in {text}"))
        .0
        .trim()
}
