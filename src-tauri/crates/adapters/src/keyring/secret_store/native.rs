//! Keychain and Credential Manager: the system unlocks them at log-in.

use std::collections::HashMap;
use std::sync::Arc;

use connection::KeyringProblem;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain as native;
#[cfg(windows)]
use windows_native_keyring_store as native;

use crate::keyring::SERVICE;

pub struct Store(Arc<native::Store>);

impl Store {
    pub fn open() -> Result<Self, KeyringProblem> {
        native::Store::new().map(Self).map_err(|_| KeyringProblem::Missing)
    }

    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeyringProblem> {
        found(self.entry(name).and_then(|entry| entry.get_secret()))
    }

    pub fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        let written = found(self.entry(name).and_then(|entry| entry.set_secret(secret)))?;
        // A write never answers that there is no such entry.
        written.ok_or(KeyringProblem::Failed)
    }

    pub fn delete(&self, name: &str) -> Result<(), KeyringProblem> {
        found(self.entry(name).and_then(|entry| entry.delete_credential())).map(drop)
    }

    pub fn unlock(&self) -> Result<(), KeyringProblem> {
        Ok(())
    }

    fn entry(&self, name: &str) -> keyring_core::Result<Entry> {
        // Windows would otherwise let a secret roam to other machines.
        let local = HashMap::from([("persistence", "Local")]);
        self.0.build(SERVICE, name, cfg!(windows).then_some(&local))
    }
}

/// The error itself is never printed: some of them carry the secret's bytes.
fn found<T>(result: keyring_core::Result<T>) -> Result<Option<T>, KeyringProblem> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(Error::NoStorageAccess(_)) => Err(KeyringProblem::Locked),
        Err(Error::NoDefaultStore) => Err(KeyringProblem::Missing),
        Err(_) => Err(KeyringProblem::Failed),
    }
}
