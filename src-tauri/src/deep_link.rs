//! An address from the operating system becomes one event for the connections.
//! Whoever sent it is unknown; whether it is an answer is judged by the protocol.

use std::sync::Arc;

use adapters::Places;
use tauri::{AppHandle, Manager};
use tauri_plugin_deep_link::DeepLinkExt;

use crate::accounts::Accounts;
use crate::window;

/// Listens for links, takes the one that started the program, and makes this
/// program the one that opens them.
pub fn listen(app: &AppHandle, places: &Places) {
    let listener = app.clone();
    app.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            deliver(&listener, url.as_str());
        }
    });
    // On a cold start the link was read before anyone could listen. If it is
    // heard twice, the second time nobody waits for it any more.
    if let Ok(Some(urls)) = app.deep_link().get_current() {
        for url in urls {
            deliver(app, url.as_str());
        }
    }
    register(app, places);
}

/// The program was started a second time: a link, or the seller looking for the window.
pub fn second_start(app: &AppHandle, arguments: Vec<String>, _folder: String) {
    // A link raises the window only if it is the answer that is waited for.
    if arguments.len() <= 1 {
        window::bring_to_front(app);
    }
}

fn deliver(app: &AppHandle, address: &str) {
    if let Some(accounts) = app.try_state::<Arc<Accounts>>() {
        accounts.deliver(address);
    }
}

/// Off the main thread: it starts programs, and the window must not wait for them.
#[cfg(target_os = "linux")]
fn register(_: &AppHandle, places: &Places) {
    let places = places.clone();
    std::thread::spawn(move || match adapters::scheme_handler::register(&places) {
        Ok(done) => log::info!("link handler: {done:?}"),
        Err(error) => log::warn!("links will not come back by themselves: {error}"),
    });
}

#[cfg(windows)]
fn register(app: &AppHandle, _: &Places) {
    if let Err(error) = app.deep_link().register_all() {
        log::warn!("links will not come back by themselves: {error}");
    }
}

/// On macOS the bundle's Info.plist names the scheme.
#[cfg(not(any(target_os = "linux", windows)))]
fn register(_: &AppHandle, _: &Places) {}
