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
pub struct Places {
    config: PathBuf,
    data: PathBuf,
    locks: PathBuf,
}

impl Places {
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

/// Where data is kept whatever the environment says. Every program of a user
/// must find the same locks, because they all share one keyring; the terminal
/// of an editor from a snap, for one, has folders of its own.
fn usual_data_folder() -> Option<PathBuf> {
    if cfg!(target_os = "linux") { Some(dirs::home_dir()?.join(".local/share")) } else { None }
}

/// Whether a window or a browser can be opened here: on Linux, whether the
/// environment names an X or Wayland display.
pub fn there_is_a_display() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|name| !name.is_empty()))
}

/// The file this program runs from.
pub fn this_file() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// The program's arguments, without those that are no text.
pub fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).filter_map(|argument| argument.into_string().ok()).collect()
}

/// Whether the program was started with this argument.
pub fn has_argument(argument: &str) -> bool {
    arguments().iter().any(|given| given == argument)
}

/// The folders of this user, or a word on standard error: there is no window to say it in.
#[allow(clippy::print_stderr)]
pub fn places_or_say_why() -> Option<Places> {
    Places::of_this_user().inspect_err(|error| eprintln!("Hotmart Connect: {error}")).ok()
}

/// What kind of session this is, as far as the environment says.
pub fn session_kind() -> String {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    format!("{} {}", variable("XDG_SESSION_TYPE"), variable("XDG_CURRENT_DESKTOP")).trim().to_owned()
}

/// The system's name and version.
pub fn system_name() -> String {
    os_info::get().to_string()
}

/// Saves a text for the person to find: in their downloads, or else at home.
///
/// # Errors
/// The file system's, or there is no such folder.
pub fn save_for_the_person(name: &str, text: &str) -> std::io::Result<PathBuf> {
    let folder = dirs::download_dir().filter(|folder| folder.is_dir()).or_else(dirs::home_dir);
    let path = folder.ok_or(std::io::ErrorKind::NotFound)?.join(name);
    write_whole(&path, text.as_bytes())?;
    Ok(path)
}

/// The languages of this system's user, best first, as BCP 47 tags.
pub fn system_languages() -> Vec<String> {
    sys_locale::get_locales().collect()
}

/// Makes a folder that only its owner can enter.
pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file whole or not at all: beside it, to the disk, then over it.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;

    let folder = path.parent().unwrap_or(Path::new("."));
    make_private_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
