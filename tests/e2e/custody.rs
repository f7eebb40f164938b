//! The keyring adapter: one contract over memory and over the real keyring.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use adapters::{ChunkedRecords, MemoryStore, OsStore, SecretStore, SystemKeyring};
use connection::ports::{Keyring, SecretKind};
use connection::{AccountId, KeyringProblem, TokenStorage};
use oauth::Secret;
use tests::Desktop;

const WINDOWS_LIMIT: usize = 2_560;

fn contract(records: &mut ChunkedRecords) {
    assert!(records.read("contract/r").unwrap().is_none());
    records.delete("contract/r").unwrap();
    // 20 KB, as a large token response has; text that is more than ASCII; nothing at all.
    for record in ["x".repeat(20_000), "small".to_owned(), "açaí ".repeat(4_000), String::new()] {
        let record = Secret::new(record);
        records.write("contract/r", &record).unwrap();
        assert!(records.read("contract/r").unwrap().unwrap().matches(record.expose()));
    }
    records.write("contract/other", &Secret::new("other".into())).unwrap();
    records.delete("contract/r").unwrap();
    assert!(records.read("contract/r").unwrap().is_none());
    assert!(records.read("contract/other").unwrap().unwrap().matches("other"));
}

#[test]
fn the_contract_holds_in_memory() {
    contract(&mut ChunkedRecords::new(MemoryStore::default(), WINDOWS_LIMIT));
}

#[test]
fn the_contract_holds_in_the_real_keyring() {
    // The session bus's address is a process's own: this test runs itself again on a desktop.
    if tests::inside_a_desktop() {
        contract(&mut ChunkedRecords::new(OsStore::default(), WINDOWS_LIMIT));
        contract(&mut ChunkedRecords::new(OsStore::default(), adapters::ENTRY_LIMIT));
    } else {
        let desktop = Desktop::start();
        tests::run_this_test_on(&desktop, "custody::the_contract_holds_in_the_real_keyring");
        assert!(desktop.secret("contract/other").is_some(), "secret-tool sees what was left");
    }
}

/// gnome-keyring aborts if a caller leaves in the moment in which another one's
/// first message opens a session.
#[test]
fn the_keyring_outlives_programs_that_come_and_go_in_a_hurry() {
    const PROGRAMS: usize = 8;
    const VISITS: usize = 400;
    if !tests::inside_a_desktop() {
        return tests::run_this_test_on(
            &Desktop::start(),
            "custody::the_keyring_outlives_programs_that_come_and_go_in_a_hurry",
        );
    }
    let visit = || OsStore::default().get("hurry/tokens").map(|found| found.is_some());
    std::thread::scope(|scope| {
        for _ in 0..PROGRAMS {
            scope.spawn(|| (0..VISITS).for_each(|_| assert_eq!(visit(), Ok(false))));
        }
    });
}

/// Answers nothing until its gate is opened, like a keyring that waits for a password.
struct GatedStore(MemoryStore, Arc<Gate>);

#[derive(Default)]
struct Gate(Mutex<bool>, Condvar);

impl Gate {
    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn pass(&self) {
        let closed = self.0.lock().unwrap();
        drop(self.1.wait_while(closed, |open| !*open).unwrap());
    }
}

impl SecretStore for GatedStore {
    fn get(&mut self, name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, KeyringProblem> {
        self.1.pass();
        self.0.get(name)
    }
    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        self.0.set(name, secret)
    }
    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
        self.0.delete(name)
    }
    fn unlock(&mut self) -> Result<(), KeyringProblem> {
        Ok(())
    }
}

fn gated(deadline: Duration) -> (SystemKeyring, Arc<Gate>) {
    let gate = Arc::<Gate>::default();
    let inner = Arc::clone(&gate);
    let open = move || GatedStore(MemoryStore::default(), Arc::clone(&inner));
    (SystemKeyring::start(open, WINDOWS_LIMIT, deadline), gate)
}

#[tokio::test]
async fn a_keyring_that_does_not_answer_is_given_up_and_what_was_given_up_does_not_happen_late() {
    let (keyring, gate) = gated(Duration::from_secs(1));
    let account = AccountId::parse("main").unwrap();
    let secret = Secret::new("late".into());
    let read = keyring.read(&account, SecretKind::Tokens);
    let write = keyring.write(&account, SecretKind::Tokens, &secret);
    let (read, write) = tokio::join!(read, write);
    assert_eq!(read.unwrap_err(), KeyringProblem::Unresponsive);
    assert_eq!(write.unwrap_err(), KeyringProblem::Unresponsive);
    gate.open();
    let read = keyring.read(&account, SecretKind::Tokens).await;
    assert!(read.unwrap().is_none(), "the write was given up, so it did not happen");
}

#[tokio::test]
async fn an_account_kept_in_memory_touches_no_keyring() {
    let (keyring, _closed) = gated(Duration::from_millis(50));
    let account = AccountId::parse("main").unwrap();
    assert_eq!(keyring.read(&account, SecretKind::Tokens).await.unwrap_err(), KeyringProblem::Unresponsive);
    keyring.keep_in_memory(&account);
    assert_eq!(keyring.storage_of(&account), TokenStorage::Memory);
    keyring.write(&account, SecretKind::Tokens, &Secret::new("t".into())).await.unwrap();
    assert!(keyring.read(&account, SecretKind::Tokens).await.unwrap().unwrap().matches("t"));
    keyring.delete(&account, SecretKind::Tokens).await.unwrap();
    assert!(keyring.read(&account, SecretKind::Tokens).await.unwrap().is_none());
}
