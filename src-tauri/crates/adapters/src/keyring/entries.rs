//! Single keyring entries, blocking.

use std::collections::HashMap;

use connection::KeyringProblem;
use keyring_core::Entry;
use zeroize::Zeroizing;

use super::SERVICE;

/// A store of small named secrets. Blocking, never interactive but in `unlock`.
pub trait Entries: Send {
    /// Reads an entry; `None` if there is none.
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem>;
    /// Writes an entry.
    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem>;
    /// Deletes an entry; fine if there is none.
    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem>;
    /// Asks the person to unlock the store, and waits.
    fn unlock(&mut self) -> Result<(), KeyringProblem>;
}

/// Secrets in this process alone.
#[derive(Debug, Default)]
pub struct MemoryEntries(HashMap<String, Zeroizing<Vec<u8>>>);

impl MemoryEntries {
    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Entries for MemoryEntries {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem> {
        Ok(self.0.get(name).cloned())
    }

    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        self.0.insert(name.to_owned(), Zeroizing::new(secret.to_owned()));
        Ok(())
    }

    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
        self.0.remove(name);
        Ok(())
    }

    fn unlock(&mut self) -> Result<(), KeyringProblem> {
        Ok(())
    }
}

/// The operating system's own store: Secret Service, Keychain or Credential Manager.
#[derive(Default)]
pub struct OsEntries {
    store: Option<platform::Store>,
}

impl OsEntries {
    /// Does something with an entry, on a connection that works. A connection
    /// that broke (the service was restarted) is made anew, once.
    fn with_entry<T>(
        &mut self,
        name: &str,
        action: impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> Result<Option<T>, KeyringProblem> {
        let mut fresh = self.store.is_none();
        loop {
            let store = match &self.store {
                Some(store) => store,
                None => self.store.insert(platform::Store::open()?),
            };
            let result = store.ready().and_then(|()| store.entry(name).map_err(|error| problem_of(&error)));
            let error = match result.map(|entry| action(&entry)) {
                Ok(Ok(value)) => return Ok(Some(value)),
                Ok(Err(keyring_core::Error::NoEntry)) => return Ok(None),
                Ok(Err(error)) => problem_of(&error),
                Err(problem) => problem,
            };
            if error == KeyringProblem::Locked || fresh {
                if error != KeyringProblem::Locked {
                    self.store = None;
                }
                return Err(error);
            }
            self.store = None;
            fresh = true;
        }
    }
}

impl Entries for OsEntries {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem> {
        self.with_entry(name, |entry| entry.get_secret().map(Zeroizing::new))
    }

    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        // A write never answers that there is no such entry.
        self.with_entry(name, |entry| entry.set_secret(secret))?.ok_or(KeyringProblem::Failed)
    }

    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
        self.with_entry(name, Entry::delete_credential).map(drop)
    }

    fn unlock(&mut self) -> Result<(), KeyringProblem> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(platform::Store::open()?),
        };
        store.unlock()
    }
}

/// The error itself is never printed: some of them carry the secret's bytes.
fn problem_of(error: &keyring_core::Error) -> KeyringProblem {
    use keyring_core::Error;
    match error {
        Error::NoStorageAccess(_) => KeyringProblem::Locked,
        Error::NoDefaultStore => KeyringProblem::Missing,
        _ => KeyringProblem::Failed,
    }
}

#[cfg(target_os = "linux")]
mod platform {
    //! The Secret Service. A second connection, which carries no secret, tells
    //! whether the keyring is locked, so that no operation opens a prompt.

    use std::collections::HashMap;
    use std::sync::Arc;

    use connection::KeyringProblem;
    use keyring_core::Entry;
    use keyring_core::api::CredentialStoreApi;
    use secret_service::EncryptionType;
    use secret_service::blocking::SecretService;
    use zbus_secret_service_keyring_store as secret_service_store;

    pub struct Store {
        secrets: Arc<secret_service_store::Store>,
        state: SecretService<'static>,
    }

    impl Store {
        pub fn open() -> Result<Self, KeyringProblem> {
            let missing = |_| KeyringProblem::Missing;
            Ok(Self {
                state: SecretService::connect(EncryptionType::Plain).map_err(missing)?,
                secrets: secret_service_store::Store::new().map_err(|_| KeyringProblem::Missing)?,
            })
        }

        /// Whether entries can be read and written without asking anyone.
        pub fn ready(&self) -> Result<(), KeyringProblem> {
            let collection = self.state.get_default_collection().map_err(|error| problem_of(&error))?;
            match collection.is_locked() {
                Ok(false) => Ok(()),
                Ok(true) => Err(KeyringProblem::Locked),
                Err(error) => Err(problem_of(&error)),
            }
        }

        pub fn entry(&self, name: &str) -> keyring_core::Result<Entry> {
            // What the person reads in their keyring's own window.
            let label = format!("Hotmart Connect ({name})");
            self.secrets.build(super::SERVICE, name, Some(&HashMap::from([("label", label.as_str())])))
        }

        /// Asks for the password; where there is no default keyring yet, has one made.
        pub fn unlock(&self) -> Result<(), KeyringProblem> {
            match self.state.get_default_collection() {
                Ok(collection) => collection.unlock(),
                Err(secret_service::Error::NoResult) => {
                    self.state.create_collection("Login", "default").map(drop)
                }
                Err(error) => Err(error),
            }
            .map_err(|error| problem_of(&error))?;
            self.ready()
        }
    }

    fn problem_of(error: &secret_service::Error) -> KeyringProblem {
        use secret_service::Error;
        match error {
            Error::Locked | Error::Prompt | Error::NoResult => KeyringProblem::Locked,
            Error::Unavailable | Error::Zbus(_) | Error::ZbusFdo(_) | Error::PromptDisconnected => {
                KeyringProblem::Missing
            }
            _ => KeyringProblem::Failed,
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    //! Keychain and Credential Manager: the system unlocks them at log-in.

    use std::collections::HashMap;
    use std::sync::Arc;

    use connection::KeyringProblem;
    use keyring_core::Entry;
    use keyring_core::api::CredentialStoreApi;

    #[cfg(target_os = "macos")]
    use apple_native_keyring_store::keychain as native;
    #[cfg(windows)]
    use windows_native_keyring_store as native;

    pub struct Store(Arc<native::Store>);

    impl Store {
        pub fn open() -> Result<Self, KeyringProblem> {
            native::Store::new().map(Self).map_err(|_| KeyringProblem::Missing)
        }

        pub fn ready(&self) -> Result<(), KeyringProblem> {
            Ok(())
        }

        pub fn entry(&self, name: &str) -> keyring_core::Result<Entry> {
            // Windows would otherwise let a secret roam to other machines.
            let local = HashMap::from([("persistence", "Local")]);
            self.0.build(super::SERVICE, name, cfg!(windows).then_some(&local))
        }

        pub fn unlock(&self) -> Result<(), KeyringProblem> {
            Ok(())
        }
    }
}
