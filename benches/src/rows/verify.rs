//! Purpose: row 1: what it costs to believe a delivery and to read it.

use std::hint::black_box;

use github::Secrets;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;

use crate::Error;
use crate::measure::{in_turns, time};
use crate::payload::{Payload, pull_request, push};
use crate::table::Row;

/// The goal: so many times what cannot be left out.
const GOAL: f64 = 1.25;
const SAMPLES: usize = 400;
const REPEAT: u32 = 20;
pub(super) const SECRET: &[u8] = b"a secret of webhooks";

/// The least that any program that knows the repository has to read.
#[derive(Deserialize)]
struct Minimal<'a> {
    #[serde(borrow, rename = "ref")]
    reference: Option<&'a str>,
    repository: Numbered,
}

#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

/// What cannot be left out: HMAC-SHA256 over the bytes, and one parse that borrows.
pub(super) fn limit(body: &[u8], claimed: &[u8]) -> Option<u64> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).ok()?;
    mac.update(body);
    mac.verify_slice(claimed).ok()?;
    let read: Minimal<'_> = serde_json::from_slice(body).ok()?;
    black_box(read.reference);
    Some(read.repository.id)
}

/// The bytes behind `sha256=`.
pub(super) fn claimed(signature: &str) -> Result<Vec<u8>, Error> {
    let digits = signature
        .strip_prefix("sha256=")
        .ok_or("this is no signature")?;
    Ok(hex::decode(digits)?)
}

fn ours(secrets: &Secrets, payload: &Payload, signature: &str) -> bool {
    let body = payload.body.as_bytes();
    if secrets.verify(body, Some(signature)).is_err() {
        return false;
    }
    let Ok(text) = std::str::from_utf8(body) else {
        return false;
    };
    black_box(github::read(payload.event, text)).is_ok()
}

pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let secrets = Secrets::new(vec![SECRET.to_vec()])?;
    let mut rows = Vec::new();
    for payload in [push(), pull_request()] {
        let signature = secrets.sign(payload.body.as_bytes());
        let claimed = claimed(&signature)?;
        if !ours(&secrets, &payload, &signature)
            || limit(payload.body.as_bytes(), &claimed).is_none()
        {
            return Err(
                format!("the payload of {} is not what it should be", payload.name()).into(),
            );
        }
        let pair = in_turns(
            SAMPLES,
            REPEAT,
            || {
                black_box(ours(&secrets, black_box(&payload), &signature));
            },
            || {
                black_box(limit(black_box(payload.body.as_bytes()), &claimed));
            },
        )?;
        let row = Row::of(1, format!("verify and read a {}", payload.name()))
            .pair(
                time(pair.ours),
                format!("{} HMAC + borrowed parse", time(pair.other)),
                pair.ratio(),
            )
            .goal(format!("≤ {GOAL}"), pair.ratio() <= GOAL)
            .peers("@octokit/webhooks 2.0–2.4, octocrab's types 4.6–7.2");
        rows.push(row);
    }
    Ok(rows)
}
