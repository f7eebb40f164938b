//! The accounts of this seller: their settings, their connections, and what
//! else the window shows, brought together.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use adapters::{
    Directories, KEYRING_DEADLINE, LANGUAGES, OsStore, SettingsFile, SystemKeyring, SystemLoopback,
    Translations, start_at_login, system_seconds,
};
use connection::ports::BoxFuture;
use connection::{AccountId, AccountSettings, Connection};
use door::{AccountSource, Parts, ReachableAccount};
use oauth::{Secret, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, watch};

use crate::arguments::{BACKGROUND, CopyHandover};
use crate::command_error::{CommandError, ImportResult};
use crate::connections::Connections;
use crate::local_door::LocalDoor;
use crate::overview::Overview;
use crate::preferences::{Preference, Preferences, clipboard_time, zoom};
use crate::program_state::{Links, ProgramState};
use crate::settings_store::SettingsStore;

/// Accounts that are not shown are started this long after the window drew what it shows.
const AFTER_THE_WINDOW: Duration = Duration::from_secs(1);
/// A window that is not there after this long may never be.
const WINDOW_DEADLINE: Duration = Duration::from_secs(15);
/// A desktop knows its tray within this time.
const TRAY_DEADLINE: Duration = Duration::from_secs(3);

/// All accounts. Each part has one owner: the file and what is in it
/// ([`SettingsStore`]), the actors ([`Connections`]), and what is known of the
/// program besides ([`ProgramState`]).
pub struct Accounts {
    /// The settings.
    pub settings: SettingsStore,
    /// The connections that run.
    pub connections: Connections,
    /// The door for local keys.
    pub door: LocalDoor,
    /// What else the window shows. Whoever looks at it takes a copy, and holds
    /// it while waiting for nothing else.
    pub state: watch::Sender<ProgramState>,
    runtime: Handle,
    /// The window has drawn what it shows.
    window_drew: Notify,
}

/// Hears of everything that an [`Overview`] shows.
pub struct Changes {
    settings: watch::Receiver<adapters::Settings>,
    state: watch::Receiver<ProgramState>,
    accounts: watch::Receiver<u64>,
}

impl Changes {
    /// What has changed until now is known.
    pub fn mark_unchanged(&mut self) {
        self.settings.mark_unchanged();
        self.state.mark_unchanged();
        self.accounts.mark_unchanged();
    }

    /// Waits for a change. Those of accounts are waited for `settle` longer, so
    /// that several become one: the user could not read them one by one.
    pub async fn settled(&mut self, settle: Duration) {
        let Self { settings, state, accounts } = self;
        tokio::select! {
            _ = settings.changed() => {}
            _ = state.changed() => {}
            () = async { let _ = accounts.changed().await; tokio::time::sleep(settle).await } => {}
        }
    }
}

impl Accounts {
    /// Reads the settings and makes the real ports.
    /// Gives also the accounts whose login is answered, as it happens.
    pub fn open(
        directories: &Directories,
        runtime: Handle,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<AccountId>) {
        let (answers, answered) = mpsc::unbounded_channel();
        // First: it takes the longest, on a thread of its own.
        let keyring = SystemKeyring::start(OsStore::default, adapters::entry_limit(), KEYRING_DEADLINE);
        let keyring = Arc::new(keyring.with_prefix(directories.keyring_prefix()).prepared());
        let settings = SettingsStore::open(directories.settings_file());
        let file = directories.settings_file();
        let loopback = SystemLoopback::new(move || translations(SettingsFile::open(file.clone()).1.language));
        let clear_after = settings.read(|settings| clipboard_time(settings.clipboard_seconds));
        let connections =
            Connections::new(directories.clone(), keyring, loopback, clear_after, runtime.clone(), answers);
        let state = watch::Sender::new(ProgramState::default());
        let door = LocalDoor::new(directories, settings.read(|settings| settings.door_port));
        let accounts = Self { settings, connections, door, state, runtime, window_drew: Notify::new() };
        (Arc::new(accounts), answered)
    }

    /// Hears of every change.
    pub fn changes(&self) -> Changes {
        Changes {
            settings: self.settings.changes(),
            state: self.state.subscribe(),
            accounts: self.connections.changes(),
        }
    }

    /// What there is to show now.
    pub fn overview(&self) -> Overview {
        let state = self.state.borrow().clone();
        Overview::of(&self.settings, &self.connections, &self.door, state)
    }

    /// What was chosen for the program as a whole.
    pub fn preferences(&self) -> Preferences {
        let state = self.state.borrow().clone();
        self.settings.read(|settings| Preferences::of(settings, &state))
    }

    /// The sentences in the window's language.
    pub fn words(&self) -> Translations {
        translations(self.settings.read(|settings| settings.language.clone()))
    }

    /// The connection of the account the window shows.
    pub fn current(&self) -> Option<Connection> {
        self.connections.get(&self.settings.current()?.id)
    }

    /// The time, corrected by the server of the account the window shows.
    pub fn now(&self) -> Timestamp {
        self.connections.now(self.settings.current().map(|account| account.id).as_ref())
    }

    /// Tells whether links come back. That they were repaired stays said.
    pub fn set_links(&self, links: Links) {
        self.state.send_if_modified(|state| {
            let is_new =
                state.links != links && !(state.links == Links::Repaired && links == Links::ComeBack);
            if is_new {
                state.links = links;
            }
            is_new
        });
    }

    /// The window has drawn what it shows.
    pub fn window_drew(&self) {
        self.window_drew.notify_one();
    }

    /// The user looks at the window. Another program may have changed the
    /// settings, or the tokens.
    pub async fn resume(self: &Arc<Self>) {
        self.look_at_local_keys();
        for account in self.settings.reread() {
            self.connections.configure(&account).await;
        }
        self.connections.resume();
    }

    /// Looks which local keys there are, and opens the door if there is any:
    /// another program may have made or revoked some.
    ///
    /// Must be called within a Tokio runtime.
    pub fn look_at_local_keys(self: &Arc<Self>) {
        let accounts = Arc::downgrade(self);
        let speaker = Speaker { accounts: Weak::clone(&accounts), known: Mutex::default() };
        let door = self.door.open_if_wanted(|keys| Parts {
            keys,
            accounts: Arc::new(Reach(accounts)),
            words: Arc::new(move || speaker.words()),
            now: system_seconds,
        });
        let listed = self.door.keys.list(Timestamp::from_seconds(system_seconds())).unwrap_or_default();
        self.state.send_if_modified(|state| {
            let is_new = state.door != door || state.local_keys != listed;
            state.door = door;
            state.local_keys = listed;
            is_new
        });
    }

    /// Starts the connection of the account the window shows, and then those
    /// of the others, one after the other: a long list does not keep the user waiting.
    pub async fn start(self: &Arc<Self>) {
        // Tools that called the program before this one are waiting.
        self.look_at_local_keys();
        let Some(shown) = self.settings.current() else { return };
        self.connections.configure(&shown).await;
        let accounts = Arc::clone(self);
        self.runtime.spawn(async move {
            accounts.connections.until_loaded(&shown.id).await;
            // The window is waited for; these are not.
            let _ = tokio::time::timeout(WINDOW_DEADLINE, accounts.window_drew.notified()).await;
            tokio::time::sleep(AFTER_THE_WINDOW).await;
            let others = accounts.settings.read(|settings| settings.accounts.clone());
            accounts.start_one_by_one(others).await;
        });
    }

    /// The account that is shown from now on may not be running yet.
    pub async fn start_what_is_shown(&self) {
        if let Some(shown) = self.settings.current() {
            self.start_if_needed(&shown).await;
        }
    }

    /// Starts accounts, each when the keyring was read for the one before.
    async fn start_one_by_one(&self, accounts: Vec<AccountSettings>) {
        for account in accounts {
            if self.start_if_needed(&account).await {
                self.connections.until_loaded(&account.id).await;
            }
        }
    }

    /// Starts an account, unless it runs or is gone: it may have been opened,
    /// changed or removed meanwhile. Tells whether it did.
    pub async fn start_if_needed(&self, account: &AccountSettings) -> bool {
        let needed =
            self.connections.get(&account.id).is_none() && self.settings.account(&account.id).is_some();
        if needed {
            self.connections.configure(account).await;
        }
        needed
    }

    /// Copies again what the program before this one had copied, for the rest of its time.
    pub async fn copy_again(&self, handover: CopyHandover) {
        if let Some(account) = self.settings.account(&handover.account) {
            self.start_if_needed(&account).await;
        }
        self.connections.copy_again(handover).await;
    }

    /// Saves an account, shows it and connects nothing yet. A new secret goes
    /// to the keyring; without one, the secret that is there stays.
    ///
    /// # Errors
    /// A value cannot be used, or the settings could not be saved.
    pub async fn save(&self, account: AccountSettings, secret: Option<Secret>) -> Result<(), CommandError> {
        let resolved = self.connections.resolve(&account).await.map_err(|_| CommandError::Configuration)?;
        let id = account.id.clone();
        self.settings.change(|settings| settings.put(account))?;
        self.connections.configure_as(&id, Some(resolved), secret, true);
        Ok(())
    }

    /// Shows an account, and starts it if it does not run. One that is gone is
    /// not shown.
    ///
    /// # Errors
    /// The settings could not be saved.
    pub async fn show(&self, id: &AccountId) -> Result<(), CommandError> {
        let is_shown = self.settings.current().is_some_and(|account| account.id == *id);
        if !is_shown {
            self.settings.change(|settings| {
                if settings.account(id).is_some() {
                    settings.current_account = Some(id.clone());
                }
            })?;
        }
        self.start_what_is_shown().await;
        Ok(())
    }

    /// Takes the accounts of a settings file from another machine over: see [`SettingsStore::import`].
    ///
    /// # Errors
    /// The text is no settings file, or the settings could not be saved.
    pub fn import(self: &Arc<Self>, text: &str, confirmed: bool) -> Result<ImportResult, CommandError> {
        let (result, new) = self.settings.import(text, confirmed)?;
        let accounts = Arc::clone(self);
        self.runtime.spawn(async move { accounts.start_one_by_one(new).await });
        Ok(result)
    }

    /// Makes a choice for the program as a whole, and keeps it.
    ///
    /// # Errors
    /// The value cannot be used, or could not be kept.
    pub fn choose(&self, preference: Preference) -> Result<(), CommandError> {
        match preference {
            Preference::Language(language) if !LANGUAGES.contains(&language.as_str()) => {
                Err(CommandError::Configuration)
            }
            Preference::Language(language) => {
                self.settings.choose(|settings| settings.language = Some(language))
            }
            Preference::ClipboardSeconds(seconds) => {
                let time = clipboard_time(seconds);
                self.settings.choose(|settings| settings.clipboard_seconds = time.as_secs())?;
                self.connections.clear_after.send_replace(time);
                Ok(())
            }
            Preference::KeepInTray(on) => self.settings.choose(|settings| settings.keep_in_tray = on),
            Preference::StartAtLogin(on) => {
                start_at_login::set(on, BACKGROUND, &self.connections.directories).map_err(|error| {
                    log::error!("starting at login was not changed: {error}");
                    CommandError::StartAtLogin
                })?;
                let on = start_at_login::is_on();
                self.state.send_modify(|state| state.starts_at_login = on);
                Ok(())
            }
            Preference::Notifications(on) => self.settings.choose(|settings| settings.notifications = on),
            Preference::Zoom(percent) => self.settings.choose(|settings| settings.zoom = zoom(percent)),
        }
    }

    /// Looks whether the session starts this program, at the place where it is now.
    pub fn look_at_start_at_login(&self) {
        let on = start_at_login::is_on();
        if on && let Err(error) = start_at_login::set(true, BACKGROUND, &self.connections.directories) {
            log::warn!("the session may start an older copy: {error}");
        }
        self.state.send_modify(|state| state.starts_at_login = on);
    }

    /// Looks whether this desktop has a tray. It may come later than the program.
    pub async fn look_for_a_tray(&self) -> bool {
        let look = tokio::task::spawn_blocking(adapters::there_is_a_tray);
        // A panel that hangs is none.
        let there = tokio::time::timeout(TRAY_DEADLINE, look).await.is_ok_and(|there| there.unwrap_or(false));
        self.state.send_if_modified(|state| {
            let is_new = std::mem::replace(&mut state.tray_is_there, there) != there;
            if is_new {
                log::info!("a tray is {}", if there { "there" } else { "not there" });
            }
            is_new
        });
        there
    }
}

/// The accounts, as the door reaches them. They own the door, so it does not own them.
struct Reach(Weak<Accounts>);

impl AccountSource for Reach {
    fn account<'a>(&'a self, id: &'a AccountId) -> BoxFuture<'a, Option<ReachableAccount>> {
        Box::pin(async move {
            let accounts = self.0.upgrade()?;
            let settings = accounts.settings.account(id)?;
            accounts.start_if_needed(&settings).await;
            accounts.connections.reachable(id)
        })
    }
}

/// Gives the door its sentences, which take longer to read than a call may.
struct Speaker {
    accounts: Weak<Accounts>,
    /// Those of the language that was chosen last; calls may be refused at the same time.
    known: Mutex<Option<(Option<String>, Arc<Translations>)>>,
}

impl Speaker {
    fn words(&self) -> Arc<Translations> {
        let accounts = self.accounts.upgrade();
        let language =
            accounts.and_then(|accounts| accounts.settings.read(|settings| settings.language.clone()));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((before, words)) if *before == language => Arc::clone(words),
            _ => {
                let words = Arc::new(translations(language.clone()));
                *known = Some((language, Arc::clone(&words)));
                words
            }
        }
    }
}

/// The sentences in the language that was chosen, or else the system's.
fn translations(chosen: Option<String>) -> Translations {
    Translations::of_first(chosen.into_iter().chain(adapters::system_languages()))
}
