//! Purpose: the App's own credential: a JWT of a few minutes, signed by whoever keeps the key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::Fault;
use engine::ports::AppSigner;
use jiff::Timestamp;
use serde_json::json;

/// How far back it is dated, seconds: clocks differ.
/// <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>
const BACKDATED: i64 = 60;
/// From its date to its end, seconds; GitHub takes 10 minutes at most.
const LIFE: i64 = 600;

/// A JWT of the App (RS256). <https://www.rfc-editor.org/rfc/rfc7519>
pub(crate) async fn jwt(
    app_id: u64,
    signer: &dyn AppSigner,
    now: Timestamp,
) -> Result<String, Fault> {
    let issued = now.as_second() - BACKDATED;
    let head = json!({ "alg": "RS256", "typ": "JWT" });
    let claims = json!({ "iss": app_id.to_string(), "iat": issued, "exp": issued + LIFE });
    let encode = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encode(&head), encode(&claims));
    let signature = signer.sign_rs256(signed.as_bytes()).await?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
