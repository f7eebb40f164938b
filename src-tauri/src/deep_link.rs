//! An address from the operating system becomes one event for the connections.
//! Any program or web page may have sent it; the protocol judges whether it is an answer.

use std::sync::Arc;
use std::time::Duration;

use adapters::Directories;
use background::{Accounts, Links};
use tauri::{AppHandle, Manager};
use tauri_plugin_deep_link::DeepLinkExt;

use crate::window;

/// The browser waits no longer than this for the handler to be looked at.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);

/// Listens for links, takes the one that started the program, and makes this
/// program the one that opens them.
pub fn listen(app: &AppHandle, directories: &Directories) {
    let listener = app.clone();
    app.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            deliver(&listener, url.as_str());
        }
    });
    // On a cold start the link was read before this program could listen. If it
    // is heard twice, no login waits for it any more the second time.
    if let Ok(Some(urls)) = app.deep_link().get_current() {
        for url in urls {
            deliver(app, url.as_str());
        }
    }
    let (app, directories) = (app.clone(), directories.clone());
    tauri::async_runtime::spawn(async move { check(&app, &directories).await });
}

/// The program was started a second time: a link, or the seller looking for the window.
pub fn second_start(app: &AppHandle, arguments: Vec<String>, _folder: String) {
    // A link raises the window only if it is the answer that is waited for.
    if arguments.len() <= 1 {
        // Not from here: Windows may say it while the first window is being made, which holds what another needs.
        let app = app.clone();
        tauri::async_runtime::spawn(async move { window::bring_to_front(&app) });
    }
}

fn deliver(app: &AppHandle, address: &str) {
    if let Some(accounts) = app.try_state::<Arc<Accounts>>() {
        accounts.connections.deliver(address);
    }
}

/// Looks which program opens our links, and makes it this one if it is another.
/// The caller waits only a moment for it: there are other ways back.
pub async fn check(app: &AppHandle, directories: &Directories) {
    let (asking, directories) = (app.clone(), directories.clone());
    // Off the main thread: it starts programs.
    let looking = tauri::async_runtime::spawn_blocking(move || look(&asking, &directories));
    let _ = tokio::time::timeout(CHECK_DEADLINE, looking).await;
}

#[cfg(any(target_os = "linux", windows))]
fn look(app: &AppHandle, directories: &Directories) {
    use adapters::scheme_handler::Registration;

    let links = match adapters::scheme_handler::register(directories) {
        Ok(done) => {
            log::info!("link handler: {done:?}");
            if done == Registration::Repaired { Links::Repaired } else { Links::ComeBack }
        }
        Err(error) => {
            log::warn!("links will not come back by themselves: {error}");
            Links::DoNotComeBack
        }
    };
    tell(app, links);
}

/// On macOS the bundle's Info.plist names the scheme, and there is nothing to look at.
#[cfg(not(any(target_os = "linux", windows)))]
fn look(app: &AppHandle, _: &Directories) {
    tell(app, Links::ComeBack);
}

fn tell(app: &AppHandle, links: Links) {
    if let Some(accounts) = app.try_state::<Arc<Accounts>>() {
        accounts.set_links(links);
    }
}
