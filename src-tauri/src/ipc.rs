//! What crosses between the program and the window, besides what the other
//! crates say of themselves. `ui/types.d.ts` is generated from these types, and
//! a test holds it against them. No secret reaches the window: [`oauth::Secret`]
//! does not serialise.

mod form;
#[cfg(test)]
mod types;

use adapters::SettingsProblem;
use background::{
    AccountSummary, Checkup, DoorState, Links, Overview, Preferences, ProgramState, Removed, UpdateStatus,
};
use connection::{
    AccountId, AccountSettings, DEFAULT_REDIRECT_URI, Endpoints, Environment, LOOPBACK_REDIRECT_URI,
    LastCheck, Missing, Notice, Snapshot, View,
};
use door::ListedKey;
use oauth::{GrantType, Secret, Timestamp};
use serde::{Deserialize, Serialize};

pub use form::{AccountForm, Discovery, Reading};

/// One moment, whole: the window draws it and remembers nothing.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The program's time in seconds since the epoch, corrected by the server's.
    pub now: Timestamp,
    /// The language the seller chose, if any.
    pub language: Option<String>,
    /// The system's languages, best first.
    pub system_languages: Vec<String>,
    /// Why the settings file could not be used, if so.
    pub settings_problem: Option<SettingsProblem>,
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
    /// The one to register besides, for a new account.
    pub default_loopback_redirect_uri: &'static str,
    /// The one to register besides, for the second path back.
    pub loopback_redirect_uri: String,
    /// Whether links come back.
    pub links: Links,
    /// The account that is shown, if there is one.
    pub account: Option<Account>,
    /// All accounts, in the seller's order.
    pub accounts: Vec<AccountLine>,
    /// The account that programs would get if their default were removed.
    pub next_default: Option<AccountId>,
    /// The account that was removed last, until that was read.
    pub removed: Option<Removed>,
    /// The state of the account that is shown.
    pub state: View,
    /// A line besides.
    pub notice: Option<Notice>,
    /// When the copied token is wiped from the clipboard.
    pub clipboard_clears_at: Option<Timestamp>,
    /// What was chosen for the program as a whole.
    pub preferences: Preferences,
    /// What the last look at this computer found.
    pub checkup: Option<Checkup>,
    /// The local keys of the account that is shown.
    pub local_keys: Vec<ListedKey>,
    /// How the door stands that they open.
    pub door: DoorState,
    /// What tools call in the place of Hotmart's address.
    pub door_address: String,
    /// The proxy on the way to the server, as host and port.
    pub proxy: Option<String>,
    /// Whether the connection can be checked, is being checked, and what the last check found.
    pub check: Check,
    /// This program's version.
    pub version: &'static str,
    /// How it stands beside the newest.
    pub update: UpdateStatus,
}

/// What may be shown of an account.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    id: AccountId,
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
    /// The API's base URL, without a slash at its end; empty if there is none, or none is known yet.
    api_base: String,
}

/// One line of the list of accounts.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AccountLine {
    id: AccountId,
    name: Option<String>,
    environment: Environment,
    #[cfg_attr(test, ts(type = "View[\"name\"]"))]
    state: &'static str,
    is_default: bool,
}

/// Checking the connection.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Check {
    possible: bool,
    running: bool,
    last: Option<LastCheck>,
}

/// What the window asks for that concerns an account's place in the list.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum AccountChange {
    /// Show it.
    Show,
    /// Give it another name.
    Rename {
        /// The name; empty for none.
        to: String,
    },
    /// Move it to another place in the list.
    Move {
        /// The place, counted from zero.
        to: usize,
    },
    /// Programs get its token if they name no account.
    MakeDefault,
    /// Revoke its tokens and delete everything that there is of it.
    Remove,
}

/// An account that needs no form filled in.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum KnownAccount {
    /// Practice Hotmart, which needs no credentials.
    Practice,
    /// A new account of the application that this build brings along.
    BuiltIn,
    /// The seller's own that is shown first.
    Own,
    /// A new one, of what the seller pasted. It is connected at once.
    Pasted {
        /// What was pasted.
        #[cfg_attr(test, ts(type = "string"))]
        text: Secret,
        /// Where it lives, once the seller was asked.
        environment: Option<Environment>,
    },
}

/// What the window asks for on this computer.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ComputerTask {
    /// Look at everything that a connection needs.
    Check,
    /// Make this program the one that opens our links.
    Links,
    /// Ask the person to unlock the keyring, or look for it again.
    Keyring,
    /// Open the system's settings of date and time.
    Clock,
    /// Open the system's settings of the network.
    Network,
    /// Open the folder of the log.
    Logs,
    /// Open the page on which Hotmart shows a seller's credentials.
    Credentials,
    /// Save the report for the person who helps, where the user finds it.
    SaveReport,
    /// Copy that report.
    CopyReport,
}

/// News that was read.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// An account is gone.
    Removed,
    /// What the last look at this computer found.
    Checkup,
    /// There is a newer version.
    Update,
}

/// What the user asks of newer versions.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum UpdateRequest {
    /// Look whether there is one.
    Look,
    /// Put it in this one's place.
    Install,
    /// Not now after all.
    Cancel,
    /// Open the page where it is.
    OpenPage,
}

impl Message {
    /// The moment of the account that is shown, or of none.
    pub fn of(now: Timestamp, overview: Overview) -> Self {
        let Overview {
            account,
            list,
            next_default,
            problem,
            file,
            language,
            has_built_in,
            preferences,
            state,
            door_address,
            proxy,
        } = overview;
        let ProgramState { links, removed, checkup, local_keys, door, update, .. } = state;
        let is_shown = |id: &AccountId| account.as_ref().is_some_and(|account| account.id == *id);
        let shown = account.as_ref().and_then(|account| list.iter().find(|listed| listed.id == account.id));
        let snapshot = shown.and_then(|listed| listed.snapshot.as_ref());
        let redirect_uri = account.as_ref().and_then(|account| account.redirect_uri.clone());
        let loopback = account.as_ref().and_then(|account| account.loopback_redirect_uri.clone());
        Self {
            now,
            language,
            system_languages: adapters::system_languages(),
            settings_file: file.display().to_string(),
            has_own_account: list.iter().any(|account| account.environment != Environment::Practice),
            has_built_in,
            default_redirect_uri: DEFAULT_REDIRECT_URI,
            default_loopback_redirect_uri: LOOPBACK_REDIRECT_URI,
            redirect_uri: redirect_uri.unwrap_or_else(|| DEFAULT_REDIRECT_URI.to_owned()),
            loopback_redirect_uri: loopback.unwrap_or_else(|| LOOPBACK_REDIRECT_URI.to_owned()),
            local_keys: local_keys.into_iter().filter(|key| is_shown(&key.account)).collect(),
            door,
            door_address,
            links,
            settings_problem: problem,
            state: match (snapshot, &account) {
                (Some(snapshot), _) => snapshot.view.clone(),
                // It will run in a moment.
                (None, Some(_)) => View::Loading,
                (None, None) => View::Unconfigured { missing: Missing::Credentials },
            },
            notice: snapshot.and_then(|shown| shown.notice),
            clipboard_clears_at: snapshot.and_then(|shown| shown.copied).map(|copied| copied.clears_at),
            check: snapshot.map(Check::from).unwrap_or_default(),
            account: account.map(|account| Account::of(account, snapshot, has_built_in)),
            accounts: list.into_iter().map(AccountLine::from).collect(),
            next_default,
            removed,
            preferences,
            checkup,
            proxy,
            version: env!("CARGO_PKG_VERSION"),
            update,
        }
    }
}

impl Account {
    fn of(account: AccountSettings, snapshot: Option<&Snapshot>, has_built_in: bool) -> Self {
        Self {
            id: account.id,
            name: account.name,
            environment: account.environment,
            grant_type: account.grant_type,
            is_built_in: has_built_in && account.client_id.is_empty(),
            client_id: account.client_id,
            client_authentication: account.client_authentication,
            has_client_secret: snapshot.is_some_and(|snapshot| snapshot.has_client_secret),
            endpoints: account.endpoints,
            has_loopback: account.loopback_redirect_uri.is_some(),
            api_base: snapshot.map(|snapshot| snapshot.api_base.clone()).unwrap_or_default(),
            requested_scope: snapshot.map(|snapshot| snapshot.requested_scope.clone()).unwrap_or_default(),
        }
    }
}

impl From<AccountSummary> for AccountLine {
    fn from(summary: AccountSummary) -> Self {
        Self {
            state: summary.state(),
            id: summary.id,
            name: summary.name,
            environment: summary.environment,
            is_default: summary.is_default,
        }
    }
}

impl From<&Snapshot> for Check {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            possible: !snapshot.api_base.is_empty(),
            running: snapshot.checking,
            last: snapshot.last_check.clone(),
        }
    }
}
