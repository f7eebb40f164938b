//! What a check of the connection found.

use std::time::Duration;

use oauth::{Identity, Timestamp};
use serde::{Serialize, Serializer};

use crate::{Environment, ErrorCode, HttpProblem};

/// What a check found. Its name in snake case is the key of a sentence, `check.…`.
#[derive(Clone, Debug, PartialEq, Eq, strum::VariantNames, strum::IntoStaticStr, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "verdict", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// It works.
    Works {
        /// Who is connected, if the server or the API says.
        who: Option<Identity>,
        /// How long the API took.
        #[serde(rename = "milliseconds", serialize_with = "in_milliseconds")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        took: Duration,
        /// How many more calls it allows now, if it says so.
        calls_left: Option<u32>,
    },
    /// The API does not take the token.
    Refused,
    /// The token is good, and may not read sales.
    NotPermitted {
        /// Who is connected, if the server or the API says.
        who: Option<Identity>,
    },
    /// The credential belongs to the sandbox.
    BelongsToSandbox,
    /// The credential belongs to production.
    BelongsToProduction,
    /// Something in front of the API turned the call away: a firewall.
    Blocked,
    /// Too many calls.
    TooManyRequests {
        /// Until when the API asks to be left alone, if it says so.
        wait_until: Option<Timestamp>,
    },
    /// The API is broken or overloaded.
    Down,
    /// The API does not take the token, and a new one could not be had just now.
    NotRenewed {
        /// Why.
        error: ErrorCode,
    },
    /// No answer in time.
    Slow,
    /// The connection could not be made secure.
    Tls,
    /// The certificate is from an issuer that this machine does not know.
    UnknownIssuer,
    /// The proxy cannot be reached, wants a login, or lets nothing through.
    Proxy,
    /// No answer.
    Unreachable,
    /// The answer is not the API's.
    NotTheApi,
}

impl Verdict {
    /// The code as it crosses to the window and stands in the log.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// The credential was taken in this other environment.
    pub(crate) fn belongs_to(environment: Environment) -> Self {
        if environment == Environment::Sandbox { Self::BelongsToSandbox } else { Self::BelongsToProduction }
    }
}

impl From<HttpProblem> for Verdict {
    fn from(problem: HttpProblem) -> Self {
        match problem {
            HttpProblem::TimedOut => Self::Slow,
            HttpProblem::Tls => Self::Tls,
            HttpProblem::UnknownIssuer => Self::UnknownIssuer,
            HttpProblem::ProxyUnreachable | HttpProblem::ProxyLogin | HttpProblem::ProxyRefused => {
                Self::Proxy
            }
            HttpProblem::Unreachable | HttpProblem::Interrupted | HttpProblem::Unreadable => {
                Self::Unreachable
            }
        }
    }
}

/// What a check found, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LastCheck {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub verdict: Verdict,
}

fn in_milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).serialize(serializer)
}
