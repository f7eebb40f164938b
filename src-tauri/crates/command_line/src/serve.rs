//! The door for local keys, on a machine where neither the window nor the
//! program in the tray runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use adapters::{LEAVE_DEADLINE, SettingsFile, SystemLoopback, Translations, system_seconds};
use clap::ArgMatches;
use connection::ports::BoxFuture;
use connection::{AccountId, AccountSettings, Configuration, Connection, Event, Ports, ResolvedAccount};
use door::{AccountSource, Door, LocalKeys, Parts, ReachableAccount};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::context::Context;
use crate::failure::Failure;
use crate::fresh_token::Freshness;
use crate::terminal;
use crate::terminal_ports::{NoBrowser, NoWindow, PastedLine};

/// What another program changed about an account counts after this long: 10 seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Serves until the user, or the system, ends it.
pub async fn serve(context: &Arc<Context>, matches: &ArgMatches) -> Result<(), Failure> {
    adapters::allow_enough_files();
    context.settings_are_usable()?;
    let port = matches.get_one::<u16>("port").copied().unwrap_or_else(|| crate::keys::port(context));
    let accounts = Arc::new(Served {
        context: Arc::clone(context),
        running: Mutex::default(),
        leaving: Mutex::default(),
    });
    let words = Arc::clone(&context.words);
    let parts = Parts {
        keys: Arc::new(LocalKeys::of(&context.directories)),
        accounts: Arc::clone(&accounts) as Arc<dyn AccountSource>,
        words: Arc::new(move || Arc::clone(&words)),
        now: system_seconds,
    };
    let mut endings = adapters::Endings::listen();
    let door = Door::open(parts, port, None).map_err(|error| {
        log::error!("the door is not open: {error}");
        Failure::DoorTaken { port }
    })?;
    let address = format!("http://127.0.0.1:{port}");
    terminal::say(&context.words.with("cli.serve.open", &[("address", &address)]));
    endings.next().await;
    // Whoever asks a second time has waited long enough.
    tokio::select! {
        () = async { door.close().await; accounts.end().await } => Ok(()),
        signal = endings.next() => Err(Failure::Interrupted { signal }),
    }
}

/// The accounts that were called.
struct Served {
    context: Arc<Context>,
    /// Calls at the same time may be the first for the same account.
    running: Mutex<HashMap<AccountId, Running>>,
    /// Those of accounts that were removed, until what they had under way has ended.
    leaving: Mutex<JoinSet<()>>,
}

/// One account's connection.
struct Running {
    connection: Connection,
    custody: connection::Custody,
    http: adapters::HttpsClient,
    settings: AccountSettings,
    looked_at: Instant,
}

impl AccountSource for Served {
    fn account<'a>(&'a self, id: &'a AccountId) -> BoxFuture<'a, Option<ReachableAccount>> {
        Box::pin(async move { self.reach(id) })
    }
}

impl Served {
    fn reach(&self, id: &AccountId) -> Option<ReachableAccount> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = running.get(id).is_some_and(|known| known.looked_at.elapsed() < LOOK_AGAIN);
        if !is_known {
            let (file, settings) = SettingsFile::open(self.context.directories.settings_file());
            match (settings.account(id), running.get_mut(id)) {
                (Some(settings), Some(known)) => {
                    known.looked_at = Instant::now();
                    known.connection.send(Event::Resumed);
                    if known.settings != *settings {
                        let resolved = self.context.resolved(settings).ok().map(Box::new);
                        known.connection.send(configured(resolved));
                        known.settings = settings.clone();
                    }
                }
                (Some(settings), None) => {
                    let new = self.start(settings.clone()).ok()?;
                    running.insert(id.clone(), new);
                }
                // What cannot be read says nothing of an account.
                (None, Some(known)) if file.problem().is_some() => known.looked_at = Instant::now(),
                (None, _) => {
                    self.end_one(running.remove(id)?);
                    return None;
                }
            }
        }
        let Running { connection, custody, http, .. } = running.get(id)?;
        Some(ReachableAccount {
            connection: connection.clone(),
            custody: custody.clone(),
            http: http.clone(),
        })
    }

    fn start(&self, settings: AccountSettings) -> Result<Running, Failure> {
        let account = self.context.account(settings, Freshness::usual().wait)?;
        let language = self.context.words.language();
        let ports = Ports {
            custody: account.custody.clone(),
            browser: Arc::new(NoBrowser),
            loopback: Arc::new(SystemLoopback::new(move || Translations::of(language))),
            clipboard: Arc::<PastedLine>::default(),
            attention: Arc::new(NoWindow),
        };
        let id = account.settings.id.clone();
        let connection = connection::spawn(id, adapters::seed(), ports, watch::channel(Duration::ZERO).1);
        connection.send(configured(Some(Box::new(account.resolved))));
        let looked_at = Instant::now();
        Ok(Running {
            connection,
            custody: account.custody,
            http: account.http,
            settings: account.settings,
            looked_at,
        })
    }

    /// What it has under way comes to its end, and nothing is begun.
    fn end_one(&self, account: Running) {
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        leaving.spawn(async move { account.connection.end(LEAVE_DEADLINE).await });
    }

    /// Waits for what is under way: a rotated token that is not stored is a lost session.
    async fn end(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        running.into_values().for_each(|account| self.end_one(account));
        let leaving = std::mem::take(&mut *self.leaving.lock().unwrap_or_else(PoisonError::into_inner));
        leaving.join_all().await;
    }
}

fn configured(resolved: Option<Box<ResolvedAccount>>) -> Event {
    Event::Configured(Configuration { resolved, new_client_secret: None, then_check: false })
}
