//! The settings file. Nothing in it is ever lost.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::files::write_whole;
use crate::{Settings, SettingsProblem};

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
        Ok(text) => Settings::parse(&text)?,
        Err(error) if error.kind() == ErrorKind::NotFound => Settings::default(),
        Err(_) => return Err(SettingsProblem::Unreadable),
    };
    Ok(settings.with_built_in_application())
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
}
