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
