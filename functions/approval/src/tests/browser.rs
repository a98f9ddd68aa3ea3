//! Purpose: a person with their mail and a browser.

use domain::ids::PersonId;
use engine::ports::Doorbell;
use engine::queue;
use jiff::SignedDuration;
use lambda_http::http::Request;
use lambda_http::{Body, Response};
use testkit::yielding::block_on;

use super::world::{BASE, RUN, World, stream};
use crate::{Deps, handle};

pub const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub const OWN: (&str, &str) = ("origin", BASE);
pub const SAME_SITE: (&str, &str) = ("sec-fetch-site", "same-origin");

pub fn deps(world: &World) -> Deps<'_> {
    Deps {
        journal: &world.journal,
        inbox: &world.journal,
        clock: world,
        doorbells: world,
        sources: world,
        people: world,
        repositories: world,
        keys: world,
        host: None,
        base_url: BASE,
    }
}

impl World {
    pub fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map_or("", |(_, value)| value)
    }
}

impl From<Response<Body>> for Answer {
    fn from(response: Response<Body>) -> Self {
        let text = |value: &lambda_http::http::HeaderValue| value.to_str().unwrap().to_owned();
        Self {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: String::from_utf8(response.body().to_vec()).unwrap(),
        }
    }
}

pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut builder = Request::builder()
        .method(method)
        .uri(format!("{BASE}{path}"));
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let body = if body.is_empty() {
        Body::Empty
    } else {
        Body::from(body)
    };
    builder.body(body).unwrap()
}

pub fn send(world: &World, request: Request<Body>) -> Answer {
    let call = format!("call-{}", super::codes::unique());
    block_on(handle(&deps(world), request, &call)).into()
}

/// Link, code and cookie of one person.
#[derive(Clone)]
pub struct Visit<'w> {
    pub world: &'w World,
    pub link: String,
    pub code: String,
    pub cookie: Option<String>,
}

impl<'w> Visit<'w> {
    /// Takes link and code from the mail that this person gets.
    pub fn of(world: &'w World, person: PersonId) -> Self {
        Self::of_run(world, person, RUN)
    }

    pub fn of_run(world: &'w World, person: PersonId, run: &str) -> Self {
        mail(world, run);
        let id = format!("approval/{run}/production/");
        let mails = world.mails.lock().unwrap();
        let mail = mails
            .iter()
            .find(|mail| mail.id.starts_with(&id) && mail.id.ends_with(&format!("/{person}")))
            .unwrap();
        let link = mail
            .text
            .lines()
            .find(|line| line.starts_with(BASE))
            .unwrap();
        let code = mail
            .text
            .lines()
            .find_map(|line| line.strip_prefix("Your code: "))
            .unwrap();
        Self {
            world,
            link: link.to_owned(),
            code: code.to_owned(),
            cookie: None,
        }
    }

    pub fn path(&self) -> String {
        self.link.strip_prefix(BASE).unwrap().to_owned()
    }

    pub fn get(&self, path: &str) -> Answer {
        let headers: Vec<_> = self.cookie.iter().map(|c| ("cookie", c.as_str())).collect();
        send(self.world, request("GET", path, &headers, ""))
    }

    pub fn look(&self) -> Answer {
        self.get(&self.path())
    }

    pub fn post(&self, action: &str, body: &str) -> Answer {
        send(self.world, self.posting(action, body))
    }

    pub fn posting(&self, action: &str, body: &str) -> Request<Body> {
        let mut headers = vec![FORM, OWN, SAME_SITE];
        headers.extend(self.cookie.iter().map(|c| ("cookie", c.as_str())));
        request("POST", &format!("{}/{action}", self.path()), &headers, body)
    }

    pub fn sign_in(self) -> (Self, Answer) {
        let answer = self.post("sign-in", &format!("code={}", self.code));
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        let cookie = (!cookie.is_empty()).then(|| cookie.to_owned());
        (Self { cookie, ..self }, answer)
    }

    pub fn csrf(&self) -> String {
        let page = self.look().body;
        let value = page.split("name=\"csrf\" value=\"").nth(1);
        value.map_or(String::new(), |rest| {
            rest.split('"').next().unwrap().to_owned()
        })
    }

    pub fn suffix(&self) -> String {
        let run = self.path().split('/').nth(3).unwrap().to_owned();
        let release = self.world.approval(&run).release;
        release.as_str()[58..].to_owned()
    }

    pub fn form(&self, decision: &str, reason: &str) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &self.csrf())
            .append_pair("release", &self.suffix())
            .append_pair("reason", reason)
            .append_pair("decision", decision);
        form.finish()
    }

    pub fn decide(&self, decision: &str, reason: &str) -> Answer {
        self.post("decision", &self.form(decision, reason))
    }
}

/// The notifier sends what is owed.
fn mail(world: &World, run: &str) {
    let deps = notifier::Deps {
        journal: &world.journal,
        clock: world,
        doorbells: world,
        sources: world,
        people: world,
        repositories: world,
        keys: world,
        mailer: world,
        checks: None,
        comments: None,
        announcer: None,
        base_url: BASE,
    };
    let event = queue::event(&[Doorbell {
        stream: stream(run),
    }]);
    let call = format!("mail-{}", super::codes::unique());
    let answer = block_on(notifier::handle(&deps, event.unwrap(), &call));
    assert_eq!(answer.batch_item_failures.len(), 0);
}
