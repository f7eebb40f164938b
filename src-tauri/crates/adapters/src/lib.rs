//! The real implementations of the connection's ports.
//!
//! The only crate that reads clocks, files and the environment, starts
//! programs, and talks to servers and keyrings.
#![allow(clippy::disallowed_methods)] // This is the edge where IO happens.

mod limits;
mod memory;
mod process;
mod files;
mod directories;
mod logging;
mod entropy;
mod deployment;
mod shared_json;
mod settings;
mod settings_file;
mod translations;
mod keyring;
mod refresh_lock;
mod clock;
mod proxies;
mod http;
mod releases;
mod forwarding;
mod browser;
mod loopback;
mod door_listeners;
mod clipboard;
#[cfg(target_os = "linux")]
mod desktop_entry;
#[cfg(any(target_os = "linux", windows))]
pub mod scheme_handler;
pub mod start_at_login;
#[cfg(windows)]
pub mod user_path;
#[cfg(unix)]
mod terminal_link;
mod traces;
mod running_lock;
mod running_program;
mod exec;
mod child;
mod relaunch;
mod replaceable;
mod signals;
mod notifications;
mod tray_host;
mod system_settings;
mod practice_ledger;

pub use browser::SystemBrowser;
pub use child::ChildProgram;
pub use clipboard::{ClipboardKind, SystemClipboard, clipboard_kind};
pub use clock::{ServerClock, system_seconds};
pub use deployment::{built_in_application, deployment};
pub use directories::{Directories, NoHome, directories_or_say_why};
pub use door_listeners::DoorListeners;
pub use entropy::{authorization_entropy, fill_random, key_entropy, seed};
pub use exec::{become_program, leave_the_rest_to};
pub use files::{read_secret_file, save_for_the_person, write_for_others};
pub use forwarding::{ForwardedAnswer, ForwardedRequest};
pub use http::{ApiAnswer, HttpsClient, MAX_API_BYTES, Probe};
pub use keyring::{
    ChunkedRecords, ENTRY_LIMIT, KEYRING_DEADLINE, LEAVE_DEADLINE, MemoryStore, OsStore, SERVICE,
    SecretStore, SystemKeyring, entry_limit, focus_is_a_reason_to_look,
};
pub use limits::{allow_enough_files, files_suffice, memory_suffices};
pub use logging::{LogHandle, last_lines_of_the_log, logging_is_wanted, start_logging};
pub use loopback::SystemLoopback;
pub use memory::keep_memory_private;
pub use notifications::notify;
pub use practice_ledger::{PracticeLedger, answers};
pub use process::{
    arguments, has_argument, session_kind, system_languages, system_name, there_is_a_display, this_file,
};
pub use proxies::proxy_name_for;
pub use refresh_lock::{FileLock, LOCK_DEADLINE};
pub use relaunch::relaunch;
pub use releases::{DownloadRoute, Releases, is_signed_for_this_system, releases};
pub use replaceable::{delete_fetched_packages, replaceable_program, start_what_replaced_this};
pub use running_lock::{RunningLock, a_program_runs};
#[cfg(target_os = "linux")]
pub use running_program::{SecondStart, SecondStarts, answer_second_starts};
pub use running_program::{handed_over_to_a_running_program, second_starts_stay_with_this_user};
pub use settings::{DEFAULT_CLIPBOARD_SECONDS, Settings, SettingsProblem};
pub use settings_file::SettingsFile;
pub use shared_json::SharedJson;
pub use signals::{Endings, SignalShield, told_to_end};
pub use system_settings::{SettingsPage, open_folder, open_settings};
#[cfg(unix)]
pub use terminal_link::link_for_terminals;
pub use traces::delete_traces;
pub use translations::{LANGUAGES, Translations};
pub use tray_host::there_is_a_tray;
