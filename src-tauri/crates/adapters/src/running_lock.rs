//! Whether a program of ours that stays runs for this home: the one with the
//! window, or the one in the tray.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;

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

/// Whether a program that stays runs for this home; on Linux also whether one
/// answers on this session's bus, such as an older version that holds no lock.
pub fn a_program_runs(directories: &Directories) -> bool {
    #[cfg(target_os = "linux")]
    if crate::running_program::a_program_answers() {
        return true;
    }
    is_held(directories)
}

fn is_held(directories: &Directories) -> bool {
    // Where a home is another machine's, only who may write can ask for the whole lock.
    let looked_at = File::options().read(true).write(true).open(directories.running_lock());
    match looked_at.map_err(TryLockError::Error).and_then(|file| file.try_lock()) {
        Ok(()) => false,
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(error)) => {
            if error.kind() != ErrorKind::NotFound {
                log::warn!("whether a program runs cannot be seen: {error}");
            }
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_programs_are_seen_until_the_last_one_ends() {
        let home = tempfile::tempdir().unwrap();
        let directories = Directories::under(home.path());
        assert!(!is_held(&directories));
        assert!(!directories.running_lock().exists(), "looking leaves nothing");
        let (window, tray) = (RunningLock::take(&directories), RunningLock::take(&directories));
        assert!(window.is_some() && tray.is_some());
        drop(window);
        assert!(is_held(&directories));
        drop(tray);
        assert!(!is_held(&directories));
        assert!(directories.own_files().contains(&directories.running_lock()));
    }
}
