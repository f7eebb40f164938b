//! Asking a server what it says of itself.

use connection::ports::HttpClient;
use oauth::{Discovered, DiscoveryError, discovery_addresses, parse_discovery};

use crate::command_error::CommandError;

/// What a server says of itself at the well-known addresses below what was typed.
///
/// # Errors
/// Nothing was found there, or nothing that could be used.
pub async fn discover(http: &dyn HttpClient, typed: &str) -> Result<Discovered, CommandError> {
    let (issuer, addresses) = discovery_addresses(typed).map_err(|_| CommandError::Configuration)?;
    for address in addresses {
        let fetched = http.get(address, None).await.map_err(|_| CommandError::DiscoveryUnreachable)?;
        match parse_discovery(&fetched.response, &issuer) {
            Err(DiscoveryError::NotFound) => {}
            Err(error) => {
                log::warn!("the server's description is not used: {error}");
                return Err(CommandError::DiscoveryUnusable);
            }
            Ok(discovered) => return Ok(discovered),
        }
    }
    Err(CommandError::DiscoveryNotFound)
}
