//! Whether a program of ours that stays runs for this home: the one with the
//! window, or the one in the tray.

use std::fs::{File, TryLockError};

use crate::Directories;
use crate::files::open_to_lock;

/// Tells others that this program runs, for as long as it is kept: a lock
/// that any number of programs share, and that the system frees when one dies.
#[derive(Debug)]
pub struct RunningLock(#[allow(dead_code)] File);

impl RunningLock {
    /// `None` where no file can be written: then others do not see this program.
    pub fn take(directories: &Directories) -> Option<Self> {
        let taken = open_to_lock(&directories.running_lock()).and_then(|file| {
            file.lock_shared()?;
            Ok(Self(file))
        });
        taken.inspect_err(|error| log::warn!("others cannot see that this program runs: {error}")).ok()
    }
}

/// Whether a program that holds a [`RunningLock`] runs for this home.
pub fn a_program_runs(directories: &Directories) -> bool {
    let looked_at = File::open(directories.running_lock());
    looked_at.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_programs_are_seen_until_the_last_one_ends() {
        let home = tempfile::tempdir().unwrap();
        let directories = Directories::under(home.path());
        assert!(!a_program_runs(&directories));
        assert!(!directories.running_lock().exists(), "looking leaves nothing");
        let (window, tray) = (RunningLock::take(&directories), RunningLock::take(&directories));
        assert!(window.is_some() && tray.is_some());
        drop(window);
        assert!(a_program_runs(&directories));
        drop(tray);
        assert!(!a_program_runs(&directories));
        assert!(directories.own_files().contains(&directories.running_lock()));
    }
}
