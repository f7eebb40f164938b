//! A thread that owns the keyring, and the deadline on this side of it.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};

use connection::ports::{BoxFuture, Keyring, SecretKind};
use connection::{AccountId, KeyringProblem, TokenStorage};
use oauth::Secret;
use tokio::sync::oneshot;

use super::{ChunkedRecords, MemoryStore, SecretStore};

/// A keyring that takes longer than this does not answer: 8 seconds. The Keychain
/// may ask the person in the middle of any call whether this program may read an
/// entry, and they may take 2 minutes to read that question.
pub const KEYRING_DEADLINE: Duration = Duration::from_secs(if cfg!(target_os = "macos") { 120 } else { 8 });
/// A program that ends waits this long for what is under way: longer than two
/// requests and three calls of the keyring may take.
pub const LEAVE_DEADLINE: Duration =
    Duration::from_secs(71).saturating_add(KEYRING_DEADLINE.saturating_mul(3));
/// A person may take this long to type a password: 3 minutes.
const UNLOCK_DEADLINE: Duration = Duration::from_secs(180);

/// Whether the program, which has the focus, may look at the keyring for that
/// alone. On macOS a look can ask the user, whose answer gives the focus back:
/// that is no reason to look, and ask, once more.
pub fn focus_is_a_reason_to_look() -> bool {
    /// Longer than a question may stay open.
    const QUESTION: Duration = Duration::from_secs(KEYRING_DEADLINE.as_secs() + 30);
    static LOOKED: Mutex<Option<Instant>> = Mutex::new(None);
    let mut looked = LOOKED.lock().unwrap_or_else(PoisonError::into_inner);
    if cfg!(target_os = "macos") && looked.is_some_and(|since| since.elapsed() < QUESTION) {
        return false;
    }
    *looked = Some(Instant::now());
    true
}

type Job = Box<dyn FnOnce(&mut ChunkedRecords) + Send>;

/// The keyring port over a thread of its own. The thread may hang in the
/// operating system; the caller is told after a deadline.
pub struct SystemKeyring {
    jobs: mpsc::Sender<Job>,
    /// Prompts wait for a person: on a thread of their own, so that nothing else
    /// waits with them. It starts with the first of them.
    prompts: OnceLock<mpsc::Sender<Job>>,
    start_prompts: Box<dyn Fn() -> mpsc::Sender<Job> + Send + Sync>,
    /// Accounts whose seller chose to go on without a keyring. Every task that
    /// uses the keyring looks here first.
    in_memory: Mutex<HashMap<AccountId, ChunkedRecords>>,
    deadline: Duration,
    /// What every record's name begins with.
    prefix: String,
}

impl SystemKeyring {
    /// Starts the keyring's thread, and with the first prompt another one; each
    /// has a store that `open` makes.
    pub fn start<S: SecretStore + 'static>(
        open: impl Fn() -> S + Clone + Send + Sync + 'static,
        limit: usize,
        deadline: Duration,
    ) -> Self {
        let records = move || ChunkedRecords::new(open(), limit);
        Self {
            jobs: start_thread(records.clone()),
            prompts: OnceLock::new(),
            start_prompts: Box::new(move || start_thread(records.clone())),
            in_memory: Mutex::new(HashMap::new()),
            deadline,
            prefix: String::new(),
        }
    }

    /// The same, for records whose names begin with this.
    #[must_use]
    pub fn with_prefix(self, prefix: String) -> Self {
        Self { prefix, ..self }
    }

    /// Has the keyring get ready while something else is done.
    #[must_use]
    pub fn prepared(self) -> Self {
        // A thread that is gone says so to the first reader.
        let _ = self.jobs.send(Box::new(|records| records.entries().prepare()));
        self
    }

    /// The accounts of which this home has tokens in the keyring, also those
    /// that no settings name any more; none where the store cannot tell.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn accounts_with_tokens(&self) -> Result<Vec<AccountId>, KeyringProblem> {
        let tokens = format!("/{}", SecretKind::Tokens.as_str());
        let is_ours = self.is_ours();
        let look = move |records: &mut ChunkedRecords, _: &dyn Fn() -> bool| {
            let names = records.entries().names()?;
            let ids = names.iter().filter_map(|name| is_ours(name)?.strip_suffix(&tokens));
            Ok(ids.filter_map(|id| AccountId::parse(id).ok()).collect())
        };
        ask(&self.jobs, self.deadline, look).await
    }

    /// Deletes all that is left of this home in the keyring, also of accounts
    /// that no settings name any more. Some stores cannot be asked for that.
    ///
    /// # Errors
    /// The keyring's problem; some of it may still be there.
    pub async fn forget_what_is_left(&self) -> Result<(), KeyringProblem> {
        let is_ours = self.is_ours();
        let delete = move |records: &mut ChunkedRecords, _: &dyn Fn() -> bool| {
            let names = records.entries().names()?;
            let ours = names.iter().filter(|name| is_ours(name).is_some());
            ours.into_iter().try_for_each(|name| records.entries().delete(name))
        };
        ask(&self.jobs, self.deadline, delete).await
    }

    /// Gives an entry's name in this home, if it is of this home.
    fn is_ours(&self) -> impl Fn(&str) -> Option<&str> + Send + 'static {
        let prefix = self.prefix.clone();
        move |name| name.strip_prefix(prefix.as_str()).filter(|rest| !is_of_a_home(rest))
    }

    /// The name of a record in the keyring, such as `main/tokens`.
    fn name(&self, account: &AccountId, kind: SecretKind) -> String {
        format!("{}{account}/{}", self.prefix, kind.as_str())
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

/// Whether an entry's name begins with that of a home, as in `home-1a2b3c4d5e6f/main/tokens`.
fn is_of_a_home(name: &str) -> bool {
    name.matches('/').count() > 1
}

/// A job that breaks off ends neither the thread nor those that come after it:
/// they find a store that was opened anew.
fn start_thread(open: impl Fn() -> ChunkedRecords + Send + 'static) -> mpsc::Sender<Job> {
    let (jobs, inbox) = mpsc::channel::<Job>();
    std::thread::spawn(move || {
        let mut records = open();
        while let Ok(job) = inbox.recv() {
            if std::panic::catch_unwind(AssertUnwindSafe(|| job(&mut records))).is_err() {
                log::error!("a use of the keyring broke off; it is opened anew");
                records = open();
            }
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

impl Keyring for SystemKeyring {
    fn read<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
    ) -> BoxFuture<'a, Result<Option<Secret>, KeyringProblem>> {
        let name = self.name(account, kind);
        Box::pin(self.perform(account, move |records, _| records.read(&name)))
    }

    fn write<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
        secret: &'a Secret,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let (name, secret) = (self.name(account, kind), secret.duplicate());
        Box::pin(
            self.perform(account, move |records, is_wanted| records.write_while(&name, &secret, is_wanted)),
        )
    }

    fn delete<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let name = self.name(account, kind);
        Box::pin(self.perform(account, move |records, _| records.delete(&name)))
    }

    fn forget<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async move {
            let names = SecretKind::ALL.map(|kind| self.name(account, kind));
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
        let prompts = self.prompts.get_or_init(&self.start_prompts);
        Box::pin(ask(prompts, UNLOCK_DEADLINE, |records, _| records.entries().unlock()))
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use zeroize::Zeroizing;

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

    #[tokio::test]
    async fn what_is_left_of_one_home_is_deleted_and_another_home_keeps_its_own() {
        let memory = MemoryStore::default();
        let mut entries = memory.clone();
        let names = [
            "gone/tokens",
            "gone/tokens.a0",
            "gone/client-secret",
            "home-1/main/tokens",
            "home-2/main/tokens",
        ];
        names.iter().for_each(|name| entries.set(name, b"x").unwrap());
        let open = move || memory.clone();
        let start = || SystemKeyring::start(open.clone(), super::super::ENTRY_LIMIT, KEYRING_DEADLINE);
        let left = |entries: &mut MemoryStore| {
            let mut left = entries.names().unwrap();
            left.sort();
            left
        };
        assert_eq!(start().accounts_with_tokens().await.unwrap(), [AccountId::parse("gone").unwrap()]);
        start().forget_what_is_left().await.unwrap();
        assert_eq!(left(&mut entries), names[3..]);
        start().with_prefix("home-1/".into()).forget_what_is_left().await.unwrap();
        assert_eq!(left(&mut entries), names[4..]);
    }

    /// Breaks off at the first reading.
    struct BreakingStore(Arc<AtomicBool>, MemoryStore);

    impl SecretStore for BreakingStore {
        fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem> {
            assert!(self.0.swap(true, Ordering::SeqCst), "a fault");
            self.1.get(name)
        }
        fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
            self.1.set(name, secret)
        }
        fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
            self.1.delete(name)
        }
        fn unlock(&mut self) -> Result<(), KeyringProblem> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_fault_in_the_keyrings_thread_is_told_and_the_next_one_is_served() {
        let (broke, memory) = (Arc::new(AtomicBool::new(false)), MemoryStore::default());
        let open = move || BreakingStore(Arc::clone(&broke), memory.clone());
        let keyring = SystemKeyring::start(open, super::super::ENTRY_LIMIT, KEYRING_DEADLINE);
        let account = AccountId::parse("main").unwrap();
        let read = async || keyring.read(&account, SecretKind::Tokens).await.map(|found| found.is_some());
        assert_eq!(read().await, Err(KeyringProblem::Failed));
        assert_eq!(read().await, Ok(false));
    }

    #[tokio::test]
    async fn two_homes_of_a_user_share_a_keyring_and_no_secret() {
        let memory = MemoryStore::default();
        let open = {
            let memory = memory.clone();
            move || memory.clone()
        };
        let start = || SystemKeyring::start(open.clone(), super::super::ENTRY_LIMIT, KEYRING_DEADLINE);
        let (usual, other) = (start(), start().with_prefix("home-1/".into()));
        let account = AccountId::parse("main").unwrap();
        usual.write(&account, SecretKind::Tokens, &Secret::new("a".into())).await.unwrap();
        assert!(other.read(&account, SecretKind::Tokens).await.unwrap().is_none());
        other.write(&account, SecretKind::Tokens, &Secret::new("b".into())).await.unwrap();
        other.forget(&account).await.unwrap();
        assert!(usual.read(&account, SecretKind::Tokens).await.unwrap().unwrap().matches("a"));
        assert_eq!(memory.count(), 1);
    }
}
