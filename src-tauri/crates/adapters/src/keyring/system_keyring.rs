//! A thread that owns the keyring, and the deadline on this side of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use connection::ports::{BoxFuture, Keyring, SecretKind};
use connection::{AccountId, KeyringProblem, TokenStorage};
use oauth::Secret;
use tokio::sync::oneshot;

use super::{ChunkedRecords, MemoryStore, SecretStore};

/// A keyring that takes longer than this does not answer: 8 seconds.
pub const KEYRING_DEADLINE: Duration = Duration::from_secs(8);
/// A person may take this long to type a password: 3 minutes.
const UNLOCK_DEADLINE: Duration = Duration::from_secs(180);

type Job = Box<dyn FnOnce(&mut ChunkedRecords) + Send>;

/// The keyring port over a thread of its own. The thread may hang in the
/// operating system; the caller is told after a deadline.
pub struct SystemKeyring {
    jobs: mpsc::Sender<Job>,
    /// Prompts wait for a person: on a thread of their own, so that nothing else waits with them.
    prompts: mpsc::Sender<Job>,
    /// Accounts whose seller chose to go on without a keyring. Every task that
    /// uses the keyring looks here first.
    in_memory: Mutex<HashMap<AccountId, ChunkedRecords>>,
    deadline: Duration,
}

impl SystemKeyring {
    /// Starts the threads over stores that `open` makes, once for each.
    pub fn start<S: SecretStore + 'static>(open: impl Fn() -> S, limit: usize, deadline: Duration) -> Self {
        Self {
            jobs: start_thread(ChunkedRecords::new(open(), limit)),
            prompts: start_thread(ChunkedRecords::new(open(), limit)),
            in_memory: Mutex::new(HashMap::new()),
            deadline,
        }
    }

    /// Has the keyring get ready while something else is done.
    #[must_use]
    pub fn prepared(self) -> Self {
        // A thread that is gone says so to the first reader.
        let _ = self.jobs.send(Box::new(|records| records.entries().prepare()));
        self
    }

    fn in_memory(&self) -> MutexGuard<'_, HashMap<AccountId, ChunkedRecords>> {
        self.in_memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has something done in the account's store: its memory, or else the keyring.
    async fn perform<T: Send + 'static>(
        &self,
        account: &AccountId,
        action: impl FnOnce(&mut ChunkedRecords, &dyn Fn() -> bool) -> Result<T, KeyringProblem> + Send + 'static,
    ) -> Result<T, KeyringProblem> {
        if let Some(records) = self.in_memory().get_mut(account) {
            return action(records, &|| true);
        }
        let result = ask(&self.jobs, self.deadline, action).await;
        // Chosen meanwhile: what reached the keyring is not where it is looked for from now on.
        if self.storage_of(account) == TokenStorage::Memory {
            return Err(KeyringProblem::Unresponsive);
        }
        result
    }
}

fn start_thread(mut records: ChunkedRecords) -> mpsc::Sender<Job> {
    let (jobs, inbox) = mpsc::channel::<Job>();
    std::thread::spawn(move || {
        while let Ok(job) = inbox.recv() {
            job(&mut records);
        }
    });
    jobs
}

async fn ask<T: Send + 'static>(
    jobs: &mpsc::Sender<Job>,
    deadline: Duration,
    action: impl FnOnce(&mut ChunkedRecords, &dyn Fn() -> bool) -> Result<T, KeyringProblem> + Send + 'static,
) -> Result<T, KeyringProblem> {
    let (answer, wait) = oneshot::channel();
    let job: Job = Box::new(move |records| {
        // Given up meanwhile: it must not happen late.
        if !answer.is_closed() {
            let result = action(records, &|| !answer.is_closed());
            let _ = answer.send(result);
        }
    });
    jobs.send(job).map_err(|_| KeyringProblem::Failed)?;
    match tokio::time::timeout(deadline, wait).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(KeyringProblem::Failed),
        Err(_) => Err(KeyringProblem::Unresponsive),
    }
}

/// The name of a record in the keyring, such as `main/tokens`.
fn name(account: &AccountId, kind: SecretKind) -> String {
    format!("{account}/{}", kind.as_str())
}

impl Keyring for SystemKeyring {
    fn read<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
    ) -> BoxFuture<'a, Result<Option<Secret>, KeyringProblem>> {
        let name = name(account, kind);
        Box::pin(self.perform(account, move |records, _| records.read(&name)))
    }

    fn write<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
        secret: &'a Secret,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let (name, secret) = (name(account, kind), secret.duplicate());
        Box::pin(
            self.perform(account, move |records, is_wanted| records.write_while(&name, &secret, is_wanted)),
        )
    }

    fn delete<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let name = name(account, kind);
        Box::pin(self.perform(account, move |records, _| records.delete(&name)))
    }

    fn forget<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async move {
            let names = SecretKind::ALL.map(|kind| name(account, kind));
            let delete = move |records: &mut ChunkedRecords, _: &dyn Fn() -> bool| {
                names.iter().try_for_each(|name| records.delete(name))
            };
            let deleted = ask(&self.jobs, self.deadline, delete).await;
            // An account that goes on without a keyring, because there is none, has nothing in it.
            if deleted != Err(KeyringProblem::Missing) || self.storage_of(account) == TokenStorage::Keyring {
                deleted?;
            }
            self.in_memory().remove(account);
            Ok(())
        })
    }

    fn unlock(&self) -> BoxFuture<'_, Result<(), KeyringProblem>> {
        Box::pin(ask(&self.prompts, UNLOCK_DEADLINE, |records, _| records.entries().unlock()))
    }

    fn keep_in_memory(&self, account: &AccountId) {
        let empty = || ChunkedRecords::new(MemoryStore::default(), super::ENTRY_LIMIT);
        self.in_memory().entry(account.clone()).or_insert_with(empty);
    }

    fn storage_of(&self, account: &AccountId) -> TokenStorage {
        if self.in_memory().contains_key(account) { TokenStorage::Memory } else { TokenStorage::Keyring }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn forgetting_an_account_reaches_the_keyring_also_from_memory() {
        let keyring = SystemKeyring::start(MemoryStore::default, super::super::ENTRY_LIMIT, KEYRING_DEADLINE);
        let account = AccountId::parse("main").unwrap();
        let write =
            async |text: &str| keyring.write(&account, SecretKind::Tokens, &Secret::new(text.into())).await;
        write("in the keyring").await.unwrap();
        keyring.keep_in_memory(&account);
        write("in memory").await.unwrap();
        assert_eq!(keyring.storage_of(&account), TokenStorage::Memory);

        keyring.forget(&account).await.unwrap();
        assert_eq!(
            keyring.storage_of(&account),
            TokenStorage::Keyring,
            "a new account of this name is kept as usual"
        );
        assert!(keyring.read(&account, SecretKind::Tokens).await.unwrap().is_none(), "nothing comes back");
    }
}
