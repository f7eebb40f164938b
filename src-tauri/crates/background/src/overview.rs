//! Everything that the window, the tray and a report show, at one moment.

use std::path::PathBuf;

use adapters::SettingsProblem;
use connection::{AccountId, AccountSettings, Environment, Snapshot, View};
use url::Url;

use crate::connections::Connections;
use crate::local_door::LocalDoor;
use crate::preferences::Preferences;
use crate::program_state::ProgramState;
use crate::settings_store::SettingsStore;

/// One line of the list of accounts.
pub struct AccountSummary {
    /// Its id.
    pub id: AccountId,
    /// What to call it, if its owner named it.
    pub name: Option<String>,
    /// Its application at the server.
    pub client_id: String,
    /// Where it lives.
    pub environment: Environment,
    /// How it stands, as far as is known yet.
    pub snapshot: Option<Snapshot>,
    /// Whether programs get its token if they name no account.
    pub is_default: bool,
}

impl AccountSummary {
    /// The name of its state.
    pub fn state(&self) -> &'static str {
        self.snapshot.as_ref().map_or(View::Loading.name(), |snapshot| snapshot.view.name())
    }
}

/// What there is to show.
pub struct Overview {
    /// The account that is shown.
    pub account: Option<AccountSettings>,
    /// All accounts, in the seller's order.
    pub list: Vec<AccountSummary>,
    /// The account that programs would get if their default were removed.
    pub next_default: Option<AccountId>,
    /// Why the settings file could not be used, if so.
    pub problem: Option<SettingsProblem>,
    /// Where it is.
    pub file: PathBuf,
    /// The language the seller chose, if any.
    pub language: Option<String>,
    /// Whether this build brings an application along.
    pub has_built_in: bool,
    /// What was chosen for the program as a whole.
    pub preferences: Preferences,
    /// What else is known of the program as a whole.
    pub state: ProgramState,
    /// What tools call in the place of Hotmart's address.
    pub door_address: String,
    /// The proxy on the way to the account's server, as far as is known.
    pub proxy: Option<String>,
}

impl Overview {
    /// What there is to show now.
    pub fn of(
        store: &SettingsStore,
        connections: &Connections,
        door: &LocalDoor,
        state: ProgramState,
    ) -> Self {
        let settings = store.read(Clone::clone);
        let default = settings.default_account().map(|account| account.id.clone());
        let summary = |account: &AccountSettings| AccountSummary {
            id: account.id.clone(),
            name: account.name.clone(),
            client_id: account.client_id.clone(),
            environment: account.environment,
            snapshot: connections.snapshot(&account.id),
            is_default: default.as_ref() == Some(&account.id),
        };
        Self {
            account: settings.current().cloned(),
            list: settings.accounts.iter().map(summary).collect(),
            next_default: settings.next_default_account().map(|account| account.id.clone()),
            problem: store.problem(),
            file: connections.directories.settings_file(),
            has_built_in: adapters::built_in_application().is_some(),
            preferences: Preferences::of(&settings, &state),
            proxy: settings.current().and_then(token_server).and_then(|url| adapters::proxy_name_for(&url)),
            door_address: door.address(),
            language: settings.language,
            state,
        }
    }
}

/// The server that gives an account its tokens.
fn token_server(account: &AccountSettings) -> Option<Url> {
    let resolved = account.resolve(&adapters::deployment(None)).ok()?;
    Some(resolved.client.server.token_endpoint.url().clone())
}
