//! The one state that the window shows, as it crosses to it.

use connection::{BrowserProgress, ExpiryReason, KeptIn, KeyringProblem, Missing, Session, View};
use oauth::{ServerError, Timestamp};
use serde::Serialize;

/// What may be shown of a session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionFacts {
    expires_at: Option<Timestamp>,
    obtained_at: Timestamp,
    scope: Option<String>,
    seller: Option<String>,
    renewable: bool,
    /// Whether there is something to take the connection elsewhere with.
    movable: bool,
    reconnect_by: Option<Timestamp>,
    only_in_memory: bool,
}

/// A server's own words, made safe to be shown.
#[derive(Debug, Serialize)]
pub struct ServerWords {
    code: String,
    description: Option<String>,
}

impl From<&ServerError> for ServerWords {
    fn from(error: &ServerError) -> Self {
        Self { code: error.code().to_owned(), description: error.description().map(str::to_owned) }
    }
}

/// What the keyring stopped, and what can be done about it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    tokens_waiting: bool,
    can_cancel: bool,
    can_keep_in_memory: bool,
    removing: bool,
}

/// The one state the window shows.
#[derive(Debug, Serialize)]
#[serde(tag = "name", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum State {
    Loading,
    Unconfigured {
        missing: &'static str,
    },
    Disconnected,
    AwaitingBrowser {
        browser: &'static str,
        expires_at: Timestamp,
        since: Timestamp,
        way: &'static str,
        other_way: bool,
    },
    OtherSeller {
        known: String,
        found: String,
        still_connected: bool,
    },
    Exchanging {
        can_cancel: bool,
        by_browser: bool,
    },
    Connected {
        session: SessionFacts,
    },
    Refreshing {
        session: SessionFacts,
    },
    Retrying {
        session: SessionFacts,
        next_at: Timestamp,
        error: &'static str,
        server: Option<ServerWords>,
    },
    Denied,
    Expired {
        reason: &'static str,
        since: Option<Timestamp>,
        server: Option<ServerWords>,
    },
    KeyringLocked {
        unlocking: bool,
        keyring: Stopped,
    },
    KeyringMissing {
        problem: &'static str,
        keyring: Stopped,
    },
    Disconnecting,
    Forgetting,
    Failed {
        error: &'static str,
        trying_again_helps: bool,
        wait_until: Option<Timestamp>,
        server: Option<ServerWords>,
    },
}

impl From<&Session> for SessionFacts {
    fn from(session: &Session) -> Self {
        Self {
            expires_at: session.expires_at,
            obtained_at: session.obtained_at,
            scope: session.scope.clone(),
            seller: session.seller.as_ref().map(ToString::to_string),
            renewable: session.renewable,
            movable: session.has_refresh_token,
            reconnect_by: session.reconnect_by,
            only_in_memory: session.kept_in == KeptIn::Memory,
        }
    }
}

impl From<&View> for State {
    fn from(view: &View) -> Self {
        match view {
            View::Loading => Self::Loading,
            View::Unconfigured(missing) => Self::Unconfigured {
                missing: match missing {
                    Missing::Credentials => "credentials",
                    Missing::ClientSecret => "client_secret",
                    Missing::UsableSettings => "usable_settings",
                },
            },
            View::Disconnected => Self::Disconnected,
            View::AwaitingBrowser { browser, expires_at, since, way, other_way } => Self::AwaitingBrowser {
                browser: match browser {
                    BrowserProgress::Preparing | BrowserProgress::Opening => "opening",
                    BrowserProgress::Opened => "opened",
                    BrowserProgress::MayHaveOpened => "may_have_opened",
                    BrowserProgress::DidNotOpen => "did_not_open",
                },
                expires_at: *expires_at,
                since: *since,
                way: way.as_str(),
                other_way: *other_way,
            },
            View::OtherSeller { known, found, still_connected } => Self::OtherSeller {
                known: known.to_string(),
                found: found.to_string(),
                still_connected: *still_connected,
            },
            View::Exchanging { can_cancel, by_browser } => {
                Self::Exchanging { can_cancel: *can_cancel, by_browser: *by_browser }
            }
            View::Connected(session) => Self::Connected { session: session.into() },
            View::Refreshing(session) => Self::Refreshing { session: session.into() },
            View::Retrying { session, next_at, problem, detail } => Self::Retrying {
                session: session.into(),
                next_at: *next_at,
                error: problem.as_str(),
                server: detail.as_ref().map(ServerWords::from),
            },
            View::Denied => Self::Denied,
            View::Expired(ExpiryReason::Refused(error)) => {
                Self::Expired { reason: "refused", since: None, server: Some(error.into()) }
            }
            View::Expired(ExpiryReason::AnswerLost { since }) => {
                Self::Expired { reason: "answer_lost", since: Some(*since), server: None }
            }
            View::Expired(ExpiryReason::NothingToRenewWith) => {
                Self::Expired { reason: "nothing_to_renew_with", since: None, server: None }
            }
            View::KeyringBlocked {
                problem,
                unlocking,
                tokens_waiting,
                can_cancel,
                can_keep_in_memory,
                removing,
            } => {
                let keyring = Stopped {
                    tokens_waiting: *tokens_waiting,
                    can_cancel: *can_cancel,
                    can_keep_in_memory: *can_keep_in_memory,
                    removing: *removing,
                };
                match problem {
                    KeyringProblem::Locked => Self::KeyringLocked { unlocking: *unlocking, keyring },
                    KeyringProblem::Missing => Self::KeyringMissing { problem: "missing", keyring },
                    KeyringProblem::Unresponsive => Self::KeyringMissing { problem: "unresponsive", keyring },
                    KeyringProblem::Failed => Self::KeyringMissing { problem: "failed", keyring },
                }
            }
            View::Disconnecting => Self::Disconnecting,
            // Gone in a moment, and out of the list with it.
            View::Forgetting | View::Forgotten(_) => Self::Forgetting,
            View::Failed { code, detail, wait_until } => Self::Failed {
                error: code.as_str(),
                trying_again_helps: code.trying_again_helps(),
                wait_until: *wait_until,
                server: detail.as_ref().map(ServerWords::from),
            },
        }
    }
}
