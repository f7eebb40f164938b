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

use super::Custody;
use crate::ports::{Fetched, HttpClient};
use crate::{AccountId, HttpProblem, KeyringProblem, ResolvedAccount, Verdict};

/// One sale, or none: both show that sales may be read.
const SALES: &str = "/payments/api/v1/sales/history?max_results=1";
/// Who is connected. Not every kind of token is taken there.
const ME: &str = "/user/api/v1/me";

impl Custody {
    /// Checks the connection of an account. `None` if no seller is connected, or
    /// the account has no API.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn check_api(
        &self,
        account: &AccountId,
        resolved: &ResolvedAccount,
    ) -> Result<Option<Verdict>, KeyringProblem> {
        let found = self.access_token(account, &resolved.fingerprint()).await?;
        let Some((token, session)) = found.filter(|_| !resolved.api_base.is_empty()) else { return Ok(None) };
        let (sales, took, calls_left) = ask(&*self.http, &resolved.api_base, SALES, &token).await;
        let verdict = match sales {
            ApiReply::Read(body) if is_a_list(&body) => {
                let who = match session.seller {
                    Some(seller) => Some(seller),
                    None => self.who(resolved, &token).await,
                };
                Verdict::Works { who, took, calls_left }
            }
            ApiReply::Read(_) | ApiReply::NotTheApi => Verdict::NotTheApi,
            ApiReply::Refused | ApiReply::Forbidden => {
                self.why_not(resolved, &token, session.seller, matches!(sales, ApiReply::Refused)).await
            }
            ApiReply::Blocked => Verdict::Blocked,
            ApiReply::TooManyRequests { retry_after } => {
                Verdict::TooManyRequests { wait_until: retry_after.map(|wait| self.clock.now().after(wait)) }
            }
            ApiReply::Down => Verdict::Down,
            ApiReply::Nothing(problem) => problem.into(),
        };
        log::info!("{account}: the connection was checked: {}", verdict.code());
        Ok(Some(verdict))
    }

    /// Sales may not be read: is it the token, the permission, or the place?
    async fn why_not(
        &self,
        resolved: &ResolvedAccount,
        token: &Secret,
        seller: Option<Identity>,
        refused: bool,
    ) -> Verdict {
        if let Some(who) = self.who(resolved, token).await {
            return Verdict::NotPermitted { who: Some(who) };
        }
        if let Some((environment, api_base)) = &resolved.mistaken_for
            && let (ApiReply::Read(body), _, _) = ask(&*self.http, api_base, SALES, token).await
            && is_a_list(&body)
        {
            return Verdict::belongs_to(*environment);
        }
        if refused { Verdict::Refused } else { Verdict::NotPermitted { who: seller } }
    }

    async fn who(&self, resolved: &ResolvedAccount, token: &Secret) -> Option<Identity> {
        match ask(&*self.http, &resolved.api_base, ME, token).await.0 {
            ApiReply::Read(body) => person(&body),
            _ => None,
        }
    }
}

/// Whether an API takes a token, whatever it lets it do.
pub async fn takes_token(http: &dyn HttpClient, api_base: &str, token: &Secret) -> bool {
    let (reply, ..) = ask(http, api_base, SALES, token).await;
    matches!(reply, ApiReply::Read(_) | ApiReply::Forbidden | ApiReply::TooManyRequests { .. })
}

async fn ask(
    http: &dyn HttpClient,
    api_base: &str,
    path: &str,
    token: &Secret,
) -> (ApiReply, Duration, Option<u32>) {
    let Ok(endpoint) = Endpoint::parse(&format!("{api_base}{path}")) else {
        return (ApiReply::NotTheApi, Duration::ZERO, None);
    };
    match http.get(endpoint, Some(token.duplicate())).await {
        Ok(fetched) => (ApiReply::of(&fetched), fetched.took, fetched.calls_left),
        Err(problem) => (ApiReply::Nothing(problem), Duration::ZERO, None),
    }
}

/// What one call's answer is.
#[derive(Debug, PartialEq)]
enum ApiReply {
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

impl ApiReply {
    /// Reads an answer. What is no JSON is never the API's: the host answers
    /// addresses that it does not know with 200 and a page, and a firewall
    /// with 403 or 202 and another.
    fn of(fetched: &Fetched) -> Self {
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
