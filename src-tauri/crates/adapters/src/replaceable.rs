//! Whether this program may be replaced by a newer version of itself, and
//! what is started then. What a package manager put there is its own to replace.

use std::path::PathBuf;
#[cfg(not(target_os = "linux"))]
use std::process::Command;

/// The file that a newer version would replace, and that starts it: an
/// AppImage, what the installer for one user put there, or a bundle.
pub fn replaceable_program() -> Option<PathBuf> {
    replaceable(std::env::current_exe().ok()?)
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
    let is_there = program.parent()?.as_os_str().eq_ignore_ascii_case(folder);
    is_there.then_some(program)
}

/// A program that is in no bundle, or on a disk image, is not replaced.
#[cfg(not(any(target_os = "linux", windows)))]
fn replaceable(program: PathBuf) -> Option<PathBuf> {
    let is_in_its_place = bundle_of(&program).is_some() && crate::terminal_link::stays(&program);
    is_in_its_place.then_some(program)
}

/// `Hotmart Connect.app/Contents/MacOS/hotmart-connect` is in the first of these.
#[cfg(not(any(target_os = "linux", windows)))]
fn bundle_of(program: &std::path::Path) -> Option<&std::path::Path> {
    let mut folders = program.ancestors().skip(1);
    let is_called =
        |folder: Option<&std::path::Path>, name: &str| folder.is_some_and(|folder| folder.ends_with(name));
    let inside = is_called(folders.next(), "MacOS") && is_called(folders.next(), "Contents");
    folders.next().filter(|bundle| inside && bundle.extension().is_some_and(|kind| kind == "app"))
}

/// Starts the version that replaced this one, without this one's arguments: a
/// link among them was answered. Where a process can be replaced, it is.
///
/// # Errors
/// It could not be started.
pub fn start_what_replaced_this(program: PathBuf) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    return Err(crate::exec::become_program(&program.into_os_string(), &[], &[]));
    #[cfg(windows)]
    return Command::new(program).spawn().map(drop);
    // As a click on its icon does. When a program that the session started ends, macOS ends its group of processes too.
    #[cfg(not(any(target_os = "linux", windows)))]
    {
        let mut open = Command::new("/usr/bin/open");
        std::os::unix::process::CommandExt::process_group(&mut open, 0);
        open.arg("-n").args(bundle_of(&program)).spawn().map(drop)
    }
}

/// Deletes the packages that updates before this one have left in the folder
/// for temporary files: on Windows, an installer outlives the program that fetched it.
pub fn delete_fetched_packages() {
    #[cfg(windows)]
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("Hotmart Connect-") && name.contains("-updater-") {
            // One that still runs is left for the next time.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
