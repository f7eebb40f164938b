//! Records larger than one entry, over a store that dies at each step.

use adapters::{ChunkedRecords, MemoryStore, SecretStore};
use connection::KeyringProblem;
use oauth::Secret;
use zeroize::Zeroizing;

const WINDOWS_LIMIT: usize = 2_560;

fn secret(length: usize, fill: &str) -> Secret {
    Secret::new(fill.repeat(length / fill.len()))
}

/// Fails from the `allowed`-th write or deletion on, as a killed process does.
struct DyingStore {
    inner: MemoryStore,
    allowed: usize,
}

impl DyingStore {
    fn step(&mut self) -> Result<(), KeyringProblem> {
        self.allowed = self.allowed.checked_sub(1).ok_or(KeyringProblem::Failed)?;
        Ok(())
    }
}

impl SecretStore for DyingStore {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem> {
        self.inner.get(name)
    }
    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        self.step()?;
        assert!(secret.len() <= WINDOWS_LIMIT);
        self.inner.set(name, secret)
    }
    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
        self.step()?;
        self.inner.delete(name)
    }
    fn unlock(&mut self) -> Result<(), KeyringProblem> {
        Ok(())
    }
}

#[test]
fn a_write_that_dies_at_any_step_leaves_the_old_or_the_new_record_whole() {
    let sizes = [100, 2_554, 2_555, 20_000, 5_000, 30_000];
    for old_size in sizes {
        for new_size in sizes {
            for allowed in 0..40 {
                let memory = MemoryStore::default();
                let (old, new) = (secret(old_size, "o"), secret(new_size, "né"));
                ChunkedRecords::new(DyingStore { inner: memory.clone(), allowed: 999 }, WINDOWS_LIMIT)
                    .write("main/tokens", &old)
                    .unwrap();
                let result =
                    ChunkedRecords::new(DyingStore { inner: memory.clone(), allowed }, WINDOWS_LIMIT)
                        .write("main/tokens", &new);
                let read = ChunkedRecords::new(memory, WINDOWS_LIMIT).read("main/tokens").unwrap().unwrap();
                let whole = read.matches(old.expose()) || read.matches(new.expose());
                assert!(whole, "{old_size} to {new_size}, dead after {allowed} steps");
                if result.is_ok() {
                    assert!(read.matches(new.expose()));
                }
            }
        }
    }
}

#[test]
fn nothing_is_left_over_after_replacing_and_deleting() {
    let memory = MemoryStore::default();
    let mut records = ChunkedRecords::new(memory.clone(), WINDOWS_LIMIT);
    for size in [20_000, 30_000, 9_000, 100] {
        records.write("r", &secret(size, "x")).unwrap();
    }
    assert_eq!(memory.count(), 1);
    records.write("r", &secret(20_000, "x")).unwrap();
    records.delete("r").unwrap();
    assert_eq!(memory.count(), 0);
    assert!(records.read("r").unwrap().is_none());
}

#[test]
fn a_record_with_a_part_missing_or_nonsense_in_its_place_is_no_record() {
    let mut records = ChunkedRecords::new(MemoryStore::default(), WINDOWS_LIMIT);
    records.write("r", &secret(20_000, "x")).unwrap();
    records.entries().delete("r.a1").unwrap();
    assert!(records.read("r").unwrap().is_none());
    for nonsense in [&b"\xFF"[..], b"", b"split:", b"split:{}", b"other"] {
        records.entries().set("r", nonsense).unwrap();
        assert!(records.read("r").unwrap().is_none());
        records.write("r", &secret(20_000, "y")).unwrap();
        assert!(records.read("r").unwrap().is_some());
    }
}

#[test]
fn a_deletion_that_dies_at_any_step_can_be_done_again_and_leaves_nothing() {
    for allowed in 0..40 {
        let memory = MemoryStore::default();
        let records =
            |allowed| ChunkedRecords::new(DyingStore { inner: memory.clone(), allowed }, WINDOWS_LIMIT);
        records(999).write("r", &secret(30_000, "x")).unwrap();
        // Another write died halfway, and its parts are still there.
        let _ = records(5).write("r", &secret(20_000, "y"));
        let deleted = records(allowed).delete("r");
        assert_eq!(deleted.is_ok(), memory.count() == 0, "dead after {allowed} steps: a failure is told");
        records(999).delete("r").unwrap();
        assert_eq!(memory.count(), 0, "dead after {allowed} steps");
    }
}

#[test]
fn parts_with_a_gap_are_found_up_to_where_the_head_says() {
    let memory = MemoryStore::default();
    let mut records = ChunkedRecords::new(memory.clone(), WINDOWS_LIMIT);
    records.write("r", &secret(30_000, "x")).unwrap();
    for part in ["r.a0", "r.a1", "r.a5"] {
        records.entries().delete(part).unwrap();
    }
    records.delete("r").unwrap();
    assert_eq!(memory.count(), 0);
}
