//! A thread that owns the keyring, and the deadline on this side of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, mpsc};
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

type Job<E> = Box<dyn FnOnce(&mut ChunkedRecords<E>) + Send>;

/// The keyring port over a thread of its own. The thread may hang in the
/// operating system; whoever asks is told after a deadline.
pub struct SystemKeyring<E: SecretStore + 'static> {
    jobs: mpsc::Sender<Job<E>>,
    /// Prompts wait for a person: on a thread of their own, so that nothing else waits with them.
    prompts: mpsc::Sender<Job<E>>,
    /// Accounts whose seller chose to go on without a keyring.
    in_memory: Mutex<HashMap<AccountId, ChunkedRecords<MemoryStore>>>,
    deadline: Duration,
}

impl<E: SecretStore + 'static> SystemKeyring<E> {
    /// Starts the threads over entries that `open` makes, once for each.
    pub fn start(open: impl Fn() -> E, limit: usize, deadline: Duration) -> Self {
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
        // A thread that is gone says so to whoever reads.
        let _ = self.jobs.send(Box::new(|records| records.entries().prepare()));
        self
    }

    /// Has a job done in the account's store: its memory, or else the keyring.
    async fn perform<T: Send + 'static>(
        &self,
        account: &AccountId,
        in_memory: impl FnOnce(&mut ChunkedRecords<MemoryStore>) -> Result<T, KeyringProblem>,
        in_keyring: impl FnOnce(&mut ChunkedRecords<E>, &dyn Fn() -> bool) -> Result<T, KeyringProblem>
        + Send
        + 'static,
    ) -> Result<T, KeyringProblem> {
        {
            let mut memory = self.in_memory.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(records) = memory.get_mut(account) {
                return in_memory(records);
            }
        }
        let result = ask(&self.jobs, self.deadline, in_keyring).await;
        // Chosen meanwhile: what reached the keyring is not where it is looked for from now on.
        if self.storage_of(account) == TokenStorage::Memory {
            return Err(KeyringProblem::Unresponsive);
        }
        result
    }
}

fn start_thread<E: SecretStore + 'static>(mut records: ChunkedRecords<E>) -> mpsc::Sender<Job<E>> {
    let (jobs, inbox) = mpsc::channel::<Job<E>>();
    std::thread::spawn(move || {
        while let Ok(job) = inbox.recv() {
            job(&mut records);
        }
    });
    jobs
}

async fn ask<E: SecretStore, T: Send + 'static>(
    jobs: &mpsc::Sender<Job<E>>,
    deadline: Duration,
    action: impl FnOnce(&mut ChunkedRecords<E>, &dyn Fn() -> bool) -> Result<T, KeyringProblem> + Send + 'static,
) -> Result<T, KeyringProblem> {
    let (answer, wait) = oneshot::channel();
    let job: Job<E> = Box::new(move |records| {
        // Nobody waits any more: what was given up must not happen late.
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

fn name(account: &AccountId, item: SecretKind) -> String {
    format!("{account}/{}", item.as_str())
}

impl<E: SecretStore + 'static> Keyring for SystemKeyring<E> {
    fn read<'a>(
        &'a self,
        account: &'a AccountId,
        item: SecretKind,
    ) -> BoxFuture<'a, Result<Option<Secret>, KeyringProblem>> {
        let entry = name(account, item);
        let again = entry.clone();
        Box::pin(self.perform(
            account,
            move |records| records.read(&entry),
            move |records, _| records.read(&again),
        ))
    }

    fn write<'a>(
        &'a self,
        account: &'a AccountId,
        item: SecretKind,
        secret: &'a Secret,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let entry = name(account, item);
        let (again, copy) = (entry.clone(), secret.duplicate());
        Box::pin(self.perform(
            account,
            move |records| records.write(&entry, secret),
            move |records, is_wanted| records.write_while(&again, &copy, is_wanted),
        ))
    }

    fn delete<'a>(
        &'a self,
        account: &'a AccountId,
        item: SecretKind,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let entry = name(account, item);
        let again = entry.clone();
        Box::pin(self.perform(
            account,
            move |records| records.delete(&entry),
            move |records, _| records.delete(&again),
        ))
    }

    fn forget<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async move {
            let entries = SecretKind::ALL.map(|item| name(account, item));
            let delete = move |records: &mut ChunkedRecords<E>, _: &dyn Fn() -> bool| {
                entries.iter().try_for_each(|entry| records.delete(entry))
            };
            let deleted = ask(&self.jobs, self.deadline, delete).await;
            // Whoever goes on without a keyring because there is none has nothing in it.
            if deleted != Err(KeyringProblem::Missing) || self.storage_of(account) == TokenStorage::Keyring {
                deleted?;
            }
            self.in_memory.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
            Ok(())
        })
    }

    fn unlock(&self) -> BoxFuture<'_, Result<(), KeyringProblem>> {
        Box::pin(ask(&self.prompts, UNLOCK_DEADLINE, |records, _| records.entries().unlock()))
    }

    fn keep_in_memory(&self, account: &AccountId) {
        let mut memory = self.in_memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory
            .entry(account.clone())
            .or_insert_with(|| ChunkedRecords::new(MemoryStore::default(), super::ENTRY_LIMIT));
    }

    fn storage_of(&self, account: &AccountId) -> TokenStorage {
        let memory = self.in_memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.contains_key(account) { TokenStorage::Memory } else { TokenStorage::Keyring }
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
