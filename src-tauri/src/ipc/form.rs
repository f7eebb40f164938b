//! What the seller filled in, and what a server says of itself to fill in. It
//! comes from the window and never goes back with a secret in it.

use connection::{AccountId, Credentials, Endpoints, read_pasted};
use oauth::Discovered;
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

/// What was understood of something that was pasted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// Why there is no credential in it, as a code; `good` if there is one.
    code: &'static str,
    /// The last characters of the client id, by which the seller knows it again.
    client_id_end: String,
}

impl Reading {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        const SHOWN: usize = 4;
        match read_pasted(text) {
            Ok(pasted) => {
                let id = pasted.client_id;
                Self { code: "good", client_id_end: id[id.len().saturating_sub(SHOWN)..].to_owned() }
            }
            Err(problem) => Self { code: problem.code(), client_id_end: String::new() },
        }
    }
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
        Self {
            endpoints: Endpoints::from(&found),
            client_authentication: found.client_authentication.as_str(),
            scope: found.scope,
        }
    }
}
