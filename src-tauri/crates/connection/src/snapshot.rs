//! What may be seen of a connection: a copy without any secret.

use oauth::{Identity, ServerError, Timestamp};
use serde::Serialize;

use crate::state::{Checking, Phase, Resume, Step};
use crate::{
    BrowserProgress, Copied, ErrorCode, ExpiryReason, KeyringProblem, LastCheck, Missing, Notice,
    ResolvedAccount, ReturnPath, Session, State, StoredSession,
};

/// A server that answers nothing that can be understood so often in a row may
/// mean that the session is over: some say it with an empty answer.
const ENOUGH_FAILURES: u32 = 3;

/// One moment of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The scope that is asked for.
    pub requested_scope: String,
    /// The API's base URL, without a slash at its end; empty if there is none.
    pub api_base: String,
    /// Of which application and server the account's secrets are; empty as long as none is known.
    pub fingerprint: String,
    /// Whether a client secret is at hand.
    pub has_client_secret: bool,
    /// The one state to show.
    pub view: View,
    /// A line worth saying besides.
    pub notice: Option<Notice>,
    /// The token that was copied last, while it is in the clipboard.
    pub copied: Option<Copied>,
    /// Whether it is being checked.
    pub checking: bool,
    /// What the last check found.
    pub last_check: Option<LastCheck>,
    /// Whether the program ends, so that nothing new is begun.
    pub ending: bool,
}

impl Snapshot {
    /// Whether something is under way whose result would be lost if the program ended now.
    pub fn must_not_be_interrupted(&self) -> bool {
        matches!(
            self.view,
            View::Loading
                | View::Exchanging { .. }
                | View::Refreshing { .. }
                | View::Disconnecting
                | View::Forgetting
        ) || self.view.has_tokens_waiting()
    }
}

/// The states as a person meets them, as they cross to the window.
#[derive(Clone, Debug, PartialEq, Eq, strum::VariantNames, strum::IntoStaticStr, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "name", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "snake_case")]
pub enum View {
    /// The keyring is being read.
    Loading,
    /// Something is needed before a connection can be tried.
    Unconfigured {
        /// What.
        missing: Missing,
    },
    /// Ready to connect.
    Disconnected,
    /// The seller is to answer in the browser.
    AwaitingBrowser {
        /// Whether the browser came up.
        browser: BrowserProgress,
        /// When the wait ends.
        expires_at: Timestamp,
        /// When it began.
        since: Timestamp,
        /// How the answer to the newest request comes back.
        return_path: ReturnPath,
        /// Whether a second request could come back on another path.
        second_path: bool,
    },
    /// Another seller than before logged in. Nothing was replaced.
    OtherSeller {
        /// Whose connection there was.
        known: Identity,
        /// Who logged in now.
        found: Identity,
        /// Whether the one before is still connected.
        still_connected: bool,
    },
    /// The code is being exchanged and the tokens are being stored.
    Exchanging {
        /// Whether it can still be cancelled: not once there are tokens.
        can_cancel: bool,
        /// Whether the seller said yes in a browser before.
        by_browser: bool,
    },
    /// Connected.
    Connected {
        /// The session.
        session: Session,
    },
    /// Connected; new tokens are on their way.
    Refreshing {
        /// The session, as it still is.
        session: Session,
    },
    /// Connected; renewing failed and is tried again.
    Retrying {
        /// The session, as it still is.
        session: Session,
        /// When the next try is.
        next_at: Timestamp,
        /// Why the last one failed.
        error: ErrorCode,
        /// The server's own words, scrubbed.
        server: Option<ServerError>,
        /// Whether the server may have replaced the tokens by ones that never
        /// arrived: then the connection may be over.
        answer_may_be_lost: bool,
        /// Whether connecting again may end it sooner.
        reconnecting_may_help: bool,
    },
    /// The seller said no.
    Denied,
    /// The session is over.
    Expired {
        /// Why.
        #[serde(flatten)]
        reason: ExpiryReason,
    },
    /// The keyring is locked.
    KeyringLocked {
        /// Whether the person is being asked to unlock it.
        unlocking: bool,
        /// What it stopped.
        stopped: Stopped,
    },
    /// The keyring cannot be used.
    KeyringMissing {
        /// Why: anything but locked.
        problem: KeyringProblem,
        /// What it stopped.
        stopped: Stopped,
    },
    /// Revoking and forgetting.
    Disconnecting,
    /// Deleting everything of the account.
    Forgetting,
    /// Everything of the account is gone from the keyring. The account is out
    /// of the list in a moment; till then the window shows the state before.
    #[serde(rename = "forgetting")]
    #[strum(serialize = "forgetting")]
    Forgotten {
        /// What became of its tokens.
        #[serde(skip)]
        notice: Notice,
    },
    /// The login failed.
    Failed {
        /// What to say.
        error: ErrorCode,
        /// Whether doing the same again may work.
        trying_again_helps: bool,
        /// The server's own words, scrubbed.
        server: Option<ServerError>,
        /// Until when the server asked to be left alone.
        wait_until: Option<Timestamp>,
    },
}

/// What the keyring stopped, and what can be done about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    /// Whether tokens are waiting to be stored.
    pub tokens_waiting: bool,
    /// Whether it is a login or a removal that was stopped, and can be given up.
    pub can_cancel: bool,
    /// Whether going on in memory would help.
    pub can_keep_in_memory: bool,
    /// Whether it is the account's removal that was stopped.
    pub removing: bool,
}

impl View {
    /// The state's name, as it crosses to the window and stands in reports.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Why the keyring cannot be used, if that is what stops the connection.
    pub const fn keyring_problem(&self) -> Option<KeyringProblem> {
        match self {
            Self::KeyringLocked { .. } => Some(KeyringProblem::Locked),
            Self::KeyringMissing { problem, .. } => Some(*problem),
            _ => None,
        }
    }

    /// What the keyring stopped, if it did.
    pub const fn stopped(&self) -> Option<Stopped> {
        match self {
            Self::KeyringLocked { stopped, .. } | Self::KeyringMissing { stopped, .. } => Some(*stopped),
            _ => None,
        }
    }

    /// Whether tokens are waiting for the keyring, in this process alone.
    pub fn has_tokens_waiting(&self) -> bool {
        self.stopped().is_some_and(|stopped| stopped.tokens_waiting)
    }
}

impl State {
    /// The moment as it may be seen.
    pub fn snapshot(&self) -> Snapshot {
        let client = self.resolved.as_ref().map(|resolved| &resolved.client);
        Snapshot {
            requested_scope: client.map(|client| client.scope.clone()).unwrap_or_default(),
            api_base: self.resolved.as_ref().map(|resolved| resolved.api_base.clone()).unwrap_or_default(),
            fingerprint: self.resolved.as_ref().map(|resolved| resolved.fingerprint()).unwrap_or_default(),
            has_client_secret: client.is_some_and(|client| client.secret.is_some()),
            view: view(&self.phase, self.resolved.as_deref()),
            notice: self.notice,
            copied: self.copied,
            checking: self.checking != Checking::No,
            last_check: self.last_check.clone(),
            ending: self.ending,
        }
    }
}

fn view(phase: &Phase, resolved: Option<&ResolvedAccount>) -> View {
    match phase {
        Phase::Loading(_) => View::Loading,
        Phase::Unconfigured(missing) => View::Unconfigured { missing: *missing },
        Phase::Disconnected => View::Disconnected,
        Phase::AwaitingBrowser { waiting, browser } => View::AwaitingBrowser {
            browser: *browser,
            expires_at: waiting.requests.expires_at(),
            since: waiting.since,
            return_path: ReturnPath::of(waiting.requests.newest().redirect_uri()),
            second_path: resolved
                .and_then(|account| waiting.requests.second_path(account.loopback_redirect_uri.as_ref()))
                .is_some(),
        },
        Phase::OtherSeller { before, known, found, .. } => View::OtherSeller {
            known: known.clone(),
            found: found.clone(),
            still_connected: matches!(before, StoredSession::Session(_)),
        },
        Phase::Exchanging { step, .. } => View::Exchanging {
            can_cancel: !matches!(step, Step::Storing),
            by_browser: resolved.is_some_and(ResolvedAccount::uses_a_browser),
        },
        Phase::Connected { session, .. } => View::Connected { session: session.clone() },
        Phase::Refreshing { session, .. } => View::Refreshing { session: session.clone() },
        Phase::Retrying { session, failures, next_at, error, server, answer_may_be_lost } => View::Retrying {
            session: session.clone(),
            next_at: *next_at,
            error: *error,
            server: server.clone(),
            answer_may_be_lost: *answer_may_be_lost,
            reconnecting_may_help: *answer_may_be_lost
                || (*error == ErrorCode::UnexpectedAnswer && *failures >= ENOUGH_FAILURES),
        },
        Phase::Denied => View::Denied,
        Phase::Expired(reason) => View::Expired { reason: reason.clone() },
        Phase::KeyringBlocked(blocked) => match (blocked.problem, stopped(&blocked.resume)) {
            (KeyringProblem::Locked, stopped) => {
                View::KeyringLocked { unlocking: blocked.unlocking, stopped }
            }
            (problem, stopped) => View::KeyringMissing { problem, stopped },
        },
        Phase::Disconnecting => View::Disconnecting,
        Phase::Forgetting => View::Forgetting,
        Phase::Forgotten(notice) => View::Forgotten { notice: *notice },
        Phase::Failed { error, server, wait_until } => View::Failed {
            error: *error,
            trying_again_helps: error.trying_again_helps(),
            server: server.clone(),
            wait_until: *wait_until,
        },
    }
}

fn stopped(resume: &Resume) -> Stopped {
    Stopped {
        tokens_waiting: matches!(resume, Resume::StoreTokens(_)),
        can_cancel: matches!(resume, Resume::Open { .. } | Resume::Exchange { .. } | Resume::Forget),
        can_keep_in_memory: resume.can_go_on_in_memory(),
        removing: matches!(resume, Resume::Forget),
    }
}
