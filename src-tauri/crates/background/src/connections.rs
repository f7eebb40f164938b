//! The connections of this process: one actor for each account, made when it
//! is first needed, over the real ports.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapters::{
    Directories, FileLock, HttpsClient, LOCK_DEADLINE, ServerClock, SystemBrowser, SystemClipboard,
    SystemLoopback,
};
use connection::ports::{Attention, Clock, Keyring, Loopback};
use connection::{
    AccountId, AccountSettings, Configuration, Connection, Custody, Environment, Event, Ports,
    ResolvedAccount, Snapshot, View,
};
use door::ReachableAccount;
use oauth::{Callback, ConfigurationError, Secret, Timestamp};
use practice::Practice;
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, mpsc, watch};
use url::Url;

use crate::practice_hotmart;

/// One account's connection.
struct Running {
    connection: Connection,
    /// Where its tokens are.
    custody: Custody,
    /// Sends requests, and hears its server's time.
    http: HttpsClient,
    /// Whether the account is being removed.
    removing: bool,
}

/// All connections that run, and what they share.
pub struct Connections {
    /// The folders of this user.
    pub directories: Directories,
    /// Sends requests, without a server's clock.
    pub http: HttpsClient,
    /// Keeps secrets.
    pub keyring: Arc<dyn Keyring>,
    /// The clipboard.
    pub clipboard: SystemClipboard,
    /// Takes answers on this machine.
    pub loopback: Arc<SystemLoopback>,
    /// How long a token that is copied then stays in the clipboard.
    pub clear_after: watch::Sender<Duration>,
    /// Where what goes on by itself goes on.
    runtime: Handle,
    /// The accounts whose login was answered just now.
    answers: mpsc::UnboundedSender<AccountId>,
    practice: OnceCell<Practice>,
    /// Connections are made and looked up by commands of the window, by links
    /// and by tasks of the runtime.
    running: Mutex<HashMap<AccountId, Running>>,
    /// Counts changes of any connection.
    changed: Arc<watch::Sender<u64>>,
}

/// Says for which account an answer arrived.
struct Answered {
    id: AccountId,
    answers: mpsc::UnboundedSender<AccountId>,
}

impl Attention for Answered {
    fn bring_to_front(&self) {
        let _ = self.answers.send(self.id.clone());
    }
}

impl Connections {
    /// None yet.
    pub fn new(
        directories: Directories,
        keyring: Arc<dyn Keyring>,
        loopback: SystemLoopback,
        clear_after: Duration,
        runtime: Handle,
        answers: mpsc::UnboundedSender<AccountId>,
    ) -> Self {
        Self {
            directories,
            http: HttpsClient::default(),
            keyring,
            clipboard: SystemClipboard::start(),
            loopback: Arc::new(loopback),
            clear_after: watch::Sender::new(clear_after),
            runtime,
            answers,
            practice: OnceCell::new(),
            running: Mutex::default(),
            changed: Arc::new(watch::Sender::new(0)),
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<AccountId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears of changes of any connection.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The connection of an account, if it runs.
    pub fn get(&self, id: &AccountId) -> Option<Connection> {
        self.running().get(id).map(|running| running.connection.clone())
    }

    /// The same, for whoever calls the account's API.
    pub fn reachable(&self, id: &AccountId) -> Option<ReachableAccount> {
        self.running().get(id).map(|Running { connection, custody, http, .. }| ReachableAccount {
            connection: connection.clone(),
            custody: custody.clone(),
            http: http.clone(),
        })
    }

    /// All that run.
    pub fn all(&self) -> Vec<(AccountId, Connection)> {
        self.running().iter().map(|(id, running)| (id.clone(), running.connection.clone())).collect()
    }

    /// How an account stands, if its connection runs.
    pub fn snapshot(&self, id: &AccountId) -> Option<Snapshot> {
        Some(self.get(id)?.watch().borrow().clone())
    }

    /// Whether a connection is in such a state.
    pub fn any(&self, is_so: impl Fn(&View) -> bool) -> bool {
        self.all().iter().any(|(_, connection)| is_so(&connection.watch().borrow().view))
    }

    /// The time, as an account's server has it; this computer's if its connection does not run.
    pub fn now(&self, id: Option<&AccountId>) -> Timestamp {
        let clock =
            id.and_then(|id| self.running().get(id).map(|running| Arc::clone(&running.custody.clock)));
        clock.map_or_else(|| ServerClock::default().now(), |clock| clock.now())
    }

    /// Gives an address that arrived from outside to every connection: each
    /// knows its own by the state, and ignores the rest.
    pub fn deliver(&self, address: &str) {
        if Callback::new(address.to_owned()).is_too_long() {
            log::warn!("a link is not the answer we wait for: longer than any honest one; ignored");
            return;
        }
        for (_, connection) in self.all() {
            connection.send(Event::CallbackArrived(Callback::new(address.to_owned())));
        }
    }

    /// Every connection looks at the clock and at the keyring.
    pub fn resume(&self) {
        for (_, connection) in self.all() {
            connection.send(Event::Resumed);
        }
    }

    /// Gives a connection its account's settings, and starts it if it does not
    /// run. Without a new secret, the one in the keyring stays.
    pub async fn configure(&self, account: &AccountSettings) {
        let resolved = self.resolve(account).await.ok();
        self.configure_as(&account.id, resolved, None, false);
    }

    /// The same, with settings that are usable already. `then_check` says
    /// whether the user wants to know at once whether they work.
    pub fn configure_as(
        &self,
        id: &AccountId,
        resolved: Option<ResolvedAccount>,
        new_client_secret: Option<Secret>,
        then_check: bool,
    ) {
        let resolved = resolved.map(Box::new);
        let configuration = Configuration { resolved, new_client_secret, then_check };
        self.open(id).send(Event::Configured(configuration));
    }

    /// An account's settings, made usable. Practice Hotmart is started when first needed.
    ///
    /// # Errors
    /// The first value that cannot be used, and why.
    pub async fn resolve(&self, account: &AccountSettings) -> Result<ResolvedAccount, ConfigurationError> {
        let practice = match account.environment {
            Environment::Practice => self.practice_url().await,
            _ => None,
        };
        account.resolve(&adapters::deployment(practice)).inspect_err(|error| {
            log::error!("{}: the settings cannot be used: {error}", account.id);
        })
    }

    async fn practice_url(&self) -> Option<Url> {
        let started = self.practice.get_or_try_init(|| practice_hotmart::start(&self.directories)).await;
        started
            .inspect_err(|error| log::error!("Practice Hotmart did not start: {error}"))
            .ok()
            .map(Practice::url)
    }

    /// Waits until it is known how an account stands.
    pub async fn until_loaded(&self, id: &AccountId) {
        let Some(connection) = self.get(id) else { return };
        let _ = connection.watch().wait_for(|snapshot| snapshot.view != View::Loading).await;
    }

    /// Notes that an account is being removed. Whether that is new.
    pub fn begin_removal(&self, id: &AccountId) -> bool {
        let begun = |running: &mut Running| !std::mem::replace(&mut running.removing, true);
        self.running().get_mut(id).is_some_and(begun)
    }

    /// A removal was called off.
    pub fn end_removal(&self, id: &AccountId) {
        if let Some(running) = self.running().get_mut(id) {
            running.removing = false;
        }
    }

    /// Ends a connection whose account is gone.
    pub fn close(&self, id: &AccountId) {
        self.running().remove(id);
    }

    /// The connection of an account. It runs from now on.
    pub fn open(&self, id: &AccountId) -> Connection {
        self.running().entry(id.clone()).or_insert_with(|| self.start(id)).connection.clone()
    }

    fn start(&self, id: &AccountId) -> Running {
        let clock = Arc::new(ServerClock::remembered(self.directories.clock(id)));
        let http = self.http.with_clock(Arc::clone(&clock));
        let custody = Custody {
            http: Arc::new(http.clone()),
            keyring: Arc::clone(&self.keyring),
            lock: Arc::new(FileLock::new(self.directories.locks(), LOCK_DEADLINE)),
            clock,
        };
        let ports = Ports {
            custody: custody.clone(),
            browser: Arc::new(SystemBrowser),
            loopback: Arc::clone(&self.loopback) as Arc<dyn Loopback>,
            clipboard: Arc::new(self.clipboard.for_another()),
            attention: Arc::new(Answered { id: id.clone(), answers: self.answers.clone() }),
        };
        let connection = connection::spawn(id.clone(), adapters::seed(), ports, self.clear_after.subscribe());
        let (mut snapshots, changed) = (connection.watch(), Arc::clone(&self.changed));
        self.runtime.spawn(async move {
            while snapshots.changed().await.is_ok() {
                changed.send_modify(|count| *count += 1);
            }
        });
        Running { connection, custody, http, removing: false }
    }
}
