//! The tray on macOS and Windows. On Linux it is drawn over D-Bus alone.

use background::{Line, Tray, TrayStatus};
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, include_image};

use crate::window;

const ID: &str = "tray";
const CONNECTED: Image<'_> = include_image!("../icons/tray-connected.png");
const ATTENTION: Image<'_> = include_image!("../icons/tray-attention.png");
const IDLE: Image<'_> = include_image!("../icons/tray-idle.png");

/// Shows the tray, or shows it anew. On the main thread.
pub fn show(app: &AppHandle, tray: &Tray) -> tauri::Result<()> {
    let menu = Menu::new(app)?;
    for line in &tray.lines {
        match line {
            Line::Text(text) => menu.append(&MenuItem::new(app, text, false, None::<&str>)?)?,
            Line::Choice(choice, text) => {
                menu.append(&MenuItem::with_id(app, choice.id(), text, true, None::<&str>)?)?;
            }
            Line::Between => menu.append(&PredefinedMenuItem::separator(app)?)?,
        }
    }
    let icon = match tray.status {
        TrayStatus::Connected => CONNECTED,
        TrayStatus::Attention => ATTENTION,
        TrayStatus::Idle => IDLE,
    };
    if let Some(there) = app.tray_by_id(ID) {
        there.set_menu(Some(menu))?;
        there.set_icon(Some(icon))?;
        return there.set_tooltip(Some(&tray.tooltip));
    }
    let opens = |event: &TrayIconEvent| {
        matches!(
            event,
            TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
        )
    };
    TrayIconBuilder::with_id(ID)
        .icon(icon)
        .tooltip(&tray.tooltip)
        .menu(&menu)
        .show_menu_on_left_click(cfg!(not(windows)))
        .on_tray_icon_event(move |tray, event| {
            if cfg!(windows) && opens(&event) {
                window::bring_to_front(tray.app_handle());
            }
        })
        .build(app)?;
    Ok(())
}

/// Takes the tray away. On the main thread.
pub fn hide(app: &AppHandle) {
    drop(app.remove_tray_by_id(ID));
}

/// Whether there is one.
pub fn is_shown(app: &AppHandle) -> bool {
    app.tray_by_id(ID).is_some()
}
