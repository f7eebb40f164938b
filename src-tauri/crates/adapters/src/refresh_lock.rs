//! At most one refresh per account on the machine: a lock file.

use std::fs::TryLockError;
use std::path::PathBuf;
use std::time::Duration;

use connection::AccountId;
use connection::ports::{BoxFuture, LockGuard, LockProblem, RefreshLock};

use crate::KEYRING_DEADLINE;
use crate::files::open_to_lock;

/// How long to wait for another process: longer than a renewal can take, which
/// is two requests and a few calls of the keyring, each up to its deadline.
pub const LOCK_DEADLINE: Duration =
    Duration::from_secs(76).saturating_add(KEYRING_DEADLINE.saturating_mul(3));
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// Locks a file per account. The system frees the lock of a process that
/// dies; the file itself is never removed.
#[derive(Debug)]
pub struct FileLock {
    folder: PathBuf,
    deadline: Duration,
}

impl FileLock {
    /// Lock files in `folder`, waited for until `deadline`.
    pub fn new(folder: PathBuf, deadline: Duration) -> Self {
        Self { folder, deadline }
    }

    async fn wait(&self, account: &AccountId) -> Result<LockGuard, LockProblem> {
        let file = open_to_lock(&self.folder.join(format!("{account}.lock"))).map_err(|error| {
            log::error!("the lock file cannot be opened: {error}");
            LockProblem::Unavailable
        })?;
        let wait = async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(LOOK_AGAIN).await,
                    Err(TryLockError::Error(error)) => {
                        log::error!("the lock file cannot be locked: {error}");
                        return Err(LockProblem::Unavailable);
                    }
                }
            }
        };
        tokio::time::timeout(self.deadline, wait).await.map_err(|_| LockProblem::TimedOut)??;
        Ok(Box::new(file))
    }
}

impl RefreshLock for FileLock {
    fn acquire<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<LockGuard, LockProblem>> {
        Box::pin(self.wait(account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_holder_at_a_time_and_only_for_the_same_account() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FileLock::new(folder.path().join("locks"), Duration::from_millis(100));
        let (main, other) = (AccountId::parse("main").unwrap(), AccountId::parse("other").unwrap());
        let held = lock.acquire(&main).await.unwrap();
        assert!(lock.acquire(&main).await.is_err(), "times out instead of waiting for ever");
        assert!(lock.acquire(&other).await.is_ok());
        drop(held);
        assert!(lock.acquire(&main).await.is_ok());
    }
}
