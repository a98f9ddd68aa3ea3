//! Purpose: who is calling: the App by its JWT, an installation by its token; checked as GitHub checks.

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;

use crate::answer::Answer;
use crate::world::{Token, World};

/// How far ahead a JWT may expire, seconds.
/// <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>
const MAX_JWT_SECONDS: i64 = 600;

#[derive(Deserialize)]
struct Claims {
    iss: Value,
    iat: i64,
    exp: i64,
}

/// Lets the App in, and nobody else.
pub(crate) fn app(world: &World, headers: &HeaderMap) -> Result<(), Answer> {
    let denied = |why: &str| Answer::error(StatusCode::UNAUTHORIZED, why);
    let token = bearer(headers)
        .ok_or_else(|| denied("A JSON web token could not be decoded"))?
        .to_owned();
    let now = world.state().now();
    let claims = verified(&token, &world.app_key)
        .ok_or_else(|| denied("A JSON web token could not be decoded"))?;
    let issuer = match &claims.iss {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if issuer != world.app_id.to_string() {
        return Err(denied("Integration not found"));
    }
    in_time(&claims, now).map_err(denied)
}

fn in_time(claims: &Claims, now: Timestamp) -> Result<(), &'static str> {
    let now = now.as_second();
    if claims.iat > now {
        return Err(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        );
    }
    if claims.exp <= now {
        return Err(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
        );
    }
    if claims.exp > now + MAX_JWT_SECONDS || claims.exp - claims.iat > MAX_JWT_SECONDS {
        return Err("'Expiration time' claim ('exp') is too far in the future");
    }
    Ok(())
}

/// The claims, if the signature is the App's.
fn verified(token: &str, key: &[u8]) -> Option<Claims> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (head, claims) = signed.split_once('.')?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let head: Value = serde_json::from_slice(&decode(head)?).ok()?;
    if head.get("alg")? != "RS256" {
        return None;
    }
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(signed.as_bytes(), &decode(signature)?)
        .ok()?;
    serde_json::from_slice(&decode(claims)?).ok()
}

/// Lets a token in that may do this to this repository.
pub(crate) fn installation(
    world: &World,
    headers: &HeaderMap,
    repository: u64,
    permission: &str,
) -> Result<(), Answer> {
    let known = token(world, headers)?;
    let state = world.state();
    let installed = state
        .repositories
        .get(&repository)
        .is_some_and(|one| one.installed);
    if !installed || !known.repositories.contains(&repository) {
        return Err(Answer::not_found());
    }
    if !known.permissions.contains_key(permission) {
        return Err(Answer::error(
            StatusCode::FORBIDDEN,
            "Resource not accessible by integration",
        ));
    }
    Ok(())
}

/// Lets a token in that may change this of this repository.
pub(crate) fn writer(
    world: &World,
    headers: &HeaderMap,
    repository: u64,
    permission: &str,
) -> Result<(), Answer> {
    installation(world, headers, repository, permission)?;
    let known = token(world, headers)?;
    if known.permissions.get(permission).map(String::as_str) != Some("write") {
        return Err(Answer::error(
            StatusCode::FORBIDDEN,
            "Resource not accessible by integration",
        ));
    }
    Ok(())
}

/// What the token of a call may do.
pub(crate) fn token(world: &World, headers: &HeaderMap) -> Result<Token, Answer> {
    let denied = |why| Answer::error(StatusCode::UNAUTHORIZED, why);
    let token = bearer(headers).ok_or_else(|| denied("Requires authentication"))?;
    let state = world.state();
    let known = state.tokens.get(token);
    let known = known.filter(|known| known.expires > state.now());
    known.cloned().ok_or_else(|| denied("Bad credentials"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    matches!(scheme, "Bearer" | "bearer" | "token").then_some(token)
}
