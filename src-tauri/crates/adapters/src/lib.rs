//! The real implementations of the connection's ports.
//!
//! The only crate that reads clocks, files and the environment, starts
//! programs, and talks to servers and keyrings.
#![allow(clippy::disallowed_methods)] // This is the edge where IO happens.

mod browser;
mod clipboard;
mod clock;
#[cfg(target_os = "linux")]
mod desktop_entry;
mod entropy;
mod http;
mod keyring;
mod logging;
mod loopback;
mod notifications;
mod places;
mod practice_ledger;
mod proxies;
mod refresh_lock;
mod replace;
mod restart;
mod running_program;
#[cfg(target_os = "linux")]
pub mod scheme_handler;
mod settings;
mod settings_file;
mod signals;
pub mod start_at_login;
mod surroundings;
mod system_settings;
mod tray_host;
mod words;

pub use browser::SystemBrowser;
pub use clipboard::{ClipboardKind, SystemClipboard, clipboard_kind};
pub use clock::{ServerClock, system_seconds};
pub use entropy::{authorization_entropy, fill_random, seed};
pub use http::{ApiAnswer, HttpsClient, Looked, MAX_API_BYTES};
pub use keyring::{
    ChunkedRecords, ENTRY_LIMIT, Entries, KEYRING_DEADLINE, MemoryEntries, OsEntries, SERVICE, SystemKeyring,
    entry_limit,
};
pub use logging::{LogHandle, last_lines_of_the_log, logging_is_wanted, start_logging};
pub use loopback::SystemLoopback;
pub use notifications::notify;
pub use places::{
    NoHome, Places, arguments, has_argument, places_or_say_why, save_for_the_person, session_kind,
    system_languages, system_name, there_is_a_display, this_file,
};
pub use practice_ledger::{PracticeLedger, answers};
pub use proxies::proxy_name_for;
pub use refresh_lock::{FileLock, LOCK_DEADLINE};
pub use replace::become_program;
pub use restart::start_again;
pub use running_program::handed_over_to_a_running_program;
#[cfg(target_os = "linux")]
pub use running_program::{SecondStart, SecondStarts, answer_second_starts};
pub use settings::{DEFAULT_CLIPBOARD_SECONDS, Settings};
pub use settings_file::{SettingsFile, SettingsProblem};
pub use signals::{SignalShield, told_to_end};
pub use surroundings::{built_in_application, surroundings};
pub use system_settings::{SettingsPage, open_folder, open_settings};
pub use tray_host::there_is_a_tray;
pub use words::{LANGUAGES, Words};
