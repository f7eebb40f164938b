//! The only types that cross between the program and the window. What goes to
//! the window never carries a secret: these types have no field for one.

use adapters::SettingsProblem;
use connection::{
    BrowserProgress, DEFAULT_REDIRECT_URI, Endpoints, Environment, ExpiryReason, KeptIn, KeyringProblem,
    LOOPBACK_REDIRECT_URI, Missing, Notice, OWN_ACCOUNT, Session, Snapshot, View,
};
use oauth::{Secret, ServerError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::accounts::{Links, Shown};

/// What the seller typed into the form. It comes from the window and never goes back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountForm {
    /// Where the account lives.
    pub environment: Environment,
    /// The public id.
    pub client_id: String,
    /// The secret, if one was typed.
    pub client_secret: Option<Secret>,
    /// For a custom server.
    pub endpoints: Option<Endpoints>,
    /// Whether the loopback redirect URI is registered as well.
    pub loopback: bool,
}

/// Why a command did nothing.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandError {
    /// A value cannot be used.
    Configuration,
    /// The client id is missing or has spaces inside.
    ClientId,
    /// The settings file could not be written.
    SettingsNotSaved,
    /// The system gave no random bytes.
    NoRandomness,
}

/// One moment, whole: the window draws it and remembers nothing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The program's time in seconds since the epoch, corrected by the server's.
    pub now: Timestamp,
    /// The language the seller chose, if any.
    pub language: Option<String>,
    /// The system's languages, best first.
    pub system_languages: Vec<String>,
    /// Why the settings file could not be used, if so.
    pub settings_problem: Option<&'static str>,
    /// Where the settings file is.
    pub settings_file: String,
    /// Whether the seller's own credentials are set up, shown or not.
    pub has_own_account: bool,
    /// The redirect URI to register.
    pub redirect_uri: String,
    /// The one to register besides, for the second way back.
    pub loopback_redirect_uri: String,
    /// Whether links come back: `come_back`, `repaired` or `do_not_come_back`.
    pub links: &'static str,
    /// The account that is shown, if there is one.
    pub account: Option<Account>,
    /// Its state.
    pub state: State,
    /// A line besides.
    pub notice: Option<NoticeLine>,
    /// When the copied token is wiped from the clipboard.
    pub clipboard_clears_at: Option<Timestamp>,
}

/// What may be shown of an account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    id: String,
    environment: Environment,
    client_id: String,
    has_client_secret: bool,
    endpoints: Option<Endpoints>,
    has_loopback: bool,
    requested_scope: String,
}

/// A notice, with the error's code where it is about one.
#[derive(Debug, Serialize)]
pub struct NoticeLine {
    code: &'static str,
    error: Option<&'static str>,
}

/// What may be shown of a session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionFacts {
    expires_at: Option<Timestamp>,
    obtained_at: Timestamp,
    scope: Option<String>,
    seller: Option<String>,
    renewable: bool,
    only_in_memory: bool,
}

/// What the keyring stopped, and what can be done about it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    tokens_waiting: bool,
    can_cancel: bool,
    can_keep_in_memory: bool,
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
    },
    Denied,
    Expired {
        reason: &'static str,
        since: Option<Timestamp>,
        server_code: Option<String>,
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
    Failed {
        error: &'static str,
        trying_again_helps: bool,
        server_code: Option<String>,
    },
}

impl Message {
    /// The moment of an account, or of none.
    pub fn of(now: Timestamp, shown: Shown, snapshot: Option<&Snapshot>) -> Self {
        let Shown { account, others, problem, file, language, links } = shown;
        let redirect_uri = account.as_ref().and_then(|account| account.redirect_uri.clone());
        Self {
            now,
            language,
            system_languages: adapters::system_languages(),
            settings_file: file.display().to_string(),
            has_own_account: others.iter().any(|id| id.as_str() == OWN_ACCOUNT),
            redirect_uri: redirect_uri.unwrap_or_else(|| DEFAULT_REDIRECT_URI.to_owned()),
            loopback_redirect_uri: account
                .as_ref()
                .and_then(|account| account.loopback_redirect_uri.clone())
                .unwrap_or_else(|| LOOPBACK_REDIRECT_URI.to_owned()),
            links: match links {
                Links::ComeBack => "come_back",
                Links::Repaired => "repaired",
                Links::DoNotComeBack => "do_not_come_back",
            },
            settings_problem: problem.map(|problem| match problem {
                SettingsProblem::Unreadable => "unreadable",
                SettingsProblem::Broken => "broken",
                SettingsProblem::FromTheFuture => "from_the_future",
            }),
            account: account.map(|account| Account {
                id: account.id.to_string(),
                environment: account.environment,
                client_id: account.client_id,
                has_client_secret: snapshot.is_some_and(|snapshot| snapshot.has_client_secret),
                endpoints: account.endpoints,
                has_loopback: account.loopback_redirect_uri.is_some(),
                requested_scope: snapshot
                    .map(|snapshot| snapshot.requested_scope.clone())
                    .unwrap_or_default(),
            }),
            state: snapshot.map_or(State::Unconfigured { missing: "credentials" }, |snapshot| {
                State::from(&snapshot.view)
            }),
            notice: snapshot.and_then(|snapshot| snapshot.notice).map(NoticeLine::from),
            clipboard_clears_at: snapshot.and_then(|snapshot| snapshot.clipboard_clears_at),
        }
    }
}

impl From<Notice> for NoticeLine {
    fn from(notice: Notice) -> Self {
        let error = match notice {
            Notice::StillConnectedAfterFailure(error) | Notice::CopyFailed(error) => Some(error.as_str()),
            _ => None,
        };
        Self { code: notice.as_str(), error }
    }
}

impl From<&Session> for SessionFacts {
    fn from(session: &Session) -> Self {
        Self {
            expires_at: session.expires_at,
            obtained_at: session.obtained_at,
            scope: session.scope.clone(),
            seller: session.seller.as_ref().map(ToString::to_string),
            renewable: session.renewable,
            only_in_memory: session.kept_in == KeptIn::Memory,
        }
    }
}

impl From<&View> for State {
    fn from(view: &View) -> Self {
        let code = |error: &ServerError| error.code().to_owned();
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
            View::Exchanging { can_cancel } => Self::Exchanging { can_cancel: *can_cancel },
            View::Connected(session) => Self::Connected { session: session.into() },
            View::Refreshing(session) => Self::Refreshing { session: session.into() },
            View::Retrying { session, next_at, problem } => {
                Self::Retrying { session: session.into(), next_at: *next_at, error: problem.as_str() }
            }
            View::Denied => Self::Denied,
            View::Expired(ExpiryReason::Refused(error)) => {
                Self::Expired { reason: "refused", since: None, server_code: Some(code(error)) }
            }
            View::Expired(ExpiryReason::AnswerLost { since }) => {
                Self::Expired { reason: "answer_lost", since: Some(*since), server_code: None }
            }
            View::Expired(ExpiryReason::NothingToRenewWith) => {
                Self::Expired { reason: "nothing_to_renew_with", since: None, server_code: None }
            }
            View::KeyringBlocked { problem, unlocking, tokens_waiting, can_cancel, can_keep_in_memory } => {
                let keyring = Stopped {
                    tokens_waiting: *tokens_waiting,
                    can_cancel: *can_cancel,
                    can_keep_in_memory: *can_keep_in_memory,
                };
                match problem {
                    KeyringProblem::Locked => Self::KeyringLocked { unlocking: *unlocking, keyring },
                    KeyringProblem::Missing => Self::KeyringMissing { problem: "missing", keyring },
                    KeyringProblem::Unresponsive => Self::KeyringMissing { problem: "unresponsive", keyring },
                    KeyringProblem::Failed => Self::KeyringMissing { problem: "failed", keyring },
                }
            }
            View::Disconnecting => Self::Disconnecting,
            View::Failed { code: error, detail } => Self::Failed {
                error: error.as_str(),
                trying_again_helps: error.trying_again_helps(),
                server_code: detail.as_ref().map(code),
            },
        }
    }
}
