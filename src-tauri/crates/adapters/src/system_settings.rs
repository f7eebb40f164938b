//! Opens the system's own settings, and folders.

use std::path::Path;
use std::process::{Command, Stdio};

/// A page of the system's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsPage {
    /// Date and time.
    Clock,
    /// Network and proxy.
    Network,
}

/// Opens a page of the system's settings; whether something was started.
pub fn open_settings(page: SettingsPage) -> bool {
    let tries: &[&[&str]] = if cfg!(windows) {
        match page {
            SettingsPage::Clock => &[&["explorer", "ms-settings:dateandtime"]],
            SettingsPage::Network => &[&["explorer", "ms-settings:network-proxy"]],
        }
    } else if cfg!(target_os = "macos") {
        match page {
            SettingsPage::Clock => &[&["open", "x-apple.systempreferences:com.apple.preference.datetime"]],
            SettingsPage::Network => &[&["open", "x-apple.systempreferences:com.apple.preference.network"]],
        }
    } else {
        match page {
            SettingsPage::Clock => &[
                &["gnome-control-center", "datetime"],
                &["systemsettings", "kcm_clock"],
                &["xfce4-settings-manager"],
            ],
            SettingsPage::Network => &[
                &["gnome-control-center", "network"],
                &["systemsettings", "kcm_proxy"],
                &["nm-connection-editor"],
            ],
        }
    };
    tries.iter().any(|words| start(Command::new(words[0]).args(&words[1..])))
}

/// Opens a folder as the desktop does; whether something was started.
pub fn open_folder(folder: &Path) -> bool {
    open::commands(folder).into_iter().any(|mut command| start(&mut command))
}

fn start(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match quiet.spawn() {
        Ok(mut child) => {
            // This process must wait for its child, or it stays as a zombie.
            std::thread::spawn(move || child.wait());
            true
        }
        Err(_) => false,
    }
}
