//! This machine: its settings, and the real ports of each account.

use std::sync::Arc;
use std::time::Duration;

use adapters::{
    FileLock, HttpsClient, KEYRING_DEADLINE, LogHandle, NoHome, OsEntries, Places, PracticeLedger,
    ServerClock, Settings, SettingsFile, SystemKeyring,
};
use clap::ArgMatches;
use connection::ports::Keyring;
use connection::{AccountSettings, Custody, Environment, Missing, Setup};

use crate::failure::Failure;
use crate::interface;
use crate::words::Words;

/// Settings, words, and the keyring that all accounts share.
pub struct Machine {
    pub words: Words,
    pub settings: Settings,
    pub file: SettingsFile,
    pub places: Places,
    keyring: Arc<dyn Keyring>,
}

/// One account, ready to be used.
pub struct Account {
    pub settings: AccountSettings,
    pub setup: Setup,
    pub custody: Custody,
    pub http: HttpsClient,
}

impl Account {
    /// The same account, waiting no longer than this for another process.
    pub fn waiting(&self, machine: &Machine, wait: Duration) -> Self {
        let lock = Arc::new(FileLock::new(machine.places.locks(), wait));
        Self {
            settings: self.settings.clone(),
            setup: self.setup.duplicate(),
            custody: Custody { lock, ..self.custody.clone() },
            http: self.http.clone(),
        }
    }
}

impl Machine {
    pub fn of_this_user() -> Result<Self, NoHome> {
        let places = Places::of_this_user()?;
        // First: it takes the longest, on a thread of its own.
        let keyring = SystemKeyring::start(OsEntries::default, adapters::entry_limit(), KEYRING_DEADLINE);
        let keyring = Arc::new(keyring.prepared());
        let (file, settings) = SettingsFile::open(places.settings_file());
        let wanted = settings.language.clone().into_iter().chain(adapters::system_languages());
        Ok(Self { words: Words::of_first(wanted), keyring, settings, file, places })
    }

    /// Starts a log if one was asked for: most calls live for milliseconds.
    pub fn start_logging(&self) -> Option<LogHandle> {
        adapters::logging_is_wanted()
            .then(|| adapters::start_logging(&self.places.logs(), interface::NAME))
            .flatten()
    }

    /// Whether the settings file can be used: what is in it is not replaced otherwise.
    pub fn settings_are_usable(&self) -> Result<(), Failure> {
        let file = || self.places.settings_file().display().to_string();
        self.file.problem().map_or(Ok(()), |problem| Err(Failure::Settings { problem, file: file() }))
    }

    /// The account that `--account` names, or the one the window shows.
    pub fn chosen(&self, matches: &ArgMatches) -> Result<AccountSettings, Failure> {
        let name = matches.get_one::<String>("account");
        self.settings_are_usable()?;
        let Some(name) = name else {
            return self.settings.default_account().cloned().ok_or(Failure::NotSetUp(Missing::Credentials));
        };
        let accounts = &self.settings.accounts;
        if let Some(account) = accounts.iter().find(|account| account.id.as_str() == name) {
            return Ok(account.clone());
        }
        let named: Vec<_> = accounts.iter().filter(|account| account.name.as_ref() == Some(name)).collect();
        let ids = |accounts: &[&AccountSettings]| {
            accounts.iter().map(|account| account.id.as_str()).collect::<Vec<_>>().join(", ")
        };
        match named[..] {
            [account] => Ok(account.clone()),
            [] => {
                let known = ids(&accounts.iter().collect::<Vec<_>>());
                Err(Failure::UnknownAccount { name: name.clone(), known })
            }
            _ => Err(Failure::AmbiguousAccount { name: name.clone(), ids: ids(&named) }),
        }
    }

    /// The ports of an account. `wait` is how long another process may hold its lock.
    pub fn account(&self, settings: AccountSettings, wait: Duration) -> Result<Account, Failure> {
        let practice = (settings.environment == Environment::Practice)
            .then(|| PracticeLedger::new(&self.places).address())
            .flatten();
        let setup = Setup::of(&settings, &adapters::surroundings(practice)).map_err(|error| {
            log::error!("{}: the settings cannot be used: {error}", settings.id);
            Failure::NotSetUp(Missing::UsableSettings)
        })?;
        if setup.server.client_id.is_empty() {
            return Err(Failure::NotSetUp(Missing::Credentials));
        }
        let clock = Arc::new(ServerClock::remembered(self.places.clock(&settings.id)));
        let http = HttpsClient::default().with_clock(Arc::clone(&clock));
        let custody = Custody {
            http: Arc::new(http.with_clock(Arc::clone(&clock))),
            keyring: Arc::clone(&self.keyring),
            lock: Arc::new(FileLock::new(self.places.locks(), wait)),
            clock,
        };
        Ok(Account { settings, setup, custody, http })
    }
}
