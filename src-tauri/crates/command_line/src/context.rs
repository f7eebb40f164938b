//! This machine: its settings, and the real ports of each account.

use std::sync::Arc;
use std::time::Duration;

use adapters::{
    Directories, FileLock, HttpsClient, KEYRING_DEADLINE, LogHandle, NoHome, OsStore, PracticeLedger,
    ServerClock, Settings, SettingsFile, SystemKeyring,
};
use clap::ArgMatches;
use connection::ports::{Keyring, RefreshLock};
use connection::{AccountSettings, Custody, Environment, Missing, ResolvedAccount, Session, TokenContext};
use oauth::Secret;

use crate::failure::Failure;
use crate::interface;
use crate::patience::Patient;
use crate::translations::Translations;

/// Settings, words, and the keyring that all accounts share.
pub struct Context {
    pub words: Arc<Translations>,
    pub settings: Settings,
    pub file: SettingsFile,
    pub directories: Directories,
    pub keyring: Arc<SystemKeyring>,
}

/// One account, ready to be used.
pub struct Account {
    pub settings: AccountSettings,
    pub resolved: ResolvedAccount,
    pub custody: Custody,
    pub http: HttpsClient,
}

impl Account {
    /// The same account, waiting no longer than this for another process.
    pub fn waiting(&self, context: &Context, wait: Duration) -> Self {
        let lock = context.lock(wait);
        Self {
            settings: self.settings.clone(),
            resolved: self.resolved.clone(),
            custody: Custody { lock, ..self.custody.clone() },
            http: self.http.clone(),
        }
    }

    /// What is known of a token of this account, for a tool that is handed it.
    pub fn token_context<'a>(&'a self, token: &'a Secret, session: &Session) -> TokenContext<'a> {
        TokenContext {
            token,
            account: self.settings.id.as_str(),
            api_base: &self.resolved.api_base,
            expires_at: session.expires_at,
            now: self.custody.clock.now(),
        }
    }
}

impl Context {
    pub fn of_this_user() -> Result<Self, NoHome> {
        let directories = Directories::of_this_user()?;
        // First: it takes the longest, on a thread of its own.
        let keyring = SystemKeyring::start(OsStore::default, adapters::entry_limit(), KEYRING_DEADLINE);
        let keyring = Arc::new(keyring.with_prefix(directories.keyring_prefix()).prepared());
        let (file, settings) = SettingsFile::open(directories.settings_file());
        let wanted = settings.language.clone().into_iter().chain(adapters::system_languages());
        let words = Arc::new(Translations::of_first(wanted));
        Ok(Self { words, keyring, settings, file, directories })
    }

    /// Starts a log if one was asked for: most calls live for milliseconds.
    pub fn start_logging(&self) -> Option<LogHandle> {
        adapters::logging_is_wanted()
            .then(|| adapters::start_logging(&self.directories.logs(), interface::NAME))
            .flatten()
    }

    /// Whether the settings file can be used: what is in it is not replaced otherwise.
    pub fn settings_are_usable(&self) -> Result<(), Failure> {
        let file = || self.directories.settings_file().display().to_string();
        self.file.problem().map_or(Ok(()), |problem| Err(Failure::Settings { problem, file: file() }))
    }

    /// The account that `--account` names, or the one the window shows.
    pub fn chosen(&self, matches: &ArgMatches) -> Result<AccountSettings, Failure> {
        match matches.get_one::<String>("account") {
            Some(name) => self.named(name),
            None => {
                self.settings_are_usable()?;
                self.settings.default_account().cloned().ok_or(Failure::NotSetUp(Missing::Credentials))
            }
        }
    }

    /// The account with this id, or else this name.
    pub fn named(&self, name: &str) -> Result<AccountSettings, Failure> {
        self.settings_are_usable()?;
        let accounts = &self.settings.accounts;
        if let Some(account) = accounts.iter().find(|account| account.id.as_str() == name) {
            return Ok(account.clone());
        }
        let named: Vec<_> = accounts.iter().filter(|account| account.name.as_deref() == Some(name)).collect();
        let ids = |accounts: &[&AccountSettings]| {
            accounts.iter().map(|account| account.id.as_str()).collect::<Vec<_>>().join(", ")
        };
        match named[..] {
            [account] => Ok(account.clone()),
            [] => {
                let known = ids(&accounts.iter().collect::<Vec<_>>());
                Err(Failure::UnknownAccount { name: name.to_owned(), known })
            }
            _ => Err(Failure::AmbiguousAccount { name: name.to_owned(), ids: ids(&named) }),
        }
    }

    /// The lock that keeps the whole machine to one refresh.
    fn lock(&self, wait: Duration) -> Arc<dyn RefreshLock> {
        let lock = FileLock::new(self.directories.locks(), wait);
        Arc::new(Patient::new(lock, &self.words, "cli.waiting.program"))
    }

    /// Where an account's application is registered, and as what.
    pub fn resolved(&self, settings: &AccountSettings) -> Result<ResolvedAccount, Failure> {
        let practice = (settings.environment == Environment::Practice)
            .then(|| PracticeLedger::new(&self.directories).address())
            .flatten();
        settings.resolve(&adapters::deployment(practice)).map_err(|error| {
            log::error!("{}: the settings cannot be used: {error}", settings.id);
            Failure::NotSetUp(Missing::UsableSettings)
        })
    }

    /// The ports of an account. `wait` is how long another process may hold its lock.
    pub fn account(&self, settings: AccountSettings, wait: Duration) -> Result<Account, Failure> {
        let resolved = self.resolved(&settings)?;
        if resolved.client.id.is_empty() {
            return Err(Failure::NotSetUp(Missing::Credentials));
        }
        let clock = Arc::new(ServerClock::remembered(self.directories.clock(&settings.id)));
        let http = HttpsClient::default().with_clock(Arc::clone(&clock));
        let custody = Custody {
            http: Arc::new(Patient::new(http.clone(), &self.words, "cli.waiting.server")),
            keyring: Arc::clone(&self.keyring) as Arc<dyn Keyring>,
            lock: self.lock(wait),
            clock,
        };
        Ok(Account { settings, resolved, custody, http })
    }
}
