//! What the seller chose, as it stands in the settings file. Nothing secret is ever in it.
//!
//! The file is one JSON object. `version` is 1; `language` is `pt-BR`, `es` or
//! `en`; `clipboard_seconds` and `zoom` (in percent) are numbers;
//! `keep_in_tray` and `notifications` are true or false; `current_account` and
//! `default_account` are ids; `door_port` is a port; `accounts` is a list of [`AccountSettings`], in
//! the seller's order. Only `version`, and of an account `id` and
//! `environment`, must be there; whatever else is absent has its usual value,
//! and what a version does not know stays where it is.

use connection::{AccountId, AccountSettings, Environment, LOOPBACK_REDIRECT_URI, OWN_ACCOUNT};
use oauth::plain_text;
use serde::{Deserialize, Serialize};

use crate::deployment::built_in_application;

/// Raised when an older program could no longer read the file.
const VERSION: u32 = 1;
/// A copied token stays in the clipboard this long, unless the settings say otherwise.
pub const DEFAULT_CLIPBOARD_SECONDS: u64 = 60;
const USUAL_ZOOM: u32 = 100;

/// Why the settings file could not be used. The file itself stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SettingsProblem {
    /// It cannot be read.
    #[error("the settings file cannot be read")]
    Unreadable,
    /// It is no settings file.
    #[error("the settings file is damaged")]
    Broken,
    /// A newer program wrote it.
    #[error("the settings file is of a newer version")]
    FromTheFuture,
}

/// What the seller chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    version: u32,
    /// `pt-BR`, `es` or `en`; the system's language if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How long a copied token stays in the clipboard, in seconds.
    #[serde(default = "default_clipboard_seconds")]
    pub clipboard_seconds: u64,
    /// Whether the program stays in the tray when its window is closed.
    #[serde(default)]
    pub keep_in_tray: bool,
    /// Whether the person is notified when they must do something.
    #[serde(default = "yes")]
    pub notifications: bool,
    /// How large the window's content is drawn, in percent.
    #[serde(default = "usual_zoom")]
    pub zoom: u32,
    /// The account the window shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_account: Option<AccountId>,
    /// The account that programs get a token of if they name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_account: Option<AccountId>,
    /// The accounts.
    #[serde(default)]
    pub accounts: Vec<AccountSettings>,
    /// The port of the door for local keys, if it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door_port: Option<u16>,
    /// What this version does not know stays where it is.
    #[serde(flatten)]
    unknown: serde_json::Map<String, serde_json::Value>,
}

/// No user's settings file is longer: 1 MiB.
const MAX_IMPORT_BYTES: usize = 1024 * 1024;
/// No user has more accounts in one file.
const MAX_IMPORTED_ACCOUNTS: usize = 500;

const fn usual_zoom() -> u32 {
    USUAL_ZOOM
}

const fn yes() -> bool {
    true
}

const fn default_clipboard_seconds() -> u64 {
    DEFAULT_CLIPBOARD_SECONDS
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            language: None,
            clipboard_seconds: DEFAULT_CLIPBOARD_SECONDS,
            keep_in_tray: false,
            notifications: true,
            zoom: USUAL_ZOOM,
            current_account: None,
            default_account: None,
            accounts: Vec::new(),
            door_port: None,
            unknown: serde_json::Map::new(),
        }
    }
}

impl Settings {
    /// Reads a settings file's content.
    ///
    /// # Errors
    /// It is no settings file, or of a newer program.
    pub fn parse(text: &[u8]) -> Result<Self, SettingsProblem> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }

        // Editors on Windows like to put a byte order mark in front.
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let versioned: Versioned = serde_json::from_slice(text).map_err(|_| SettingsProblem::Broken)?;
        if versioned.version > VERSION {
            return Err(SettingsProblem::FromTheFuture);
        }
        let mut settings: Self = serde_json::from_slice(text).map_err(|_| SettingsProblem::Broken)?;
        for account in &mut settings.accounts {
            account.name = account.name.take().map(|name| plain_text(&name)).filter(|name| !name.is_empty());
        }
        Ok(settings)
    }

    /// The account the window shows: the current one, or else the first.
    pub fn current(&self) -> Option<&AccountSettings> {
        let chosen = self.current_account.as_ref().and_then(|id| self.account(id));
        chosen.or(self.accounts.first())
    }

    /// The account that programs get a token of if they name none: the one
    /// that was chosen for it, or else the first that is not for practice.
    pub fn default_account(&self) -> Option<&AccountSettings> {
        let chosen = self.default_account.as_ref().and_then(|id| self.account(id));
        chosen.or_else(|| self.usual_default(None))
    }

    /// The account that programs would get if the one they get now were gone.
    pub fn next_default_account(&self) -> Option<&AccountSettings> {
        self.usual_default(self.default_account())
    }

    fn usual_default(&self, but: Option<&AccountSettings>) -> Option<&AccountSettings> {
        let others = || self.accounts.iter().filter(|account| but.is_none_or(|but| but.id != account.id));
        others().find(|account| account.environment != Environment::Practice).or_else(|| others().next())
    }

    /// The account with this id.
    pub fn account(&self, id: &AccountId) -> Option<&AccountSettings> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// Adds an account or replaces the one with its id, and shows it. Programs
    /// go on with the account they had.
    pub fn put(&mut self, account: AccountSettings) {
        self.pin_default();
        self.current_account = Some(account.id.clone());
        match self.accounts.iter_mut().find(|known| known.id == account.id) {
            Some(known) => *known = account,
            None => self.accounts.push(account),
        }
    }

    /// Writes down which account programs get, if the user chose none: a script keeps
    /// its account when the list changes. Practice Hotmart is never written down so.
    fn pin_default(&mut self) {
        let default = self.default_account().filter(|account| account.environment != Environment::Practice);
        if let (None, Some(default)) = (&self.default_account, default) {
            self.default_account = Some(default.id.clone());
        }
    }

    /// Gives an account another name; none if it is empty.
    pub fn rename(&mut self, id: &AccountId, name: &str) {
        let name = plain_text(name);
        if let Some(account) = self.accounts.iter_mut().find(|account| account.id == *id) {
            account.name = Some(name).filter(|name| !name.is_empty());
        }
    }

    /// Moves an account to another place in the list, counted from zero.
    pub fn move_to(&mut self, id: &AccountId, place: usize) {
        self.pin_default();
        if let Some(from) = self.accounts.iter().position(|account| account.id == *id) {
            let account = self.accounts.remove(from);
            self.accounts.insert(place.min(self.accounts.len()), account);
        }
    }

    /// Takes an account out. Whatever else pointed at it points at none.
    pub fn remove(&mut self, id: &AccountId) {
        self.pin_default();
        self.accounts.retain(|account| account.id != *id);
        for pointer in [&mut self.current_account, &mut self.default_account] {
            pointer.take_if(|pointed| pointed == id);
        }
    }

    /// Where a build brings an application along, there is an account of it
    /// without anything filled in.
    #[must_use]
    pub fn with_built_in_application(mut self) -> Self {
        if self.accounts.is_empty()
            && let (Some(application), Ok(id)) = (built_in_application(), AccountId::parse(OWN_ACCOUNT))
        {
            let mut account = AccountSettings::new(id, application.environment);
            account.loopback_redirect_uri = Some(LOOPBACK_REDIRECT_URI.to_owned());
            self.accounts.push(account);
        }
        self
    }

    /// An id that no account has yet.
    pub fn free_id(&self, wanted: &str) -> Option<AccountId> {
        let numbered = |number: u32| match number {
            1 => wanted.to_owned(),
            number => format!("{wanted}-{number}"),
        };
        let mut ids = (1..10_000).filter_map(|number| AccountId::parse(&numbered(number)).ok());
        ids.find(|id| self.account(id).is_none())
    }

    /// Takes the accounts of a settings file from another machine over. Those
    /// that are here already stay as they are; an id that another account has
    /// here becomes a new one. Practice Hotmart is on every machine.
    /// Gives how many were taken over.
    ///
    /// # Errors
    /// It is no settings file that this version could use.
    pub fn import(&mut self, text: &str) -> Result<usize, SettingsProblem> {
        if text.len() > MAX_IMPORT_BYTES {
            return Err(SettingsProblem::Broken);
        }
        let imported = Self::parse(text.as_bytes())?;
        if imported.accounts.len() > MAX_IMPORTED_ACCOUNTS {
            return Err(SettingsProblem::Broken);
        }
        self.pin_default();
        let before = self.accounts.len();
        for mut account in imported.accounts {
            let is_it = |known: &AccountSettings| {
                AccountSettings { id: account.id.clone(), ..known.clone() } == account
            };
            let known = self.accounts.iter().any(is_it);
            if known || account.environment == Environment::Practice {
                continue;
            }
            let Some(id) = self.free_id(account.id.as_str()) else { continue };
            account.id = id;
            self.accounts.push(account);
        }
        Ok(self.accounts.len() - before)
    }
}
