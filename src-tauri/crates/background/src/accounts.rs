//! The accounts of this seller: their settings, and one connection each.

mod changing;
mod checking;
mod discovery;
mod leaving;
mod preferences;
mod removal;
mod running;
mod shown;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapters::{
    DEFAULT_CLIPBOARD_SECONDS, HttpsClient, KEYRING_DEADLINE, OsEntries, Places, ServerClock, Settings,
    SettingsFile, SystemClipboard, SystemKeyring, SystemLoopback, Words,
};
use connection::ports::{Clock, Keyring};
use connection::{AccountId, AccountSettings, Connection, Environment, Event};
use oauth::{Callback, Timestamp};
use practice::Practice;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OnceCell, mpsc, watch};

use crate::checkup::Checkup;

pub use leaving::Leaving;
pub use preferences::{Preference, Preferences};
pub use shown::{Links, Listed, Removed, Shown};

/// One account's connection, and its server's time.
struct Account {
    connection: Connection,
    clock: Arc<ServerClock>,
}

/// All accounts, and what they share.
pub struct Accounts {
    places: Places,
    /// Where what goes on by itself goes on.
    runtime: Handle,
    http: HttpsClient,
    keyring: Arc<dyn Keyring>,
    clipboard: SystemClipboard,
    loopback: Arc<SystemLoopback>,
    /// The accounts that something just happened to for which the window comes to the front.
    answers: mpsc::UnboundedSender<AccountId>,
    settings: Mutex<(SettingsFile, Settings)>,
    connections: Mutex<HashMap<AccountId, Account>>,
    practice: OnceCell<Practice>,
    links: Mutex<Links>,
    removed: Mutex<Option<Removed>>,
    checkup: Mutex<Option<Checkup>>,
    /// Those that are being removed.
    removing: Mutex<BTreeSet<AccountId>>,
    has_built_in: bool,
    /// Counts changes of the settings, so that the window hears of them.
    changed: watch::Sender<u64>,
    /// How long a copied token stays in the clipboard.
    clear_after: watch::Sender<Duration>,
    tray_is_there: AtomicBool,
    starts_at_login: AtomicBool,
    /// The window has drawn what it shows.
    window_drew: Notify,
    /// Counts changes of accounts, also of those that are not shown.
    stirred: Arc<watch::Sender<u64>>,
}

impl Accounts {
    /// Reads the settings and makes the real ports.
    /// Gives also the accounts for which the window is to come to the front.
    pub fn open(places: &Places, runtime: Handle) -> (Arc<Self>, mpsc::UnboundedReceiver<AccountId>) {
        let (answers, answered) = mpsc::unbounded_channel();
        let settings = SettingsFile::open(places.settings_file());
        let accounts = Self {
            places: places.clone(),
            runtime,
            http: HttpsClient::default(),
            keyring: Arc::new(
                SystemKeyring::start(OsEntries::default, adapters::entry_limit(), KEYRING_DEADLINE)
                    .prepared(),
            ),
            clipboard: SystemClipboard::start(),
            answers,
            settings: Mutex::new(settings),
            connections: Mutex::default(),
            practice: OnceCell::new(),
            links: Mutex::default(),
            removed: Mutex::default(),
            checkup: Mutex::default(),
            removing: Mutex::default(),
            has_built_in: adapters::built_in_application().is_some(),
            clear_after: watch::Sender::new(Duration::from_secs(DEFAULT_CLIPBOARD_SECONDS)),
            tray_is_there: AtomicBool::new(false),
            starts_at_login: AtomicBool::new(false),
            window_drew: Notify::new(),
            stirred: Arc::new(watch::Sender::new(0)),
            loopback: Arc::new(SystemLoopback::new({
                let file = places.settings_file();
                move || words_of(SettingsFile::open(file.clone()).1.language)
            })),
            changed: watch::Sender::new(0),
        };
        let chosen = accounts.preferences().clipboard_seconds;
        accounts.clear_after.send_replace(Duration::from_secs(chosen));
        (Arc::new(accounts), answered)
    }

    /// The connection of the account the window shows.
    pub fn current(&self) -> Option<Connection> {
        let id = lock(&self.settings).1.current()?.id.clone();
        self.connection_of(&id)
    }

    /// The connection of an account, if it runs.
    fn connection_of(&self, id: &AccountId) -> Option<Connection> {
        lock(&self.connections).get(id).map(|account| account.connection.clone())
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
        self.tell_the_window();
    }

    fn tell_the_window(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// The window has drawn what it shows.
    pub fn window_drew(&self) {
        self.window_drew.notify_one();
    }

    /// Hears of changes of accounts, also of those that are not shown.
    pub fn stirs(&self) -> watch::Receiver<u64> {
        self.stirred.subscribe()
    }

    /// The settings of an account.
    pub fn account(&self, id: &AccountId) -> Option<AccountSettings> {
        lock(&self.settings).1.account(id).cloned()
    }

    /// The account of the seller's own that is shown first, if there is one.
    pub fn own_account(&self) -> Option<AccountId> {
        let settings = lock(&self.settings);
        let is_own = |account: &&AccountSettings| account.environment != Environment::Practice;
        settings.1.accounts.iter().find(is_own).map(|account| account.id.clone())
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

    /// Whether the window shows this account.
    pub fn is_shown(&self, id: &AccountId) -> bool {
        lock(&self.settings).1.current().is_some_and(|account| account.id == *id)
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
                self.configure(&account).await;
            }
            self.tell_the_window();
        }
        for account in lock(&self.connections).values() {
            account.connection.send(Event::LookedAt);
        }
    }
}

/// The sentences in the language that was chosen, or else the system's.
fn words_of(chosen: Option<String>) -> Words {
    Words::of_first(chosen.into_iter().chain(adapters::system_languages()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
