//! The state of a connection. It is only ever derived, by [`crate::transition`].

use std::sync::Arc;

use oauth::{Callback, Exchange, Identity, Secret, ServerError, Timestamp, TokenIdentity, TokenSet};
use serde::Serialize;

use crate::open_requests::OpenRequests;
use crate::ports::LockGuard;
use crate::{
    CopyTarget, ErrorCode, ExpiryReason, KeyringProblem, LastCheck, Notice, ResolvedAccount, ReturnPath,
    Session, StoredSession,
};

/// Numbers the logins of a process, so that a late result of a cancelled one
/// is told from a result that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Attempt(pub(crate) u64);

/// Everything there is to know about one account's connection.
#[derive(Debug)]
pub struct State {
    pub(crate) resolved: Option<Arc<ResolvedAccount>>,
    pub(crate) phase: Phase,
    pub(crate) notice: Option<Notice>,
    /// The token that is in the clipboard because the user copied it here.
    pub(crate) copied: Option<Copied>,
    /// Settings that changed in the middle of something that must end first.
    pub(crate) deferred: Option<Configuration>,
    pub(crate) last_attempt: Attempt,
    /// Whose tokens are in the keyring, as far as the server said.
    pub(crate) seller: Option<Identity>,
    /// How the answer came back that is being exchanged.
    pub(crate) came_back: Option<ReturnPath>,
    pub(crate) checking: Checking,
    pub(crate) last_check: Option<LastCheck>,
    /// Varies the moments of renewal from one connection to another.
    pub(crate) seed: u64,
    /// The account as it was before its application or server changed: the
    /// tokens in the keyring may still be of those.
    pub(crate) previous: Option<Arc<ResolvedAccount>>,
    /// When the keyring is looked at again after a fault of this program.
    pub(crate) look_again_at: Option<Timestamp>,
    /// Whether the program ends. Then nothing new is begun.
    pub(crate) ending: bool,
}

impl State {
    /// A connection of which nothing is known yet. `seed` varies the moments
    /// of renewal, so that many machines do not ask a server all at once.
    pub fn new(seed: u64) -> Self {
        Self {
            resolved: None,
            phase: Phase::Loading(Loading::default()),
            notice: None,
            copied: None,
            deferred: None,
            last_attempt: Attempt::default(),
            seller: None,
            came_back: None,
            checking: Checking::No,
            last_check: None,
            seed,
            previous: None,
            look_again_at: None,
            ending: false,
        }
    }

    /// What is known for certain after the rest was lost with a fault of this program.
    pub(crate) fn after_a_fault(&self) -> Self {
        Self {
            resolved: self.resolved.clone(),
            last_attempt: self.last_attempt,
            previous: self.previous.clone(),
            copied: self.copied,
            seller: self.seller.clone(),
            ending: self.ending,
            ..Self::new(self.seed)
        }
    }
}

/// A token that the user copied, while it is in the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Which one.
    pub what: CopyTarget,
    /// When it is wiped from the clipboard.
    pub clears_at: Timestamp,
}

/// What waits until the keyring was read.
#[derive(Debug, Default)]
pub(crate) struct Loading {
    /// Callbacks that arrived too early: a link can start the program.
    pub early_callbacks: Vec<Callback>,
    /// Whether the connection is to be checked then.
    pub then_check: bool,
}

/// How far a check of the connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checking {
    /// None is under way.
    No,
    /// The API is asked.
    Asked,
    /// It refused the token; with a new one it is asked again.
    Renewing,
    /// It is asked again.
    AskedAgain,
}

/// An account's settings, made usable.
#[derive(Debug)]
pub struct Configuration {
    /// The account, ready to connect once its secret is loaded. `None` if a
    /// value in its settings cannot be used.
    pub resolved: Option<Box<ResolvedAccount>>,
    /// A client secret the seller just typed, to be kept in the keyring.
    pub new_client_secret: Option<Secret>,
    /// Whether the seller changed something just now, and wants to know whether it works.
    pub then_check: bool,
}

impl Configuration {
    /// This one, in place of one that did not come to count: a secret that was
    /// typed for the same application and server is not lost with it.
    pub(crate) fn after(mut self, earlier: Option<Self>) -> Self {
        let fingerprint =
            |configuration: &Self| configuration.resolved.as_ref().map(|resolved| resolved.fingerprint());
        if let Some(earlier) = earlier
            && self.new_client_secret.is_none()
            && fingerprint(&earlier) == fingerprint(&self)
        {
            self.new_client_secret = earlier.new_client_secret;
        }
        self
    }
}

/// How far the browser has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum BrowserProgress {
    /// The request is being written to the keyring, so that it outlives a restart.
    /// In the window that is the same as opening.
    #[serde(rename = "opening")]
    Preparing,
    /// The browser is starting.
    Opening,
    /// It was started.
    Opened,
    /// It is being started, or something in between hangs.
    MayHaveOpened,
    /// It could not be started: copy the link.
    DidNotOpen,
}

/// What is missing before a connection can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Everything: the user has filled in nothing yet.
    Credentials,
    /// The client secret is not in the keyring, and this server wants one.
    ClientSecret,
    /// A value in the account's settings cannot be used.
    UsableSettings,
}

/// Tokens the server gave that are not in the keyring yet. The user is told of
/// them only once they are; the refresh lock is held meanwhile.
#[derive(Debug)]
pub(crate) struct UnsavedTokens {
    pub attempt: Attempt,
    pub tokens: TokenSet,
    pub lock: Option<LockGuard>,
    /// The tokens they take the place of, if they come from a renewal.
    pub replaces: Option<TokenIdentity>,
}

/// What goes on once the keyring works again.
#[derive(Debug, strum::IntoStaticStr)]
pub(crate) enum Resume {
    Load(Loading),
    StoreClientSecret(Loading),
    Open {
        waiting: Waiting,
    },
    /// The answered request is to be forgotten before its code is used.
    Exchange {
        attempt: Attempt,
        exchange: Exchange,
        before: StoredSession,
    },
    /// `None` while a try has them.
    StoreTokens(Option<UnsavedTokens>),
    Disconnect,
    Forget,
}

impl Resume {
    /// Whether going on without the keyring would help. What is in it can be
    /// neither deleted nor forgotten without it, and the user is not told that it was.
    pub const fn can_go_on_in_memory(&self) -> bool {
        !matches!(self, Self::Disconnect | Self::Forget | Self::Exchange { .. })
    }
}

/// A login that waits for its answer.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub attempt: Attempt,
    pub requests: OpenRequests,
    pub before: StoredSession,
    /// When the browser was first sent.
    pub since: Timestamp,
}

/// Stopped by the keyring.
#[derive(Debug)]
pub(crate) struct Blocked {
    pub problem: KeyringProblem,
    pub resume: Resume,
    /// Whether a try is under way. There is never a second one beside it.
    pub trying: bool,
    pub next_try_at: Timestamp,
    /// Whether the person is being asked for the password.
    pub unlocking: bool,
}

/// How far an exchange has come.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // There is one for each account.
pub(crate) enum Step {
    /// The answered request is being deleted; then this is sent.
    Forgetting(Exchange),
    /// The server is asked.
    Asking,
    /// The tokens are being written.
    Storing,
}

#[derive(Debug, strum::IntoStaticStr, strum::VariantNames)]
pub(crate) enum Phase {
    Loading(Loading),
    Unconfigured(Missing),
    Disconnected,
    AwaitingBrowser {
        waiting: Waiting,
        browser: BrowserProgress,
    },
    Exchanging {
        attempt: Attempt,
        step: Step,
        before: StoredSession,
    },
    Connected {
        session: Session,
        renew_at: Option<Timestamp>,
    },
    Refreshing {
        session: Session,
        failures: u32,
        /// What is to be copied from the new tokens.
        then_copy: Option<CopyTarget>,
    },
    Retrying {
        session: Session,
        failures: u32,
        next_at: Timestamp,
        error: ErrorCode,
        server: Option<ServerError>,
        /// Whether the tokens may have been replaced by ones that never arrived.
        answer_may_be_lost: bool,
    },
    Denied,
    Expired(ExpiryReason),
    KeyringBlocked(Blocked),
    /// Another seller logged in than the one before: nothing is replaced unasked.
    OtherSeller {
        attempt: Attempt,
        tokens: TokenSet,
        before: StoredSession,
        known: Identity,
        found: Identity,
    },
    Disconnecting,
    /// Everything of the account is being deleted.
    Forgetting,
    /// Everything of the account is gone. Nothing happens here any more.
    Forgotten(Notice),
    Failed {
        error: ErrorCode,
        server: Option<ServerError>,
        /// Until when the server asked to be left alone.
        wait_until: Option<Timestamp>,
    },
}

impl Phase {
    /// Whether something is under way that must end before the settings change:
    /// its result would otherwise belong to settings that are gone.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Exchanging { .. } | Self::Refreshing { .. } | Self::Disconnecting | Self::Forgetting => {
                true
            }
            Self::KeyringBlocked(blocked) => {
                matches!(
                    blocked.resume,
                    Resume::StoreTokens(_) | Resume::Exchange { .. } | Resume::Disconnect | Resume::Forget
                ) || blocked.trying
            }
            _ => false,
        }
    }

    /// Whether nothing is under way that the tokens belong to.
    pub fn is_at_rest(&self) -> bool {
        matches!(
            self,
            Self::Connected { .. }
                | Self::Retrying { .. }
                | Self::Disconnected
                | Self::Denied
                | Self::Expired(_)
                | Self::Failed { .. }
        )
    }

    /// Whether just this is being tried again now.
    pub fn is_trying(&self, what: impl Fn(&Resume) -> bool) -> bool {
        matches!(self, Self::KeyringBlocked(blocked) if blocked.trying && what(&blocked.resume))
    }

    /// Whether the person is being asked for the keyring's password.
    pub fn is_asking(&self) -> bool {
        matches!(self, Self::KeyringBlocked(blocked) if blocked.unlocking)
    }
}
