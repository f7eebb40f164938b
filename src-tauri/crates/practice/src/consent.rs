//! A request that waits for an answer on the consent page.

use crate::dialect::EntryPoint;

/// A checked request that waits for the seller to say yes or no.
#[derive(Clone, Debug)]
pub struct Consent {
    pub entry_point: EntryPoint,
    pub client_id: String,
    pub redirect_uri: String,
    pub state: String,
    pub scope: String,
    pub challenge: String,
    pub nonce: Option<String>,
    /// Whether another seller may sign in (OpenID Connect Core §3.1.2.1, `prompt=login`).
    pub login: bool,
}
