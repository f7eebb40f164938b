//! A file of ours that several programs read and change, whenever they like.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::{lock, read_small, write_whole};

/// A JSON file. What another process wrote into it counts from the next look on.
pub struct SharedJson<T> {
    path: PathBuf,
    /// What was read last: a file that has not changed since is not read again.
    /// Looked at by whoever reads, so there is one look at a time.
    seen: Mutex<Option<(Stamp, Arc<T>)>>,
}

/// Tells one writing of a file from the next. Each makes a new file in the
/// place of the one before, so that also two in one moment are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    file: u64,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> SharedJson<T> {
    /// The file at this path; it is made when it is first changed.
    pub const fn at(path: PathBuf) -> Self {
        Self { path, seen: Mutex::new(None) }
    }

    /// What is in it now; the default if there is no such file.
    ///
    /// # Errors
    /// The file system's, or what is in it cannot be understood.
    pub fn read(&self) -> std::io::Result<Arc<T>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stamp) = self.stamp()? else {
            *seen = None;
            return Ok(Arc::default());
        };
        if let Some((_, known)) = seen.as_ref().filter(|(known, _)| *known == stamp) {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(serde_json::from_slice(&read_small(&self.path)?)?);
        *seen = Some((stamp, Arc::clone(&found)));
        Ok(found)
    }

    /// Changes it: reading, changing and writing are one step, which no other
    /// process takes at the same time. Gives what `change` gives. May wait for
    /// another process.
    ///
    /// # Errors
    /// The file system's, or what is in it cannot be understood; nothing is changed.
    pub fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> std::io::Result<R> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".lock");
        let _alone = lock(&PathBuf::from(beside))?;
        let mut content = T::clone(&*self.read()?);
        let result = change(&mut content);
        let mut json = serde_json::to_vec_pretty(&content)?;
        json.push(b'\n');
        write_whole(&self.path, &json)?;
        Ok(result)
    }

    fn stamp(&self) -> std::io::Result<Option<Stamp>> {
        let found = match std::fs::metadata(&self.path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        #[cfg(unix)]
        let file = std::os::unix::fs::MetadataExt::ino(&found);
        #[cfg(not(unix))]
        let file = 0;
        Ok(Some(Stamp { modified: found.modified().ok(), bytes: found.len(), file }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_process_wrote_counts_at_once_and_what_is_broken_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers.json");
        let (one, other) = (SharedJson::<Vec<u32>>::at(path.clone()), SharedJson::at(path.clone()));
        assert!(one.read().unwrap().is_empty() && !path.exists());
        for number in 1..50 {
            other.change(|numbers: &mut Vec<u32>| numbers.push(number)).unwrap();
            assert_eq!(one.read().unwrap().last(), Some(&number));
        }
        std::fs::write(&path, "[1, 2").unwrap();
        assert!(one.read().is_err() && one.change(|numbers| numbers.push(0)).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[1, 2");
    }
}
