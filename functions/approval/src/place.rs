//! Purpose: where a link leads: `/approvals/<repository>/<run>/<environment>/<token>`, and what is asked there.

use domain::ids::{EnvironmentName, RepositoryId, RunId};

/// Characters of one part of the path; names of environments have at most 63.
const MAX_PART: usize = 80;

/// The approval and the recipient that a link names; whether they exist is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub repository: RepositoryId,
    pub run: RunId,
    pub environment: EnvironmentName,
    pub token: String,
}

/// What is asked at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Look,
    SignIn,
    Decide,
}

impl Place {
    /// Reads the path of a request. Only the characters that our own links are made of are taken: nothing is decoded.
    pub fn parse(path: &str) -> Option<(Self, Action)> {
        let mut parts = path.strip_prefix("/approvals/")?.split('/');
        let mut next = || parts.next().filter(|part| is_plain(part));
        let (repository, run, environment, token) = (next()?, next()?, next()?, next()?);
        let action = match (parts.next(), parts.next()) {
            (None, None) => Action::Look,
            (Some("sign-in"), None) => Action::SignIn,
            (Some("decision"), None) => Action::Decide,
            _ => return None,
        };
        let place = Self {
            repository: RepositoryId(repository.parse().ok()?),
            run: RunId::from(run),
            environment: EnvironmentName::from(environment),
            token: token.to_owned(),
        };
        Some((place, action))
    }

    /// The path of the page.
    pub fn path(&self) -> String {
        let Self {
            repository,
            run,
            environment,
            token,
        } = self;
        format!("/approvals/{repository}/{run}/{environment}/{token}")
    }
}

fn is_plain(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    !part.is_empty() && part.len() <= MAX_PART && part.bytes().all(plain)
}
