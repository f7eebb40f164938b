//! The menu bar of macOS, in the window's language. Elsewhere there is none.

use adapters::Translations;
use tauri::AppHandle;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem, Submenu};

/// The entry that has terminals find `hotmart-token`.
const TERMINAL: &str = "terminal";

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
            &MenuItem::with_id(app, TERMINAL, label("terminal"), true, None::<&str>)?,
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

/// Does what was chosen in the menu bar. Whether it was something of the menu bar's.
pub fn chosen(app: &AppHandle, id: &str) -> bool {
    let is_ours = id == TERMINAL;
    #[cfg(target_os = "macos")]
    if is_ours {
        link_for_terminals(app);
    }
    let _ = app;
    is_ours
}

#[cfg(target_os = "macos")]
fn link_for_terminals(app: &AppHandle) {
    use tauri::Manager;

    let words = app.state::<std::sync::Arc<background::Accounts>>().words();
    tauri::async_runtime::spawn(async move {
        let linked = tauri::async_runtime::spawn_blocking(adapters::link_for_terminals).await;
        let key = match linked.map_err(std::io::Error::other).flatten() {
            Ok(()) => "menu.terminal_done",
            Err(error) => {
                log::warn!("terminals do not find hotmart-token: {error}");
                "menu.terminal_failed"
            }
        };
        adapters::notify("hotmart-token".to_owned(), words.text(key), String::new()).await;
    });
}
