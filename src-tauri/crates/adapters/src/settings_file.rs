//! The settings file. Nothing in it is ever lost.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::files::{lock, make_private, read_small, try_writing, write_whole};
use crate::{Settings, SettingsProblem};

/// The file beside it whose lock a process holds that changes the settings.
const LOCK: &str = "settings.lock";

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
        make_private(&path);
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

    /// Changes the settings. What another process changed meanwhile is not
    /// overwritten: reading, changing and writing are one step, which no other
    /// process takes at the same time. `known` is changed if the file cannot be
    /// used. Gives what the settings are now.
    ///
    /// # Errors
    /// The file system's, or another process holds the file; nothing is changed.
    pub fn change(
        &mut self,
        known: Settings,
        change: impl FnOnce(&mut Settings),
    ) -> std::io::Result<Settings> {
        let _alone = lock(&self.path.with_file_name(LOCK))?;
        let mut settings = self.read_again().unwrap_or(known);
        change(&mut settings);
        self.save(&settings)?;
        Ok(settings)
    }

    /// Looks whether the settings could be changed now, and changes nothing.
    ///
    /// # Errors
    /// As [`SettingsFile::change`] would give them.
    pub fn try_out(&self, known: &Settings) -> std::io::Result<()> {
        let _alone = lock(&self.path.with_file_name(LOCK))?;
        try_writing(&self.path, &serde_json::to_vec_pretty(known)?)
    }

    /// Writes the settings, whole or not at all. A file that could not be used
    /// is kept beside the new one as `settings.json.kept-N`.
    ///
    /// # Errors
    /// The file system's; what was in the file is still there.
    fn save(&mut self, settings: &Settings) -> std::io::Result<()> {
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

fn read(path: &Path) -> Result<Settings, SettingsProblem> {
    let settings = match read_small(path) {
        Ok(text) => Settings::parse(&text)?,
        Err(error) if error.kind() == ErrorKind::NotFound => Settings::default(),
        Err(_) => return Err(SettingsProblem::Unreadable),
    };
    Ok(settings.with_built_in_application())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_two_programs_at_the_same_moment_are_both_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    // Each opens the file for itself, as a process does.
                    let (mut file, known) = SettingsFile::open(path.clone());
                    for _ in 0..25 {
                        file.change(known.clone(), |settings| settings.zoom += 1).unwrap();
                    }
                });
            }
        });
        assert_eq!(SettingsFile::open(path).1.zoom, 200);
    }
}
