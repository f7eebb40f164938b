//! The one window.

use std::sync::Arc;

use background::Accounts;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindowBuilder};

const LABEL: &str = "main";
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 820.0;
const MIN_WIDTH: f64 = 320.0;
const MIN_HEIGHT: f64 = 420.0;

/// Opens it. It stays on its own page, whatever the page tries.
pub fn open(app: &AppHandle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Hotmart Connect")
        .inner_size(WIDTH, HEIGHT)
        .min_inner_size(MIN_WIDTH, MIN_HEIGHT)
        .on_navigation(is_our_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .disable_drag_drop_handler()
        .build()?;
    let zoom = app.state::<Arc<Accounts>>().preferences().zoom;
    if zoom != 100 {
        window.set_zoom(f64::from(zoom) / 100.0)?;
    }
    Ok(())
}

/// Draws the content as large as was chosen, in percent.
pub fn apply_zoom(app: &AppHandle, percent: u32) {
    let zoomed = app.get_webview_window(LABEL).map(|window| window.set_zoom(f64::from(percent) / 100.0));
    if let Some(Err(error)) = zoomed {
        log::warn!("the window is not zoomed: {error}");
    }
}

/// Whether it has the focus.
pub fn is_looked_at(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or(false))
}

fn is_our_own_page(url: &Url) -> bool {
    url.scheme() == "tauri" || (url.scheme() == "http" && url.host_str() == Some("tauri.localhost"))
}

/// Raises the window, also when it is minimised; opens it where there is none.
pub fn bring_to_front(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        // Windows are made on the main thread, which must not wait for itself.
        let on_main = app.clone();
        let opened = app.run_on_main_thread(move || {
            if on_main.get_webview_window(LABEL).is_none()
                && let Err(error) = open(&on_main)
            {
                log::error!("the window did not open: {error}");
            }
        });
        if let Err(error) = opened {
            log::error!("the window did not open: {error}");
        }
        return;
    };
    for result in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = result {
            log::warn!("the window did not come to the front: {error}");
        }
    }
}
