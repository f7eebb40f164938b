//! Keychain and Credential Manager: the system unlocks them at log-in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use connection::KeyringProblem;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain as native;
#[cfg(windows)]
use windows_native_keyring_store as native;

use crate::keyring::SERVICE;

/// A person who said no to the Keychain's question is not asked again by
/// themselves for this long: an hour. Unlocking asks at once.
const REFUSED_FOR: Duration = Duration::from_hours(1);
/// When the person said no to this program. Unlocking has a store of its own, on another thread.
static REFUSED: Mutex<Option<Instant>> = Mutex::new(None);

fn refused(at: Option<Instant>) {
    *REFUSED.lock().unwrap_or_else(PoisonError::into_inner) = at;
}

fn is_refused() -> bool {
    let refused = *REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    refused.is_some_and(|since| since.elapsed() < REFUSED_FOR)
}

pub struct Store(Arc<native::Store>);

impl Store {
    pub fn open() -> Result<Self, KeyringProblem> {
        native::Store::new().map(Self).map_err(|_| KeyringProblem::Missing)
    }

    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeyringProblem> {
        self.ask(|| self.entry(name)?.get_secret())
    }

    pub fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        let written = self.ask(|| self.entry(name)?.set_secret(secret))?;
        // A write never answers that there is no such entry.
        written.ok_or(KeyringProblem::Failed)
    }

    pub fn delete(&self, name: &str) -> Result<(), KeyringProblem> {
        self.ask(|| self.entry(name)?.delete_credential()).map(drop)
    }

    pub fn names(&self) -> Result<Vec<String>, KeyringProblem> {
        // Windows finds entries by their whole names alone.
        let ours = if cfg!(windows) {
            ("pattern", format!(r"\.{}$", SERVICE.replace('.', r"\.")))
        } else {
            ("service", SERVICE.to_owned())
        };
        let found = self.ask(|| self.0.search(&HashMap::from([(ours.0, ours.1.as_str())])))?;
        // Windows has both in one name, with a dot between them, and takes any dot for that one.
        let ending = format!(".{SERVICE}");
        let whole = found.unwrap_or_default().into_iter().filter_map(|entry| entry.get_specifiers());
        let whole = whole.map(|(service, name)| format!("{name}.{service}"));
        Ok(whole.filter_map(|whole| whole.strip_suffix(&ending).map(str::to_owned)).collect())
    }

    pub fn unlock(&self) -> Result<(), KeyringProblem> {
        refused(None);
        Ok(())
    }

    fn entry(&self, name: &str) -> keyring_core::Result<Entry> {
        // Windows would otherwise let a secret roam to other machines.
        let local = HashMap::from([("persistence", "Local")]);
        self.0.build(SERVICE, name, cfg!(windows).then_some(&local))
    }

    /// `None` if there is no such entry. The error itself is never printed: some of them carry the secret's bytes.
    fn ask<T>(&self, action: impl Fn() -> keyring_core::Result<T>) -> Result<Option<T>, KeyringProblem> {
        if is_refused() {
            return Err(KeyringProblem::Locked);
        }
        match action() {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(Error::PlatformFailure(error)) => Err(problem_of(error.as_ref())),
            // A session that nobody logged in to at this computer, such as one of ssh.
            Err(Error::NoStorageAccess(_)) if cfg!(windows) => Err(KeyringProblem::Missing),
            Err(Error::NoStorageAccess(_)) => Err(KeyringProblem::Locked),
            Err(Error::NoDefaultStore) => Err(KeyringProblem::Missing),
            Err(_) => Err(KeyringProblem::Failed),
        }
    }
}

/// What macOS says of the person (`SecBase.h`).
#[cfg(target_os = "macos")]
fn problem_of(error: &(dyn std::error::Error + 'static)) -> KeyringProblem {
    /// `errSecUserCanceled` and `errSecAuthFailed`: cancelled, or denied.
    const NO: [i32; 2] = [-128, -25293];
    /// `errSecInteractionNotAllowed`: it is locked, and there is nobody to ask, as over ssh.
    const NOBODY_TO_ASK: i32 = -25308;
    match error.downcast_ref::<security_framework::base::Error>().map(|error| error.code()) {
        Some(code) if NO.contains(&code) => {
            refused(Some(Instant::now()));
            KeyringProblem::Locked
        }
        Some(NOBODY_TO_ASK) => KeyringProblem::Locked,
        _ => KeyringProblem::Failed,
    }
}

#[cfg(not(target_os = "macos"))]
fn problem_of(_: &(dyn std::error::Error + 'static)) -> KeyringProblem {
    KeyringProblem::Failed
}
