//! Whether this desktop has a tray.

/// Whether a tray icon would be seen. May ask the session bus: not for the main thread.
#[cfg(target_os = "linux")]
pub fn there_is_a_tray() -> bool {
    somebody_shows_icons()
}

/// GNOME without its extension, and bare window managers, show none.
#[cfg(target_os = "linux")]
fn somebody_shows_icons() -> bool {
    let asked = zbus::blocking::Connection::session().and_then(|bus| {
        let answer = bus.call_method(
            Some("org.kde.StatusNotifierWatcher"),
            "/StatusNotifierWatcher",
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &("org.kde.StatusNotifierWatcher", "IsStatusNotifierHostRegistered"),
        )?;
        let value: zbus::zvariant::OwnedValue = answer.body().deserialize()?;
        Ok(bool::try_from(value)?)
    });
    asked.unwrap_or(false)
}

/// macOS and Windows always have one.
#[cfg(not(target_os = "linux"))]
pub fn there_is_a_tray() -> bool {
    true
}
