//! The settings file. Nothing secret is ever in it, and nothing in it is ever lost.

use std::io::ErrorKind;
use std::path::PathBuf;

use connection::{AccountId, AccountSettings, Environment, OWN_ACCOUNT};
use serde::{Deserialize, Serialize};

use crate::places::write_whole;
use crate::surroundings::built_in_application;

/// Raised when an older program could no longer read the file.
const VERSION: u32 = 1;
/// A copied token stays in the clipboard this long, unless the settings say otherwise.
pub const DEFAULT_CLIPBOARD_SECONDS: u64 = 60;

/// What the seller chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    version: u32,
    /// `pt-BR`, `es` or `en`; the system's language if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How long a copied token stays in the clipboard, in seconds.
    #[serde(default = "default_clipboard_seconds")]
    pub clipboard_seconds: u64,
    /// The account the window shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_account: Option<AccountId>,
    /// The account that programs get a token of if they name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_account: Option<AccountId>,
    /// The accounts.
    #[serde(default)]
    pub accounts: Vec<AccountSettings>,
    /// What this version does not know stays where it is.
    #[serde(flatten)]
    unknown: serde_json::Map<String, serde_json::Value>,
}

const fn default_clipboard_seconds() -> u64 {
    DEFAULT_CLIPBOARD_SECONDS
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            language: None,
            clipboard_seconds: DEFAULT_CLIPBOARD_SECONDS,
            current_account: None,
            default_account: None,
            accounts: Vec::new(),
            unknown: serde_json::Map::new(),
        }
    }
}

impl Settings {
    /// The account the window shows: the current one, or else the first.
    pub fn current(&self) -> Option<&AccountSettings> {
        let chosen = self.current_account.as_ref().and_then(|id| self.account(id));
        chosen.or(self.accounts.first())
    }

    /// The account that programs get a token of if they name none: the one
    /// that was chosen for it, or else the first that is not for practice.
    pub fn default_account(&self) -> Option<&AccountSettings> {
        let chosen = self.default_account.as_ref().and_then(|id| self.account(id));
        let is_real = |account: &&AccountSettings| account.environment != Environment::Practice;
        chosen.or_else(|| self.accounts.iter().find(is_real)).or(self.accounts.first())
    }

    /// The account with this id.
    pub fn account(&self, id: &AccountId) -> Option<&AccountSettings> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// Adds an account or replaces the one with its id, and shows it. Programs
    /// go on with the account they had.
    pub fn put(&mut self, account: AccountSettings) {
        let had = self.default_account().filter(|had| had.environment != Environment::Practice);
        self.default_account = had.map(|had| had.id.clone());
        self.current_account = Some(account.id.clone());
        match self.accounts.iter_mut().find(|known| known.id == account.id) {
            Some(known) => *known = account,
            None => self.accounts.push(account),
        }
    }

    /// Gives an account another name; none if it is empty.
    pub fn rename(&mut self, id: &AccountId, name: &str) {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(account) = self.accounts.iter_mut().find(|account| account.id == *id) {
            account.name = Some(name).filter(|name| !name.is_empty());
        }
    }

    /// Moves an account to another place in the list, counted from zero.
    pub fn move_to(&mut self, id: &AccountId, place: usize) {
        if let Some(from) = self.accounts.iter().position(|account| account.id == *id) {
            let account = self.accounts.remove(from);
            self.accounts.insert(place.min(self.accounts.len()), account);
        }
    }

    /// Takes an account out. Whatever else pointed at it points at none.
    pub fn remove(&mut self, id: &AccountId) {
        self.accounts.retain(|account| account.id != *id);
        for pointer in [&mut self.current_account, &mut self.default_account] {
            pointer.take_if(|pointed| pointed == id);
        }
    }

    /// Where a build brings an application along, there is an account of it
    /// without anything filled in.
    fn with_built_in_application(mut self) -> Self {
        if self.accounts.is_empty()
            && let (Some(application), Ok(id)) = (built_in_application(), AccountId::parse(OWN_ACCOUNT))
        {
            self.accounts.push(AccountSettings::new(id, application.environment));
        }
        self
    }

    /// An id that no account has yet.
    pub fn free_id(&self, wanted: &str) -> Option<AccountId> {
        let numbered = |number: u32| match number {
            1 => wanted.to_owned(),
            number => format!("{wanted}-{number}"),
        };
        let mut ids = (1..10_000).filter_map(|number| AccountId::parse(&numbered(number)).ok());
        ids.find(|id| self.account(id).is_none())
    }

    /// Takes the accounts of a settings file from another machine over. Those
    /// that are here already stay as they are; an id that another account has
    /// here becomes a new one. Practice Hotmart is on every machine.
    /// Gives how many were taken over.
    ///
    /// # Errors
    /// It is no settings file that this version could use.
    pub fn import(&mut self, text: &str) -> Result<usize, SettingsProblem> {
        let imported = parse(text.as_bytes())?;
        let before = self.accounts.len();
        for mut account in imported.accounts {
            let is_it = |known: &AccountSettings| {
                AccountSettings { id: account.id.clone(), ..known.clone() } == account
            };
            let known = self.accounts.iter().any(is_it);
            if known || account.environment == Environment::Practice {
                continue;
            }
            let Some(id) = self.free_id(account.id.as_str()) else { continue };
            account.id = id;
            self.accounts.push(account);
        }
        Ok(self.accounts.len() - before)
    }
}

/// Why the settings file could not be used. The file itself stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsProblem {
    /// It cannot be read.
    #[error("the settings file cannot be read")]
    Unreadable,
    /// It is no settings file.
    #[error("the settings file is damaged")]
    Broken,
    /// A newer program wrote it.
    #[error("the settings file is of a newer version")]
    FromTheFuture,
}

/// The file, and whether what is in it may be replaced.
#[derive(Debug)]
pub struct SettingsFile {
    path: PathBuf,
    problem: Option<SettingsProblem>,
}

impl SettingsFile {
    /// Reads the file. If it cannot be used, the program starts with defaults,
    /// the file stays as it is, and [`SettingsFile::problem`] says why.
    pub fn open(path: PathBuf) -> (Self, Settings) {
        match read(&path) {
            Ok(settings) => (Self { path, problem: None }, settings),
            Err(problem) => {
                log::warn!("{problem}: {}", path.display());
                (Self { path, problem: Some(problem) }, Settings::default())
            }
        }
    }

    /// Why the file could not be used, until new settings have been saved.
    pub fn problem(&self) -> Option<SettingsProblem> {
        self.problem
    }

    /// What is in the file now, if that can be used.
    pub fn read_again(&self) -> Option<Settings> {
        if self.problem.is_none() && self.path.exists() { read(&self.path).ok() } else { None }
    }

    /// Writes the settings, whole or not at all. A file that could not be used
    /// is kept beside the new one as `settings.json.kept-N`.
    ///
    /// # Errors
    /// The file system's; what was in the file is still there.
    pub fn save(&mut self, settings: &Settings) -> std::io::Result<()> {
        // It may have been damaged since it was opened, by an editor for example.
        if self.problem.is_some() || read(&self.path).is_err() {
            self.keep_the_old_file()?;
        }
        let mut json = serde_json::to_vec_pretty(settings)?;
        json.push(b'\n');
        write_whole(&self.path, &json)?;
        self.problem = None;
        Ok(())
    }

    fn keep_the_old_file(&self) -> std::io::Result<()> {
        let beside = |number: u32| self.path.with_file_name(format!("settings.json.kept-{number}"));
        let Some(kept) = (1..10_000).map(beside).find(|path| !path.exists()) else {
            return Err(ErrorKind::AlreadyExists.into());
        };
        match std::fs::rename(&self.path, kept) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

fn read(path: &PathBuf) -> Result<Settings, SettingsProblem> {
    let settings = match std::fs::read(path) {
        Ok(text) => parse(&text)?,
        Err(error) if error.kind() == ErrorKind::NotFound => Settings::default(),
        Err(_) => return Err(SettingsProblem::Unreadable),
    };
    Ok(settings.with_built_in_application())
}

fn parse(text: &[u8]) -> Result<Settings, SettingsProblem> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }

    // Editors on Windows like to put a byte order mark in front.
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let versioned: Versioned = serde_json::from_slice(text).map_err(|_| SettingsProblem::Broken)?;
    if versioned.version > VERSION {
        return Err(SettingsProblem::FromTheFuture);
    }
    serde_json::from_slice(text).map_err(|_| SettingsProblem::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn no_file_means_defaults_and_no_problem() {
        let folder = folder();
        let (file, settings) = SettingsFile::open(folder.path().join("settings.json"));
        assert_eq!(settings, Settings::default());
        assert_eq!(file.problem(), None);
    }

    #[test]
    fn what_is_saved_is_read_again_with_what_this_version_does_not_know() {
        let folder = folder();
        let path = folder.path().join("settings.json");
        std::fs::write(&path, r#"{"version":1,"accounts":[],"window":{"width":420}}"#).unwrap();
        let (mut file, mut settings) = SettingsFile::open(path.clone());
        settings.language = Some("es".into());
        file.save(&settings).unwrap();
        let (_, again) = SettingsFile::open(path.clone());
        assert_eq!(again, settings);
        assert!(std::fs::read_to_string(&path).unwrap().contains("420"));
    }

    #[test]
    fn an_unusable_file_is_told_apart_and_kept_beside_the_new_one() {
        for (content, problem) in [
            (&b"{ not json"[..], SettingsProblem::Broken),
            (b"", SettingsProblem::Broken),
            (b"\xFF\xFE\x00", SettingsProblem::Broken),
            (br#"{"version":1,"accounts":[{"id":"../x","environment":"hotmart"}]}"#, SettingsProblem::Broken),
            (br#"{"version":2,"accounts":"new"}"#, SettingsProblem::FromTheFuture),
        ] {
            let folder = folder();
            let path = folder.path().join("settings.json");
            std::fs::write(&path, content).unwrap();
            let (mut file, settings) = SettingsFile::open(path.clone());
            assert_eq!(file.problem(), Some(problem));
            assert_eq!(std::fs::read(&path).unwrap(), content, "opening changes nothing");

            file.save(&settings).unwrap();
            assert_eq!(file.problem(), None);
            assert_eq!(std::fs::read(folder.path().join("settings.json.kept-1")).unwrap(), content);
            assert_eq!(SettingsFile::open(path).0.problem(), None);
        }
    }

    #[test]
    fn a_file_that_was_damaged_or_changed_after_it_was_opened_is_not_lost_either() {
        let folder = folder();
        let path = folder.path().join("settings.json");
        let (mut file, settings) = SettingsFile::open(path.clone());
        assert_eq!(file.read_again(), None, "there is no file yet");
        std::fs::write(&path, "{ half").unwrap();
        file.save(&settings).unwrap();
        assert_eq!(std::fs::read(folder.path().join("settings.json.kept-1")).unwrap(), b"{ half");

        std::fs::write(&path, r#"{"version":1,"language":"es"}"#).unwrap();
        assert_eq!(file.read_again().unwrap().language.as_deref(), Some("es"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_kept_too() {
        let folder = folder();
        let path = folder.path().join("settings.json");
        std::fs::create_dir(&path).unwrap();
        let (mut file, settings) = SettingsFile::open(path.clone());
        assert_eq!(file.problem(), Some(SettingsProblem::Unreadable));
        file.save(&settings).unwrap();
        assert!(folder.path().join("settings.json.kept-1").is_dir());
        assert!(path.is_file());
    }

    #[test]
    fn a_save_that_fails_leaves_the_old_file() {
        let folder = folder();
        let path = folder.path().join("settings.json");
        let (mut file, mut settings) = SettingsFile::open(path.clone());
        file.save(&settings).unwrap();
        let before = std::fs::read(&path).unwrap();
        // Below a file there can be no file.
        let mut elsewhere = SettingsFile { path: path.join("settings.json"), problem: None };
        settings.language = Some("es".into());
        assert!(elsewhere.save(&settings).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    fn with_accounts(ids: &[&str]) -> Settings {
        let account = |id: &&str| AccountSettings::new(AccountId::parse(id).unwrap(), Environment::Hotmart);
        Settings { accounts: ids.iter().map(account).collect(), ..Settings::default() }
    }

    fn ids(settings: &Settings) -> Vec<&str> {
        settings.accounts.iter().map(|account| account.id.as_str()).collect()
    }

    #[test]
    fn accounts_are_moved_renamed_and_removed_and_the_default_is_its_own_choice() {
        let id = |text| AccountId::parse(text).unwrap();
        let mut settings = with_accounts(&["a", "b", "c"]);
        settings.move_to(&id("c"), 0);
        assert_eq!(ids(&settings), ["c", "a", "b"]);
        settings.move_to(&id("c"), 99);
        assert_eq!(ids(&settings), ["a", "b", "c"]);
        settings.rename(&id("b"), "  Loja \n da   Bia ");
        assert_eq!(settings.account(&id("b")).unwrap().label(), "Loja da Bia");
        settings.rename(&id("b"), " ");
        assert_eq!(settings.account(&id("b")).unwrap().label(), "b");

        settings.put(AccountSettings::new(id("b"), Environment::Sandbox));
        settings.move_to(&id("b"), 0);
        settings.move_to(&id("b"), 1);
        assert_eq!(settings.default_account().unwrap().id, id("a"), "looking at another changes no script");
        settings.default_account = Some(id("b"));
        settings.remove(&id("b"));
        assert_eq!((settings.current_account.clone(), settings.default_account.clone()), (None, None));
        assert_eq!(ids(&settings), ["a", "c"]);
        assert_eq!(settings.free_id("a"), Some(id("a-2")));
        let mut practising = with_accounts(&["real"]);
        practising.accounts.insert(0, AccountSettings::new(id("practice"), Environment::Practice));
        assert_eq!(practising.default_account().unwrap().id, id("real"));
    }

    #[test]
    fn another_machines_accounts_join_those_that_are_here() {
        let mut settings = with_accounts(&["main", "shop"]);
        let mut other = with_accounts(&["main", "shop", "new"]);
        other.accounts[1].client_id = "another".into();
        other
            .accounts
            .push(AccountSettings::new(AccountId::parse("practice").unwrap(), Environment::Practice));
        let text = serde_json::to_string(&other).unwrap();
        assert_eq!(settings.import(&text), Ok(2));
        assert_eq!(ids(&settings), ["main", "shop", "shop-2", "new"]);
        assert_eq!(settings.import(&text), Ok(0), "a second time nothing is new");
        for (text, problem) in [
            ("", SettingsProblem::Broken),
            ("<html>", SettingsProblem::Broken),
            (r#"{"version":9}"#, SettingsProblem::FromTheFuture),
        ] {
            assert_eq!(settings.import(text), Err(problem));
        }
        assert_eq!(settings.accounts.len(), 4);
    }
}
