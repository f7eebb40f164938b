//! The keyring adapter: one contract over memory and over the real keyring.

use std::time::Duration;

use adapters::{ChunkedRecords, Entries, MemoryEntries, OsEntries, SystemKeyring};
use connection::ports::{Item, Keyring};
use connection::{AccountId, KeptIn, KeyringProblem};
use oauth::Secret;
use tests::Desktop;

const WINDOWS_LIMIT: usize = 2_560;

fn contract<E: Entries>(records: &mut ChunkedRecords<E>) {
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
    contract(&mut ChunkedRecords::new(MemoryEntries::default(), WINDOWS_LIMIT));
}

#[test]
fn the_contract_holds_in_the_real_keyring() {
    // The session bus's address is a process's own: this test runs itself again on a desktop.
    if tests::inside_a_desktop() {
        contract(&mut ChunkedRecords::new(OsEntries::default(), WINDOWS_LIMIT));
        contract(&mut ChunkedRecords::new(OsEntries::default(), adapters::ENTRY_LIMIT));
    } else {
        let desktop = Desktop::start();
        tests::run_this_test_on(&desktop, "custody::the_contract_holds_in_the_real_keyring");
        assert!(desktop.secret("contract/other").is_some(), "secret-tool sees what was left");
    }
}

/// Answers after a while, like a keyring on a busy machine, or one that waits for a password.
struct SlowEntries(MemoryEntries, Duration);

impl Entries for SlowEntries {
    fn get(&mut self, name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, KeyringProblem> {
        std::thread::sleep(self.1);
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

#[tokio::test]
async fn a_keyring_that_does_not_answer_is_given_up_and_what_was_given_up_does_not_happen_late() {
    let open = || SlowEntries(MemoryEntries::default(), Duration::from_millis(200));
    let keyring = SystemKeyring::start(open, WINDOWS_LIMIT, Duration::from_millis(300));
    let account = AccountId::parse("main").unwrap();
    let secret = Secret::new("late".into());
    // The first read keeps the thread busy; the write behind it runs out of time while it waits.
    let (read, write) = tokio::join!(keyring.read(&account, Item::Tokens), async {
        let blocker = keyring.read(&account, Item::Tokens);
        let given_up = keyring.write(&account, Item::Tokens, &secret);
        let (_, given_up) = tokio::join!(blocker, given_up);
        given_up
    });
    assert!(read.unwrap().is_none());
    assert_eq!(write.unwrap_err(), KeyringProblem::Unresponsive);
    let read = keyring.read(&account, Item::Tokens).await;
    assert!(read.unwrap().is_none(), "the write was given up, so it did not happen");
}

#[tokio::test]
async fn an_account_kept_in_memory_touches_no_keyring() {
    let open = || SlowEntries(MemoryEntries::default(), Duration::from_secs(5));
    let keyring = SystemKeyring::start(open, WINDOWS_LIMIT, Duration::from_millis(50));
    let account = AccountId::parse("main").unwrap();
    assert_eq!(keyring.read(&account, Item::Tokens).await.unwrap_err(), KeyringProblem::Unresponsive);
    keyring.keep_in_memory(&account);
    assert_eq!(keyring.kept_in(&account), KeptIn::Memory);
    keyring.write(&account, Item::Tokens, &Secret::new("t".into())).await.unwrap();
    assert!(keyring.read(&account, Item::Tokens).await.unwrap().unwrap().matches("t"));
    keyring.delete(&account, Item::Tokens).await.unwrap();
    assert!(keyring.read(&account, Item::Tokens).await.unwrap().is_none());
}
