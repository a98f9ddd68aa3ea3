//! Purpose: every no of this function, as a sentence and a status.

use domain::run::Rejection;
use engine::{Fault, Refused};
use lambda_http::http::StatusCode;

/// Why nothing was shown or decided.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Also for what exists but is none of the asker's business: the answer must not tell the two apart.
    #[error("there is no such approval; open the link in your newest mail")]
    Unknown,
    #[error("that was not sent by this page; open the link in your mail and send the form again")]
    Foreign,
    #[error("the form cannot be read: {0}; open the link in your mail and send it again")]
    Unreadable(&'static str),
    #[error("the form is too long; shorten the reason")]
    TooLarge,
    #[error("that is not the code; it is in the mail that this link came with, as XXXXX-XXXXX")]
    WrongCode,
    #[error(
        "you are not signed in, or your 15 minutes are over; sign in again with the code in your mail"
    )]
    NotSignedIn,
    #[error(
        "to reject, say why: the reason is kept with the decision and shown to everybody in the run"
    )]
    NoReason,
    #[error("the reason is too long: {0} characters, and at most {max} are kept", max = crate::MAX_REASON_CHARS)]
    ReasonTooLong(usize),
    #[error("to approve, type the last {suffix} characters of the release {release}", suffix = crate::SUFFIX_CHARS)]
    WrongSuffix { release: String },
    #[error(
        "you may not decide about {0}: you are not, or not any more, one of those whom its policy names"
    )]
    NotDesignated(String),
    /// To a command in a comment.
    #[error("the release that asks for an approval is {0}; name it by the beginning of its hash")]
    OtherRelease(String),
    /// To a command in a comment; safe to publish.
    #[error("{0}")]
    NotAllowed(github::commands::Refusal),
    #[error("{0}")]
    Rejected(Rejection),
    #[error(
        "something that is needed did not answer, so nothing was decided; try again in a minute"
    )]
    Fault(#[from] Fault),
    /// The journal did not answer while the decision was written: it may be there.
    #[error(
        "the journal did not answer, so it is not known whether your decision was recorded; open the link in your mail again: \
         the page shows your decision if it was"
    )]
    Unsure(Fault),
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Unreadable(_) | Self::NoReason | Self::ReasonTooLong(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::WrongSuffix { .. } => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Foreign
            | Self::WrongCode
            | Self::NotSignedIn
            | Self::NotDesignated(_)
            | Self::NotAllowed(_) => StatusCode::FORBIDDEN,
            Self::OtherRelease(_) => StatusCode::CONFLICT,
            Self::Rejected(rejection) => status_of(rejection),
            Self::Fault(_) | Self::Unsure(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// 403 = you may not, 410 = its time is over, 409 = it is not what you think it is.
fn status_of(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::NoRun | Rejection::NoEnvironment(_) => StatusCode::NOT_FOUND,
        Rejection::NotAnApprover(_) | Rejection::OwnChange(_) => StatusCode::FORBIDDEN,
        Rejection::ApprovalExpired(_) | Rejection::Finished(_) => StatusCode::GONE,
        _ => StatusCode::CONFLICT,
    }
}

impl From<Refused<Rejection>> for Refusal {
    fn from(refused: Refused<Rejection>) -> Self {
        match refused {
            Refused::Rejected(rejection) => Self::Rejected(rejection),
            Refused::Fault(fault) => Self::Unsure(fault),
        }
    }
}
