//! The token endpoint's answers (RFC 6749 §5.1 and §5.2), as real servers write them.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::token_set::LONGEST_LIFETIME;
use crate::{Client, GrantType, Secret, ServerError, Timestamp, TokenSet};

/// A larger answer is not read to its end: 256 KiB.
pub const MAX_RESPONSE_BYTES: usize = 256 * 1024;

/// What came back, before anything is believed.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most [`MAX_RESPONSE_BYTES`].
    pub body: Secret,
    /// The `Retry-After` header as a time to wait (RFC 9110 §10.2.3).
    pub retry_after: Option<Duration>,
}

/// Why there are no tokens in an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The server refused, in the protocol's own words.
    #[error("the server refused: {}", .0.code())]
    Refused(ServerError),
    /// The server cannot answer now: 408, 429 or 5xx. Trying again helps.
    #[error("the server is unavailable (status {status})")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// How long the server asked to be left alone.
        retry_after: Option<Duration>,
        /// The server's own words, if it had some. They end nothing.
        words: Option<ServerError>,
    },
    /// A redirect, a page of HTML, an empty body, JSON without a token…
    #[error("not a token response (status {status})")]
    NotATokenResponse {
        /// The HTTP status.
        status: u16,
    },
    /// The token is of a type this program cannot send (RFC 6749 §7.1).
    #[error("not a bearer token")]
    UnsupportedTokenType,
}

impl TokenError {
    /// Whether the server may have given tokens that are not in this answer:
    /// a gateway in front of it can fail after it did its work.
    pub const fn tokens_may_be_lost(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Unavailable { status, .. } => matches!(status, 502 | 504),
            Self::NotATokenResponse { status } => matches!(status, 200..=299),
            Self::UnsupportedTokenType => true,
        }
    }

    /// The server's own words, where it had some.
    pub fn into_server_error(self) -> Option<ServerError> {
        match self {
            Self::Refused(error) => Some(error),
            Self::Unavailable { words, .. } => words,
            _ => None,
        }
    }
}

/// Reads an answer of a server's token endpoint that arrived at `now`.
/// `sent` are the secrets that were in the request: the server's words are
/// kept without them.
///
/// What is wrong beside good tokens does not matter: a server that gave new
/// ones has put them in place of the old.
///
/// # Errors
/// Why there are no tokens in it.
pub fn parse_token_response(
    response: &Response,
    client: &Client,
    sent: &[Secret],
    now: Timestamp,
) -> Result<TokenSet, TokenError> {
    let status = response.status;
    let mut wire = Wire::read(response.body.expose());
    let refusal = wire.as_mut().and_then(|wire| {
        let (code, description) = (wire.word("error")?, wire.word("error_description"));
        Some(ServerError::in_answer_to(sent, &code, description.as_deref()))
    });
    if matches!(status, 408 | 429 | 500..=599) {
        return Err(TokenError::Unavailable { status, retry_after: response.retry_after, words: refusal });
    }
    // Some servers answer 200 with an error inside.
    if let Some(error) = refusal {
        return Err(TokenError::Refused(error));
    }
    let not_a_response = TokenError::NotATokenResponse { status };
    let Some(mut wire) = wire else { return Err(not_a_response) };
    let [access_token, refresh_token, id_token] =
        ["access_token", "refresh_token", "id_token"].map(|name| wire.word(name).map(Secret::new));
    // A line end in a token would be another header, or another option, to
    // whatever the token is written into.
    let is_clean = |token: &Secret| token.expose().bytes().all(is_visible);
    if ![&access_token, &refresh_token].into_iter().flatten().all(is_clean) {
        return Err(not_a_response);
    }
    let (200..=299, Some(access_token)) = (status, access_token) else {
        return Err(not_a_response);
    };
    if wire.word("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(TokenError::UnsupportedTokenType);
    }
    // No standard has it; Keycloak and others say it so, and zero for never.
    let refresh_token_lifetime = ["refresh_expires_in", "refresh_token_expires_in"]
        .into_iter()
        .find_map(|name| wire.lifetime(name))
        .filter(|lifetime| !lifetime.is_zero());
    Ok(TokenSet {
        access_token,
        // Credentials are asked with again; a refresh token beside them is not expected
        // (RFC 6749 §4.4.3), and would only be another way to fail.
        refresh_token: refresh_token.filter(|_| client.grant_type == GrantType::AuthorizationCode),
        // It only says who it is, or it is missed where it is wanted.
        id_token: id_token.filter(is_clean),
        expires_at: wire.lifetime("expires_in").map(|lifetime| now.after(lifetime)),
        refresh_token_expires_at: refresh_token_lifetime.map(|lifetime| now.after(lifetime)),
        scope: wire.0.remove("scope").and_then(scope_text),
        obtained_at: now,
        grant_type: client.grant_type,
        bearer: client.server.bearer,
    })
}

/// The characters that a token is made of: `VSCHAR` (RFC 6749 appendix A.12 and A.17).
const fn is_visible(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// An answer's members, each of whatever type the server gave it. Of a member
/// that is there twice the last one counts.
struct Wire(Map<String, Value>);

impl Wire {
    fn read(body: &str) -> Option<Self> {
        // Some editors, and so some servers, put a byte order mark in front.
        serde_json::from_str(body.trim_start_matches('\u{FEFF}')).ok().map(Self)
    }

    /// Takes a member out that is a text and not empty. It is moved, not copied.
    fn word(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name)? {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn lifetime(&self, name: &str) -> Option<Duration> {
        self.0.get(name).and_then(lifetime)
    }
}

/// Seconds as a number or as a string; nonsense counts as not said.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse::<f64>().ok()?,
        _ => return None,
    };
    let sensible = 0.0..=LONGEST_LIFETIME.as_secs_f64();
    sensible.contains(&seconds).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

/// A space-separated string, or an array as a few servers send it.
fn scope_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::tests::{NOW, client};

    fn read(status: u16, body: &str) -> Result<TokenSet, TokenError> {
        let response = Response { status, body: Secret::new(body.into()), retry_after: None };
        parse_token_response(&response, &client(), &[], NOW)
    }

    fn lifetime_of(expires_in: &str) -> Option<u64> {
        let body = format!(r#"{{"access_token":"a","expires_in":{expires_in}}}"#);
        read(200, &body).unwrap().expires_at.map(|end| end.since(NOW).as_secs())
    }

    #[test]
    fn the_answer_of_hotmarts_classic_token_endpoint() {
        let tokens = read(
            200,
            r#"{"access_token":"H4sI%2Fa+b=","token_type":"bearer","expires_in":172799,
                "scope":"read write","jti":"f2a1c9de-0000-4000-8000-000000000000"}"#,
        )
        .unwrap();
        assert_eq!(tokens.access_token.expose(), "H4sI%2Fa+b=", "passed on byte for byte");
        assert_eq!(tokens.expires_at, Some(NOW.after(Duration::from_secs(172_799))));
        assert_eq!(tokens.scope.as_deref(), Some("read write"));
        assert!(tokens.refresh_token.is_none());
    }

    #[test]
    fn a_lifetime_is_taken_as_number_or_string_and_may_be_absent() {
        assert_eq!(lifetime_of("3600"), Some(3600));
        assert_eq!(lifetime_of(r#""3600""#), Some(3600));
        assert_eq!(lifetime_of("3600.5"), Some(3600));
        assert_eq!(lifetime_of("0"), Some(0));
        for absent in ["null", "-1", r#""soon""#, "1e300", "9223372036854775807", "[]"] {
            assert_eq!(lifetime_of(absent), None, "{absent}");
        }
        assert_eq!(read(200, r#"{"access_token":"a"}"#).unwrap().expires_at, None);
    }

    #[test]
    fn a_bearer_token_may_be_spelled_in_any_case_and_other_types_are_refused() {
        for kind in ["Bearer", "bearer", "BEARER"] {
            assert!(read(200, &format!(r#"{{"access_token":"a","token_type":"{kind}"}}"#)).is_ok());
        }
        let error = read(200, r#"{"access_token":"a","token_type":"DPoP"}"#).unwrap_err();
        assert_eq!(error, TokenError::UnsupportedTokenType);
    }

    #[test]
    fn what_is_odd_beside_good_tokens_costs_no_session() {
        for body in [
            "\u{FEFF}{\"access_token\":\"a\",\"refresh_token\":\"r\"}",
            r#"{"access_token":"a","refresh_token":"r","expires_in":60,"expires_in":"60"}"#,
            r#"{"access_token":"a","refresh_token":"r","token_type":7,"error":null,"scope":{}}"#,
            r#"{"access_token":"a","refresh_token":"r","error":"","id_token":[],"token_type":""}"#,
            r#"{"access_token":"a","refresh_token":"r","id_token":"e30.\u0000.ã"}"#,
        ] {
            let tokens = read(200, body).unwrap();
            assert!(tokens.id_token.is_none());
            assert_eq!(tokens.refresh_token.unwrap().expose(), "r", "{body}");
        }
        assert!(read(200, r#"{"access_token":7}"#).is_err());
    }

    #[test]
    fn what_was_sent_does_not_come_back_in_words() {
        let body = r#"{"error":"rt-2","error_description":"rt-2 is no more"}"#;
        let response = Response { status: 400, body: Secret::new(body.into()), retry_after: None };
        let sent = [Secret::new("rt-2".into())];
        let Err(TokenError::Refused(error)) = parse_token_response(&response, &client(), &sent, NOW) else {
            panic!("it is a refusal")
        };
        assert_eq!((error.code(), error.description()), ("unreadable", Some("… is no more")));
    }

    #[test]
    fn a_token_with_a_line_end_or_a_foreign_character_is_no_token() {
        for bad in ["a\\nurl = x", "a\\r", "a\\u0000", "a\\u2019", "ã", "\\u007f"] {
            for name in ["access_token", "refresh_token"] {
                let body = format!(r#"{{"access_token":"a","{name}":"{bad}"}}"#).replacen(
                    r#""access_token":"a","access_token""#,
                    r#""access_token""#,
                    1,
                );
                let error = read(200, &body).unwrap_err();
                assert_eq!(error, TokenError::NotATokenResponse { status: 200 }, "{body}");
            }
        }
    }

    #[test]
    fn pages_redirects_and_empty_bodies_are_no_token_response() {
        for (status, body) in [
            (200, ""),
            (200, "<html><body>Welcome</body></html>"),
            (200, "{}"),
            (200, r#"{"access_token":""}"#),
            (200, "[]"),
            (204, ""),
            (302, ""),
            (403, "<html>blocked</html>"),
            (404, r#"{"access_token":"a"}"#),
        ] {
            let error = read(status, body).unwrap_err();
            assert_eq!(error, TokenError::NotATokenResponse { status }, "{body}");
        }
    }

    #[test]
    fn busy_and_broken_servers_say_nothing_about_the_session() {
        for status in [408, 429, 500, 502, 503] {
            // Even one that claims invalid_grant while it is broken is not believed.
            let response = Response {
                status,
                body: Secret::new(r#"{"error":"invalid_grant"}"#.into()),
                retry_after: Some(Duration::from_secs(7)),
            };
            assert_eq!(
                parse_token_response(&response, &client(), &[], NOW).unwrap_err(),
                TokenError::Unavailable {
                    status,
                    retry_after: Some(Duration::from_secs(7)),
                    words: Some(ServerError::new("invalid_grant", None)),
                }
            );
        }
    }

    #[test]
    fn a_refusal_is_read_with_any_status() {
        for status in [200, 400, 401] {
            let Err(TokenError::Refused(error)) = read(status, r#"{"error":"invalid_grant"}"#) else {
                panic!("{status}")
            };
            assert_eq!(error.code(), "invalid_grant");
        }
    }

    #[test]
    fn a_refresh_token_beside_credentials_is_not_kept() {
        let credentials = Client { grant_type: GrantType::ClientCredentials, ..client() };
        let body = r#"{"access_token":"a","refresh_token":"r"}"#;
        let response = Response { status: 200, body: Secret::new(body.into()), retry_after: None };
        let tokens = parse_token_response(&response, &credentials, &[], NOW).unwrap();
        assert!(tokens.refresh_token.is_none() && tokens.is_renewable());
    }
}
