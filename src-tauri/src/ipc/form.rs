//! What the seller filled in, and what a server says of itself to fill in. It
//! comes from the window and never goes back with a secret in it.

use connection::{AccountId, Credentials, Endpoints};
use oauth::{ClientAuthentication, Discovered, Endpoint};
use serde::{Deserialize, Serialize};

/// The form of an account.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AccountForm {
    /// The account that is changed; a new one if there is none.
    pub id: Option<AccountId>,
    /// Whether the loopback redirect URI is registered as well.
    pub loopback: bool,
    /// The rest.
    #[serde(flatten)]
    pub credentials: Credentials,
}

/// What a server says of itself, to be filled in.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    endpoints: Endpoints,
    client_authentication: &'static str,
    scope: String,
}

impl From<Discovered> for Discovery {
    fn from(found: Discovered) -> Self {
        let text = |endpoint: &Endpoint| endpoint.url().to_string();
        Self {
            client_authentication: match found.client_authentication {
                ClientAuthentication::Body => "body",
                _ => "basic",
            },
            scope: found.scope,
            endpoints: Endpoints {
                authorize: found.authorization_endpoint.as_ref().map(text),
                token: text(&found.token_endpoint),
                revoke: found.revocation_endpoint.as_ref().map(text),
                issuer: Some(found.issuer),
                issuer_in_answer: found.issuer_in_answer,
                keys: found.key_set_endpoint.as_ref().map(text),
                api: None,
            },
        }
    }
}
