//! What an id token must be before this program believes that a seller is
//! connected (OpenID Connect Core §3.1.3.7), for one that came straight from
//! the token endpoint.

use std::time::Duration;

use serde::Deserialize;

use crate::claims::{claims, seconds};
use crate::{Client, Identity, KeySet, Secret, Timestamp};

/// Two clocks may differ this much: 5 minutes.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

/// What an id token is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The server that gave it, and us as its client.
    pub client: &'a Client,
    /// The authorization request's `nonce`, for the first token of a login.
    pub nonce: Option<&'a Secret>,
    /// The server's keys, where it names some.
    pub keys: Option<&'a KeySet>,
    /// Who was connected before, for a token that came with a renewal (§12.2).
    pub subject: Option<&'a str>,
}

/// Why an id token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenProblem {
    /// It was asked for and did not come (§3.1.3.3).
    #[error("there is no id token")]
    Missing,
    /// It is no JSON Web Token with the claims that every id token has.
    #[error("the id token is unreadable")]
    Unreadable,
    /// `iss` is another server's (rule 2).
    #[error("the id token is another issuer's")]
    ForeignIssuer,
    /// `aud` does not name us, or `azp` names another (rules 3 to 5).
    #[error("the id token is for another application")]
    ForeignAudience,
    /// It was not signed with a key of the server's (rules 6 to 8).
    #[error("the id token's signature is wrong")]
    BadSignature,
    /// It is over (rule 9).
    #[error("the id token is over")]
    Expired,
    /// `nonce` is not the one that was sent (rule 11).
    #[error("the id token answers another request")]
    ForeignNonce,
    /// It names another person than the one before (§12.2).
    #[error("the id token names another person than the one before")]
    OtherSubject,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Checks an id token, and says whose it is.
///
/// # Errors
/// The first rule it breaks.
pub fn check_id_token(
    token: &Secret,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Identity, IdTokenProblem> {
    let claims: Claims = claims(token).ok_or(IdTokenProblem::Unreadable)?;
    let identity = Identity::of_id_token(token).ok_or(IdTokenProblem::Unreadable)?;
    let client = expected.client;
    if client.server.issuer.as_ref().is_some_and(|issuer| *issuer != claims.iss) {
        return Err(IdTokenProblem::ForeignIssuer);
    }
    let alone = match &claims.aud {
        Audience::One(one) => *one == client.id,
        Audience::Many(many) => !many.is_empty() && many.iter().all(|one| *one == client.id),
    };
    if !alone || claims.azp.is_some_and(|party| party != client.id) {
        return Err(IdTokenProblem::ForeignAudience);
    }
    if expected.keys.is_some_and(|keys| !keys.signed(token)) {
        return Err(IdTokenProblem::BadSignature);
    }
    if seconds(claims.exp).is_none_or(|end| end.after(CLOCK_TOLERANCE) <= now) {
        return Err(IdTokenProblem::Expired);
    }
    if let Some(nonce) = expected.nonce
        && !claims.nonce.is_some_and(|theirs| nonce.matches(&theirs))
    {
        return Err(IdTokenProblem::ForeignNonce);
    }
    if expected.subject.is_some_and(|subject| subject != claims.sub) {
        return Err(IdTokenProblem::OtherSubject);
    }
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;
    use crate::authorization::tests::{NOW, client};
    use crate::claims::ends_at;

    fn good() -> Value {
        json!({
            "iss": "https://sso.example", "sub": "ana", "aud": "client id",
            "exp": NOW.seconds() + 7_200, "iat": NOW.seconds(), "nonce": "n-1",
        })
    }

    fn token(claims: &Value) -> Secret {
        Secret::new(format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string())))
    }

    fn check(claims: &Value, subject: Option<&str>) -> Result<Identity, IdTokenProblem> {
        let (client, nonce) = (client(), Secret::new("n-1".into()));
        let expected = Expected { client: &client, nonce: Some(&nonce), keys: None, subject };
        check_id_token(&token(claims), &expected, NOW)
    }

    #[test]
    fn a_good_one_says_who_is_connected() {
        assert_eq!(check(&good(), None).unwrap().subject, "ana");
        assert!(check(&good(), Some("ana")).is_ok());
        let mut list = good();
        list["aud"] = json!(["client id"]);
        list["azp"] = json!("client id");
        list["exp"] = json!(NOW.seconds() as f64 + 0.5);
        assert!(check(&list, None).is_ok());
    }

    #[test]
    fn each_wrong_one_is_refused_for_its_own_reason() {
        use IdTokenProblem::{Expired, ForeignAudience, ForeignIssuer, ForeignNonce, Unreadable};
        let over = NOW.before(CLOCK_TOLERANCE).seconds();
        for (name, value, why) in [
            ("iss", json!("https://evil.example"), ForeignIssuer),
            ("iss", json!("https://sso.example/"), ForeignIssuer),
            ("iss", Value::Null, Unreadable),
            ("aud", json!("another"), ForeignAudience),
            ("aud", json!([]), ForeignAudience),
            ("aud", json!(["client id", "another"]), ForeignAudience),
            ("aud", Value::Null, Unreadable),
            ("azp", json!("another"), ForeignAudience),
            ("exp", json!(over), Expired),
            ("exp", json!(0), Expired),
            ("exp", json!(-5), Expired),
            ("exp", json!("soon"), Unreadable),
            ("exp", Value::Null, Unreadable),
            ("nonce", json!("n-2"), ForeignNonce),
            ("nonce", json!(""), ForeignNonce),
            ("nonce", Value::Null, ForeignNonce),
            ("sub", json!(""), Unreadable),
            ("sub", json!(7), Unreadable),
        ] {
            let mut claims = good();
            claims[name] = value.clone();
            assert_eq!(check(&claims, None).unwrap_err(), why, "{name}: {value}");
        }
        assert_eq!(check(&good(), Some("bruno")).unwrap_err(), IdTokenProblem::OtherSubject);
    }

    #[test]
    fn what_is_no_token_is_unreadable() {
        let client = client();
        let expected = Expected { client: &client, nonce: None, keys: None, subject: None };
        for no_token in ["", "a", "a.b", "e30.e30.", "e30.!!.c", "e30.e30.a.b", "..", "e30.bnVsbA.a"] {
            let problem = check_id_token(&Secret::new(no_token.into()), &expected, NOW).unwrap_err();
            assert_eq!(problem, IdTokenProblem::Unreadable, "{no_token}");
        }
    }

    #[test]
    fn a_bearer_that_is_an_id_token_ends_when_it_says() {
        assert_eq!(ends_at(&token(&good())), Some(NOW.after(Duration::from_secs(7_200))));
        assert_eq!(ends_at(&token(&json!({ "exp": 1e300 }))), None);
        assert_eq!(ends_at(&Secret::new("no token".into())), None);
    }
}
