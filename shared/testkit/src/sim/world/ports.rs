//! Purpose: the small ports: clock, doorbells, sources, people, repositories, mail, keys, logs.

use async_trait::async_trait;
use domain::ids::{BuildId, CommitSha, Digest, PersonId, RepositoryId};
use domain::pipeline::FILE_NAME;
use engine::Fault;
use engine::ports::{
    Clock, Commit, Comparison, Doorbell, Doorbells, Function, Keys, LogPage, Logs, Mail, Mailer,
    People, Person, Repositories, Repository, Sources,
};
use jiff::Timestamp;

use super::super::people::{address, login};
use super::{DEFAULT_BRANCH, State, World};
use crate::faults::call;

impl World {
    /// One call of a port: it may fail before or after it takes effect, and the caller may die at its two awaits.
    pub(super) async fn call<T: Send>(
        &self,
        name: &'static str,
        act: impl FnOnce(&mut State) -> Result<T, Fault> + Send,
    ) -> Result<T, Fault> {
        call(&self.calls, name, || act(&mut self.state())).await
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.state().now()
    }
}

#[async_trait]
impl Doorbells for World {
    async fn ring(&self, function: Function, doorbell: &Doorbell) -> Result<(), Fault> {
        self.call("doorbells.ring", |state| {
            state.send(function, &doorbell.stream);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Sources for World {
    async fn head(
        &self,
        repository: RepositoryId,
        reference: &str,
    ) -> Result<Option<CommitSha>, Fault> {
        self.call("sources.head", |state| {
            let branch = reference.strip_prefix("refs/heads/").unwrap_or(reference);
            let heads = &mut state.heads.iter();
            Ok(heads
                .find(|((id, name), _)| *id == repository && *name == branch)
                .map(|(_, commit)| commit.clone()))
        })
        .await
    }

    async fn default_branch(&self, _: RepositoryId) -> Result<Option<String>, Fault> {
        self.call("sources.default_branch", |_| {
            Ok(Some(DEFAULT_BRANCH.to_owned()))
        })
        .await
    }

    async fn file(
        &self,
        _: RepositoryId,
        commit: &CommitSha,
        path: &str,
    ) -> Result<Option<String>, Fault> {
        self.call("sources.file", |state| {
            let push = state.push_of(commit).filter(|_| path == FILE_NAME);
            Ok(push.map(|push| push.recipe.text()))
        })
        .await
    }

    async fn commit(&self, _: RepositoryId, commit: &CommitSha) -> Result<Option<Commit>, Fault> {
        self.call("sources.commit", |state| {
            Ok(state.push_of(commit).map(|push| Commit {
                sha: commit.clone(),
                title: format!("Change {}", push.branch),
                author_name: login(push.author).to_owned(),
                author_address: address(push.author),
                committer_address: address(push.sender),
                at_ms: state.real_ms,
            }))
        })
        .await
    }

    async fn changed_paths(
        &self,
        _: RepositoryId,
        _: Option<&CommitSha>,
        _: &CommitSha,
    ) -> Result<Option<Vec<String>>, Fault> {
        self.call("sources.changed_paths", |_| {
            Ok(Some(vec!["src/lib.rs".to_owned()]))
        })
        .await
    }

    async fn compare(
        &self,
        _: RepositoryId,
        _: &CommitSha,
        _: &CommitSha,
    ) -> Result<Option<Comparison>, Fault> {
        self.call("sources.compare", |_| Ok(Some(Comparison::default())))
            .await
    }
}

impl State {
    /// Who is still here.
    fn present(&self) -> impl Iterator<Item = &Person> {
        self.people
            .iter()
            .filter(|person| !self.removed.contains_key(&person.id))
    }
}

#[async_trait]
impl People for World {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault> {
        self.call("people.person", |state| {
            Ok(state.present().find(|p| p.id == id).cloned())
        })
        .await
    }

    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault> {
        self.call("people.by_login", |state| {
            Ok(state.present().find(|p| p.login == login).cloned())
        })
        .await
    }

    async fn by_address(&self, address: &str) -> Result<Option<Person>, Fault> {
        self.call("people.by_address", |state| {
            let here = |p: &&Person| p.address.as_deref() == Some(address);
            Ok(state.present().find(here).cloned())
        })
        .await
    }

    async fn team(&self, name: &str) -> Result<Vec<Person>, Fault> {
        self.call("people.team", |state| {
            let members = state
                .present()
                .filter(|p| p.teams.iter().any(|team| team == name));
            Ok(members.cloned().collect())
        })
        .await
    }
}

fn repository(id: RepositoryId) -> Repository {
    Repository {
        id,
        name: format!("acme/r{id}"),
    }
}

#[async_trait]
impl Repositories for World {
    async fn repository(&self, id: RepositoryId) -> Result<Option<Repository>, Fault> {
        self.call("repositories.repository", |state| {
            let known = state.pushes.iter().any(|push| push.repository == id);
            Ok(known.then(|| repository(id)))
        })
        .await
    }

    async fn repositories(&self) -> Result<Vec<Repository>, Fault> {
        self.call("repositories.repositories", |state| {
            let mut ids: Vec<RepositoryId> = state.pushes.iter().map(|p| p.repository).collect();
            ids.sort_unstable();
            ids.dedup();
            Ok(ids.into_iter().map(repository).collect())
        })
        .await
    }
}

#[async_trait]
impl Mailer for World {
    async fn send(&self, _: &Mail) -> Result<(), Fault> {
        self.call("mailer.send", |state| {
            if state.mishap(500) {
                return Err(Fault::Malformed("the address does not exist".to_owned()));
            }
            state.mails += 1;
            Ok(())
        })
        .await
    }
}

/// A keyed digest: good enough where nobody attacks, and fast.
fn keyed(purpose: &str, message: &[u8]) -> Digest {
    let mut text = format!("the simulator's key\n{purpose}\n").into_bytes();
    text.extend_from_slice(message);
    Digest::of(&text)
}

impl World {
    /// A signature as the machine's own key makes it.
    pub fn signature(message: &[u8]) -> String {
        keyed("signature", message).to_string()
    }
}

#[async_trait]
impl Keys for World {
    async fn mac(&self, purpose: &str, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.call("keys.mac", |_| {
            let mut mac = [0; 32];
            hex::decode_to_slice(keyed(purpose, message).as_str(), &mut mac)
                .map_err(|error| Fault::Malformed(error.to_string()))?;
            Ok(mac)
        })
        .await
    }

    async fn sign(&self, message: &[u8]) -> Result<String, Fault> {
        self.call("keys.sign", |_| Ok(Self::signature(message)))
            .await
    }

    async fn verify(&self, message: &[u8], signature: &str) -> Result<bool, Fault> {
        self.call("keys.verify", |_| Ok(Self::signature(message) == signature))
            .await
    }
}

#[async_trait]
impl Logs for World {
    async fn read(&self, _: &BuildId, _: u64, _: usize) -> Result<LogPage, Fault> {
        self.call("logs.read", |_| {
            Ok(LogPage {
                lines: Vec::new(),
                complete: true,
            })
        })
        .await
    }
}
