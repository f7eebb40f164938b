//! Notifications of the desktop.

use crate::SERVICE;

/// What this program is called in a notification.
#[cfg(target_os = "linux")]
pub(crate) const PROGRAM: &str = "Hotmart Connect";

/// Shows a notification; whether the person asked for more by clicking on it.
/// Where no desktop shows notifications, nothing happens.
pub async fn notify(title: String, text: String, open: String) -> bool {
    // It waits until the notification is gone.
    let shown = tokio::task::spawn_blocking(move || show(&title, &text, &open)).await;
    shown.unwrap_or(false)
}

#[cfg(target_os = "linux")]
fn show(title: &str, text: &str, open: &str) -> bool {
    let shown = notify_rust::Notification::new()
        .appname(PROGRAM)
        .summary(title)
        .body(text)
        .icon(SERVICE)
        .hint(notify_rust::Hint::DesktopEntry(SERVICE.to_owned()))
        .action("default", open)
        .action("open", open)
        .show();
    let mut clicked = false;
    match shown {
        Ok(shown) => shown.wait_for_action(|action| clicked = action != "__closed"),
        Err(error) => log::warn!("no notification can be shown: {error}"),
    }
    clicked
}

#[cfg(not(target_os = "linux"))]
fn show(title: &str, text: &str, _: &str) -> bool {
    // Without a name of its own a notification has another program's: PowerShell's, or one that macOS asks the
    // person to choose. It is set once.
    #[cfg(target_os = "macos")]
    let _ = notify_rust::set_application(SERVICE);
    let mut notification = notify_rust::Notification::new();
    // Windows shows nothing of a name that no installer has told it.
    #[cfg(windows)]
    if windows_registry::CLASSES_ROOT.open(format!(r"AppUserModelId\{SERVICE}")).is_ok() {
        notification.app_id(SERVICE);
    }
    if let Err(error) = notification.summary(title).body(text).show() {
        log::warn!("no notification can be shown: {error}");
    }
    false
}
