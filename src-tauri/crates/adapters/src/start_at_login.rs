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

    /// What the system calls the entry.
    const NAME: &str = "Hotmart Connect";

    pub(super) fn launcher(name: &str, argument: &str) -> std::io::Result<AutoLaunch> {
        let program = std::env::current_exe()?.display().to_string();
        // Windows reads a command line, in which a path may have spaces, and
        // "Program.exe" could be somebody else's.
        let program = if cfg!(windows) { format!("\"{program}\"") } else { program };
        AutoLaunchBuilder::new()
            .set_app_name(name)
            .set_app_path(&program)
            .set_args(&[argument])
            // For this user alone, also where an administrator is at work.
            .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
            .build()
            .map_err(std::io::Error::other)
    }

    /// Whether the session starts this program.
    pub fn is_on() -> bool {
        launcher(NAME, "")
            .and_then(|launcher| launcher.is_enabled().map_err(std::io::Error::other))
            .unwrap_or(false)
    }

    /// Has the session start this program with an argument, or no longer.
    ///
    /// # Errors
    /// The system's.
    pub fn set(on: bool, argument: &str, _: &Directories) -> std::io::Result<()> {
        #[cfg(target_os = "macos")]
        if on && !crate::terminal_link::stays(&std::env::current_exe()?) {
            return Err(std::io::Error::other("the program is not in its own place yet"));
        }
        let launcher = launcher(NAME, argument)?;
        let done = if on { launcher.enable() } else { launcher.disable() };
        #[cfg(windows)]
        if !on {
            forget_what_task_manager_was_told(NAME);
        }
        done.map_err(std::io::Error::other)
    }

    /// Windows keeps beside the entry whether the person switched it off.
    #[cfg(windows)]
    pub(super) fn forget_what_task_manager_was_told(name: &str) {
        let key = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
        // It may never have been told.
        let _ =
            windows_registry::CURRENT_USER.options().write().open(key).and_then(|key| key.remove_value(name));
    }
}

#[cfg(all(test, windows))]
mod tests {
    use super::others::{forget_what_task_manager_was_told, launcher};
    use windows_registry::CURRENT_USER;

    #[test]
    fn the_session_starts_this_program_by_its_quoted_path_for_this_user_alone() {
        // Not the entry of whoever runs this.
        const NAME: &str = "Hotmart Connect (tests)";
        let value_of = |key: &str| {
            let key = format!(r"Software\Microsoft\Windows\CurrentVersion\{key}");
            CURRENT_USER.open(key).and_then(|key| key.get_value(NAME)).ok()
        };
        let approved = r"Explorer\StartupApproved\Run";
        CURRENT_USER.create(format!(r"Software\Microsoft\Windows\CurrentVersion\{approved}")).unwrap();
        let launcher = launcher(NAME, "--background").unwrap();
        launcher.enable().unwrap();
        let entry = String::try_from(value_of("Run").unwrap()).unwrap();
        assert_eq!(entry, format!("\"{}\" --background", std::env::current_exe().unwrap().display()));
        assert!(launcher.is_enabled().unwrap() && value_of(approved).is_some());
        launcher.disable().unwrap();
        forget_what_task_manager_was_told(NAME);
        assert!(value_of("Run").is_none() && value_of(approved).is_none(), "nothing is left");
    }
}
