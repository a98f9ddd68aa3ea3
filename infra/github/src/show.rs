//! Purpose: telling GitHub something that people see there: one request, and what its failure means for what was to be shown.

use std::future::Future;
use std::time::Duration;

use domain::ids::RepositoryId;
use engine::Fault;
use engine::ports::NotShown;
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Serialize;

use crate::client::Answer;
use crate::github::{GitHub, JSON, MAX_JSON_BYTES};
use crate::route::Route;
use crate::session::Access;

/// Ends an update that takes too long: another call may take over then.
pub(crate) async fn in_time<T>(
    seconds: u32,
    update: impl Future<Output = Result<T, NotShown>>,
) -> Result<T, NotShown> {
    let time = Duration::from_secs(u64::from(seconds));
    let shown = tokio::time::timeout(time, update).await;
    shown.unwrap_or_else(|_| {
        let why = format!("GitHub took more than {seconds} seconds for one update");
        Err(NotShown::Unknown(why))
    })
}

impl GitHub {
    /// Sends one request that changes something.
    pub(crate) async fn tell(
        &self,
        access: Access,
        repository: RepositoryId,
        method: Method,
        route: &Route,
        body: &impl Serialize,
    ) -> Result<Answer, NotShown> {
        let token = self.token(repository, access).await;
        let token = self.or_not_shown(access, repository, token).await?;
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, token);
        headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
        let (limit, time) = (MAX_JSON_BYTES, self.limits.call);
        let answer = self
            .client
            .submit(method, route, headers, Some(body), limit, time)
            .await;
        // Whatever became of it, it was sent.
        answer.map_err(|fault| NotShown::Unknown(fault.to_string()))
    }

    /// What a failed call means for an update.
    pub(crate) async fn or_not_shown<T>(
        &self,
        access: Access,
        repository: RepositoryId,
        result: Result<T, Fault>,
    ) -> Result<T, NotShown> {
        let fault = match result {
            Ok(value) => return Ok(value),
            Err(fault) => fault,
        };
        let session = self.sessions.of(repository, access);
        let until = session.lock().await.limited_until;
        let why = fault.to_string();
        Err(match until {
            _ if !fault.is_transient() => NotShown::Refused(format!(
                "{why}. The GitHub App has to be installed there with {}",
                access.wanted()
            )),
            Some(until) => NotShown::Limited { why, until },
            None => NotShown::Unknown(why),
        })
    }
}
