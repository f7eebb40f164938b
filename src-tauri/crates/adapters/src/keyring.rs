//! The operating system's keyring, off every other thread and with a deadline.

mod chunked_records;
mod entries;
mod worker;

pub use chunked_records::ChunkedRecords;
pub use entries::{Entries, MemoryEntries, OsEntries};
pub use worker::{KEYRING_DEADLINE, SystemKeyring};

/// The keyring service all entries belong to.
pub const SERVICE: &str = "app.hotmart-connect";

/// The largest secret one entry may hold, in bytes. Windows' Credential
/// Manager takes 2,560; the others take more than a token needs.
pub const ENTRY_LIMIT: usize = if cfg!(windows) { 2_560 } else { 64 * 1024 };
