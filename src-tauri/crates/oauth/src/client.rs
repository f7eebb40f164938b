//! An application that is registered at an authorization server: the client of RFC 6749 §1.1.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{AuthorizationServer, RedirectUri, Secret};

/// How an application gets tokens (RFC 6749 §1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// The seller says yes in the browser (RFC 6749 §4.1); always with PKCE, S256 (RFC 7636).
    #[default]
    AuthorizationCode,
    /// The application's own id and secret are enough, and are asked with
    /// again when the token ends (RFC 6749 §4.4).
    ClientCredentials,
}

/// How the client proves who it is at the token endpoint (RFC 6749 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// A public client: its id in the body, and PKCE (RFC 8252 §8.4).
    None,
    /// HTTP Basic (RFC 6749 §2.3.1).
    Basic,
    /// Id and secret in the body (RFC 6749 §2.3.1, the second way).
    Body,
    /// HTTP Basic, and id, secret and all other parameters in the address as
    /// well. RFC 6749 §2.3.1 forbids it; Hotmart documents nothing else for
    /// developer credentials. Such an address is never logged.
    Query,
}

impl ClientAuthentication {
    /// Its name, as it stands in the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "basic",
            Self::Body => "body",
            Self::Query => "query",
        }
    }
}

/// One application, registered at one authorization server: all that a request needs.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where it is registered.
    pub server: AuthorizationServer,
    /// How it gets tokens.
    pub grant_type: GrantType,
    /// Its public id.
    pub id: String,
    /// Its secret, if it has one. Clones share it, so that there is one place to wipe.
    pub secret: Option<Arc<Secret>>,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
    /// Where the answer is to arrive.
    pub redirect_uri: RedirectUri,
    /// Space-separated scopes; empty to ask for the application's default.
    pub scope: String,
}

impl Client {
    /// Whether `openid` is asked for, and so an id token is expected (OpenID Connect Core §3.1.2.1).
    pub fn asks_who_it_is(&self) -> bool {
        self.scope.split_whitespace().any(|scope| scope == "openid")
    }
}
