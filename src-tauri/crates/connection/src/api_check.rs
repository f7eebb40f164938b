//! Whether a connection works: one cheap call that only reads, and what its
//! answer means in words a seller can act on.
//!
//! The first call reads one sale. It says nearly everything; who is connected
//! is asked for only where the id token does not say, or where the first call
//! was refused.

use std::time::Duration;

use oauth::{Endpoint, Identity, Secret};
use serde::Deserialize;
use serde_json::Value;

use crate::ports::Fetched;
use crate::{AccountId, Custody, Environment, ErrorCode, HttpProblem, KeyringProblem, Setup};

/// One sale, or none: both show that sales may be read.
const SALES: &str = "/payments/api/v1/sales/history?max_results=1";
/// Who is connected. Not every kind of token is taken there.
const ME: &str = "/user/api/v1/me";

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Works {
        /// Who is connected, if anybody says.
        who: Option<Identity>,
        /// How long the API took.
        took: Duration,
        /// How many more calls it allows now, if it says so.
        calls_left: Option<u32>,
    },
    /// The API does not take the token.
    Refused,
    /// The token is good, and may not read sales.
    NotPermitted {
        /// Who is connected, if anybody says.
        who: Option<Identity>,
    },
    /// The credential belongs to this other environment.
    WrongEnvironment(Environment),
    /// Something in front of the API turned the call away: a firewall.
    Blocked,
    /// Too many calls.
    TooManyRequests {
        /// How long to wait, if the API says so.
        retry_after: Option<Duration>,
    },
    /// The API is broken or overloaded.
    Down,
    /// The API does not take the token, and a new one could not be had just now.
    NotRenewed(ErrorCode),
    /// No answer.
    NoAnswer(HttpProblem),
    /// The answer is not the API's.
    NotTheApi,
}

impl Custody {
    /// Checks the connection of an account. `None` if nobody is connected, or
    /// the account has no API.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn check_api(
        &self,
        account: &AccountId,
        setup: &Setup,
    ) -> Result<Option<Verdict>, KeyringProblem> {
        let found = self.access_token(account, &setup.fingerprint()).await?;
        let Some((token, session)) = found.filter(|_| !setup.api_base.is_empty()) else { return Ok(None) };
        let (sales, took, calls_left) = self.ask(&setup.api_base, SALES, &token).await;
        let verdict = match sales {
            Answer::Read(body) if is_a_list(&body) => {
                let who = match session.seller {
                    Some(seller) => Some(seller),
                    None => self.who(setup, &token).await,
                };
                Verdict::Works { who, took, calls_left }
            }
            Answer::Read(_) | Answer::NotTheApi => Verdict::NotTheApi,
            Answer::Refused | Answer::Forbidden => {
                self.why_not(setup, &token, session.seller, matches!(sales, Answer::Refused)).await
            }
            Answer::Blocked => Verdict::Blocked,
            Answer::TooManyRequests { retry_after } => Verdict::TooManyRequests { retry_after },
            Answer::Down => Verdict::Down,
            Answer::Nothing(problem) => Verdict::NoAnswer(problem),
        };
        log::info!("{account}: the connection was checked: {}", verdict.as_str());
        Ok(Some(verdict))
    }

    /// Sales may not be read: is it the token, the permission, or the place?
    async fn why_not(
        &self,
        setup: &Setup,
        token: &Secret,
        seller: Option<Identity>,
        refused: bool,
    ) -> Verdict {
        if let Some(who) = self.who(setup, token).await {
            return Verdict::NotPermitted { who: Some(who) };
        }
        if let Some((environment, api_base)) = &setup.mistaken_for
            && let (Answer::Read(body), _, _) = self.ask(api_base, SALES, token).await
            && is_a_list(&body)
        {
            return Verdict::WrongEnvironment(*environment);
        }
        if refused { Verdict::Refused } else { Verdict::NotPermitted { who: seller } }
    }

    async fn who(&self, setup: &Setup, token: &Secret) -> Option<Identity> {
        match self.ask(&setup.api_base, ME, token).await.0 {
            Answer::Read(body) => person(&body),
            _ => None,
        }
    }

    async fn ask(&self, api_base: &str, path: &str, token: &Secret) -> (Answer, Duration, Option<u32>) {
        let Ok(endpoint) = Endpoint::parse(&format!("{api_base}{path}")) else {
            return (Answer::NotTheApi, Duration::ZERO, None);
        };
        match self.http.get(endpoint, Some(token.duplicate())).await {
            Ok(fetched) => (Answer::of(&fetched), fetched.took, fetched.calls_left),
            Err(problem) => (Answer::Nothing(problem), Duration::ZERO, None),
        }
    }
}

/// What one call's answer is.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// JSON.
    Read(Value),
    /// 401: the API is the authority on whether a token is good.
    Refused,
    /// 403 in the API's own words.
    Forbidden,
    Blocked,
    TooManyRequests {
        retry_after: Option<Duration>,
    },
    Down,
    NotTheApi,
    Nothing(HttpProblem),
}

impl Answer {
    /// Reads an answer. What is no JSON is never the API's: the host answers
    /// addresses that it does not know with 200 and a page, and a firewall
    /// with 403 or 202 and another.
    pub(crate) fn of(fetched: &Fetched) -> Self {
        let response = &fetched.response;
        let json = serde_json::from_str(response.body.expose()).ok().filter(Value::is_object);
        match (response.status, json) {
            (200, Some(body)) => Self::Read(body),
            (401, _) => Self::Refused,
            (403, Some(_)) => Self::Forbidden,
            (403 | 202, None) => Self::Blocked,
            (429, _) => Self::TooManyRequests { retry_after: response.retry_after },
            (408 | 500..=599, _) => Self::Down,
            _ => Self::NotTheApi,
        }
    }
}

/// Hotmart's envelope. An empty list is a list.
fn is_a_list(body: &Value) -> bool {
    body["items"].is_array() && body["page_info"].is_object()
}

fn person(body: &Value) -> Option<Identity> {
    #[derive(Deserialize)]
    struct Me {
        id: Value,
        name: Option<String>,
        email: Option<String>,
    }
    let me: Me = serde_json::from_value(body.clone()).ok()?;
    let subject = me.id.as_str().map(str::to_owned).or_else(|| me.id.as_u64().map(|id| id.to_string()))?;
    Identity::new(subject, me.name, me.email)
}

impl Verdict {
    /// Its code, as it crosses to the window and stands in the log.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Works { .. } => "works",
            Self::Refused => "refused",
            Self::NotRenewed(_) => "not_renewed",
            Self::NotPermitted { .. } => "not_permitted",
            Self::WrongEnvironment(Environment::Sandbox) => "belongs_to_sandbox",
            Self::WrongEnvironment(_) => "belongs_to_production",
            Self::Blocked => "blocked",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::Down => "down",
            Self::NoAnswer(HttpProblem::TimedOut) => "slow",
            Self::NoAnswer(HttpProblem::Tls) => "tls",
            Self::NoAnswer(HttpProblem::UnknownIssuer) => "unknown_issuer",
            Self::NoAnswer(
                HttpProblem::ProxyUnreachable | HttpProblem::ProxyLogin | HttpProblem::ProxyRefused,
            ) => "proxy",
            Self::NoAnswer(_) => "unreachable",
            Self::NotTheApi => "not_the_api",
        }
    }
}
