//! Why a call was not answered by the API, in a form that tools and people understand.

use std::time::Duration;

use adapters::Translations;
use connection::{HttpProblem, KeyringProblem};
use hyper::StatusCode;
use serde_json::json;

/// Whoever does not know when it is worth another try waits this long: 30 seconds.
const USUAL_WAIT: Duration = Duration::from_secs(30);
/// What is over in a moment is tried again after this long.
const SHORT_WAIT: Duration = Duration::from_secs(2);

/// What stopped a call. Its name in snake case is its code, and the key of a
/// sentence, `door.refused.…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// The request is none for this server: one for a proxy, or with two lengths.
    BadRequest,
    /// It names another host.
    ForeignHost,
    /// It comes from a page in a browser, or through another proxy.
    FromAPage,
    /// The key stands in the address, where logs and histories keep it.
    KeyInAddress,
    /// The path leaves the API.
    LeavesTheApi,
    /// There is no key in it.
    NoKey,
    /// The key opens nothing: it is none, or was revoked.
    UnknownKey,
    /// The key may only read.
    ReadOnly,
    /// The body is too large.
    TooLarge,
    /// The keys cannot be read.
    KeysUnreadable,
    /// Too many calls at the same time.
    Busy,
    /// The account is not connected, or is gone.
    NotConnected,
    /// The connection is over; the seller must connect again.
    Reconnect,
    /// The keyring is locked.
    KeyringLocked,
    /// The keyring cannot be used.
    KeyringFails,
    /// No new token could be had yet.
    NotRenewed {
        /// When it is tried again.
        again: Option<Duration>,
    },
    /// The account names no API.
    NoApi,
    /// The API cannot be reached.
    Offline,
    /// The API did not answer in time.
    ApiSlow,
    /// The API's answer broke off.
    AnswerBroken,
    /// The API wants to send the call elsewhere.
    Redirected,
    /// The API does not take the account's token, although it is new.
    TokenRefused,
}

impl Refusal {
    /// The code, for programs and the log.
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The HTTP status (RFC 9110 §15). 401 is for a bad key alone: tools take
    /// it to mean that they need another.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::KeyInAddress | Self::LeavesTheApi => StatusCode::BAD_REQUEST,
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::FromAPage | Self::ReadOnly => StatusCode::FORBIDDEN,
            Self::NoKey | Self::UnknownKey => StatusCode::UNAUTHORIZED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::KeysUnreadable
            | Self::Busy
            | Self::NotConnected
            | Self::Reconnect
            | Self::KeyringLocked
            | Self::KeyringFails
            | Self::NotRenewed { .. }
            | Self::NoApi
            | Self::Offline => StatusCode::SERVICE_UNAVAILABLE,
            Self::ApiSlow => StatusCode::GATEWAY_TIMEOUT,
            Self::AnswerBroken | Self::Redirected | Self::TokenRefused => StatusCode::BAD_GATEWAY,
        }
    }

    /// When it is worth another try, if the call itself is right.
    pub fn retry_after(self) -> Option<Duration> {
        if self.status() != StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        Some(match self {
            Self::Busy => SHORT_WAIT,
            Self::NotRenewed { again } => again.unwrap_or(USUAL_WAIT).max(SHORT_WAIT),
            _ => USUAL_WAIT,
        })
    }

    /// Hotmart's own envelope for errors, with a sentence for people.
    pub fn body(self, words: &Translations) -> String {
        let sentence = words.text(&format!("door.refused.{}", self.code()));
        json!({ "error": self.code(), "error_description": sentence }).to_string()
    }
}

impl From<KeyringProblem> for Refusal {
    fn from(problem: KeyringProblem) -> Self {
        if problem == KeyringProblem::Locked { Self::KeyringLocked } else { Self::KeyringFails }
    }
}

impl From<HttpProblem> for Refusal {
    fn from(problem: HttpProblem) -> Self {
        match problem {
            HttpProblem::TimedOut => Self::ApiSlow,
            HttpProblem::Interrupted | HttpProblem::Unreadable => Self::AnswerBroken,
            HttpProblem::Unreachable
            | HttpProblem::Tls
            | HttpProblem::UnknownIssuer
            | HttpProblem::ProxyUnreachable
            | HttpProblem::ProxyLogin
            | HttpProblem::ProxyRefused => Self::Offline,
        }
    }
}
