//! Starting connections: the one that is looked at first, the others when the
//! window is drawn.

use std::sync::Arc;
use std::time::Duration;

use adapters::{FileLock, LOCK_DEADLINE, ServerClock, SystemBrowser};
use connection::ports::{Attention, Clock, Loopback, Ports};
use connection::{
    AccountId, AccountSettings, Configuration, Connection, Custody, Environment, Event, Setup, View,
};
use oauth::ConfigurationError;
use practice::Practice;
use tokio::sync::mpsc;
use url::Url;

use super::{Account, Accounts, lock};
use crate::practice_hotmart;

/// Accounts that are not shown are started this long after the window drew what it shows.
const AFTER_THE_WINDOW: Duration = Duration::from_secs(1);
/// A window that is not there after this long may never be.
const WINDOW_DEADLINE: Duration = Duration::from_secs(15);

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

impl Accounts {
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
        self.configure(&shown).await;
        let accounts = Arc::clone(self);
        self.runtime.spawn(async move {
            accounts.until_loaded(&shown.id).await;
            // Nobody waits for these; the window, somebody does.
            let _ = tokio::time::timeout(WINDOW_DEADLINE, accounts.window_drew.notified()).await;
            tokio::time::sleep(AFTER_THE_WINDOW).await;
            accounts.start_one_by_one(others).await;
        });
    }

    /// The account that is shown from now on may not be running yet.
    pub(super) async fn start_what_is_shown(&self) {
        let shown = lock(&self.settings).1.current().cloned();
        if let Some(shown) = shown {
            self.start_if_needed(&shown).await;
        }
    }

    /// Starts accounts, each when the keyring was read for the one before.
    pub(super) async fn start_one_by_one(&self, accounts: Vec<AccountSettings>) {
        for account in accounts {
            if self.start_if_needed(&account).await {
                self.until_loaded(&account.id).await;
            }
        }
    }

    /// Starts an account, unless it runs or is gone: it may have been opened,
    /// changed or removed meanwhile. Tells whether it did.
    pub(super) async fn start_if_needed(&self, account: &AccountSettings) -> bool {
        let needed = self.connection_of(&account.id).is_none() && self.account(&account.id).is_some();
        if needed {
            self.configure(account).await;
        }
        needed
    }

    /// Waits until it is known how the account that is shown stands.
    pub async fn until_shown_is_loaded(&self) {
        let shown = lock(&self.settings).1.current().map(|account| account.id.clone());
        if let Some(id) = shown {
            self.until_loaded(&id).await;
        }
    }

    pub(super) async fn until_loaded(&self, id: &AccountId) {
        let Some(connection) = self.connection_of(id) else { return };
        let _ = connection.watch().wait_for(|snapshot| snapshot.view != View::Loading).await;
    }

    /// Gives a connection its account's settings, and starts it if it does not run.
    pub(super) async fn configure(&self, account: &AccountSettings) {
        let setup = self.setup_of(account).await.ok().map(Box::new);
        let configuration = Configuration { setup, new_client_secret: None, then_check: false };
        self.connection(&account.id).send(Event::Configured(configuration));
    }

    /// An account's settings, made usable. Practice Hotmart is started when
    /// first needed.
    pub(super) async fn setup_of(&self, account: &AccountSettings) -> Result<Setup, ConfigurationError> {
        let practice = match account.environment {
            Environment::Practice => self.practice_url().await,
            _ => None,
        };
        Setup::of(account, &adapters::surroundings(practice)).inspect_err(|error| {
            log::error!("{}: the settings cannot be used: {error}", account.id);
        })
    }

    async fn practice_url(&self) -> Option<Url> {
        let started = self.practice.get_or_try_init(|| practice_hotmart::start(&self.places)).await;
        started
            .inspect_err(|error| log::error!("Practice Hotmart did not start: {error}"))
            .ok()
            .map(Practice::url)
    }

    /// The connection of an account. It runs from now on.
    pub(super) fn connection(&self, id: &AccountId) -> Connection {
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
            let connection =
                connection::spawn(id.clone(), adapters::seed(), ports, self.clear_after.subscribe());
            let (mut snapshots, stirred) = (connection.watch(), Arc::clone(&self.stirred));
            self.runtime.spawn(async move {
                while snapshots.changed().await.is_ok() {
                    stirred.send_modify(|count| *count += 1);
                }
            });
            Account { connection, clock }
        };
        connections.entry(id.clone()).or_insert_with(start).connection.clone()
    }
}
