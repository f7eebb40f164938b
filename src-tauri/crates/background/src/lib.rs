//! The program behind its window: the accounts and what they share, the tray,
//! notifications, the look at this computer. It knows of no window.
//! In suggested reading order:

mod arguments;
mod checkup;
mod command_error;
mod updates;
mod program_state;
mod preferences;
mod settings_store;
mod practice_hotmart;
mod connections;
mod local_door;
mod shutdown;
mod what_holds_back;
mod overview;
mod accounts;
mod pages;
mod pasted_account;
mod removal;
mod local_key_requests;
mod forgetting;
mod report;
mod diagnosis;
mod notifications;
mod tray;
mod presence;
#[cfg(target_os = "linux")]
mod icon;
#[cfg(target_os = "linux")]
mod tray_program;

pub use accounts::{Accounts, Changes};
pub use arguments::{BACKGROUND, CONNECT, CopyHandover, account_to_connect};
pub use checkup::{Checkup, Finding, Fix, Severity};
pub use command_error::{CommandError, ImportResult};
pub use connections::Connections;
pub use diagnosis::{check_this_computer, copy_report, save_report, wake_keyring};
pub use forgetting::{leave_the_rest_to_the_one_that_forgets, prepare_to_forget_everything};
#[cfg(target_os = "linux")]
pub use icon::TrayIcon;
pub use local_key_requests::{LocalKeyRequest, request_local_key};
pub use overview::{AccountSummary, Overview};
pub use pages::{open_credentials_page, open_releases_page};
pub use pasted_account::save_pasted;
pub use preferences::{Preference, Preferences};
pub use presence::{Frontend, choose, follow, follow_answers};
pub use program_state::{DoorState, Links, ProgramState, Removed};
pub use removal::remove;
pub use settings_store::SettingsStore;
pub use shutdown::Shutdown;
pub use tray::{Choice, Line, Tray, TrayStatus};
#[cfg(target_os = "linux")]
pub use tray_program::{run, tray_program};
pub use updates::{HoldsBack, UpdateProblem, UpdateStatus};
