//! The accounts of this seller: their settings, and one connection each.

mod removal;
mod shown;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapters::{
    FileLock, HttpsClient, KEYRING_DEADLINE, LOCK_DEADLINE, OsEntries, Places, ServerClock, Settings,
    SettingsFile, SystemBrowser, SystemClipboard, SystemKeyring, SystemLoopback, Words,
};
use connection::ports::{Attention, Clock, HttpClient, Keyring, Loopback, Ports};
use connection::{
    AccountId, AccountSettings, Configuration, Connection, Custody, Environment, Event,
    LOOPBACK_REDIRECT_URI, OWN_ACCOUNT, Setup, View,
};
use oauth::{Callback, Discovered, DiscoveryError, Secret, Timestamp, discovery_addresses, parse_discovery};
use practice::Practice;
use tokio::sync::{Notify, OnceCell, mpsc, watch};
use url::Url;

pub use shown::{Links, Listed, Removed, Shown};

use crate::ipc::CommandError;
use crate::practice_hotmart;

/// Closing the window waits this long for what is under way: longer than two
/// requests and a few calls of the keyring may take.
const LEAVE_DEADLINE: Duration = Duration::from_secs(95);

/// Accounts that are not shown are started this long after the window drew what it shows.
const AFTER_THE_WINDOW: Duration = Duration::from_secs(1);
/// A window that is not there after this long may never be.
const WINDOW_DEADLINE: Duration = Duration::from_secs(15);

/// The account id of Practice Hotmart, unless another account has it.
const PRACTICE: &str = "practice";

/// What an import brought, or whom it would have brought.
pub struct Imported {
    /// How many accounts.
    pub count: usize,
    /// Servers that are not in the table, at which some of them would live:
    /// nothing was brought before somebody says that they are right.
    pub servers: Vec<String>,
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

/// One account's connection, and its server's time.
struct Account {
    connection: Connection,
    clock: Arc<ServerClock>,
}

/// Says for which account the window comes to the front.
struct Answered {
    id: AccountId,
    answers: mpsc::UnboundedSender<AccountId>,
}

impl Attention for Answered {
    fn bring_to_front(&self) {
        let _ = self.answers.send(self.id.clone());
    }
}

/// All accounts, and what they share.
pub struct Accounts {
    places: Places,
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
    /// Those that are being removed.
    removing: Mutex<BTreeSet<AccountId>>,
    has_built_in: bool,
    /// Counts changes of the settings, so that the window hears of them.
    changed: watch::Sender<u64>,
    /// The window has asked for what it shows.
    window_drew: Notify,
    /// Counts changes of accounts, also of those that are not shown.
    stirred: Arc<watch::Sender<u64>>,
}

impl Accounts {
    /// Reads the settings and makes the real ports.
    /// Gives also the accounts for which the window is to come to the front.
    pub fn open(places: &Places) -> (Arc<Self>, mpsc::UnboundedReceiver<AccountId>) {
        let (answers, answered) = mpsc::unbounded_channel();
        let accounts = Self {
            places: places.clone(),
            http: HttpsClient::default(),
            keyring: Arc::new(
                SystemKeyring::start(OsEntries::default, adapters::entry_limit(), KEYRING_DEADLINE)
                    .prepared(),
            ),
            clipboard: SystemClipboard::start(),
            answers,
            settings: Mutex::new(SettingsFile::open(places.settings_file())),
            connections: Mutex::default(),
            practice: OnceCell::new(),
            links: Mutex::default(),
            removed: Mutex::default(),
            removing: Mutex::default(),
            has_built_in: adapters::built_in_application().is_some(),
            window_drew: Notify::new(),
            stirred: Arc::new(watch::Sender::new(0)),
            loopback: Arc::new(SystemLoopback::new({
                let file = places.settings_file();
                move || words_of(&file)
            })),
            changed: watch::Sender::new(0),
        };
        (Arc::new(accounts), answered)
    }

    /// Starts the connection of the account the window shows, and then those
    /// of the others, one after the other: a long list keeps nobody waiting.
    pub async fn start(self: &Arc<Self>) {
        let (shown, others) = {
            let settings = lock(&self.settings);
            let shown = settings.1.current().cloned();
            let id = shown.as_ref().map(|account| account.id.clone());
            let others = settings.1.accounts.iter().filter(|account| Some(&account.id) != id.as_ref());
            (shown, others.cloned().collect::<Vec<_>>())
        };
        let Some(shown) = shown else { return };
        self.configure(&shown, None).await;
        let accounts = Arc::clone(self);
        tauri::async_runtime::spawn(async move {
            accounts.until_loaded(&shown.id).await;
            // Nobody waits for these; the window, somebody does.
            let _ = tokio::time::timeout(WINDOW_DEADLINE, accounts.window_drew.notified()).await;
            tokio::time::sleep(AFTER_THE_WINDOW).await;
            accounts.start_one_by_one(others).await;
        });
    }

    /// The account that is shown from now on may not be running yet.
    async fn start_what_is_shown(&self) {
        let shown = lock(&self.settings).1.current().cloned();
        self.start_one_by_one(shown.into_iter().collect()).await;
    }

    async fn start_one_by_one(&self, accounts: Vec<AccountSettings>) {
        for account in accounts {
            // It may have been opened, changed or removed meanwhile.
            let known = lock(&self.connections).contains_key(&account.id);
            if !known && self.account(&account.id).is_some() {
                self.configure(&account, None).await;
                self.until_loaded(&account.id).await;
            }
        }
    }

    async fn until_loaded(&self, id: &AccountId) {
        let mut snapshots = self.connection(id).watch();
        let _ = snapshots.wait_for(|snapshot| snapshot.view != View::Loading).await;
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
        self.tell_the_window();
    }

    fn tell_the_window(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// The window asks for what it shows.
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

    /// Saves an account, shows it and connects nothing yet. A new secret goes
    /// to the keyring; without one, the secret that is there stays.
    pub async fn save(&self, account: AccountSettings, secret: Option<Secret>) -> Result<(), CommandError> {
        let practice = self.practice_url(&account).await;
        Setup::of(&account, &adapters::surroundings(practice)).map_err(|error| {
            log::warn!("the account cannot be used: {error}");
            CommandError::Configuration
        })?;
        self.change_settings(|settings| settings.put(account.clone()))?;
        self.configure_and(&account, secret, true).await;
        self.tell_the_window();
        Ok(())
    }

    /// What a server says of itself.
    pub async fn discover(&self, typed: &str) -> Result<Discovered, CommandError> {
        let (issuer, addresses) = discovery_addresses(typed).map_err(|_| CommandError::Configuration)?;
        for address in addresses {
            let fetched =
                self.http.get(address, None).await.map_err(|_| CommandError::DiscoveryUnreachable)?;
            match parse_discovery(&fetched.response, &issuer) {
                Err(DiscoveryError::NotFound) => {}
                Err(error) => {
                    log::warn!("the server's description is not used: {error}");
                    return Err(CommandError::DiscoveryUnusable);
                }
                Ok(discovered) => return Ok(discovered),
            }
        }
        Err(CommandError::DiscoveryNotFound)
    }

    /// Takes the accounts of a settings file from another machine over. If some
    /// of them live at servers that are not Hotmart's, they are only named,
    /// until somebody says that these are right.
    pub fn import(self: &Arc<Self>, text: &str, confirmed: bool) -> Result<Imported, CommandError> {
        let mut count = Err(CommandError::ImportUnusable);
        let before = lock(&self.settings).1.clone();
        let mut after = before.clone();
        after.import(text).map_err(|_| CommandError::ImportUnusable)?;
        let is_new = |account: &&AccountSettings| before.account(&account.id).is_none();
        let servers: BTreeSet<_> = after.accounts.iter().filter(is_new).flat_map(servers_of).collect();
        if !servers.is_empty() && !confirmed {
            return Ok(Imported { count: 0, servers: servers.into_iter().collect() });
        }
        self.change_settings(|settings| {
            count = settings.import(text).map_err(|_| CommandError::ImportUnusable);
        })?;
        let new: Vec<_> = lock(&self.settings).1.accounts.iter().filter(is_new).cloned().collect();
        let accounts = Arc::clone(self);
        tauri::async_runtime::spawn(async move { accounts.start_one_by_one(new).await });
        Ok(Imported { count: count?, servers: Vec::new() })
    }

    /// Whether the window shows this account.
    pub fn is_shown(&self, id: &AccountId) -> bool {
        lock(&self.settings).1.current().is_some_and(|account| account.id == *id)
    }

    /// Shows another account.
    pub async fn show(&self, id: &AccountId) -> Result<(), CommandError> {
        self.change_settings(|settings| settings.current_account = Some(id.clone()))?;
        let known = lock(&self.connections).contains_key(id);
        if let (false, Some(account)) = (known, self.account(id)) {
            self.configure(&account, None).await;
            self.tell_the_window();
        }
        Ok(())
    }

    /// Changes the list of accounts, and nothing of any connection.
    pub fn rearrange(&self, change: impl FnOnce(&mut Settings)) -> Result<(), CommandError> {
        self.change_settings(change)
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
        self.tell_the_window();
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
            self.tell_the_window();
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
        self.clipboard.clear_whatever_is_ours().await;
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
        *settings = file.read_again().unwrap_or(changed);
        drop(guard);
        self.tell_the_window();
        Ok(())
    }

    async fn configure(&self, account: &AccountSettings, new_client_secret: Option<Secret>) {
        self.configure_and(account, new_client_secret, false).await;
    }

    async fn configure_and(
        &self,
        account: &AccountSettings,
        new_client_secret: Option<Secret>,
        then_check: bool,
    ) {
        let practice = self.practice_url(account).await;
        let setup = Setup::of(account, &adapters::surroundings(practice)).inspect_err(|error| {
            log::error!("{}: the settings cannot be used: {error}", account.id);
        });
        let configuration = Configuration { setup: setup.ok().map(Box::new), new_client_secret, then_check };
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
                clipboard: Arc::new(self.clipboard.for_another()),
                attention: Arc::new(Answered { id: id.clone(), answers: self.answers.clone() }),
            };
            let connection = connection::spawn(id.clone(), adapters::seed(), ports, clear_after);
            let (mut snapshots, stirred) = (connection.watch(), Arc::clone(&self.stirred));
            tauri::async_runtime::spawn(async move {
                while snapshots.changed().await.is_ok() {
                    stirred.send_modify(|count| *count += 1);
                }
            });
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
