//! The only types that cross between the program and the window. What goes to
//! the window never carries a secret: these types have no field for one.

mod form;
mod state;

use adapters::SettingsProblem;
use background::{Checkup, Links, Listed, Preferences, Removed, Shown};
use connection::{
    AccountSettings, DEFAULT_REDIRECT_URI, Endpoints, Environment, LOOPBACK_REDIRECT_URI, LastCheck, Notice,
    Snapshot, Verdict,
};
use oauth::{GrantType, Timestamp};
use serde::Serialize;

pub use form::{AccountForm, Discovery};
pub use state::State;

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
    /// Whether this build brings an application along.
    pub has_built_in: bool,
    /// The redirect URI to register.
    pub redirect_uri: String,
    /// The one to register for a new account.
    pub default_redirect_uri: &'static str,
    /// The one to register besides, for the second way back.
    pub loopback_redirect_uri: String,
    /// Whether links come back: `come_back`, `repaired` or `do_not_come_back`.
    pub links: &'static str,
    /// The account that is shown, if there is one.
    pub account: Option<Account>,
    /// All accounts, in the seller's order.
    pub accounts: Vec<AccountLine>,
    /// The account that programs would get if their default were removed.
    pub next_default: Option<String>,
    /// The account that was removed last, until that was read.
    pub removed: Option<RemovedLine>,
    /// Its state.
    pub state: State,
    /// A line besides.
    pub notice: Option<NoticeLine>,
    /// When the copied token is wiped from the clipboard.
    pub clipboard_clears_at: Option<Timestamp>,
    /// What was chosen for the program as a whole.
    pub preferences: Preferences,
    /// What the last look at this computer found.
    pub checkup: Option<Checkup>,
    /// The proxy on the way to the server, as host and port.
    pub proxy: Option<String>,
    /// Whether the connection can be checked, is being checked, and what the last check found.
    pub check: Check,
}

/// What may be shown of an account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    id: String,
    name: Option<String>,
    environment: Environment,
    grant_type: GrantType,
    client_id: String,
    client_authentication: Option<String>,
    is_built_in: bool,
    has_client_secret: bool,
    endpoints: Option<Endpoints>,
    has_loopback: bool,
    requested_scope: String,
}

/// One line of the list of accounts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountLine {
    id: String,
    name: Option<String>,
    environment: Environment,
    state: &'static str,
    is_default: bool,
}

/// An account that is no longer there, or could not be taken out of the settings.
#[derive(Debug, Serialize)]
pub struct RemovedLine {
    id: String,
    name: Option<String>,
    outcome: &'static str,
}

/// A notice, with the error's code where it is about one.
#[derive(Debug, Serialize)]
pub struct NoticeLine {
    code: &'static str,
    error: Option<&'static str>,
}

/// Checking the connection.
#[derive(Debug, Default, Serialize)]
pub struct Check {
    possible: bool,
    running: bool,
    last: Option<Checked>,
}

/// What a check found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    at: Timestamp,
    verdict: &'static str,
    who: Option<String>,
    milliseconds: Option<u64>,
    calls_left: Option<u32>,
    wait_until: Option<Timestamp>,
    error: Option<&'static str>,
}

impl Message {
    /// The moment of an account, or of none.
    pub fn of(now: Timestamp, shown: Shown, snapshot: Option<&Snapshot>) -> Self {
        let Shown {
            account,
            list,
            next_default,
            removed,
            problem,
            file,
            language,
            links,
            has_built_in,
            preferences,
            checkup,
            proxy,
        } = shown;
        let redirect_uri = account.as_ref().and_then(|account| account.redirect_uri.clone());
        Self {
            now,
            language,
            system_languages: adapters::system_languages(),
            settings_file: file.display().to_string(),
            has_own_account: list.iter().any(|account| account.environment != Environment::Practice),
            has_built_in,
            default_redirect_uri: DEFAULT_REDIRECT_URI,
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
            account: account.map(|account| Account::of(account, snapshot, has_built_in)),
            accounts: list.into_iter().map(AccountLine::from).collect(),
            next_default: next_default.map(String::from),
            removed: removed.map(RemovedLine::from),
            state: snapshot.map_or(State::Unconfigured { missing: "credentials" }, |snapshot| {
                State::from(&snapshot.view)
            }),
            notice: snapshot.and_then(|snapshot| snapshot.notice).map(NoticeLine::from),
            clipboard_clears_at: snapshot.and_then(|snapshot| snapshot.clipboard_clears_at),
            preferences,
            checkup,
            proxy,
            check: snapshot.map(Check::from).unwrap_or_default(),
        }
    }
}

impl Account {
    fn of(account: AccountSettings, snapshot: Option<&Snapshot>, has_built_in: bool) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.name,
            environment: account.environment,
            grant_type: account.grant_type,
            is_built_in: has_built_in && account.client_id.is_empty(),
            client_id: account.client_id,
            client_authentication: account.client_authentication,
            has_client_secret: snapshot.is_some_and(|snapshot| snapshot.has_client_secret),
            endpoints: account.endpoints,
            has_loopback: account.loopback_redirect_uri.is_some(),
            requested_scope: snapshot.map(|snapshot| snapshot.requested_scope.clone()).unwrap_or_default(),
        }
    }
}

impl From<Listed> for AccountLine {
    fn from(listed: Listed) -> Self {
        let state = listed.state();
        Self {
            id: listed.id.to_string(),
            name: listed.name,
            environment: listed.environment,
            state,
            is_default: listed.is_default,
        }
    }
}

impl From<Removed> for RemovedLine {
    fn from(removed: Removed) -> Self {
        Self {
            id: removed.id.to_string(),
            name: removed.name,
            outcome: removed.outcome.map_or("settings_not_saved", Notice::as_str),
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

impl From<&Snapshot> for Check {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            possible: snapshot.can_check,
            running: snapshot.checking,
            last: snapshot.last_check.as_ref().map(Checked::from),
        }
    }
}

impl From<&LastCheck> for Checked {
    fn from(LastCheck { at, verdict }: &LastCheck) -> Self {
        let mut checked = Self {
            at: *at,
            verdict: verdict.as_str(),
            who: None,
            milliseconds: None,
            calls_left: None,
            wait_until: None,
            error: None,
        };
        match verdict {
            Verdict::Works { who, took, calls_left } => {
                checked.who = who.as_ref().map(ToString::to_string);
                checked.milliseconds = u64::try_from(took.as_millis()).ok();
                checked.calls_left = *calls_left;
            }
            Verdict::NotPermitted { who } => checked.who = who.as_ref().map(ToString::to_string),
            Verdict::TooManyRequests { retry_after } => {
                checked.wait_until = retry_after.map(|wait| at.after(wait));
            }
            Verdict::NotRenewed(code) => checked.error = Some(code.as_str()),
            Verdict::NoAnswer(_)
            | Verdict::Refused
            | Verdict::WrongEnvironment(_)
            | Verdict::Blocked
            | Verdict::Down
            | Verdict::NotTheApi => {}
        }
        checked
    }
}
