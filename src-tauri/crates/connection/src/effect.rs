//! Everything a connection can ask of the outside world.

use std::sync::Arc;

use oauth::{Secret, Timestamp, TokenRequest, TokenSet};
use url::Url;

use crate::ports::LockGuard;
use crate::{Attempt, RenewalTrigger, Setup};

/// Something to be done. Its result comes back as an event.
#[derive(Debug)]
pub enum Effect {
    /// Read what the keyring holds for this account.
    Load {
        /// Names whose tokens would be ours.
        fingerprint: String,
    },
    /// Write the client secret.
    StoreClientSecret(Secret),
    /// Write the open request.
    StorePending(Attempt, Secret),
    /// Delete the open request.
    DropPending,
    /// Open the browser. The address carries `state`: never log it.
    OpenBrowser(Attempt, PrivateUrl),
    /// Copy the authorization link.
    CopyLink(PrivateUrl),
    /// Read an address from the clipboard.
    ReadPaste(Attempt),
    /// Bring the window to the front.
    BringToFront,
    /// Send the code and the verifier.
    Exchange(Attempt, TokenRequest),
    /// Write new tokens, replacing the old ones.
    StoreTokens {
        /// Whose result it will be.
        attempt: Attempt,
        /// The tokens.
        tokens: TokenSet,
        /// Names whose tokens they are.
        fingerprint: String,
        /// The refresh lock, if they come from a renewal.
        lock: Option<LockGuard>,
    },
    /// Renew the tokens in the keyring, once for the whole machine.
    Renew {
        /// The server to ask.
        setup: Arc<Setup>,
        /// When the tokens we know of arrived: others are newer.
        known: Timestamp,
        /// Why.
        trigger: RenewalTrigger,
    },
    /// Copy the access token.
    CopyToken {
        /// Names whose token it must be.
        fingerprint: String,
    },
    /// Wipe the clipboard if it still holds what we copied.
    ClearClipboard,
    /// Tell the server that tokens nobody will use are void.
    Revoke(Arc<Setup>, TokenSet),
    /// Revoke the stored tokens and delete them.
    Disconnect(Arc<Setup>),
    /// Ask the person to unlock the keyring.
    UnlockKeyring,
    /// Keep secrets in this process from now on.
    KeepInMemory,
}

/// An address that must not be printed.
pub struct PrivateUrl(pub(crate) Url);

impl std::fmt::Debug for PrivateUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PrivateUrl({}://{}..)", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}
