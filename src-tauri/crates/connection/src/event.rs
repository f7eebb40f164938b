//! Everything that can happen to a connection.

use std::sync::Arc;
use std::time::Duration;

use oauth::{AuthorizationEntropy, Callback, Identity, RedirectUri, Secret, TokenSet};

use crate::ports::{BrowserDidNotOpen, BrowserStart, LoopbackTaken};
use crate::{
    Attempt, Configuration, CopyTarget, ExchangeFailure, KeyringProblem, NotDeleted, Notice, RenewalFailure,
    Request, ResolvedAccount, Session, StoreFailure, Stored, StoredSession, Verdict,
};

/// What was in the keyring.
#[derive(Debug)]
pub struct Loaded {
    /// How the account stands: a session counts if it belongs to this
    /// account's application and server.
    pub stored_session: StoredSession,
    /// The client secret, likewise.
    pub client_secret: Option<Secret>,
    /// The requests that were open when the program ended, likewise.
    pub requests: Option<Secret>,
    /// Whose tokens they are, if the server said.
    pub seller: Option<Identity>,
}

/// The closed list of events.
#[derive(Debug, strum::IntoStaticStr)]
pub enum Event {
    /// The account's settings are there, or changed.
    Configured(Configuration),
    /// The user asks for something. A request that opens an authorization
    /// request comes with random bytes for it, and does nothing without them.
    Requested(Request, Option<AuthorizationEntropy>),
    /// An address arrived from outside.
    CallbackArrived(Callback),
    /// Time has passed.
    Woke,
    /// The program ends: nothing is begun any more.
    Ending,
    /// A part of this program broke off in the middle of its work: an effect,
    /// by its name, whose result will never come.
    Crashed(&'static str),
    /// The window was looked at, or the machine slept: another program may
    /// have renewed, connected or disconnected meanwhile.
    Resumed,

    /// The keyring was read.
    Loaded {
        /// Whose secrets were looked for.
        fingerprint: String,
        /// What was there.
        result: Result<Loaded, KeyringProblem>,
    },
    /// The keyring was read again.
    Reread {
        /// Whose tokens were looked for.
        fingerprint: String,
        /// How the account stands.
        result: Result<StoredSession, KeyringProblem>,
    },
    /// The client secret was written.
    ClientSecretStored {
        /// Whose it is.
        fingerprint: String,
        /// Whether it was.
        result: Result<(), KeyringProblem>,
    },
    /// The open request was written, so that it outlives a restart.
    PendingStored(Attempt, Result<(), KeyringProblem>),
    /// The request was deleted, so that its code cannot be used twice.
    PendingDropped(Attempt, Result<(), KeyringProblem>),
    /// The loopback address is listened at, with the port in it, or it cannot be.
    Listening(Attempt, Result<RedirectUri, LoopbackTaken>),
    /// The browser was started, or not.
    BrowserOpened(Attempt, Result<BrowserStart, BrowserDidNotOpen>),
    /// An address arrived that nobody here waits for; another process of ours
    /// may have opened a login.
    RequestsFound {
        /// Whose requests were looked for.
        fingerprint: String,
        /// The address.
        callback: Callback,
        /// The requests in the keyring, if there are some.
        requests: Option<Secret>,
        /// The client secret in the keyring: the other process may have a new one.
        client_secret: Option<Secret>,
    },
    /// The clipboard was read for an address.
    Pasted(Attempt, Option<Callback>),
    /// The token endpoint answered the exchange.
    TokensReceived {
        /// Which login.
        attempt: Attempt,
        /// The server that was asked.
        resolved: Arc<ResolvedAccount>,
        /// What it answered.
        result: Result<TokenSet, ExchangeFailure>,
    },
    /// The new tokens were written.
    /// `None` if the seller whose tokens they would have been is not connected any more.
    TokensStored(Attempt, Result<Option<Stored>, StoreFailure>),
    /// A renewal ended.
    Renewed {
        /// The server that was asked.
        resolved: Arc<ResolvedAccount>,
        /// What came of it.
        result: Result<Session, RenewalFailure>,
    },
    /// A token was copied, or why not. It is cleared after the given time.
    TokenCopied(CopyTarget, Result<Duration, Notice>),
    /// The link was copied, or not.
    LinkCopied(Notice),
    /// The keyring was unlocked, or not.
    Unlocked(Result<(), KeyringProblem>),
    /// The tokens are gone from the keyring.
    Disconnected(Result<Notice, NotDeleted>),
    /// Everything of the account is gone from the keyring.
    Forgotten(Result<Notice, KeyringProblem>),
    /// The connection was checked.
    Checked {
        /// Whose connection.
        fingerprint: String,
        /// What was found; `None` if there was nothing to check.
        verdict: Option<Verdict>,
    },
}

impl Event {
    /// Whether something is to be begun.
    /// An answer of the browser begins an exchange; it is taken by the next start.
    pub(crate) const fn begins_something(&self) -> bool {
        use Request::{Cancel, DismissNotice, KeepInMemory, KeepSeller, ReplaceSeller, Unlock};
        match self {
            Self::Requested(request, _) => !matches!(
                request,
                Cancel | DismissNotice | KeepInMemory | KeepSeller | ReplaceSeller | Unlock
            ),
            Self::CallbackArrived(_) | Self::Pasted(..) | Self::RequestsFound { .. } => true,
            _ => false,
        }
    }

    /// Whether the user did it: that makes the last notice old.
    pub(crate) const fn is_a_request(&self) -> bool {
        matches!(self, Self::Configured(_) | Self::Requested(..))
    }
}

impl From<Request> for Event {
    /// A request that needs no random bytes.
    fn from(request: Request) -> Self {
        Self::Requested(request, None)
    }
}
