//! The menu bar of macOS, in the window's language. Elsewhere there is none.

use adapters::Words;
use tauri::AppHandle;
use tauri::menu::{Menu, PredefinedMenuItem, Submenu};

/// Sets it, where there is one.
pub fn set(app: &AppHandle, words: &Words) -> tauri::Result<()> {
    if cfg!(target_os = "macos") {
        app.set_menu(menu(app, words)?)?;
    }
    Ok(())
}

/// Without these, copying and pasting by keyboard do nothing on macOS.
fn menu(app: &AppHandle, words: &Words) -> tauri::Result<Menu<tauri::Wry>> {
    let text = |key: &str| words.text(&format!("menu.{key}"));
    let program = Submenu::with_items(
        app,
        "Hotmart Connect",
        true,
        &[
            &PredefinedMenuItem::about(app, Some(&text("about")), None)?,
            &PredefinedMenuItem::separator(app)?,
            &PredefinedMenuItem::hide(app, Some(&text("hide")))?,
            &PredefinedMenuItem::quit(app, Some(&text("quit")))?,
        ],
    )?;
    let edit = Submenu::with_items(
        app,
        text("edit"),
        true,
        &[
            &PredefinedMenuItem::undo(app, Some(&text("undo")))?,
            &PredefinedMenuItem::redo(app, Some(&text("redo")))?,
            &PredefinedMenuItem::separator(app)?,
            &PredefinedMenuItem::cut(app, Some(&text("cut")))?,
            &PredefinedMenuItem::copy(app, Some(&text("copy")))?,
            &PredefinedMenuItem::paste(app, Some(&text("paste")))?,
            &PredefinedMenuItem::select_all(app, Some(&text("select_all")))?,
        ],
    )?;
    let window = Submenu::with_items(
        app,
        text("window"),
        true,
        &[
            &PredefinedMenuItem::minimize(app, Some(&text("minimize")))?,
            &PredefinedMenuItem::close_window(app, Some(&text("close")))?,
        ],
    )?;
    Menu::with_items(app, &[&program, &edit, &window])
}
