//! A private desktop for each test: its own display, session bus, keyring,
//! browser and home. Nothing of the machine's own is touched.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod process;
mod desktop;
mod keyring;
mod driver;
mod app;
mod browser;
mod hotmart;

pub use app::App;
pub use browser::Browser;
pub use desktop::{Desktop, DesktopOptions, Environment};
pub use driver::Driver;
pub use hotmart::{CLIENT_ID, CLIENT_SECRET, Hotmart, HotmartOptions};
pub use keyring::Keyring;
pub use process::{Running, run, wait_until};
