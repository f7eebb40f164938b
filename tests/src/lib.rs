//! A private desktop for each test: its own display, session bus, keyring,
//! browser and home. Nothing of the machine's own is touched.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod api_by_hand;
mod app;
mod browser;
mod by_hand;
mod desktop;
mod door;
mod driver;
mod hotmart;
mod keyring;
mod memory;
mod nested;
mod opened;
mod process;
mod programs;
mod proxy;
mod secrets;
mod sentences;
mod session;
mod tray_host;

pub use api_by_hand::{Api, answer};
pub use app::{App, path_that_begins_with};
pub use browser::{Browser, Ended};
pub use by_hand::answer_by_hand;
pub use desktop::{Desktop, DesktopOptions, Environment};
pub use door::{OpenDoor, tool};
pub use driver::Driver;
pub use hotmart::{
    BASIC_DEVELOPER_ID, CLIENT_ID, CLIENT_SECRET, DEVELOPER_ID, Hotmart, HotmartOptions, IPV6_REDIRECT_URI,
    LOOPBACK_REDIRECT_URI, OfflineHotmart, SANDBOX_ID, built_in_practice, loopback_port,
};
pub use keyring::PASSWORD;
pub use memory::{MOST_MEMORY_IN_THE_TRAY, settled_memory_of_tree};
pub use nested::{inside_a_desktop, run_this_test_on};
pub use opened::Openers;
pub use process::{Running, Told, clock_that_is_off, free_port, run, wait_until};
pub use programs::built_programs;
pub use proxy::{Proxy, SERVER as PROXIED_SERVER};
pub use sentences::{pt, pt_with, says, sentence};
pub use session::{Connecting, ends_at, expired, nearly_over, record};
pub use tray_host::{Notified, TrayHost};
