//! What the window shows of the settings, and of every account.

use std::path::PathBuf;

use adapters::SettingsProblem;
use connection::{AccountId, AccountSettings, Environment, Notice, Snapshot, View};

use super::checking::token_server;
use super::preferences::Preferences;
use super::{Accounts, lock};
use crate::checkup::Checkup;

/// Whether the browser's links come back to this program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// They do, as far as is known.
    #[default]
    ComeBack,
    /// They opened another program, and now this one.
    Repaired,
    /// They open another program or none, and that could not be changed.
    DoNotComeBack,
}

/// One line of the list of accounts.
pub struct Listed {
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

impl Listed {
    /// The name of its state.
    pub fn state(&self) -> &'static str {
        self.snapshot.as_ref().map_or(View::Loading.name(), |snapshot| snapshot.view.name())
    }
}

/// An account that is no longer there.
#[derive(Clone)]
pub struct Removed {
    /// What it was called, if its owner named it.
    pub name: Option<String>,
    /// Its id.
    pub id: AccountId,
    /// What became of its tokens; `None` if it could not be taken out of the settings.
    pub outcome: Option<Notice>,
}

/// What the window shows of the settings.
pub struct Shown {
    /// The account that is shown.
    pub account: Option<AccountSettings>,
    /// All accounts, in the seller's order.
    pub list: Vec<Listed>,
    /// The account that programs would get if their default were removed.
    pub next_default: Option<AccountId>,
    /// The account that was removed last, until that was read.
    pub removed: Option<Removed>,
    /// Why the settings file could not be used, if so.
    pub problem: Option<SettingsProblem>,
    /// Where it is.
    pub file: PathBuf,
    /// The language the seller chose, if any.
    pub language: Option<String>,
    /// Whether links come back.
    pub links: Links,
    /// Whether this build brings an application along.
    pub has_built_in: bool,
    /// What was chosen for the program as a whole.
    pub preferences: Preferences,
    /// What the last look at this computer found, if there was one.
    pub checkup: Option<Checkup>,
    /// The proxy on the way to the account's server, as far as is known.
    pub proxy: Option<String>,
}

impl Accounts {
    /// What the window shows now.
    pub fn shown(&self) -> Shown {
        let preferences = self.preferences();
        let settings = lock(&self.settings);
        let (file, settings) = &*settings;
        let connections = lock(&self.connections);
        let default = settings.default_account().map(|account| account.id.clone());
        let snapshot =
            |id: &AccountId| connections.get(id).map(|account| account.connection.watch().borrow().clone());
        let listed = |account: &AccountSettings| Listed {
            id: account.id.clone(),
            name: account.name.clone(),
            client_id: account.client_id.clone(),
            environment: account.environment,
            snapshot: snapshot(&account.id),
            is_default: default.as_ref() == Some(&account.id),
        };
        Shown {
            account: settings.current().cloned(),
            list: settings.accounts.iter().map(listed).collect(),
            next_default: settings.next_default_account().map(|account| account.id.clone()),
            removed: lock(&self.removed).clone(),
            problem: file.problem(),
            file: self.places.settings_file(),
            language: settings.language.clone(),
            links: *lock(&self.links),
            has_built_in: self.has_built_in,
            preferences,
            checkup: lock(&self.checkup).clone(),
            proxy: settings.current().and_then(token_server).and_then(|url| adapters::proxy_name_for(&url)),
        }
    }

    /// The news that an account is gone was read.
    pub fn dismiss_removed(&self) {
        lock(&self.removed).take();
        self.tell_the_window();
    }
}
