//! Changing the settings: what is in the file and what is shown change together.

use std::collections::BTreeSet;
use std::sync::Arc;

use adapters::Settings;
use connection::{
    AccountId, AccountSettings, Configuration, Environment, Event, LOOPBACK_REDIRECT_URI, OWN_ACCOUNT,
};
use oauth::Secret;
use url::Url;

use super::{Accounts, lock};
use crate::command_error::{CommandError, ImportResult};

/// The account id of Practice Hotmart, unless another account has it.
const PRACTICE: &str = "practice";

impl Accounts {
    /// An account of the application that this build brings along.
    pub fn built_in_account(&self) -> Option<AccountSettings> {
        let application = adapters::built_in_application()?;
        let mut account = AccountSettings::new(self.new_id("")?, application.environment);
        account.loopback_redirect_uri = Some(LOOPBACK_REDIRECT_URI.to_owned());
        Some(account)
    }

    /// Practice Hotmart's account: the one there is, or a new one.
    pub fn practice_account(&self) -> Option<AccountSettings> {
        let settings = lock(&self.settings);
        let is_practice = |account: &&AccountSettings| account.environment == Environment::Practice;
        let known = settings.1.accounts.iter().find(is_practice).cloned();
        known.or_else(|| Some(AccountSettings::new(settings.1.free_id(PRACTICE)?, Environment::Practice)))
    }

    /// An id for a new account: from its name, if that has letters for one.
    pub fn new_id(&self, name: &str) -> Option<AccountId> {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let words: String = name.chars().map(plain).collect();
        let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
        let wanted = if words.is_empty() { OWN_ACCOUNT } else { &words[..words.len().min(40)] };
        lock(&self.settings).1.free_id(wanted.trim_end_matches('-'))
    }

    /// Saves an account, shows it and connects nothing yet. A new secret goes
    /// to the keyring; without one, the secret that is there stays.
    pub async fn save(&self, account: AccountSettings, secret: Option<Secret>) -> Result<(), CommandError> {
        let setup = self.setup_of(&account).await.map_err(|_| CommandError::Configuration)?;
        let id = account.id.clone();
        self.change_settings(|settings| settings.put(account))?;
        let setup = Some(Box::new(setup));
        let configuration = Configuration { setup, new_client_secret: secret, then_check: true };
        self.connection(&id).send(Event::Configured(configuration));
        self.tell_the_window();
        Ok(())
    }

    /// Takes the accounts of a settings file from another machine over. If some
    /// of them live at servers that are not Hotmart's, they are only named,
    /// until somebody says that these are right.
    pub fn import(self: &Arc<Self>, text: &str, confirmed: bool) -> Result<ImportResult, CommandError> {
        let mut count = Err(CommandError::ImportUnusable);
        let before = lock(&self.settings).1.clone();
        let mut after = before.clone();
        after.import(text).map_err(|_| CommandError::ImportUnusable)?;
        let is_new = |account: &&AccountSettings| before.account(&account.id).is_none();
        let servers: BTreeSet<_> = after.accounts.iter().filter(is_new).flat_map(servers_of).collect();
        if !servers.is_empty() && !confirmed {
            return Ok(ImportResult { count: 0, servers: servers.into_iter().collect() });
        }
        self.change_settings(|settings| {
            count = settings.import(text).map_err(|_| CommandError::ImportUnusable);
        })?;
        let new: Vec<_> = lock(&self.settings).1.accounts.iter().filter(is_new).cloned().collect();
        let accounts = Arc::clone(self);
        self.runtime.spawn(async move { accounts.start_one_by_one(new).await });
        Ok(ImportResult { count: count?, servers: Vec::new() })
    }

    /// Shows another account.
    pub async fn show(&self, id: &AccountId) -> Result<(), CommandError> {
        self.change_settings(|settings| settings.current_account = Some(id.clone()))?;
        if let Some(account) = self.account(id) {
            self.start_if_needed(&account).await;
            self.tell_the_window();
        }
        Ok(())
    }

    /// Changes the settings, in the file and here, and nothing of any connection.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Result<(), CommandError> {
        let mut guard = lock(&self.settings);
        let (file, settings) = &mut *guard;
        // What another program changed meanwhile is not overwritten.
        let mut changed = file.read_again().unwrap_or_else(|| settings.clone());
        change(&mut changed);
        file.save(&changed).map_err(|error| {
            log::error!("the settings were not saved: {error}");
            CommandError::SettingsNotSaved
        })?;
        *settings = changed.with_built_in_application();
        drop(guard);
        self.tell_the_window();
        Ok(())
    }
}

/// The servers that an account of one's own environment talks to.
fn servers_of(account: &AccountSettings) -> Vec<String> {
    let endpoints = account.endpoints.as_ref().filter(|_| account.environment == Environment::Custom);
    let Some(endpoints) = endpoints else { return Vec::new() };
    let all = [
        endpoints.authorize.as_deref(),
        Some(&endpoints.token),
        endpoints.revoke.as_deref(),
        endpoints.api.as_deref(),
    ];
    let host = |address: &str| Url::parse(address).ok()?.host_str().map(str::to_owned);
    all.into_iter().flatten().filter_map(host).collect()
}
