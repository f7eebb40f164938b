//! The one window.

use connection::ports::Attention;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindowBuilder};

const LABEL: &str = "main";
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 740.0;
const MIN_WIDTH: f64 = 320.0;
const MIN_HEIGHT: f64 = 420.0;

/// Opens it. It stays on its own page, whatever the page tries.
pub fn open(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Hotmart Connect")
        .inner_size(WIDTH, HEIGHT)
        .min_inner_size(MIN_WIDTH, MIN_HEIGHT)
        .on_navigation(is_our_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .disable_drag_drop_handler()
        .build()?;
    Ok(())
}

fn is_our_own_page(url: &Url) -> bool {
    url.scheme() == "tauri" || (url.scheme() == "http" && url.host_str() == Some("tauri.localhost"))
}

/// Raises the window, also when it is minimised.
pub fn bring_to_front(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    for result in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = result {
            log::warn!("the window did not come to the front: {error}");
        }
    }
}

/// Raises the window for the connections.
pub struct Raiser(AppHandle);

impl Raiser {
    /// Raises the window of this program.
    pub fn new(app: &AppHandle) -> Self {
        Self(app.clone())
    }
}

impl Attention for Raiser {
    fn bring_to_front(&self) {
        bring_to_front(&self.0);
    }
}
