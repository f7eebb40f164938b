//! Whether this program may be replaced by a newer version of itself, and
//! what is started then. What a package manager put there is its own to replace.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::exec::become_program;

/// The file that a newer version would replace, and that starts it: an
/// AppImage, what the installer for one user put there, or a bundle.
pub fn replaceable_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    replaceable(program)
}

#[cfg(target_os = "linux")]
fn replaceable(program: PathBuf) -> Option<PathBuf> {
    // An AppImage runs from a mounted folder, and is itself elsewhere.
    crate::desktop_entry::this_program().ok().filter(|image| *image != program && image.is_file())
}

/// The installer for everybody is an administrator's to run.
#[cfg(windows)]
fn replaceable(program: PathBuf) -> Option<PathBuf> {
    const INSTALLED: &str = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\app.hotmart-connect";
    let folder = windows_registry::CURRENT_USER.open(INSTALLED).ok()?.get_string("InstallLocation").ok()?;
    (program.parent() == Some(std::path::Path::new(&folder))).then_some(program)
}

#[cfg(not(any(target_os = "linux", windows)))]
fn replaceable(program: PathBuf) -> Option<PathBuf> {
    Some(program)
}

/// Becomes the version that replaced this one, without this one's arguments: a
/// link among them was answered. Returns only if it could not be started.
pub fn start_what_replaced_this(program: PathBuf) -> std::io::Error {
    become_program(&OsString::from(program), &[], &[])
}
