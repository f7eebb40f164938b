//! A large record in the system's own keyring: Keychain or Credential Manager.
//! On Linux the end-to-end tests do the same over a private desktop's keyring.

use super::{ChunkedRecords, OsStore, entry_limit};
use oauth::Secret;

#[test]
fn a_record_of_twenty_kilobytes_is_kept_and_deleted() {
    let mut records = ChunkedRecords::new(OsStore::default(), entry_limit());
    let record = Secret::new("açaí ".repeat(4_000));
    records.write("smoke-test/record", &record).unwrap();
    assert!(records.read("smoke-test/record").unwrap().expect("it is there").matches(record.expose()));
    records.delete("smoke-test/record").unwrap();
    assert!(records.read("smoke-test/record").unwrap().is_none());
}
