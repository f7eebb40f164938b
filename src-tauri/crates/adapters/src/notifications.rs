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
    let _ = SERVICE;
    if let Err(error) = notify_rust::Notification::new().summary(title).body(text).show() {
        log::warn!("no notification can be shown: {error}");
    }
    false
}
