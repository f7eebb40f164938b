//! The accounts of this seller: their settings, and one connection each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapters::{
    ENTRY_LIMIT, FileLock, HttpsClient, KEYRING_DEADLINE, LOCK_DEADLINE, OsEntries, Places, ServerClock,
    Settings, SettingsFile, SettingsProblem, SystemBrowser, SystemClipboard, SystemKeyring,
};
use connection::ports::{Attention, Ports};
use connection::{AccountId, AccountSettings, Connection, Environment, Event, Setup};
use oauth::{Callback, Secret, Timestamp};
use practice::Practice;
use tokio::sync::{OnceCell, watch};
use url::Url;

use crate::ipc::CommandError;
use crate::practice_hotmart;

/// All accounts, and what they share.
pub struct Accounts {
    places: Places,
    ports: Ports,
    settings: Mutex<(SettingsFile, Settings)>,
    connections: Mutex<HashMap<AccountId, Connection>>,
    practice: OnceCell<Practice>,
    /// Counts changes of the settings, so that the window hears of them.
    changed: watch::Sender<u64>,
}

impl Accounts {
    /// Reads the settings and makes the real ports.
    pub fn open(
        places: &Places,
        attention: impl Attention + 'static,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let clock = Arc::new(ServerClock::default());
        let ports = Ports {
            http: Arc::new(HttpsClient::new(Arc::clone(&clock))?),
            keyring: Arc::new(SystemKeyring::start(OsEntries::default, ENTRY_LIMIT, KEYRING_DEADLINE)),
            lock: Arc::new(FileLock::new(places.locks(), LOCK_DEADLINE)),
            browser: Arc::new(SystemBrowser),
            clipboard: Arc::new(SystemClipboard::start()),
            clock,
            attention: Arc::new(attention),
        };
        Ok(Self {
            places: places.clone(),
            ports,
            settings: Mutex::new(SettingsFile::open(places.settings_file())),
            connections: Mutex::default(),
            practice: OnceCell::new(),
            changed: watch::Sender::new(0),
        })
    }

    /// Starts the connection of every account.
    pub async fn start(&self) {
        let accounts = lock(&self.settings).1.accounts.clone();
        for account in accounts {
            self.configure(&account, None).await;
        }
    }

    /// The account the window shows, the settings' problem if there is one, and the language.
    pub fn shown(&self) -> (Option<AccountSettings>, Option<SettingsProblem>, Option<String>) {
        let settings = lock(&self.settings);
        let (file, settings) = &*settings;
        (settings.current().cloned(), file.problem(), settings.language.clone())
    }

    /// The connection of the account the window shows.
    pub fn current(&self) -> Option<Connection> {
        let id = lock(&self.settings).1.current()?.id.clone();
        lock(&self.connections).get(&id).cloned()
    }

    /// The settings of an account.
    pub fn account(&self, id: &AccountId) -> Option<AccountSettings> {
        lock(&self.settings).1.accounts.iter().find(|account| account.id == *id).cloned()
    }

    /// Hears of changed settings.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The time, corrected by the server's.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Saves an account, shows it and connects nothing yet. A new secret goes
    /// to the keyring; without one, the secret that is there stays.
    pub async fn save(&self, account: AccountSettings, secret: Option<Secret>) -> Result<(), CommandError> {
        let practice = self.practice_url(&account).await;
        Setup::of(&account, practice.as_ref()).map_err(|error| {
            log::warn!("the account cannot be used: {error}");
            CommandError::Configuration
        })?;
        self.change_settings(|settings| settings.put(account.clone()))?;
        self.configure(&account, secret).await;
        self.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Keeps the window's language.
    pub fn set_language(&self, language: &str) -> Result<(), CommandError> {
        self.change_settings(|settings| settings.language = Some(language.to_owned()))?;
        self.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Gives an address that arrived from outside to every connection: each
    /// knows its own by the state, and ignores the rest.
    pub fn deliver(&self, address: &str) {
        for connection in lock(&self.connections).values() {
            connection.send(Event::CallbackArrived(Callback::new(address.to_owned())));
        }
    }

    /// Somebody looked, or the machine woke up: time may have passed.
    pub fn wake(&self) {
        for connection in lock(&self.connections).values() {
            connection.send(Event::Woke);
        }
    }

    /// Leaves nothing of ours in the clipboard.
    pub async fn leave(&self) {
        self.ports.clipboard.clear_if_ours().await;
    }

    fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Result<(), CommandError> {
        let mut guard = lock(&self.settings);
        let (file, settings) = &mut *guard;
        let mut changed = settings.clone();
        change(&mut changed);
        file.save(&changed).map_err(|error| {
            log::error!("the settings were not saved: {error}");
            CommandError::SettingsNotSaved
        })?;
        *settings = changed;
        Ok(())
    }

    async fn configure(&self, account: &AccountSettings, new_client_secret: Option<Secret>) {
        let practice = self.practice_url(account).await;
        let setup = Setup::of(account, practice.as_ref()).inspect_err(|error| {
            log::error!("{}: the settings cannot be used: {error}", account.id);
        });
        let event = Event::Configured { setup: setup.ok().map(Box::new), new_client_secret };
        self.connection(&account.id).send(event);
    }

    fn connection(&self, id: &AccountId) -> Connection {
        let clear_after = Duration::from_secs(lock(&self.settings).1.clipboard_seconds);
        let mut connections = lock(&self.connections);
        let start = || connection::spawn(id.clone(), adapters::seed(), self.ports.clone(), clear_after);
        connections.entry(id.clone()).or_insert_with(start).clone()
    }

    /// Practice Hotmart's address, for an account that lives there. Starts it when first needed.
    async fn practice_url(&self, account: &AccountSettings) -> Option<Url> {
        if account.environment != Environment::Practice {
            return None;
        }
        let started = self.practice.get_or_try_init(|| practice_hotmart::start(&self.places)).await;
        started
            .inspect_err(|error| log::error!("Practice Hotmart did not start: {error}"))
            .ok()
            .map(Practice::url)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
