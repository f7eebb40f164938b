//! The settings: the file, what is in it, and word of each change.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use adapters::{Settings, SettingsFile, SettingsProblem};
use connection::{
    AccountId, AccountSettings, DEFAULT_REDIRECT_URI, Environment, LOOPBACK_REDIRECT_URI, OWN_ACCOUNT,
};
use oauth::RedirectUri;
use tokio::sync::watch;
use url::Url;

use crate::command_error::{CommandError, ImportResult};

/// The account id of Practice Hotmart, unless another account has it.
const PRACTICE: &str = "practice";

/// The settings: what is in the file and what the program goes by change together.
pub struct SettingsStore {
    /// Reading, changing and writing the file is one step: commands of the
    /// window, the tray and a removal that goes on by itself may all want to.
    file: Mutex<SettingsFile>,
    settings: watch::Sender<Settings>,
}

impl SettingsStore {
    /// Reads the file.
    pub fn open(path: PathBuf) -> Self {
        let (file, settings) = SettingsFile::open(path);
        Self { file: Mutex::new(file), settings: watch::Sender::new(settings) }
    }

    /// Looks at the settings. Nothing may be changed meanwhile, so be quick.
    pub fn read<T>(&self, look: impl FnOnce(&Settings) -> T) -> T {
        look(&self.settings.borrow())
    }

    /// Hears of every change.
    pub fn changes(&self) -> watch::Receiver<Settings> {
        self.settings.subscribe()
    }

    /// Why the file could not be used, if so.
    pub fn problem(&self) -> Option<SettingsProblem> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).problem()
    }

    /// The account the window shows.
    pub fn current(&self) -> Option<AccountSettings> {
        self.read(|settings| settings.current().cloned())
    }

    /// The settings of an account.
    pub fn account(&self, id: &AccountId) -> Option<AccountSettings> {
        self.read(|settings| settings.account(id).cloned())
    }

    /// Changes the settings, in the file and here, and nothing of any connection.
    ///
    /// # Errors
    /// The file could not be written; then nothing is changed.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<(), CommandError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.settings.borrow().clone();
        let changed = file.change(known, change).map_err(|error| {
            log::error!("the settings were not saved: {error}");
            CommandError::SettingsNotSaved
        })?;
        self.settings.send_replace(changed.with_built_in_application());
        Ok(())
    }

    /// Changes a preference. A settings file that could not be used is not
    /// replaced for that alone: the choice then lasts until the program ends.
    ///
    /// # Errors
    /// The file could not be written; then nothing is changed.
    pub fn choose(&self, change: impl FnOnce(&mut Settings)) -> Result<(), CommandError> {
        if self.problem().is_some() {
            self.settings.send_modify(change);
            return Ok(());
        }
        self.change(change)
    }

    /// Reads the file again: another program may have changed it. Gives the
    /// accounts that are new or different.
    pub fn reread(&self) -> Vec<AccountSettings> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.settings.borrow().clone();
        let Some(found) = file.read_again().filter(|found| *found != known) else { return Vec::new() };
        let is_new = |account: &&AccountSettings| !known.accounts.contains(account);
        let changed = found.accounts.iter().filter(is_new).cloned().collect();
        self.settings.send_replace(found);
        changed
    }

    /// The account of the seller's own that is shown first, if there is one.
    pub fn own_account(&self) -> Option<AccountId> {
        let is_own = |account: &&AccountSettings| account.environment != Environment::Practice;
        self.read(|settings| settings.accounts.iter().find(is_own).map(|account| account.id.clone()))
    }

    /// A new account of the application that this build brings along.
    pub fn new_built_in_account(&self) -> Option<AccountSettings> {
        let application = adapters::built_in_application()?;
        let mut account = AccountSettings::new(self.new_id("")?, application.environment);
        account.loopback_redirect_uri = Some(LOOPBACK_REDIRECT_URI.to_owned());
        Some(account)
    }

    /// Practice Hotmart's account: the one there is, or a new one.
    pub fn practice_account(&self) -> Option<AccountSettings> {
        let is_practice = |account: &&AccountSettings| account.environment == Environment::Practice;
        self.read(|settings| {
            let known = settings.accounts.iter().find(is_practice).cloned();
            known.or_else(|| Some(AccountSettings::new(settings.free_id(PRACTICE)?, Environment::Practice)))
        })
    }

    /// An id for a new account: from its name, if that has letters for one.
    pub fn new_id(&self, name: &str) -> Option<AccountId> {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let words: String = name.chars().map(plain).collect();
        let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
        let wanted = if words.is_empty() { OWN_ACCOUNT } else { &words[..words.len().min(40)] };
        self.read(|settings| settings.free_id(wanted.trim_end_matches('-')))
    }

    /// Takes the accounts of a settings file from another machine over. If some
    /// of them live at servers that are not Hotmart's, they are only named,
    /// until the user says that these are right. Gives the new accounts too.
    ///
    /// # Errors
    /// The text is no settings file, or the file could not be written.
    pub fn import(
        &self,
        text: &str,
        confirmed: bool,
    ) -> Result<(ImportResult, Vec<AccountSettings>), CommandError> {
        let before = self.settings.borrow().clone();
        let mut after = before.clone();
        after.import(text).map_err(|_| CommandError::ImportUnusable)?;
        let is_new = |account: &&AccountSettings| before.account(&account.id).is_none();
        let servers: BTreeSet<_> = after.accounts.iter().filter(is_new).flat_map(servers_of).collect();
        if !servers.is_empty() && !confirmed {
            return Ok((ImportResult { count: 0, servers: servers.into_iter().collect() }, Vec::new()));
        }
        let mut count = Err(CommandError::ImportUnusable);
        self.change(|settings| {
            count = settings.import(text).map_err(|_| CommandError::ImportUnusable);
        })?;
        let new = self.read(|settings| settings.accounts.iter().filter(is_new).cloned().collect());
        Ok((ImportResult { count: count?, servers: Vec::new() }, new))
    }
}

/// The places to which an account takes codes, tokens and secrets, besides
/// Hotmart's own and this program: those are the user's to confirm.
fn servers_of(account: &AccountSettings) -> Vec<String> {
    let endpoints = account.endpoints.as_ref().filter(|_| account.environment == Environment::Custom);
    let servers = endpoints.map(|endpoints| {
        [
            endpoints.authorize.as_deref(),
            Some(endpoints.token.as_str()),
            endpoints.revoke.as_deref(),
            endpoints.issuer.as_deref(),
            endpoints.keys.as_deref(),
            endpoints.api.as_deref(),
        ]
    });
    let host = |address: &str| Url::parse(address).ok()?.host_str().map(str::to_owned);
    // A redirect URI is where the code goes.
    let redirect = account.redirect_uri.as_deref().filter(|uri| !comes_back_here(uri));
    let redirect = redirect.map(|uri| host(uri).unwrap_or_else(|| uri.to_owned()));
    servers.into_iter().flatten().flatten().filter_map(host).chain(redirect).collect()
}

/// Whether a redirect URI is this program's: its own scheme, or this machine.
fn comes_back_here(uri: &str) -> bool {
    let own_scheme = uri.starts_with(DEFAULT_REDIRECT_URI);
    own_scheme || RedirectUri::parse(uri).is_ok_and(|uri| uri.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_names_every_place_that_a_code_or_a_token_would_go_to() {
        let id = AccountId::parse("main").unwrap();
        let hotmarts = AccountSettings::new(id, Environment::Hotmart);
        assert!(servers_of(&hotmarts).is_empty());
        let redirected = |uri: &str| AccountSettings { redirect_uri: Some(uri.into()), ..hotmarts.clone() };
        assert_eq!(servers_of(&redirected("https://evil.example/cb")), ["evil.example"]);
        assert_eq!(servers_of(&redirected("other.scheme:/cb")), ["other.scheme:/cb"]);
        for own in [DEFAULT_REDIRECT_URI, LOOPBACK_REDIRECT_URI] {
            assert!(servers_of(&redirected(own)).is_empty(), "{own}");
        }
        let endpoints = connection::Endpoints {
            token: "https://t.example/".into(),
            keys: Some("https://k.example/".into()),
            issuer: Some("https://i.example/".into()),
            ..connection::Endpoints::default()
        };
        let custom = AccountSettings {
            environment: Environment::Custom,
            endpoints: Some(endpoints),
            ..hotmarts.clone()
        };
        assert_eq!(servers_of(&custom), ["t.example", "i.example", "k.example"]);
    }
}
