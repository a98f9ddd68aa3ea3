//! Purpose: the decision: the one way in which the page and the command line make it.

use domain::ids::{EnvironmentName, PersonId, RepositoryId, RunId};
use domain::run::{Command, Decision, Run};
use engine::Invocation;
use engine::approvals::{MAX_REASON, is_designated};
use github::commands::ReleasePrefix;

use crate::Deps;
use crate::located::Located;
use crate::refusal::Refusal;

/// Characters of the release's hash that a person types to approve.
pub const SUFFIX_CHARS: usize = 6;
/// Characters of a reason.
pub const MAX_REASON_CHARS: usize = MAX_REASON;

/// What a person with their mail at hand asks from the command line.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    pub repository: RepositoryId,
    pub run: &'a RunId,
    pub environment: &'a EnvironmentName,
    pub login: &'a str,
    /// The code of that person's mail.
    pub code: &'a str,
    pub approve: bool,
    /// Needed to reject.
    pub reason: &'a str,
    /// The last [`SUFFIX_CHARS`] characters of the release's hash; needed to approve.
    pub release_suffix: &'a str,
}

/// A decision that stands.
#[derive(Clone, Debug)]
pub struct Decided {
    pub person: PersonId,
    /// Whether it is new; the same decision twice is one.
    pub changed: bool,
    /// The run after it.
    pub run: Run,
}

/// What a person wants whom somebody has recognised: this function by a session, or GitHub.
pub struct Wish<'a> {
    pub approve: bool,
    pub reason: &'a str,
    /// By which words the release was named; needed to approve.
    pub release: Named<'a>,
}

/// How somebody says which release they mean.
#[derive(Clone, Copy)]
pub enum Named<'a> {
    /// The last [`SUFFIX_CHARS`] characters of its hash.
    End(&'a str),
    /// Its beginning.
    Beginning(&'a ReleasePrefix),
    Nothing,
}

/// Decides for the person of this login, if the code is the one in their mail.
///
/// # Errors
/// A [`Refusal`], whose text is for that person; nothing was recorded then, unless it is [`Refusal::Unsure`]. An unknown
/// login and a wrong code are the same.
pub async fn decide_with_code(
    deps: &Deps<'_>,
    ask: &Ask<'_>,
    call: &str,
) -> Result<Decided, Refusal> {
    let person = deps.people.by_login(ask.login).await?;
    let person = person.ok_or(Refusal::WrongCode)?.id;
    let located =
        Located::by_person(deps, ask.repository, ask.run, ask.environment, person).await?;
    let code = located.recipient().code(deps.keys).await?;
    if !code.matches(ask.code) {
        return Err(Refusal::WrongCode);
    }
    let wish = Wish {
        approve: ask.approve,
        reason: ask.reason,
        release: Named::End(ask.release_suffix),
    };
    decide(deps, &located, &wish, call).await
}

/// Reads membership anew, signs the decision and submits it. Every doubt about the person is a no, and then nothing is
/// recorded.
pub async fn decide(
    deps: &Deps<'_>,
    located: &Located,
    wish: &Wish<'_>,
    call: &str,
) -> Result<Decided, Refusal> {
    // A browser sends the line ends of a text area as CR LF.
    let reason = wish.reason.trim().replace("\r\n", "\n");
    check_words(located, wish, &reason)?;
    let not_designated = || Refusal::NotDesignated(located.environment.to_string());
    let policy = located
        .run
        .planned_stage(&located.environment)
        .and_then(|stage| stage.approval.as_ref())
        .ok_or_else(not_designated)?;
    if !is_designated(deps.people, policy, located.person).await? {
        return Err(not_designated());
    }
    let mut decision = Decision {
        person: located.person,
        approve: wish.approve,
        reason,
        release: located.approval.release.clone(),
        at: deps.clock.now(),
        signature: String::new(),
    };
    let text = decision.signed_text(&located.run_id, &located.environment);
    decision.signature = deps.keys.sign(text.as_bytes()).await?;
    let command = Command::Decide {
        environment: located.environment.clone(),
        decision,
    };
    let actor = format!("person:{}", located.person);
    let call = Invocation::new(deps.journal, deps.clock, deps.doorbells, actor, call);
    let done = call.submit::<Run>(&located.stream, &command).await?;
    Ok(Decided {
        person: located.person,
        changed: done.changed,
        run: done.state,
    })
}

/// What a person has to write along with the decision.
fn check_words(located: &Located, wish: &Wish<'_>, reason: &str) -> Result<(), Refusal> {
    let length = reason.chars().count();
    if length > MAX_REASON_CHARS {
        return Err(Refusal::ReasonTooLong(length));
    }
    if !wish.approve {
        return if reason.is_empty() {
            Err(Refusal::NoReason)
        } else {
            Ok(())
        };
    }
    let release = &located.approval.release;
    let is_meant = match wish.release {
        Named::End(typed) => {
            let typed = typed.trim().to_ascii_lowercase();
            typed.len() == SUFFIX_CHARS && release.as_str().ends_with(&typed)
        }
        Named::Beginning(prefix) => prefix.names(release),
        Named::Nothing => false,
    };
    match is_meant {
        true => Ok(()),
        false => Err(Refusal::WrongSuffix {
            release: release.as_str().to_owned(),
        }),
    }
}
