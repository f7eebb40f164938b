//! The operating system's keyring, off every other thread and with a deadline.

mod chunked_records;
mod secret_store;
mod system_keyring;
#[cfg(all(test, not(target_os = "linux")))]
#[path = "../tests/own_keyring.rs"]
mod own_keyring;

pub use chunked_records::ChunkedRecords;
pub use secret_store::{MemoryStore, OsStore, SecretStore};
pub use system_keyring::{KEYRING_DEADLINE, LEAVE_DEADLINE, SystemKeyring, focus_is_a_reason_to_look};

/// The keyring service all entries belong to.
pub const SERVICE: &str = "app.hotmart-connect";

/// The largest secret one entry may hold, in bytes. Windows' Credential
/// Manager takes 2,560; the others take more than a token needs.
pub const ENTRY_LIMIT: usize = if cfg!(windows) { 2_560 } else { 64 * 1024 };

/// Lowers [`ENTRY_LIMIT`], for keyrings that hold less, and for trying out what Windows does.
const LIMIT_VARIABLE: &str = "HOTMART_CONNECT_ENTRY_LIMIT";

/// The largest secret one entry may hold on this machine, in bytes.
pub fn entry_limit() -> usize {
    let wanted = std::env::var(LIMIT_VARIABLE).ok().and_then(|text| text.parse().ok());
    wanted.map_or(ENTRY_LIMIT, |limit: usize| limit.clamp(256, ENTRY_LIMIT))
}
