//! Everything that can happen to a connection.

use std::sync::Arc;
use std::time::Duration;

use oauth::{
    AuthorizationEntropy, Callback, IdTokenProblem, Identity, RedirectUri, Secret, TokenError, TokenIdentity,
    TokenSet,
};

use crate::ports::{BrowserDidNotOpen, BrowserStart, LockGuard, LoopbackTaken};
use crate::{
    Attempt, Configuration, Handout, HttpProblem, KeyringProblem, Notice, RenewalFailure, Session, Setup,
    Standing, Verdict,
};

/// Why tokens are to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalTrigger {
    /// Their time has come.
    Due,
    /// The seller asked for it.
    Asked,
}

/// What was in the keyring.
#[derive(Debug)]
pub struct Loaded {
    /// How the account stands: a session counts if it belongs to this
    /// account's application and server.
    pub standing: Standing,
    /// The client secret, likewise.
    pub client_secret: Option<Secret>,
    /// The requests that were open when the program ended, likewise.
    pub requests: Option<Secret>,
    /// Whose tokens they are, if the server said.
    pub seller: Option<Identity>,
}

/// The closed list of events.
#[derive(Debug)]
pub enum Event {
    /// The account's settings are there, or changed.
    Configured(Configuration),
    /// Connect, or connect again.
    ConnectRequested(AuthorizationEntropy),
    /// Connect as somebody else than the browser is logged in as.
    ConnectAsAnotherRequested(AuthorizationEntropy),
    /// The answer does not come back: open a second request that comes back another way.
    OtherWayRequested(AuthorizationEntropy),
    /// Wait longer.
    ExtendRequested,
    /// Connected as another seller: keep that.
    ReplaceSellerRequested,
    /// Connected as another seller: stay with the one before.
    KeepSellerRequested,
    /// Open the browser once more.
    OpenBrowserRequested,
    /// Copy the authorization link.
    CopyLinkRequested,
    /// Take the address from the clipboard as the browser's answer.
    PasteRequested,
    /// Stop waiting.
    CancelRequested,
    /// An address arrived from outside.
    CallbackArrived(Callback),
    /// Renew now.
    RefreshRequested,
    /// Copy a token.
    CopyTokenRequested(Handout),
    /// Revoke and forget.
    DisconnectRequested,
    /// Revoke, and delete everything that there is of the account.
    ForgetRequested,
    /// Check whether the connection works.
    CheckRequested,
    /// Unlock the keyring and go on.
    UnlockRequested,
    /// Go on without a keyring until the program ends.
    KeepInMemoryRequested,
    /// The notice was read.
    NoticeDismissed,
    /// Time has passed.
    Woke,
    /// The window was looked at, or the machine slept: another program may
    /// have renewed, connected or disconnected meanwhile.
    LookedAt,

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
        result: Result<Standing, KeyringProblem>,
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
    /// The clipboard was read for an address.
    Pasted(Attempt, Option<Callback>),
    /// The token endpoint answered the exchange.
    TokensReceived {
        /// Which login.
        attempt: Attempt,
        /// The server that was asked.
        setup: Arc<Setup>,
        /// What it answered.
        result: Result<TokenSet, ExchangeFailure>,
    },
    /// The new tokens were written.
    /// `None` if nobody is connected any more, whose tokens they would have been.
    TokensStored(Attempt, Result<Option<Session>, StoreFailure>),
    /// A renewal ended.
    Renewed {
        /// The server that was asked.
        setup: Arc<Setup>,
        /// What came of it.
        result: Result<Session, RenewalFailure>,
    },
    /// A token was copied, or why not. It is cleared after the given time.
    TokenCopied(Handout, Result<Duration, Notice>),
    /// The link was copied, or not.
    LinkCopied(Notice),
    /// The keyring was unlocked, or not.
    Unlocked(Result<(), KeyringProblem>),
    /// The tokens are gone from the keyring.
    Disconnected(Result<Notice, KeyringProblem>),
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
    /// Whether the seller asked for it: it makes the last notice old.
    pub(crate) const fn is_a_request(&self) -> bool {
        matches!(
            self,
            Self::Configured(_)
                | Self::ConnectRequested(_)
                | Self::ConnectAsAnotherRequested(_)
                | Self::OtherWayRequested(_)
                | Self::ExtendRequested
                | Self::ReplaceSellerRequested
                | Self::KeepSellerRequested
                | Self::OpenBrowserRequested
                | Self::CopyLinkRequested
                | Self::PasteRequested
                | Self::CancelRequested
                | Self::RefreshRequested
                | Self::CopyTokenRequested(_)
                | Self::DisconnectRequested
                | Self::ForgetRequested
                | Self::CheckRequested
                | Self::UnlockRequested
                | Self::KeepInMemoryRequested
                | Self::NoticeDismissed
        )
    }
}

/// Why an exchange gave no tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeFailure {
    /// No HTTP answer.
    #[error(transparent)]
    Http(#[from] HttpProblem),
    /// An answer without tokens.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Tokens that cannot be trusted.
    #[error(transparent)]
    IdToken(IdTokenProblem),
}

/// Tokens that could not be written. They come back to be tried again.
#[derive(Debug)]
pub struct StoreFailure {
    /// The tokens.
    pub tokens: TokenSet,
    /// The refresh lock, if they come from a renewal.
    pub lock: Option<LockGuard>,
    /// The tokens they take the place of, if they come from a renewal: no others.
    pub replaces: Option<TokenIdentity>,
    /// Why they could not be written.
    pub problem: KeyringProblem,
}
