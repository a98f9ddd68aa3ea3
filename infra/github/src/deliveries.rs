//! Purpose: the port `DeliveryLog` over the list that GitHub keeps for its Apps.

use async_trait::async_trait;
use engine::Fault;
use engine::ports::{DeliveryAttempt, DeliveryLog, DeliveryPage};
use jiff::Timestamp;

use crate::answer::{Judged, judge};
use crate::client::Answer;
use crate::github::{GitHub, MAX_JSON_BYTES};
use crate::pages::next_cursor;
use crate::route::Route;
use crate::shapes::{AttemptBody, DeliveryBody, parse};

/// Largest answer with a body in it, bytes: GitHub sends no payload above 25 MB.
const MAX_DELIVERY_BYTES: usize = 32 << 20;

#[async_trait]
impl DeliveryLog for GitHub {
    async fn attempts(&self, cursor: Option<&str>) -> Result<DeliveryPage, Fault> {
        let route = Route::deliveries(cursor);
        let Some(answer) = self.app_reads(&route, MAX_JSON_BYTES).await? else {
            return Err(Fault::Malformed(
                "GitHub keeps no list of deliveries for this App: its webhook is switched off"
                    .to_owned(),
            ));
        };
        let listed: Vec<AttemptBody> = parse(&route, &answer.body)?;
        Ok(DeliveryPage {
            attempts: listed.into_iter().map(AttemptBody::into_attempt).collect(),
            next: next_cursor(answer.header("link"), "cursor"),
        })
    }

    async fn body(&self, attempt: u64) -> Result<Option<String>, Fault> {
        let route = Route::delivery(attempt);
        let Some(answer) = self.app_reads(&route, MAX_DELIVERY_BYTES).await? else {
            return Ok(None);
        };
        let delivery: DeliveryBody = parse(&route, &answer.body)?;
        let payload = delivery.request.payload.map(|raw| raw.get().to_owned());
        Ok(payload.filter(|text| text != "null"))
    }

    async fn redeliver(&self, attempt: u64) -> Result<(), Fault> {
        let route = Route::redelivery(attempt);
        let now = self.clock.now();
        let headers = self.as_app(now).await?;
        let (limit, time) = (MAX_JSON_BYTES, self.limits.call);
        let answer = self
            .client
            .post(&route, headers, None::<&()>, limit, time)
            .await?;
        match found(&route, answer, now)? {
            Some(_) => Ok(()),
            None => Err(Fault::Malformed(format!(
                "GitHub knows no delivery {attempt} any more"
            ))),
        }
    }
}

impl GitHub {
    /// Reads something of the App's own; `None` when it is not there.
    pub(crate) async fn app_reads(
        &self,
        route: &Route,
        limit: usize,
    ) -> Result<Option<Answer>, Fault> {
        let now = self.clock.now();
        let headers = self.as_app(now).await?;
        let time = self.limits.call;
        let answer = self.client.get(route, headers, limit, time).await?;
        found(route, answer, now)
    }
}

/// The answer, where there is what was asked for. A rate limit needs no memory here: whoever looks again comes in minutes.
pub(crate) fn found(
    route: &Route,
    answer: Answer,
    now: Timestamp,
) -> Result<Option<Answer>, Fault> {
    match judge(route, &answer, now) {
        Judged::Good => Ok(Some(answer)),
        Judged::Absent => Ok(None),
        Judged::Limited { fault, .. } | Judged::Denied(fault) | Judged::Fault(fault) => Err(fault),
    }
}

impl AttemptBody {
    fn into_attempt(self) -> DeliveryAttempt {
        DeliveryAttempt {
            id: self.id,
            guid: self.guid,
            event: self.event,
            at: self.delivered_at,
            arrived: (200..300).contains(&self.status_code),
        }
    }
}
