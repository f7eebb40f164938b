//! Starting with the session, without a window.

#[cfg(target_os = "linux")]
pub use linux::{is_on, set};
#[cfg(not(target_os = "linux"))]
pub use others::{is_on, set};

/// The autostart entry of a Linux desktop.
#[cfg(target_os = "linux")]
mod linux {
    use std::path::PathBuf;

    use crate::desktop_entry::{command_path, this_program, try_exec, write_entry};
    use crate::files::remove_if_there;
    use crate::{Directories, SERVICE};

    fn path() -> Option<PathBuf> {
        Some(dirs::config_dir()?.join("autostart").join(format!("{SERVICE}.desktop")))
    }

    /// Whether the session starts this program. Some desktops switch an entry off and leave it there.
    pub fn is_on() -> bool {
        let entry = path().and_then(|path| std::fs::read_to_string(path).ok());
        entry.is_some_and(|entry| {
            !entry
                .lines()
                .any(|line| matches!(line.trim(), "Hidden=true" | "X-GNOME-Autostart-enabled=false"))
        })
    }

    /// Has the session start this program with an argument, or no longer.
    ///
    /// # Errors
    /// The file system's.
    pub fn set(on: bool, argument: &str, directories: &Directories) -> std::io::Result<()> {
        let path = path().ok_or(std::io::ErrorKind::NotFound)?;
        if !on {
            return remove_if_there(&path);
        }
        let program = this_program()?;
        let command = command_path(&program, directories)?;
        let entry = format!(
            "[Desktop Entry]\n\
             Type=Application\n\
             Name=Hotmart Connect\n\
             {}Exec={command} {argument}\n\
             Terminal=false\n\
             X-GNOME-Autostart-enabled=true\n",
            try_exec(&program)
        );
        if std::fs::read_to_string(&path).is_ok_and(|there| there == entry) {
            return Ok(());
        }
        std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
        write_entry(&path, &entry)
    }
}

/// The registry of Windows, or a launch agent of macOS.
#[cfg(not(target_os = "linux"))]
mod others {
    use auto_launch::{AutoLaunch, AutoLaunchBuilder, WindowsEnableMode};

    use crate::Directories;

    fn launcher(argument: &str) -> std::io::Result<AutoLaunch> {
        let program = std::env::current_exe()?.display().to_string();
        // Windows reads a command line, in which a path may have spaces, and
        // "Program.exe" could be somebody else's.
        let program = if cfg!(windows) { format!("\"{program}\"") } else { program };
        AutoLaunchBuilder::new()
            .set_app_name("Hotmart Connect")
            .set_app_path(&program)
            .set_args(&[argument])
            // For this user alone, also where an administrator is at work.
            .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
            .build()
            .map_err(std::io::Error::other)
    }

    /// Whether the session starts this program.
    pub fn is_on() -> bool {
        launcher("")
            .and_then(|launcher| launcher.is_enabled().map_err(std::io::Error::other))
            .unwrap_or(false)
    }

    /// Has the session start this program with an argument, or no longer.
    ///
    /// # Errors
    /// The system's.
    pub fn set(on: bool, argument: &str, _: &Directories) -> std::io::Result<()> {
        let launcher = launcher(argument)?;
        let done = if on { launcher.enable() } else { launcher.disable() };
        done.map_err(std::io::Error::other)
    }
}

#[cfg(all(test, windows))]
mod tests {
    use windows_registry::CURRENT_USER;

    use super::*;

    #[test]
    fn the_session_starts_this_program_by_its_quoted_path_for_this_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let directories = crate::Directories::under(folder.path());
        let entry = || {
            let key = CURRENT_USER.open(r"Software\Microsoft\Windows\CurrentVersion\Run");
            key.and_then(|key| key.get_string("Hotmart Connect")).ok()
        };
        set(true, "--background", &directories).unwrap();
        let program = std::env::current_exe().unwrap();
        assert_eq!(entry(), Some(format!("\"{}\" --background", program.display())));
        assert!(is_on());
        set(false, "", &directories).unwrap();
        assert_eq!(entry(), None);
        assert!(!is_on());
    }
}
