//! What the seller filled in, and what a server says of itself to fill in. It
//! comes from the window and never goes back with a secret in it.

use connection::{AccountId, Credentials, Endpoints, Environment};
use oauth::{ClientAuthentication, Discovered, Endpoint, GrantType, Secret};
use serde::{Deserialize, Serialize};

/// The form of an account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountForm {
    /// The account that is changed; a new one if there is none.
    pub id: Option<AccountId>,
    /// Whether the loopback redirect URI is registered as well.
    pub loopback: bool,
    /// The rest.
    #[serde(flatten)]
    pub credentials: CredentialsForm,
}

/// The credentials in it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsForm {
    name: Option<String>,
    environment: Environment,
    grant_type: GrantType,
    client_id: String,
    client_secret: Option<Secret>,
    endpoints: Option<Endpoints>,
    client_authentication: Option<String>,
    scope: Option<String>,
}

impl From<CredentialsForm> for Credentials {
    fn from(form: CredentialsForm) -> Self {
        let CredentialsForm {
            name,
            environment,
            grant_type,
            client_id,
            client_secret,
            endpoints,
            client_authentication,
            scope,
        } = form;
        Self {
            name,
            environment,
            grant_type,
            client_id,
            client_secret,
            endpoints,
            client_authentication,
            scope,
        }
    }
}

/// What a server says of itself, to be filled in.
#[derive(Debug, Serialize)]
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
