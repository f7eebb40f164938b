//! Who opens `app.hotmart-connect:` links. On macOS the bundle says it.

#[cfg(target_os = "linux")]
mod desktop;
mod registration;
#[cfg(windows)]
mod registry;

#[cfg(target_os = "linux")]
pub use desktop::{register, unregister};
pub use registration::{Registration, SCHEME};
#[cfg(windows)]
pub use registry::{register, unregister};
