//! Where files live on this system.

use std::path::{Path, PathBuf};

use connection::AccountId;

/// The folder's name under each system's own folders.
const FOLDER: &str = "app.hotmart-connect";
/// Moves settings, locks and logs under one folder.
const HOME_VARIABLE: &str = "HOTMART_CONNECT_HOME";

/// This system names no folder for settings.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this system names no folder for settings; set HOTMART_CONNECT_HOME")]
pub struct NoHome;

/// The folders of the program. They are made when first written to.
#[derive(Clone, Debug)]
pub struct Directories {
    config: PathBuf,
    data: PathBuf,
    locks: PathBuf,
}

impl Directories {
    /// The folders of this user on this system, or those under `HOTMART_CONNECT_HOME`.
    pub fn of_this_user() -> Result<Self, NoHome> {
        if let Some(home) = std::env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty()) {
            return Ok(Self::under(Path::new(&home)));
        }
        let data = dirs::data_local_dir().ok_or(NoHome)?.join(FOLDER);
        Ok(Self {
            config: dirs::config_dir().ok_or(NoHome)?.join(FOLDER),
            locks: usual_data_folder().map_or_else(|| data.clone(), |folder| folder.join(FOLDER)),
            data,
        })
    }

    /// All under one folder.
    pub fn under(home: &Path) -> Self {
        Self { config: home.to_owned(), data: home.to_owned(), locks: home.to_owned() }
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.json")
    }

    /// The folder of the refresh locks.
    pub fn locks(&self) -> PathBuf {
        self.locks.join("locks")
    }

    /// What a server last said of the time, for one account.
    pub fn clock(&self, account: &AccountId) -> PathBuf {
        self.data.join("clocks").join(format!("{account}.json"))
    }

    /// Deletes what was noted for an account besides settings and secrets. The
    /// lock file stays: another process may hold it, and nothing is in it.
    pub fn forget_account(&self, account: &AccountId) {
        match std::fs::remove_file(self.clock(account)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                log::warn!("{account}: the note of its server's time stays: {error}");
            }
            _ => {}
        }
    }

    /// Where a program that runs Practice Hotmart wrote down its address.
    pub fn practice_address(&self) -> PathBuf {
        self.data.join("practice-address")
    }

    /// The folder of the log.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// What Practice Hotmart remembers: hashes, no token.
    pub fn practice_ledger(&self) -> PathBuf {
        self.data.join("practice.json")
    }

    /// The folder for the link that a scheme handler points at.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

/// The folders of this user, or a word on standard error: there is no window to say it in.
#[allow(clippy::print_stderr)]
pub fn directories_or_say_why() -> Option<Directories> {
    Directories::of_this_user().inspect_err(|error| eprintln!("Hotmart Connect: {error}")).ok()
}

/// Where data is kept whatever the environment says. Every program of a user
/// must find the same locks, because they all share one keyring; the terminal
/// of an editor from a snap, for one, has folders of its own.
fn usual_data_folder() -> Option<PathBuf> {
    if cfg!(target_os = "linux") { Some(dirs::home_dir()?.join(".local/share")) } else { None }
}
