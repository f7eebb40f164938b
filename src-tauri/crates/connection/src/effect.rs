//! Everything a connection can ask of the outside world.

use std::sync::Arc;

use oauth::{Callback, Exchange, RedirectUri, Secret, TokenIdentity, TokenSet};
use url::Url;

use crate::ports::LockGuard;
use crate::state::Waiting;
use crate::{Attempt, CopyTarget, RenewalTrigger, ResolvedAccount};

/// Something to be done. Its result comes back as an event.
#[derive(Debug, strum::IntoStaticStr)]
pub enum Effect {
    /// Read what the keyring holds for this account.
    Load {
        /// Names whose tokens would be ours.
        fingerprint: String,
    },
    /// Read the tokens' facts again: another program may have changed them.
    Reread {
        /// Names whose tokens would be ours.
        fingerprint: String,
    },
    /// Write the client secret.
    StoreClientSecret {
        /// The secret.
        secret: Arc<Secret>,
        /// Names whose secret it is.
        fingerprint: String,
    },
    /// Listen for the answer at a loopback redirect URI.
    Listen(Attempt, RedirectUri),
    /// Write the open requests.
    StorePending {
        /// Of which login.
        attempt: Attempt,
        /// The requests.
        requests: Secret,
        /// Names whose requests they are.
        fingerprint: String,
    },
    /// Look whether another process of ours has opened a login, for an address
    /// that nobody here waits for.
    FindRequests {
        /// Names whose requests would be ours.
        fingerprint: String,
        /// The address.
        callback: Callback,
    },
    /// Delete the open requests. The login waits for the result only if one of them was answered.
    DropPending(Attempt),
    /// Open the browser. The address carries `state`: never log it.
    OpenBrowser(Attempt, PrivateUrl),
    /// Copy the authorization link.
    CopyLink(PrivateUrl),
    /// Read an address from the clipboard.
    ReadPaste(Attempt),
    /// Bring the window to the front.
    BringToFront,
    /// Send the code and the verifier, or the credentials.
    Exchange {
        /// Which login.
        attempt: Attempt,
        /// The server that will have given the tokens.
        resolved: Arc<ResolvedAccount>,
        /// What to send.
        exchange: Exchange,
    },
    /// Write new tokens, replacing the old ones.
    StoreTokens {
        /// Whose result it will be.
        attempt: Attempt,
        /// The tokens.
        tokens: TokenSet,
        /// The server that gave them.
        resolved: Arc<ResolvedAccount>,
        /// The refresh lock, if they come from a renewal.
        lock: Option<LockGuard>,
        /// The tokens they take the place of, if they come from a renewal.
        replaces: Option<TokenIdentity>,
        /// The account as it was before its application or server changed.
        previous: Option<Arc<ResolvedAccount>>,
    },
    /// Renew the tokens in the keyring, once for the whole machine.
    Renew {
        /// The server to ask.
        resolved: Arc<ResolvedAccount>,
        /// The tokens we know of: others are newer.
        known: TokenIdentity,
        /// Why.
        trigger: RenewalTrigger,
    },
    /// Copy a token.
    CopyToken {
        /// Whose token it must be.
        resolved: Arc<ResolvedAccount>,
        /// Which one, and in which form.
        what: CopyTarget,
    },
    /// Wipe the clipboard if it still holds what we copied.
    ClearClipboard,
    /// Tell the server that gave them that tokens no program will use are void.
    Revoke(Arc<ResolvedAccount>, TokenSet),
    /// Revoke the stored tokens and delete them.
    Disconnect(Arc<ResolvedAccount>),
    /// Revoke the stored tokens and delete everything that there is of the account.
    Forget(Option<Arc<ResolvedAccount>>),
    /// Check whether the connection works.
    Check(Arc<ResolvedAccount>),
    /// Ask the person to unlock the keyring.
    UnlockKeyring,
    /// Keep secrets in this process from now on.
    KeepInMemory,
}

impl Effect {
    /// Writes the requests of a login, before the browser is sent to one of them.
    pub(crate) fn store_pending(waiting: &Waiting, fingerprint: String) -> Self {
        let (attempt, requests) = (waiting.attempt, waiting.requests.to_stored());
        Self::StorePending { attempt, requests, fingerprint }
    }

    /// Whether it must wait for those before it: reads, writes and deletions
    /// of the same entry happen in the order they were asked for.
    pub(crate) const fn keeps_order(&self) -> bool {
        matches!(
            self,
            Self::Load { .. }
                | Self::Reread { .. }
                | Self::Listen(..)
                | Self::StoreClientSecret { .. }
                | Self::StorePending { .. }
                | Self::FindRequests { .. }
                | Self::DropPending(_)
                | Self::Forget(_)
        )
    }
}

/// An address that must not be printed.
pub struct PrivateUrl(pub(crate) Url);

impl std::fmt::Debug for PrivateUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PrivateUrl({}://{}..)", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}
