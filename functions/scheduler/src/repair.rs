//! Purpose: deliveries that GitHub made and we do not have are fetched and handed in, as if they had arrived.
//!
//! GitHub never delivers again by itself: <https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries>.
//! What it answers is as trustworthy as a signature: we asked for it in the App's name, over TLS. Nothing is remembered between
//! two looks, so nothing can be lost between them: each walks the list back until it is past [`LOOK_BACK`] and has met a page
//! without a gap.

use std::collections::BTreeSet;

use domain::guard::{Guard, holds};
use domain::kernel::StreamId;
use engine::ports::{
    Accepted, Clock, Delivery, DeliveryAttempt, DeliveryLog, DeliveryPage, Doorbells, Inbox,
    Journal,
};
use engine::{Fault, hand_in};
use jiff::{SignedDuration, Timestamp};

/// How far back every look goes: longer than GitHub's API is ever away.
pub const LOOK_BACK: SignedDuration = SignedDuration::from_hours(6);
/// Pages of a hundred attempts that one look reads at most.
pub const MAX_PAGES: usize = 30;

/// What the repair may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub inbox: &'a dyn Inbox,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    pub log: &'a dyn DeliveryLog,
}

/// What one look came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Attempts that were read.
    pub looked_at: usize,
    /// Deliveries that are ours since.
    pub fetched: usize,
    /// Deliveries that GitHub was asked to make once more, because it shows no body of them.
    pub redelivered: usize,
    /// Deliveries whose body says nothing that we understand; they are not looked at again in this look.
    pub unreadable: usize,
}

/// Compares GitHub's list with what we have, and fetches what is missing.
///
/// # Errors
/// When GitHub or the store does not answer; whatever was fetched until then stays, and the next look finds the rest.
pub async fn repair(deps: &Deps<'_>) -> Result<Repaired, Fault> {
    let since = deps
        .clock
        .now()
        .checked_sub(LOOK_BACK)
        .unwrap_or(Timestamp::MIN);
    let mut done = Repaired::default();
    let mut settled = BTreeSet::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let page = deps.log.attempts(cursor.as_deref()).await?;
        done.looked_at += page.attempts.len();
        let gaps = gaps(&page, &mut settled);
        let mut missing = false;
        for attempt in gaps {
            missing |= fetch(deps, attempt, &mut done).await?;
        }
        let is_past = page.attempts.last().is_none_or(|last| last.at < since);
        match page.next {
            Some(next) if missing || !is_past => cursor = Some(next),
            _ => break,
        }
    }
    if done.fetched + done.redelivered > 0 {
        let (fetched, redelivered) = (done.fetched as u64, done.redelivered as u64);
        tracing::warn!(
            metric.DeliveriesRepaired = fetched + redelivered,
            fetched,
            redelivered,
            "deliveries had not arrived"
        );
    }
    Ok(done)
}

/// The newest attempt of each delivery that none of its attempts brought to us and that we would act on. `settled` has the
/// deliveries of newer pages.
fn gaps<'p>(page: &'p DeliveryPage, settled: &mut BTreeSet<String>) -> Vec<&'p DeliveryAttempt> {
    // An attempt that arrived settles its delivery, also where an older or a newer one did not.
    let arrived = page.attempts.iter().filter(|attempt| attempt.arrived);
    settled.extend(arrived.map(|attempt| attempt.guid.clone()));
    page.attempts
        .iter()
        .filter(|attempt| github::payload::is_handled(&attempt.event))
        .filter(|attempt| settled.insert(attempt.guid.clone()))
        .collect()
}

/// Whether it was missing, and is no longer: or never will be ours.
async fn fetch(
    deps: &Deps<'_>,
    attempt: &DeliveryAttempt,
    done: &mut Repaired,
) -> Result<bool, Fault> {
    let stream = StreamId::delivery(&attempt.guid);
    // Durable, and only the answer did not arrive.
    if deps.journal.head(&stream).await?.is_some() {
        return Ok(false);
    }
    if holds(Guard::MissedDeliveryIsFetched, false) {
        return Ok(false);
    }
    let guid = attempt.guid.as_str();
    let Some(body) = deps.log.body(attempt.id).await? else {
        deps.log.redeliver(attempt.id).await?;
        tracing::warn!(delivery = guid, "GitHub was asked to deliver once more");
        done.redelivered += 1;
        return Ok(true);
    };
    match github::notice(&attempt.event, &body) {
        Ok(notice) if github::payload::is_kept(&attempt.event, &notice) => {}
        // Nothing follows from it.
        Ok(_) => return Ok(false),
        Err(error) => {
            tracing::warn!(delivery = guid, %error, "a delivery is not understood");
            done.unreadable += 1;
            return Ok(false);
        }
    }
    let delivery = Delivery {
        guid: attempt.guid.clone(),
        event: attempt.event.clone(),
        body,
        at_ms: deps.clock.now().as_millisecond(),
    };
    if hand_in(deps.inbox, deps.doorbells, &delivery).await? == Accepted::New {
        tracing::warn!(
            delivery = guid,
            event = attempt.event,
            "a delivery was fetched"
        );
        done.fetched += 1;
    }
    Ok(true)
}
