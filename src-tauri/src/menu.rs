//! The menu bar of macOS, in the window's language. Elsewhere there is none.

use adapters::Translations;
use tauri::AppHandle;
use tauri::menu::{Menu, PredefinedMenuItem, Submenu};

/// Sets it, where there is one.
pub fn set(app: &AppHandle, words: &Translations) -> tauri::Result<()> {
    if cfg!(target_os = "macos") {
        app.set_menu(menu(app, words)?)?;
    }
    Ok(())
}

/// Without these, copying and pasting by keyboard do nothing on macOS.
fn menu(app: &AppHandle, words: &Translations) -> tauri::Result<Menu<tauri::Wry>> {
    let label = |key: &str| words.text(&format!("menu.{key}"));
    let program = Submenu::with_items(
        app,
        "Hotmart Connect",
        true,
        &[
            &PredefinedMenuItem::about(app, Some(&label("about")), None)?,
            &PredefinedMenuItem::separator(app)?,
            &PredefinedMenuItem::hide(app, Some(&label("hide")))?,
            &PredefinedMenuItem::quit(app, Some(&label("quit")))?,
        ],
    )?;
    let edit = Submenu::with_items(
        app,
        label("edit"),
        true,
        &[
            &PredefinedMenuItem::undo(app, Some(&label("undo")))?,
            &PredefinedMenuItem::redo(app, Some(&label("redo")))?,
            &PredefinedMenuItem::separator(app)?,
            &PredefinedMenuItem::cut(app, Some(&label("cut")))?,
            &PredefinedMenuItem::copy(app, Some(&label("copy")))?,
            &PredefinedMenuItem::paste(app, Some(&label("paste")))?,
            &PredefinedMenuItem::select_all(app, Some(&label("select_all")))?,
        ],
    )?;
    let window = Submenu::with_items(
        app,
        label("window"),
        true,
        &[
            &PredefinedMenuItem::minimize(app, Some(&label("minimize")))?,
            &PredefinedMenuItem::close_window(app, Some(&label("close")))?,
        ],
    )?;
    Menu::with_items(app, &[&program, &edit, &window])
}
