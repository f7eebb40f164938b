//! The keys of this user, in files that every program of ours reads and
//! writes: what one of them creates or revokes counts for all at once.

use std::io::ErrorKind;
use std::sync::{Mutex, PoisonError};

use adapters::{Directories, SharedJson};
use connection::AccountId;
use oauth::{Secret, Timestamp};
use serde::Serialize;

use crate::key_file::{KeyFile, LocalKey, name_of};
use crate::key_uses::{AllUses, Uses};
use crate::local_key::{hash_of, id_of, key_of};

/// The keys, and when they were used.
pub struct LocalKeys {
    keys: SharedJson<KeyFile>,
    uses: SharedJson<AllUses>,
    /// What this process counted and has not written yet: every call adds to it,
    /// and a task that writes it takes it.
    counted: Mutex<AllUses>,
}

/// One key, as people and programs are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListedKey {
    /// What it is called where it is revoked.
    pub id: String,
    /// The tool that has it.
    pub name: String,
    /// The account it opens.
    pub account: AccountId,
    /// Whether it may change anything, or only read.
    pub may_write: bool,
    /// Whether programs in containers may use it.
    pub from_containers: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used last, if it was.
    pub last_used_at: Option<Timestamp>,
    /// How often it was used in the last 24 hours.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub calls_of_a_day: u64,
}

impl LocalKeys {
    /// The keys of this user.
    pub fn of(directories: &Directories) -> Self {
        Self {
            keys: SharedJson::at(directories.local_keys()),
            uses: SharedJson::at(directories.local_key_uses()),
            counted: Mutex::default(),
        }
    }

    /// Makes a key for a tool, and gives it: this is the one time that it is
    /// there. `allow` may change what it may do before it is kept.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the name cannot be used; or the file
    /// could not be written, or is damaged: then there is no key.
    pub fn create(
        &self,
        account: AccountId,
        name: &str,
        now: Timestamp,
        allow: impl FnOnce(&mut LocalKey),
    ) -> std::io::Result<(LocalKey, Secret)> {
        let name = name_of(name).map_err(|_| ErrorKind::InvalidInput)?;
        let key = key_of(adapters::key_entropy()?);
        let hash = hash_of(key.expose()).unwrap_or_default();
        let mut kept = LocalKey::new(id_of(&hash), hash, name, account, now);
        allow(&mut kept);
        self.keys.change(|file| file.add(kept.clone()))?;
        Ok((kept, key))
    }

    /// Revokes the key with this id, or else all with this name, and gives
    /// them. From now on they open nothing.
    ///
    /// # Errors
    /// The file could not be written, or is damaged; then nothing is revoked.
    pub fn revoke(&self, id_or_name: &str) -> std::io::Result<Vec<LocalKey>> {
        self.keys.change(|file| file.revoke(id_or_name))
    }

    /// Revokes every key of an account that is removed.
    ///
    /// # Errors
    /// As [`LocalKeys::revoke`].
    pub fn forget_account(&self, account: &AccountId) -> std::io::Result<()> {
        if self.keys.read()?.keys().iter().all(|key| key.account != *account) {
            return Ok(());
        }
        self.keys.change(|file| file.forget_account(account))
    }

    /// Whether there is any key.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn are_there(&self) -> std::io::Result<bool> {
        Ok(!self.keys.read()?.keys().is_empty())
    }

    /// All keys, the oldest first.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn list(&self, now: Timestamp) -> std::io::Result<Vec<ListedKey>> {
        let keys = self.keys.read()?;
        // When they were used is worth less than the keys.
        let mut uses = self.uses.read().map(|uses| AllUses::clone(&uses)).unwrap_or_default();
        uses.add(&self.counted.lock().unwrap_or_else(PoisonError::into_inner), now, |_| true);
        let listed = |key: &LocalKey| {
            let LocalKey { id, name, account, may_write, from_containers, created_at, .. } = key.clone();
            let used = uses.0.get(&id).cloned().unwrap_or_default();
            ListedKey {
                last_used_at: used.last_used_at,
                calls_of_a_day: used.calls_of_a_day(now),
                id,
                name,
                account,
                may_write,
                from_containers,
                created_at,
            }
        };
        Ok(keys.keys().iter().map(listed).collect())
    }

    /// The key that a tool showed, if it is one of ours.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn find(&self, key: &str) -> std::io::Result<Option<LocalKey>> {
        let Some(hash) = hash_of(key) else { return Ok(None) };
        Ok(self.keys.read()?.find(&hash).cloned())
    }

    /// Counts a call. Whether it is the first since the last time that the
    /// counts were written: then they are to be written soon.
    pub(crate) fn count(&self, id: &str, now: Timestamp) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = counted.0.is_empty();
        match counted.0.get_mut(id) {
            Some(uses) => uses.count(now),
            None => {
                let mut uses = Uses::default();
                uses.count(now);
                counted.0.insert(id.to_owned(), uses);
            }
        }
        is_first
    }

    /// Writes what was counted, and tells whether that was done. May wait for
    /// another process. What cannot be written is kept for the next time.
    pub(crate) fn write_counts(&self, now: Timestamp) -> bool {
        let counted = || self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(keys) = self.keys.read() else { return false };
        let is_there = |id: &str| keys.keys().iter().any(|key| key.id == id);
        let taken = std::mem::take(&mut *counted());
        if taken.0.is_empty() {
            return true;
        }
        let written = self.uses.change(|uses| uses.add(&taken, now, is_there));
        if let Err(error) = &written {
            log::warn!("how often local keys were used was not written down: {error}");
            counted().add(&taken, now, is_there);
        }
        written.is_ok()
    }
}
