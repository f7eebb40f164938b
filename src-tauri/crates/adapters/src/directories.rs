//! Where files live on this system.

use std::path::{Path, PathBuf};

use connection::AccountId;

use crate::files::{UNFINISHED, remove_if_there};

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
    /// Tells this home from others of the same user, where one was chosen.
    home: Option<String>,
}

impl Directories {
    /// The folders of this user on this system, or those under `HOTMART_CONNECT_HOME`.
    pub fn of_this_user() -> Result<Self, NoHome> {
        if let Some(home) = std::env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty()) {
            return Ok(Self::under(Path::new(&home)));
        }
        Self::of_the_usual_home()
    }

    /// The folders of this user on this system, whatever the variable says.
    pub(crate) fn of_the_usual_home() -> Result<Self, NoHome> {
        let data = dirs::data_local_dir().ok_or(NoHome)?.join(FOLDER);
        Ok(Self {
            config: dirs::config_dir().ok_or(NoHome)?.join(FOLDER),
            locks: usual_data_folder().unwrap_or_else(|| data.clone()).join("locks"),
            data,
            home: None,
        })
    }

    /// All under one folder. Its secrets have names of their own in the keyring,
    /// which all homes of a user share. By whichever path a home is reached, it
    /// has one name and one folder of locks.
    pub fn under(home: &Path) -> Self {
        let here = || home.to_owned();
        Self { config: here(), data: here(), locks: home.join("locks"), home: Some(name_of(home)) }
    }

    /// What the names of this home's secrets begin with, in the keyring that
    /// all homes of a user share.
    pub fn keyring_prefix(&self) -> String {
        self.home.as_ref().map(|home| format!("{home}/")).unwrap_or_default()
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.json")
    }

    /// The folder of the refresh locks.
    pub fn locks(&self) -> PathBuf {
        self.locks.clone()
    }

    /// Locked by what runs for this home. It lies beside the folder of the refresh
    /// locks, where every program of a user finds it.
    pub(crate) fn running_lock(&self) -> PathBuf {
        self.locks.with_file_name("running.lock")
    }

    /// What a server last said of the time, for one account.
    pub fn clock(&self, account: &AccountId) -> PathBuf {
        self.data.join("clocks").join(format!("{account}.json"))
    }

    /// Deletes what was noted for an account besides settings and secrets. The
    /// lock file stays: another process may hold it, and nothing is in it.
    pub fn forget_account(&self, account: &AccountId) {
        if let Err(error) = remove_if_there(&self.clock(account)) {
            log::warn!("{account}: the note of its server's time stays: {error}");
        }
    }

    /// Where a program that runs Practice Hotmart wrote down its address.
    pub fn practice_address(&self) -> PathBuf {
        self.data.join("practice-address")
    }

    /// The local keys: hashes, no key.
    pub fn local_keys(&self) -> PathBuf {
        self.data.join("local-keys.json")
    }

    /// When each local key was used.
    pub fn local_key_uses(&self) -> PathBuf {
        self.data.join("local-key-uses.json")
    }

    /// The folder of the log.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// What Practice Hotmart remembers: hashes, no token.
    pub fn practice_ledger(&self) -> PathBuf {
        self.data.join("practice.json")
    }

    /// The user's own home, and not one that was chosen with the variable.
    pub fn is_the_usual_home(&self) -> bool {
        self.home.is_none()
    }

    /// The folders that are the program's alone: none in a home that the user chose.
    pub fn own_folders(&self) -> Vec<PathBuf> {
        if self.home.is_some() {
            return Vec::new();
        }
        // What the webview keeps stands in folders of the same name.
        let webviews = [dirs::data_dir(), dirs::cache_dir()];
        let webviews = webviews.into_iter().flatten().map(|folder| folder.join(FOLDER));
        let macs = dirs::home_dir().filter(|_| cfg!(target_os = "macos")).map(|home| {
            let names = [
                format!("WebKit/{FOLDER}"),
                format!("HTTPStorages/{FOLDER}"),
                format!("Preferences/{FOLDER}.plist"),
                format!("Saved Application State/{FOLDER}.savedState"),
            ];
            names.map(|name| home.join("Library").join(name))
        });
        let locks = self.locks.parent().map(Path::to_owned);
        [self.config.clone(), self.data.clone()]
            .into_iter()
            .chain(locks)
            .chain(webviews)
            .chain(macs.into_iter().flatten())
            .collect()
    }

    /// The files that the program wrote, by their names, among whatever else
    /// may be in a folder that the user chose.
    pub fn own_files(&self) -> Vec<PathBuf> {
        let is_settings = |name: &str| {
            let kept = name.strip_prefix("settings.json.kept-");
            let number = kept.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
            number || ["settings.json", "settings.lock"].contains(&name) || name.starts_with(UNFINISHED)
        };
        let is_log = |name: &str| name.starts_with("hotmart-") && name.ends_with(".log");
        let is_note = |name: &str| name.ends_with(".json") || name.starts_with(UNFINISHED);
        let link = Some(self.data.join("hotmart-connect")).filter(|link| link.is_symlink());
        [
            files_in(&self.locks(), |name| name.ends_with(".lock")),
            files_in(&self.logs(), is_log),
            files_in(&self.data.join("clocks"), is_note),
            files_in(&self.config, is_settings),
            files_in(&self.data, |name| name.starts_with("local-key")),
            vec![self.practice_address(), self.practice_ledger(), self.running_lock()],
            link.into_iter().collect(),
        ]
        .concat()
    }

    /// The folders that the program made in such a home: nothing else may be in them.
    pub fn made_folders(&self) -> Vec<PathBuf> {
        vec![self.locks(), self.logs(), self.data.join("clocks"), self.data.clone()]
    }

    /// The folder for the link that a scheme handler points at.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

fn files_in(folder: &Path, is_ours: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = files.filter(|file| file.file_type().is_ok_and(|kind| !kind.is_dir()));
    files.filter(|file| is_ours(&file.file_name().to_string_lossy())).map(|file| file.path()).collect()
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
    let data = if cfg!(target_os = "linux") {
        dirs::home_dir()?.join(".local/share")
    } else {
        dirs::data_local_dir()?
    };
    Some(data.join(FOLDER))
}

/// A home's name: a part of a hash of its path, the same by whichever path it is reached.
fn name_of(home: &Path) -> String {
    let path = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
    // What is not there yet has no links in it.
    let there = path.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    let real = match there {
        // Without the separator at the end that joining nothing would add.
        Some((folder, real)) => {
            real.components().chain(path.strip_prefix(folder).unwrap_or(Path::new("")).components()).collect()
        }
        None => path,
    };
    let hash = oauth::sha256(&[real.as_os_str().as_encoded_bytes()]);
    let hexadecimal: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("home-{hexadecimal}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_has_one_name_by_whichever_path_and_before_it_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("one/home");
        let before = Directories::under(&home).keyring_prefix();
        std::fs::create_dir_all(&home).unwrap();
        assert_eq!(Directories::under(&home).keyring_prefix(), before);
        assert_eq!(Directories::under(&home.join("../home/")).keyring_prefix(), before);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path().join("one"), folder.path().join("two")).unwrap();
            let linked = Directories::under(&folder.path().join("two/home"));
            assert_eq!(linked.keyring_prefix(), before);
        }
        assert_ne!(Directories::under(folder.path()).keyring_prefix(), before);
    }
}
