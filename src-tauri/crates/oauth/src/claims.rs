//! The claims inside of a JSON Web Token (RFC 7519 §3), read without believing them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::{Secret, Timestamp};

/// When an id token says that it ends. A server that takes it as a bearer token looks at that.
pub fn ends_at(token: &Secret) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct End {
        exp: f64,
    }
    seconds(claims::<End>(token)?.exp)
}

/// The claims in the middle of a token, without believing them.
pub fn claims<T: serde::de::DeserializeOwned>(token: &Secret) -> Option<T> {
    let mut parts = token.expose().split('.');
    let (payload, 1) = (parts.nth(1)?, parts.count()) else { return None };
    let json = Secret::new(
        String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()?,
    );
    serde_json::from_str(json.expose()).ok()
}

/// Seconds since the epoch, as JSON writes them; fractions are cut off.
pub fn seconds(number: f64) -> Option<Timestamp> {
    // Beyond this a double is no whole number of seconds, and no date either.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (0.0..1e15).contains(&number).then(|| Timestamp::from_seconds(number as u64))
}
