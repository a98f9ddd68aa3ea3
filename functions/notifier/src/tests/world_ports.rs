//! Purpose: the ports of the notifier's world.

use super::*;

impl Clock for World {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

#[async_trait]
impl Doorbells for World {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Ok(())
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
        Ok(Some(self.commit_of(sha, "Round prices up")))
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
        commit: &CommitSha,
    ) -> Result<Option<Comparison>, Fault> {
        let other = CommitSha::new("9".repeat(40));
        Ok(Some(Comparison {
            commits: vec![
                self.commit_of(commit, "Round prices up"),
                self.commit_of(&other, "Add a test"),
            ],
            total: 3,
            files_changed: 2,
            insertions: 10,
            deletions: 4,
        }))
    }
}

#[async_trait]
impl People for World {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault> {
        Ok(self.find(|person| person.id == id)?.pop())
    }
    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault> {
        Ok(self.find(|person| person.login == login)?.pop())
    }
    async fn by_address(&self, _: &str) -> Result<Option<Person>, Fault> {
        Ok(None)
    }
    async fn team(&self, name: &str) -> Result<Vec<Person>, Fault> {
        self.find(|person| person.teams.iter().any(|team| team == name))
    }
}

#[async_trait]
impl Repositories for World {
    async fn repository(&self, id: RepositoryId) -> Result<Option<Repository>, Fault> {
        let name = (self.say)("acme/shop");
        Ok((id == REPOSITORY).then_some(Repository { id, name }))
    }
    async fn repositories(&self) -> Result<Vec<Repository>, Fault> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Keys for World {
    async fn mac(&self, purpose: &str, message: &[u8]) -> Result<[u8; 32], Fault> {
        let text = [
            b"the key of these tests\n",
            purpose.as_bytes(),
            b"\n",
            message,
        ]
        .concat();
        Ok(sha2::Sha256::digest(text).into())
    }
    async fn sign(&self, message: &[u8]) -> Result<String, Fault> {
        Ok(Digest::of(&[b"signed\n", message].concat()).to_string())
    }
    async fn verify(&self, message: &[u8], signature: &str) -> Result<bool, Fault> {
        Ok(self.sign(message).await? == signature)
    }
}

#[async_trait]
impl Mailer for World {
    async fn send(&self, mail: &Mail) -> Result<(), Fault> {
        if let Some(fault) = self.mail_fault.lock().unwrap().clone() {
            return Err(fault);
        }
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

#[async_trait]
impl Announcer for World {
    async fn announce(&self, announcement: &Announcement) -> Result<(), Fault> {
        if self.topic_fails.load(Ordering::SeqCst) {
            return Err(Fault::Unavailable("the topic did not answer".to_owned()));
        }
        self.announcements
            .lock()
            .unwrap()
            .push(announcement.clone());
        Ok(())
    }
}
