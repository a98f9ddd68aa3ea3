//! Purpose: what the mail, the page and the command line share about one approval: its link, its code, who may decide, and
//! its description for people.
//!
//! Link and code are derived from the machine's secret and stored nowhere. The link locates the run and the recipient; it
//! authorises nothing. The code says who is there; it stands in the body of that person's mail only.

mod checks;
mod facts;
mod sentences;
mod standing;
mod text;
mod view;

#[cfg(test)]
mod tests;

use std::fmt;

use domain::ids::{Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use domain::plan::ApprovalPolicy;
use subtle::ConstantTimeEq as _;

use crate::fault::Fault;
use crate::ports::{Keys, People};

pub use facts::{Facts, Reads, gather};
pub use text::{MAX_NAME, MAX_REASON, MAX_SENTENCE, MAX_TITLE, line};
pub use view::{
    ApprovalView, ArtifactLine, Before, Changes, FailingTest, MAX_LISTED, Part, Seat, Standing,
};

/// Hexadecimal characters of a link's token: 128 bits.
const TOKEN_CHARS: usize = 32;
/// Characters of a code, five bits each.
const CODE_CHARS: usize = 10;
/// Crockford's digits (<https://www.crockford.com/base32.html>): no I, L, O and U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Whom a link and a code are for, and for what: one person's part in the approval of one release.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    pub run: &'a RunId,
    pub environment: &'a EnvironmentName,
    pub release: &'a Digest,
    pub person: PersonId,
}

impl Recipient<'_> {
    fn message(&self) -> String {
        let Self {
            run,
            environment,
            release,
            person,
        } = self;
        format!("{run}\n{environment}\n{release}\n{person}")
    }

    /// The last part of this person's link.
    pub async fn token(&self, keys: &dyn Keys) -> Result<String, Fault> {
        let mac = keys.mac("approval-link", self.message().as_bytes()).await?;
        let mut token = hex::encode(mac);
        token.truncate(TOKEN_CHARS);
        Ok(token)
    }

    /// Where this person decides: `<base>/approvals/<repository>/<run>/<environment>/<token>`.
    pub async fn link(
        &self,
        keys: &dyn Keys,
        base_url: &str,
        repository: RepositoryId,
    ) -> Result<String, Fault> {
        let base = base_url.trim_end_matches('/');
        let token = self.token(keys).await?;
        let (run, environment) = (self.run, self.environment);
        Ok(format!(
            "{base}/approvals/{repository}/{run}/{environment}/{token}"
        ))
    }

    /// What this person signs in with.
    pub async fn code(&self, keys: &dyn Keys) -> Result<Code, Fault> {
        let mac = keys.mac("approval-code", self.message().as_bytes()).await?;
        Ok(Code::of(&mac))
    }
}

/// A code as it stands in the mail: `XXXXX-XXXXX`. It has no `Debug`, so that no log shows it.
#[derive(Clone)]
pub struct Code([u8; CODE_CHARS]);

impl Code {
    /// The first 50 bits of these bytes.
    fn of(mac: &[u8; 32]) -> Self {
        let mut digits = [0; CODE_CHARS];
        for (index, digit) in digits.iter_mut().enumerate() {
            let bits = (0..5).fold(0, |bits, offset| {
                let bit = index * 5 + offset;
                bits << 1 | usize::from(mac[bit / 8] >> (7 - bit % 8) & 1)
            });
            *digit = DIGITS[bits];
        }
        Self(digits)
    }

    /// Whether a person typed this code. Hyphens, spaces and letter case do not count; `O` reads as 0, `I` and `L` as 1.
    pub fn matches(&self, typed: &str) -> bool {
        let read: Vec<u8> = typed
            .chars()
            .filter(|c| !matches!(c, '-' | ' '))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => b'0',
                'I' | 'L' => b'1',
                c => u8::try_from(c).unwrap_or(b'?'),
            })
            .take(CODE_CHARS + 1)
            .collect();
        same(&self.0, &read)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, digit) in self.0.iter().enumerate() {
            if index == CODE_CHARS / 2 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*digit))?;
        }
        Ok(())
    }
}

/// Whether two secrets are the same, in a time that tells nothing but their lengths.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Whether the machine knows the person of this number by this login. Where numbers were made up, as on a laptop, somebody on
/// GitHub may have an approver's number, and is still nobody here.
pub async fn is_known(people: &dyn People, id: PersonId, login: &str) -> Result<bool, Fault> {
    let known = people.person(id).await?;
    Ok(known.is_some_and(|person| person.login.eq_ignore_ascii_case(login)))
}

/// Whether this person is one of those whom the policy names now. Everything is read anew; a fault is no yes.
pub async fn is_designated(
    people: &dyn People,
    policy: &ApprovalPolicy,
    person: PersonId,
) -> Result<bool, Fault> {
    if people.person(person).await?.is_none() {
        return Ok(false);
    }
    for login in &policy.people {
        if people
            .by_login(login)
            .await?
            .is_some_and(|p| p.id == person)
        {
            return Ok(true);
        }
    }
    for team in &policy.teams {
        if people.team(team).await?.iter().any(|p| p.id == person) {
            return Ok(true);
        }
    }
    Ok(false)
}
