//! The program behind its window: the accounts and what they share, the tray,
//! the calls for a person, the look at this computer. It knows of no window.

mod accounts;
mod arguments;
mod calls;
mod checkup;
mod command_error;
mod follow;
#[cfg(target_os = "linux")]
mod icon;
mod practice_hotmart;
#[cfg(target_os = "linux")]
mod program;
mod report;
mod tray;

pub use accounts::{Accounts, Leaving, Links, Listed, Preference, Preferences, Removed, Shown};
pub use arguments::{BACKGROUND, CONNECT, Copied};
pub use checkup::{Checkup, Fix, Item, Outcome};
pub use command_error::{CommandError, ImportResult};
pub use follow::{Shell, choose, follow};
#[cfg(target_os = "linux")]
pub use icon::TrayIcon;
#[cfg(target_os = "linux")]
pub use program::{run, tray_program};
pub use tray::{Choice, Line, Standing, Tray};
