//! The real implementations of the connection's ports.
//!
//! The only crate that reads clocks, files and the environment, starts
//! programs, and talks to servers and keyrings.
#![allow(clippy::disallowed_methods)] // This is the edge where IO happens.

mod browser;
mod clipboard;
mod clock;
mod entropy;
mod http;
mod keyring;
mod logging;
mod loopback;
mod places;
mod practice_ledger;
mod refresh_lock;
mod replace;
mod restart;
mod running_program;
#[cfg(target_os = "linux")]
pub mod scheme_handler;
mod settings;
mod settings_file;
mod signals;
mod surroundings;
mod words;

pub use browser::SystemBrowser;
pub use clipboard::SystemClipboard;
pub use clock::{ServerClock, system_seconds};
pub use entropy::{authorization_entropy, fill_random, seed};
pub use http::{ApiAnswer, HttpsClient, MAX_API_BYTES};
pub use keyring::{
    ChunkedRecords, ENTRY_LIMIT, Entries, KEYRING_DEADLINE, MemoryEntries, OsEntries, SERVICE, SystemKeyring,
    entry_limit,
};
pub use logging::{LogHandle, logging_is_wanted, start_logging};
pub use loopback::SystemLoopback;
pub use places::{NoHome, Places, system_languages, there_is_a_display};
pub use practice_ledger::{PracticeLedger, answers};
pub use refresh_lock::{FileLock, LOCK_DEADLINE};
pub use replace::become_program;
pub use restart::start_again;
pub use running_program::handed_over_to_a_running_program;
pub use settings::{DEFAULT_CLIPBOARD_SECONDS, Settings};
pub use settings_file::{SettingsFile, SettingsProblem};
pub use signals::{SignalShield, told_to_end};
pub use surroundings::{built_in_application, surroundings};
pub use words::{LANGUAGES, Words};
