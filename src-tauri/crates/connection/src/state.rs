//! The state of a connection. It is only ever derived, by [`crate::transition`].

use std::sync::Arc;

use oauth::{Callback, Pending, ServerError, Timestamp, TokenSet};

use crate::ports::LockGuard;
use crate::renewal_schedule::Jitter;
use crate::{ErrorCode, KeyringProblem, Notice, Session, Setup};

/// Numbers the logins of a process, so that a late result of a cancelled one
/// is told from a result that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Attempt(pub(crate) u64);

/// Everything there is to know about one account's connection.
#[derive(Debug)]
pub struct State {
    pub(crate) setup: Option<Arc<Setup>>,
    pub(crate) phase: Phase,
    pub(crate) notice: Option<Notice>,
    pub(crate) clipboard_clears_at: Option<Timestamp>,
    /// Addresses that arrived before the keyring was read: a link can start the program.
    pub(crate) early_callbacks: Vec<Callback>,
    pub(crate) last_attempt: Attempt,
    pub(crate) jitter: Jitter,
}

impl State {
    /// A connection of which nothing is known yet. `seed` varies the moments
    /// of renewal, so that many machines do not ask a server all at once.
    pub fn new(seed: u64) -> Self {
        Self {
            setup: None,
            phase: Phase::Loading,
            notice: None,
            clipboard_clears_at: None,
            early_callbacks: Vec::new(),
            last_attempt: Attempt::default(),
            jitter: Jitter::new(seed),
        }
    }
}

/// How far the browser has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserProgress {
    /// The request is being written to the keyring, or the browser is starting.
    Opening,
    /// It was started.
    Opened,
    /// It could not be started: copy the link.
    DidNotOpen,
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpiryReason {
    /// The server refused the refresh token (`invalid_grant`).
    Refused(ServerError),
    /// The access token ended and there is no refresh token.
    NothingToRenewWith,
}

/// What there was before a login began, and is again if it leads nowhere.
#[derive(Clone, Debug)]
pub(crate) enum Before {
    Nothing,
    Session(Session),
    Expired(ExpiryReason),
}

/// Tokens the server gave that are not in the keyring yet. Nobody is told of
/// them before they are; the refresh lock is held meanwhile.
#[derive(Debug)]
pub struct UnsavedTokens {
    pub(crate) attempt: Attempt,
    pub(crate) tokens: TokenSet,
    pub(crate) lock: Option<LockGuard>,
}

/// What goes on once the keyring works again.
#[derive(Debug)]
pub(crate) enum Resume {
    Load,
    StoreClientSecret,
    Open { attempt: Attempt, pending: Pending, before: Before },
    StoreTokens(UnsavedTokens),
    Disconnect,
}

#[derive(Debug)]
pub(crate) enum Phase {
    Loading,
    Unconfigured,
    Disconnected,
    AwaitingBrowser {
        attempt: Attempt,
        pending: Pending,
        browser: BrowserProgress,
        before: Before,
    },
    Exchanging {
        attempt: Attempt,
        before: Before,
        storing: bool,
    },
    Connected {
        session: Session,
        renew_at: Option<Timestamp>,
    },
    Refreshing {
        session: Session,
        failures: u32,
        then_copy: bool,
    },
    Retrying {
        session: Session,
        failures: u32,
        next_at: Timestamp,
        problem: ErrorCode,
    },
    Denied,
    Expired(ExpiryReason),
    KeyringBlocked {
        problem: KeyringProblem,
        next_try_at: Timestamp,
        resume: Option<Resume>,
        unlocking: bool,
    },
    Disconnecting,
    Failed {
        code: ErrorCode,
        detail: Option<ServerError>,
    },
}
