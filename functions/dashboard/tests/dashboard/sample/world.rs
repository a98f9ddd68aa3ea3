//! Purpose: everything around the journal: a clock that stands where it is put, three people, two repositories, logs.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use dashboard::Deps;
use domain::ids::{BuildId, CommitSha, PersonId, RepositoryId};
use engine::Fault;
use engine::ports::{
    Clock, Commit, Comparison, Doorbell, Doorbells, Function, LogLine, LogPage, LogStream, Logs,
    People, Person, Repositories, Repository, Sources,
};
use jiff::Timestamp;

use super::shelf::Shelf;

/// The sample machine.
pub struct World {
    pub shelf: Shelf,
    /// Seconds since the epoch.
    now: Mutex<i64>,
    pub people: Vec<Person>,
    pub repositories: Vec<Repository>,
    /// Titles of commits.
    pub titles: Mutex<BTreeMap<CommitSha, String>>,
    /// Lines of builds, and whether the build has ended.
    pub logs: Mutex<BTreeMap<BuildId, (Vec<LogLine>, bool)>>,
}

/// 2026-03-01 12:00:00 UTC.
pub const NOON: i64 = 1_772_366_400;

fn person(id: u64, login: &str, name: &str) -> Person {
    Person {
        id: PersonId(id),
        login: login.to_owned(),
        name: name.to_owned(),
        address: Some(format!("{login}@example.org")),
        teams: Vec::new(),
    }
}

impl World {
    pub fn new() -> Self {
        let repository = |id, name: &str| Repository {
            id: RepositoryId(id),
            name: name.to_owned(),
        };
        Self {
            shelf: Shelf::default(),
            now: Mutex::new(NOON),
            people: vec![
                person(1, "ana", "Ana Silva"),
                person(2, "bo", "Bo Chen"),
                person(3, "cy", "Cy Diaz"),
            ],
            repositories: vec![repository(12, "acme/shop"), repository(13, "acme/docs")],
            titles: Mutex::default(),
            logs: Mutex::default(),
        }
    }

    /// Puts the clock to so many seconds after noon.
    pub fn at(&self, seconds: i64) {
        *self.now.lock().unwrap() = NOON + seconds;
    }

    /// What the dashboard gets.
    pub fn deps(&self) -> Deps<'_> {
        Deps {
            journal: &self.shelf,
            logs: self,
            people: self,
            repositories: self,
            sources: Some(self),
            clock: self,
        }
    }

    /// Writes a log: `>` begins a line of stderr, `#` one of Slipway itself.
    pub fn write_log(&self, build: &BuildId, lines: &[&str], ended: bool) {
        let lines = lines.iter().zip(1..).map(|(text, number)| {
            let (stream, text) = match text.split_at_checked(1) {
                Some((">", rest)) => (LogStream::Stderr, rest),
                Some(("#", rest)) => (LogStream::System, rest),
                _ => (LogStream::Stdout, *text),
            };
            LogLine {
                number,
                at_ms: NOON * 1_000 + i64::try_from(number).unwrap() * 137,
                stream,
                text: text.to_owned(),
            }
        });
        let lines = (lines.collect(), ended);
        self.logs.lock().unwrap().insert(build.clone(), lines);
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(*self.now.lock().unwrap()).unwrap()
    }
}

#[async_trait]
impl Doorbells for World {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Ok(())
    }
}

#[async_trait]
impl People for World {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault> {
        Ok(self.people.iter().find(|p| p.id == id).cloned())
    }

    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault> {
        Ok(self.people.iter().find(|p| p.login == login).cloned())
    }

    async fn by_address(&self, _: &str) -> Result<Option<Person>, Fault> {
        Ok(None)
    }

    async fn team(&self, _: &str) -> Result<Vec<Person>, Fault> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Repositories for World {
    async fn repository(&self, id: RepositoryId) -> Result<Option<Repository>, Fault> {
        Ok(self.repositories.iter().find(|r| r.id == id).cloned())
    }

    async fn repositories(&self) -> Result<Vec<Repository>, Fault> {
        Ok(self.repositories.clone())
    }
}

#[async_trait]
impl Sources for World {
    async fn head(&self, _: RepositoryId, _: &str) -> Result<Option<CommitSha>, Fault> {
        Ok(None)
    }

    async fn default_branch(&self, _: RepositoryId) -> Result<Option<String>, Fault> {
        Ok(None)
    }

    async fn file(&self, _: RepositoryId, _: &CommitSha, _: &str) -> Result<Option<String>, Fault> {
        Ok(None)
    }

    async fn commit(&self, _: RepositoryId, sha: &CommitSha) -> Result<Option<Commit>, Fault> {
        let titles = self.titles.lock().unwrap();
        let Some(title) = titles.get(sha) else {
            return Err(Fault::Unavailable("git does not answer".to_owned()));
        };
        Ok(Some(Commit {
            sha: sha.clone(),
            title: title.clone(),
            author_name: "Ana Silva".to_owned(),
            author_address: "ana@example.org".to_owned(),
            committer_address: "ana@example.org".to_owned(),
            at_ms: NOON * 1_000,
        }))
    }

    async fn changed_paths(
        &self,
        _: RepositoryId,
        _: Option<&CommitSha>,
        _: &CommitSha,
    ) -> Result<Option<Vec<String>>, Fault> {
        Ok(None)
    }

    async fn compare(
        &self,
        _: RepositoryId,
        _: &CommitSha,
        _: &CommitSha,
    ) -> Result<Option<Comparison>, Fault> {
        Ok(None)
    }
}

#[async_trait]
impl Logs for World {
    async fn read(&self, build: &BuildId, after: u64, limit: usize) -> Result<LogPage, Fault> {
        let logs = self.logs.lock().unwrap();
        let Some((lines, ended)) = logs.get(build) else {
            return Ok(LogPage {
                lines: Vec::new(),
                complete: false,
            });
        };
        let rest = lines.iter().filter(|line| line.number > after);
        let taken: Vec<LogLine> = rest.clone().take(limit).cloned().collect();
        Ok(LogPage {
            complete: *ended && rest.count() == taken.len(),
            lines: taken,
        })
    }
}
