//! A GitHub with one repository, a data directory, and the set-up as a process with its browser.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use blackbox::{Home, Said, eventually};
use fake_github::{App, Bare, FakeGitHub, TEST_KEY};
use serde_json::Value;

pub const SHOP: u64 = 42;
pub const URL: &str = "https://ci.example.org";

pub struct World {
    pub home: Home,
    pub github: FakeGitHub,
    pub bare: Bare,
}

impl World {
    pub fn new() -> Self {
        let home = Home::new();
        let bare = Bare::init(home.folder().join("shop.git")).unwrap();
        let main = "refs/heads/main";
        bare.commit(main, "Begin", &[("a", Some("a\n"))]).unwrap();
        let github = FakeGitHub::start(&App::test()).unwrap();
        github.add(SHOP, "acme/shop", bare.path());
        Self { home, github, bare }
    }

    /// The words of a set-up at this GitHub.
    pub fn words(&self, more: &[&str]) -> Vec<String> {
        let words = ["github", "setup", "--url", URL, "--api", self.github.api()];
        let all = words.iter().chain(more);
        all.map(|word| (*word).to_owned()).collect()
    }

    /// Begins a set-up and waits until its page is open.
    pub fn begin(&self, more: &[&str]) -> Setup {
        let words = self.words(more);
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.insert(0, "--json");
        let mut command = self.home.command(&words);
        command.env("RUST_LOG", "trace");
        Setup::begin(&mut command)
    }

    /// Nothing of an App lies in the data directory.
    #[track_caller]
    pub fn nothing_is_stored(&self) {
        let data = self.home.data();
        for name in ["github.json", "keys/github-app.pem", "keys/webhook.secret"] {
            assert!(!data.join(name).exists(), "{name} was stored");
        }
    }
}

/// A set-up that waits for its browser.
pub struct Setup {
    child: Child,
    out: BufReader<ChildStdout>,
    /// Traces are longer than what a pipe takes.
    err: File,
    first: String,
    /// Where its page is.
    pub page: String,
}

impl Setup {
    pub fn begin(command: &mut Command) -> Self {
        let err = tempfile::tempfile().unwrap();
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped());
        command.stderr(err.try_clone().unwrap());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        let mut begun = Self {
            child,
            out,
            err,
            first,
            page: String::new(),
        };
        match serde_json::from_str::<Value>(&begun.first) {
            Ok(waiting) => {
                assert_eq!(waiting["state"], "waiting");
                waiting["page"]
                    .as_str()
                    .unwrap()
                    .clone_into(&mut begun.page);
                begun
            }
            Err(error) => panic!("{error}: {:?}", begun.end()),
        }
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> String {
        let parts: Vec<&str> = self.page.splitn(4, '/').take(3).collect();
        parts.join("/")
    }

    /// The form of the page: where it goes, and the manifest.
    pub fn form(&self) -> (String, Value) {
        let page = get(&self.page);
        assert_eq!(page.status, 200, "{}", page.body);
        let action = text(between(&page.body, "<form method=\"post\" action=\"", "\""));
        let manifest = text(between(&page.body, "name=\"manifest\" value=\"", "\""));
        (action, serde_json::from_str(&manifest).unwrap())
    }

    /// What the page gives to GitHub.
    pub fn state(&self) -> String {
        let (action, _) = self.form();
        action.split_once("state=").unwrap().1.to_owned()
    }

    /// Presses the button, at the page and at GitHub; where GitHub sends the browser then.
    pub fn press(&self) -> String {
        let (action, manifest) = self.form();
        let form = [("manifest", manifest.to_string())];
        let answer = agent().post(&action).send_form(form).unwrap();
        assert_eq!(answer.status().as_u16(), 302, "{answer:?}");
        let place = answer.headers().get("location").unwrap();
        place.to_str().unwrap().to_owned()
    }

    /// Waits for its end; everything that it ever said.
    pub fn end(mut self) -> Said {
        let child = &mut self.child;
        let status = eventually("the set-up ends", Duration::from_secs(60), || {
            child.try_wait().unwrap()
        });
        let mut out = self.first.clone();
        self.out.read_to_string(&mut out).unwrap();
        let mut err = String::new();
        self.err.rewind().unwrap();
        self.err.read_to_string(&mut err).unwrap();
        Said {
            code: status.code(),
            out,
            err,
        }
    }

    /// Ends it from outside. Not with SIGINT: what a shell runs in the background begins with that one ignored.
    pub fn terminate(self) -> Said {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.unwrap().success());
        self.end()
    }
}

pub struct Page {
    pub status: u16,
    pub body: String,
    pub headers: Vec<(String, String)>,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }
}

pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into()
}

pub fn get(url: &str) -> Page {
    get_as(url, None)
}

/// The same under another name of the host.
pub fn get_as(url: &str, host: Option<&str>) -> Page {
    let mut request = agent().get(url);
    if let Some(host) = host {
        request = request.header("host", host);
    }
    let mut answer = request.call().unwrap();
    let headers = answer.headers().iter();
    let headers = headers.map(|(name, value)| {
        let value = value.to_str().unwrap().to_owned();
        (name.as_str().to_owned(), value)
    });
    Page {
        status: answer.status().as_u16(),
        headers: headers.collect(),
        body: answer.body_mut().read_to_string().unwrap(),
    }
}

pub fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let found = text
        .split_once(before)
        .and_then(|(_, rest)| rest.split_once(after));
    found.unwrap_or_else(|| panic!("no {before} in {text}")).0
}

fn text(html: &str) -> String {
    let entities = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
    ];
    let mut plain = html.to_owned();
    for (entity, letter) in entities {
        plain = plain.replace(entity, letter);
    }
    plain
}

/// A line from the middle of the App's private key: nothing but the key has it.
pub fn canary() -> &'static str {
    TEST_KEY.lines().nth(5).unwrap()
}
