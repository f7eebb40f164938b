//! Single keyring entries, blocking.

#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(target_os = "linux")]
mod secret_service;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connection::KeyringProblem;
use zeroize::Zeroizing;

#[cfg(not(target_os = "linux"))]
use native::Store;
#[cfg(target_os = "linux")]
use secret_service::Store;

/// A store of small named secrets. Blocking, never interactive but in `unlock`.
pub trait SecretStore: Send {
    /// Gets ready, so that the first reading is quick. Whatever goes wrong will
    /// be told by that reading.
    fn prepare(&mut self) {}
    /// Reads an entry; `None` if there is none.
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem>;
    /// Writes an entry.
    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem>;
    /// Deletes an entry; fine if there is none.
    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem>;
    /// The names of all entries of this program; none where the store cannot tell.
    fn names(&mut self) -> Result<Vec<String>, KeyringProblem> {
        Ok(Vec::new())
    }
    /// Asks the person to unlock the store, and waits.
    fn unlock(&mut self) -> Result<(), KeyringProblem>;
}

/// Secrets in this process alone. A clone is the same store, also for another thread.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<HashMap<String, Zeroizing<Vec<u8>>>>>);

impl MemoryStore {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Zeroizing<Vec<u8>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.entries().len()
    }
}

impl SecretStore for MemoryStore {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem> {
        Ok(self.entries().get(name).cloned())
    }

    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        self.entries().insert(name.to_owned(), Zeroizing::new(secret.to_owned()));
        Ok(())
    }

    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
        self.entries().remove(name);
        Ok(())
    }

    fn names(&mut self) -> Result<Vec<String>, KeyringProblem> {
        Ok(self.entries().keys().cloned().collect())
    }

    fn unlock(&mut self) -> Result<(), KeyringProblem> {
        Ok(())
    }
}

/// The operating system's own store: Secret Service, Keychain or Credential Manager.
#[derive(Default)]
pub struct OsStore {
    store: Option<Store>,
}

impl OsStore {
    fn store(&mut self) -> Result<&Store, KeyringProblem> {
        match &mut self.store {
            Some(store) => Ok(store),
            empty => Ok(empty.insert(Store::open()?)),
        }
    }

    /// Does something on a connection that works. A connection that broke (the
    /// service was restarted) is made anew, once.
    fn with_store<T>(
        &mut self,
        action: impl Fn(&Store) -> Result<T, KeyringProblem>,
    ) -> Result<T, KeyringProblem> {
        let fresh = self.store.is_none();
        let result = self.store().and_then(&action);
        let problem = match result {
            Ok(value) => return Ok(value),
            Err(problem) => problem,
        };
        // The Keychain would ask the person once more.
        if problem == KeyringProblem::Locked || cfg!(target_os = "macos") {
            return Err(problem);
        }
        self.store = None;
        if fresh { Err(problem) } else { self.store().and_then(&action) }
    }
}

impl SecretStore for OsStore {
    fn prepare(&mut self) {
        let _ = self.store();
    }

    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem> {
        Ok(self.with_store(|store| store.get(name))?.map(Zeroizing::new))
    }

    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        self.with_store(|store| store.set(name, secret))
    }

    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
        self.with_store(|store| store.delete(name))
    }

    fn names(&mut self) -> Result<Vec<String>, KeyringProblem> {
        self.with_store(Store::names)
    }

    fn unlock(&mut self) -> Result<(), KeyringProblem> {
        self.store()?.unlock()
    }
}
