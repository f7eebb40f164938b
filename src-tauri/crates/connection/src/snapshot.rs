//! What may be seen of a connection: a copy without any secret.

use oauth::{Identity, ServerError, Timestamp};

use crate::state::{Checking, Phase, Resume, Step};
use crate::{
    BrowserProgress, ErrorCode, ExpiryReason, Handout, KeyringProblem, Missing, Notice, Session, Setup,
    Standing, State, Verdict, Way,
};

/// One moment of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The scope that is asked for.
    pub requested_scope: String,
    /// Whether a client secret is at hand.
    pub has_client_secret: bool,
    /// The one state to show.
    pub view: View,
    /// A line worth saying besides.
    pub notice: Option<Notice>,
    /// What was copied last, while it is in the clipboard.
    pub copied: Option<Handout>,
    /// When the copied token is wiped from the clipboard.
    pub clipboard_clears_at: Option<Timestamp>,
    /// Whether the connection can be checked: its account names an API.
    pub can_check: bool,
    /// Whether it is being checked.
    pub checking: bool,
    /// What the last check found.
    pub last_check: Option<LastCheck>,
}

/// What a check found, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastCheck {
    /// When.
    pub at: Timestamp,
    /// What.
    pub verdict: Verdict,
}

impl Snapshot {
    /// Whether something is under way whose result would be lost if the program ended now.
    pub fn must_not_be_interrupted(&self) -> bool {
        matches!(
            self.view,
            View::Loading
                | View::Exchanging { .. }
                | View::Refreshing(_)
                | View::Disconnecting
                | View::Forgetting
                | View::KeyringBlocked { tokens_waiting: true, .. }
        )
    }
}

/// The states as a person meets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// The keyring is being read.
    Loading,
    /// Something is needed before a connection can be tried.
    Unconfigured(Missing),
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
        way: Way,
        /// Whether a second request could come back another way.
        other_way: bool,
    },
    /// The code is being exchanged and the tokens are being stored.
    Exchanging {
        /// Whether it can still be cancelled: not once there are tokens.
        can_cancel: bool,
        /// Whether somebody said yes in a browser before.
        by_browser: bool,
    },
    /// Connected.
    Connected(Session),
    /// Connected; new tokens are on their way.
    Refreshing(Session),
    /// Connected; renewing failed and is tried again.
    Retrying {
        /// The session, as it still is.
        session: Session,
        /// When the next try is.
        next_at: Timestamp,
        /// Why the last one failed.
        problem: ErrorCode,
        /// The server's own words, scrubbed.
        detail: Option<ServerError>,
    },
    /// The seller said no.
    Denied,
    /// The session is over.
    Expired(ExpiryReason),
    /// The keyring cannot be used.
    KeyringBlocked {
        /// Why.
        problem: KeyringProblem,
        /// Whether the person is being asked to unlock it.
        unlocking: bool,
        /// Whether tokens are waiting to be stored.
        tokens_waiting: bool,
        /// Whether it is a login or a removal that was stopped, and can be given up.
        can_cancel: bool,
        /// Whether going on in memory would help.
        can_keep_in_memory: bool,
        /// Whether it is the account's removal that was stopped.
        removing: bool,
    },
    /// Somebody else logged in than before. Nothing was replaced.
    OtherSeller {
        /// Whose connection there was.
        known: Identity,
        /// Who logged in now.
        found: Identity,
        /// Whether the one before is still connected.
        still_connected: bool,
    },
    /// Revoking and forgetting.
    Disconnecting,
    /// Deleting everything of the account.
    Forgetting,
    /// Everything of the account is gone from the keyring; this became of its tokens.
    Forgotten(Notice),
    /// The login failed.
    Failed {
        /// What to say.
        code: ErrorCode,
        /// The server's own words, scrubbed.
        detail: Option<ServerError>,
        /// Until when the server asked to be left alone.
        wait_until: Option<Timestamp>,
    },
}

impl View {
    /// The state's name, as it crosses to the window and stands in reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Unconfigured(_) => "unconfigured",
            Self::Disconnected => "disconnected",
            Self::AwaitingBrowser { .. } => "awaiting_browser",
            Self::OtherSeller { .. } => "other_seller",
            Self::Exchanging { .. } => "exchanging",
            Self::Connected(_) => "connected",
            Self::Refreshing(_) => "refreshing",
            Self::Retrying { .. } => "retrying",
            Self::Denied => "denied",
            Self::Expired(_) => "expired",
            Self::KeyringBlocked { problem: KeyringProblem::Locked, .. } => "keyring_locked",
            Self::KeyringBlocked { .. } => "keyring_missing",
            Self::Disconnecting => "disconnecting",
            Self::Forgetting | Self::Forgotten(_) => "forgetting",
            Self::Failed { .. } => "failed",
        }
    }
}

impl State {
    /// The moment as it may be seen.
    pub fn snapshot(&self) -> Snapshot {
        let server = self.setup.as_ref().map(|setup| &setup.server);
        Snapshot {
            requested_scope: server.map(|server| server.scope.clone()).unwrap_or_default(),
            has_client_secret: server.is_some_and(|server| server.client_secret.is_some()),
            view: view(&self.phase, self.setup.as_deref()),
            notice: self.notice,
            copied: self.copied.filter(|_| self.clipboard_clears_at.is_some()),
            clipboard_clears_at: self.clipboard_clears_at,
            can_check: self.setup.as_ref().is_some_and(|setup| !setup.api_base.is_empty()),
            checking: self.checking != Checking::No,
            last_check: self.last_check.clone(),
        }
    }
}

fn view(phase: &Phase, setup: Option<&Setup>) -> View {
    match phase {
        Phase::Loading => View::Loading,
        Phase::Unconfigured(missing) => View::Unconfigured(*missing),
        Phase::Disconnected => View::Disconnected,
        Phase::AwaitingBrowser { waiting, browser } => View::AwaitingBrowser {
            browser: *browser,
            expires_at: waiting.requests.expires_at(),
            since: waiting.since,
            way: Way::of(waiting.requests.newest().redirect_uri()),
            other_way: setup.is_some_and(|setup| setup.other_way(&waiting.requests).is_some()),
        },
        Phase::OtherSeller { before, known, found, .. } => View::OtherSeller {
            known: known.clone(),
            found: found.clone(),
            still_connected: matches!(before, Standing::Session(_)),
        },
        Phase::Exchanging { step, .. } => View::Exchanging {
            can_cancel: !matches!(step, Step::Storing),
            by_browser: setup.is_some_and(Setup::uses_a_browser),
        },
        Phase::Connected { session, .. } => View::Connected(session.clone()),
        Phase::Refreshing { session, .. } => View::Refreshing(session.clone()),
        Phase::Retrying { session, next_at, problem, detail, .. } => View::Retrying {
            session: session.clone(),
            next_at: *next_at,
            problem: *problem,
            detail: detail.clone(),
        },
        Phase::Denied => View::Denied,
        Phase::Expired(reason) => View::Expired(reason.clone()),
        Phase::KeyringBlocked(blocked) => View::KeyringBlocked {
            problem: blocked.problem,
            unlocking: blocked.unlocking,
            tokens_waiting: matches!(blocked.resume, Resume::StoreTokens(_)),
            can_cancel: matches!(
                blocked.resume,
                Resume::Open { .. } | Resume::Exchange { .. } | Resume::Forget
            ),
            removing: matches!(blocked.resume, Resume::Forget),
            can_keep_in_memory: blocked.resume.can_go_on_in_memory(),
        },
        Phase::Disconnecting => View::Disconnecting,
        Phase::Forgetting => View::Forgetting,
        Phase::Forgotten(notice) => View::Forgotten(*notice),
        Phase::Failed { code, detail, wait_until } => {
            View::Failed { code: *code, detail: detail.clone(), wait_until: *wait_until }
        }
    }
}
