//! Asking a server what it says of itself.

use oauth::{Discovered, DiscoveryError, Endpoint, discovery_addresses, parse_discovery};

use crate::Endpoints;
use crate::ports::HttpClient;

/// Nothing was learned of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDiscovered {
    /// What was typed is no address that could be asked.
    #[error("it is no address that could be asked")]
    NoAddress,
    /// The server cannot be reached.
    #[error("the server cannot be reached")]
    Unreachable,
    /// It has no description of itself.
    #[error("the server has no description of itself")]
    NotFound,
    /// It describes another server, or one that cannot be used.
    #[error("the server's description cannot be used")]
    Unusable,
}

/// What a server says of itself at the well-known addresses below what was typed.
///
/// # Errors
/// Nothing was found there, or nothing that could be used.
pub async fn discover(http: &dyn HttpClient, typed: &str) -> Result<Discovered, NotDiscovered> {
    let (issuer, addresses) = discovery_addresses(typed).map_err(|_| NotDiscovered::NoAddress)?;
    for address in addresses {
        let fetched = http.get(address, None).await.map_err(|_| NotDiscovered::Unreachable)?;
        match parse_discovery(&fetched.response, &issuer) {
            Err(DiscoveryError::NotFound) => {}
            Err(error) => {
                log::warn!("the server's description is not used: {error}");
                return Err(NotDiscovered::Unusable);
            }
            Ok(discovered) => return Ok(discovered),
        }
    }
    Err(NotDiscovered::NotFound)
}

/// The endpoints as an account's settings hold them. No server tells where its API is.
impl From<&Discovered> for Endpoints {
    fn from(found: &Discovered) -> Self {
        let text = |endpoint: &Endpoint| endpoint.url().to_string();
        Self {
            authorize: found.authorization_endpoint.as_ref().map(text),
            token: text(&found.token_endpoint),
            revoke: found.revocation_endpoint.as_ref().map(text),
            issuer: Some(found.issuer.clone()),
            issuer_in_answer: found.issuer_in_answer,
            keys: found.key_set_endpoint.as_ref().map(text),
            api: None,
        }
    }
}
