//! The authorization response (RFC 6749 §4.1.2, RFC 9207). Untrusted until validated.

use percent_encoding::percent_decode_str;

use crate::{AuthorizationRequest, Secret, ServerError, Timestamp};

/// No honest callback is longer. Longer ones are not even looked at.
const MAX_CALLBACK_BYTES: usize = 16 * 1024;

/// An address that arrived from outside: the OS, another process, the clipboard.
/// Any program or web page may have written it. It may carry a code, so it does not print itself.
pub struct Callback(Secret);

impl Callback {
    /// Takes whatever arrived.
    pub fn new(address: String) -> Self {
        Self(Secret::new(address))
    }

    /// Whether it is longer than any honest answer, and not worth keeping.
    pub fn is_too_long(&self) -> bool {
        self.0.expose().len() > MAX_CALLBACK_BYTES
    }
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Callback(..)")
    }
}

/// An authorization code that answers the pending request. Only
/// [`AuthorizationRequest::validate`] can make one, so no other code reaches an exchange.
#[derive(Debug)]
pub struct AuthorizationCode(pub(crate) Secret);

/// What the seller, or the server, answered.
#[derive(Debug)]
pub enum AuthorizationResponse {
    /// Allowed.
    Code(AuthorizationCode),
    /// The seller said no (`access_denied`).
    Denied,
    /// The server refused the request itself (RFC 6749 §4.1.2.1).
    Refused(ServerError),
}

/// Why a callback was left alone. The pending request goes on: any program or web
/// page can send us an address, and a forged one must not be able to end a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRejection {
    /// Longer than any honest callback.
    #[error("longer than any honest callback")]
    TooLong,
    /// Not on the redirect URI of the request.
    #[error("not on this request's redirect URI")]
    OtherAddress,
    /// Percent-encoding that is not UTF-8, or control characters.
    #[error("not readable as text")]
    Unreadable,
    /// A parameter twice (RFC 6749 §3.1 forbids it).
    #[error("a parameter appears twice")]
    RepeatedParameter,
    /// `state` is missing or of another request.
    #[error("the state is missing or foreign")]
    ForeignState,
    /// `iss` is not this server's, or missing where the server always sends it (RFC 9207 §2.4).
    #[error("the issuer is missing or foreign")]
    ForeignIssuer,
    /// Neither code nor error, or both.
    #[error("neither a code nor an error, or both")]
    NoAnswer,
    /// The request had expired.
    #[error("the request has expired")]
    Expired,
}

impl AuthorizationRequest {
    /// Judges an address that arrived while this request was open.
    ///
    /// # Errors
    /// [`CallbackRejection`] says why the address is not an answer to this request;
    /// the request stays as it was.
    pub fn validate(
        &self,
        callback: &Callback,
        now: Timestamp,
    ) -> Result<AuthorizationResponse, CallbackRejection> {
        let address = callback.0.expose();
        if callback.is_too_long() {
            return Err(CallbackRejection::TooLong);
        }
        // The fragment is the browser's own business and no part of the answer.
        let address = address.split('#').next().unwrap_or_default();
        let (place, query) = address.split_once('?').unwrap_or((address, ""));
        if place != self.redirect_uri.as_str() {
            return Err(CallbackRejection::OtherAddress);
        }

        let parameters = Parameters::parse(query)?;
        if !parameters.get("state").is_some_and(|state| self.state.matches(state)) {
            return Err(CallbackRejection::ForeignState);
        }
        match (parameters.get("iss"), &self.issuer) {
            (Some(theirs), Some(ours)) if theirs != ours => return Err(CallbackRejection::ForeignIssuer),
            (Some(_), None) if self.unknown_issuer_is_foreign => {
                return Err(CallbackRejection::ForeignIssuer);
            }
            (None, _) if self.issuer_required => return Err(CallbackRejection::ForeignIssuer),
            _ => {}
        }
        if now >= self.expires_at {
            return Err(CallbackRejection::Expired);
        }
        match (parameters.get("code"), parameters.get("error")) {
            (Some(code), None) if !code.is_empty() => {
                Ok(AuthorizationResponse::Code(AuthorizationCode(Secret::new(code.to_owned()))))
            }
            (None, Some("access_denied")) => Ok(AuthorizationResponse::Denied),
            (None, Some(error)) if !error.is_empty() => Ok(AuthorizationResponse::Refused(ServerError::new(
                error,
                parameters.get("error_description"),
            ))),
            _ => Err(CallbackRejection::NoAnswer),
        }
    }
}

/// Decoded query parameters, each name once.
struct Parameters(Vec<(String, Secret)>);

impl Parameters {
    fn parse(query: &str) -> Result<Self, CallbackRejection> {
        let mut parameters: Vec<(String, Secret)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(CallbackRejection::RepeatedParameter);
            }
            parameters.push((name, Secret::new(value)));
        }
        Ok(Self(parameters))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.expose())
    }
}

/// Form decoding (RFC 6749 Appendix B) that refuses what it cannot read,
/// instead of replacing it.
fn decode(text: &str) -> Result<String, CallbackRejection> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| CallbackRejection::Unreadable)?;
    // U+FFFD stands where the OS replaced bytes that were not UTF-8.
    if decoded.contains(|c: char| c.is_control() || c == '\u{FFFD}') {
        return Err(CallbackRejection::Unreadable);
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::tests::{NOW, client, pending};

    const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    const AT: &str = "app.hotmart-connect:/oauth/callback";

    fn judge(address: &str) -> Result<AuthorizationResponse, CallbackRejection> {
        pending(&client()).validate(&Callback::new(address.into()), NOW)
    }

    #[test]
    fn the_answer_to_our_own_request_gives_its_code_byte_for_byte() {
        let answer = judge(&format!("{AT}?code=OC-1%2Fa%2Bb&state={STATE}&iss=https%3A%2F%2Fsso.example"));
        let Ok(AuthorizationResponse::Code(code)) = answer else { panic!("{answer:?}") };
        assert_eq!(code.0.expose(), "OC-1/a+b");
    }

    #[test]
    fn unknown_parameters_and_a_fragment_are_no_obstacle() {
        let answer = judge(&format!("{AT}?code=c&state={STATE}&session_state=x&empty#_=_"));
        assert!(matches!(answer, Ok(AuthorizationResponse::Code(_))), "{answer:?}");
    }

    #[test]
    fn no_is_an_answer_and_so_is_a_refusal() {
        let denied = judge(&format!("{AT}?error=access_denied&state={STATE}"));
        assert!(matches!(denied, Ok(AuthorizationResponse::Denied)));
        let refused = judge(&format!("{AT}?error=invalid_scope&error_description=no&state={STATE}"));
        let Ok(AuthorizationResponse::Refused(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(error.code(), "invalid_scope");
    }

    #[test]
    fn forgeries_are_ignored_each_for_its_own_reason() {
        let long = format!("{AT}?state={STATE}&code={}", "x".repeat(1024 * 1024));
        for (address, reason) in [
            (format!("{AT}?code=c&state=wrong"), CallbackRejection::ForeignState),
            (format!("{AT}?code=c&state={}", STATE.to_lowercase()), CallbackRejection::ForeignState),
            (format!("{AT}?code=c"), CallbackRejection::ForeignState),
            (format!("{AT}?code=c&state="), CallbackRejection::ForeignState),
            (format!("{AT}?error=access_denied"), CallbackRejection::ForeignState),
            (AT.to_owned(), CallbackRejection::ForeignState),
            (format!("{AT}?code=c&code=d&state={STATE}"), CallbackRejection::RepeatedParameter),
            (format!("{AT}?code=c&c%6Fde=d&state={STATE}"), CallbackRejection::RepeatedParameter),
            (format!("{AT}?code=c&state={STATE}&state={STATE}"), CallbackRejection::RepeatedParameter),
            (format!("app.hotmart-connect:/other?code=c&state={STATE}"), CallbackRejection::OtherAddress),
            (format!("{AT}/?code=c&state={STATE}"), CallbackRejection::OtherAddress),
            (
                format!("app.hotmart-connect://oauth/callback?code=c&state={STATE}"),
                CallbackRejection::OtherAddress,
            ),
            (
                format!("APP.hotmart-connect:/oauth/callback?code=c&state={STATE}"),
                CallbackRejection::OtherAddress,
            ),
            (
                format!("https://evil.example/oauth/callback?code=c&state={STATE}"),
                CallbackRejection::OtherAddress,
            ),
            (format!("{AT}?code=%FF%FE&state={STATE}"), CallbackRejection::Unreadable),
            (format!("{AT}?code=a\u{FFFD}&state={STATE}"), CallbackRejection::Unreadable),
            (format!("{AT}?code=a%00&state={STATE}"), CallbackRejection::Unreadable),
            (
                format!("{AT}?code=c&state={STATE}&iss=https%3A%2F%2Fevil.example"),
                CallbackRejection::ForeignIssuer,
            ),
            (format!("{AT}?state={STATE}"), CallbackRejection::NoAnswer),
            (format!("{AT}?code=&state={STATE}"), CallbackRejection::NoAnswer),
            (format!("{AT}?code=c&error=access_denied&state={STATE}"), CallbackRejection::NoAnswer),
            (long, CallbackRejection::TooLong),
            (String::new(), CallbackRejection::OtherAddress),
        ] {
            let shown: String = address.chars().take(120).collect();
            assert_eq!(judge(&address).unwrap_err(), reason, "{shown}");
        }
    }

    #[test]
    fn a_server_that_always_names_itself_must_do_so() {
        let mut strict = client();
        strict.server.issuer_required = true;
        let callback = Callback::new(format!("{AT}?code=c&state={STATE}"));
        assert_eq!(pending(&strict).validate(&callback, NOW).unwrap_err(), CallbackRejection::ForeignIssuer);
    }

    #[test]
    fn an_issuer_that_is_not_expected_is_another_servers() {
        let mut other = client();
        other.server.issuer = None;
        let callback =
            || Callback::new(format!("{AT}?code=c&state={STATE}&iss=https%3A%2F%2Fsso.hotmart.com"));
        assert!(pending(&other).validate(&callback(), NOW).is_ok(), "where nothing is known of issuers");
        other.server.unknown_issuer_is_foreign = true;
        assert_eq!(pending(&other).validate(&callback(), NOW).unwrap_err(), CallbackRejection::ForeignIssuer);
        let silent = Callback::new(format!("{AT}?code=c&state={STATE}"));
        assert!(pending(&other).validate(&silent, NOW).is_ok());
    }

    #[test]
    fn an_answer_after_the_end_is_too_late() {
        let pending = pending(&client());
        let callback = Callback::new(format!("{AT}?code=c&state={STATE}"));
        let end = pending.expires_at();
        assert_eq!(pending.validate(&callback, end).unwrap_err(), CallbackRejection::Expired);
        let last = end.before(std::time::Duration::from_secs(1));
        assert!(pending.validate(&callback, last).is_ok());
    }
}
