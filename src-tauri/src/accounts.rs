//! The accounts of this seller: their settings, and one connection each.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapters::{
    FileLock, HttpsClient, KEYRING_DEADLINE, LOCK_DEADLINE, OsEntries, Places, ServerClock, Settings,
    SettingsFile, SettingsProblem, SystemBrowser, SystemClipboard, SystemKeyring, SystemLoopback, Words,
};
use connection::ports::{Attention, Clipboard, Clock, Keyring, Loopback, Ports};
use connection::{AccountId, AccountSettings, Configuration, Connection, Custody, Environment, Event, Setup};
use oauth::{Callback, Secret, Timestamp};
use practice::Practice;
use tokio::sync::{OnceCell, watch};
use url::Url;

use crate::ipc::CommandError;
use crate::practice_hotmart;

/// Closing the window waits this long for what is under way: longer than two
/// requests and a few calls of the keyring may take.
const LEAVE_DEADLINE: Duration = Duration::from_secs(95);

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

/// What the window shows of the settings.
pub struct Shown {
    /// The account that is shown.
    pub account: Option<AccountSettings>,
    /// The ids of all accounts.
    pub others: Vec<AccountId>,
    /// Why the settings file could not be used, if so.
    pub problem: Option<SettingsProblem>,
    /// Where it is.
    pub file: PathBuf,
    /// The language the seller chose, if any.
    pub language: Option<String>,
    /// Whether links come back.
    pub links: Links,
}

/// One account's connection, and its server's time.
struct Account {
    connection: Connection,
    clock: Arc<ServerClock>,
}

/// All accounts, and what they share.
pub struct Accounts {
    places: Places,
    http: HttpsClient,
    keyring: Arc<dyn Keyring>,
    clipboard: SystemClipboard,
    loopback: Arc<SystemLoopback>,
    attention: Arc<dyn Attention>,
    settings: Mutex<(SettingsFile, Settings)>,
    connections: Mutex<HashMap<AccountId, Account>>,
    practice: OnceCell<Practice>,
    links: Mutex<Links>,
    /// Counts changes of the settings, so that the window hears of them.
    changed: watch::Sender<u64>,
}

impl Accounts {
    /// Reads the settings and makes the real ports.
    pub fn open(places: &Places, attention: impl Attention + 'static) -> Self {
        Self {
            places: places.clone(),
            http: HttpsClient::default(),
            keyring: Arc::new(
                SystemKeyring::start(OsEntries::default, adapters::entry_limit(), KEYRING_DEADLINE)
                    .prepared(),
            ),
            clipboard: SystemClipboard::start(),
            attention: Arc::new(attention),
            settings: Mutex::new(SettingsFile::open(places.settings_file())),
            connections: Mutex::default(),
            practice: OnceCell::new(),
            links: Mutex::default(),
            loopback: Arc::new(SystemLoopback::new({
                let file = places.settings_file();
                move || words_of(&file)
            })),
            changed: watch::Sender::new(0),
        }
    }

    /// Starts the connection of every account.
    pub async fn start(&self) {
        let accounts = lock(&self.settings).1.accounts.clone();
        for account in accounts {
            self.configure(&account, None).await;
        }
    }

    /// What the window shows of the settings.
    pub fn shown(&self) -> Shown {
        let settings = lock(&self.settings);
        let (file, settings) = &*settings;
        Shown {
            account: settings.current().cloned(),
            others: settings.accounts.iter().map(|account| account.id.clone()).collect(),
            problem: file.problem(),
            file: self.places.settings_file(),
            language: settings.language.clone(),
            links: *lock(&self.links),
        }
    }

    /// The connection of the account the window shows.
    pub fn current(&self) -> Option<Connection> {
        let id = lock(&self.settings).1.current()?.id.clone();
        lock(&self.connections).get(&id).map(|account| account.connection.clone())
    }

    /// The folders of this user.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Tells whether links come back. That they were repaired stays said.
    pub fn set_links(&self, links: Links) {
        let mut known = lock(&self.links);
        if !(*known == Links::Repaired && links == Links::ComeBack) {
            *known = links;
        }
        drop(known);
        self.changed.send_modify(|count| *count += 1);
    }

    /// The settings of an account.
    pub fn account(&self, id: &AccountId) -> Option<AccountSettings> {
        lock(&self.settings).1.accounts.iter().find(|account| account.id == *id).cloned()
    }

    /// Hears of changed settings.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The time, corrected by the server of the account the window shows.
    pub fn now(&self) -> Timestamp {
        let id = lock(&self.settings).1.current().map(|account| account.id.clone());
        let connections = lock(&self.connections);
        let clock = id.and_then(|id| connections.get(&id)).map(|account| account.clock.now());
        clock.unwrap_or_else(|| ServerClock::default().now())
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

    /// Shows another account.
    pub fn show(&self, id: &AccountId) -> Result<(), CommandError> {
        self.change_settings(|settings| settings.current_account = Some(id.clone()))?;
        self.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Keeps the window's language. A settings file that could not be used is
    /// not replaced for that alone.
    pub fn set_language(&self, language: &str) -> Result<(), CommandError> {
        let unusable = lock(&self.settings).0.problem().is_some();
        if unusable {
            lock(&self.settings).1.language = Some(language.to_owned());
        } else {
            self.change_settings(|settings| settings.language = Some(language.to_owned()))?;
        }
        self.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Gives an address that arrived from outside to every connection: each
    /// knows its own by the state, and ignores the rest.
    pub fn deliver(&self, address: &str) {
        for account in lock(&self.connections).values() {
            account.connection.send(Event::CallbackArrived(Callback::new(address.to_owned())));
        }
    }

    /// Somebody looks at the window. Another program may have changed the
    /// settings, or the tokens.
    pub async fn look(&self) {
        let known = lock(&self.settings).1.clone();
        let found = lock(&self.settings).0.read_again().filter(|found| *found != known);
        if let Some(found) = found {
            let changed: Vec<_> =
                found.accounts.iter().filter(|account| !known.accounts.contains(account)).cloned().collect();
            lock(&self.settings).1 = found;
            for account in changed {
                self.configure(&account, None).await;
            }
            self.changed.send_modify(|count| *count += 1);
        }
        for account in lock(&self.connections).values() {
            account.connection.send(Event::LookedAt);
        }
    }

    /// Before the program ends: waits for what is under way, since a rotated
    /// token that is not stored is a lost session, and leaves nothing of ours
    /// in the clipboard.
    pub async fn leave(&self) {
        let connections: Vec<_> =
            lock(&self.connections).values().map(|account| account.connection.clone()).collect();
        let watches: Vec<_> = connections.iter().map(Connection::watch).collect();
        let quiet = async {
            // All at the same moment: one may begin while another is waited for.
            while watches.iter().any(|snapshots| snapshots.borrow().must_not_be_interrupted()) {
                for snapshots in &watches {
                    let mut snapshots = snapshots.clone();
                    let _ = snapshots.wait_for(|snapshot| !snapshot.must_not_be_interrupted()).await;
                }
            }
        };
        if tokio::time::timeout(LEAVE_DEADLINE, quiet).await.is_err() {
            log::warn!("the program ends although something is under way");
        }
        for connection in connections {
            connection.leave().await;
        }
        self.clipboard.clear_if_ours().await;
        self.loopback.finish().await;
    }

    fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Result<(), CommandError> {
        let mut guard = lock(&self.settings);
        let (file, settings) = &mut *guard;
        // What another program changed meanwhile is not overwritten.
        let mut changed = file.read_again().unwrap_or_else(|| settings.clone());
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
        let configuration = Configuration { setup: setup.ok().map(Box::new), new_client_secret };
        self.connection(&account.id).send(Event::Configured(configuration));
    }

    fn connection(&self, id: &AccountId) -> Connection {
        let clear_after = Duration::from_secs(lock(&self.settings).1.clipboard_seconds);
        let mut connections = lock(&self.connections);
        let start = || {
            let clock = Arc::new(ServerClock::remembered(self.places.clock(id)));
            let custody = Custody {
                http: Arc::new(self.http.with_clock(Arc::clone(&clock))),
                keyring: Arc::clone(&self.keyring),
                lock: Arc::new(FileLock::new(self.places.locks(), LOCK_DEADLINE)),
                clock: Arc::clone(&clock) as Arc<dyn Clock>,
            };
            let ports = Ports {
                custody,
                browser: Arc::new(SystemBrowser),
                loopback: Arc::clone(&self.loopback) as Arc<dyn Loopback>,
                clipboard: Arc::new(self.clipboard.clone()),
                attention: Arc::clone(&self.attention),
            };
            let connection = connection::spawn(id.clone(), adapters::seed(), ports, clear_after);
            Account { connection, clock }
        };
        connections.entry(id.clone()).or_insert_with(start).connection.clone()
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

/// The words for the page the browser ends on, in the language of the window.
fn words_of(settings_file: &Path) -> Words {
    let (_, settings) = SettingsFile::open(settings_file.to_owned());
    Words::of_first(settings.language.into_iter().chain(adapters::system_languages()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
