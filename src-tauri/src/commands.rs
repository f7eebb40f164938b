//! The commands the window may call. Each becomes one event for the connection.
//! `build.rs` declares them and `capabilities/main.json` allows them.

use std::sync::{Arc, Mutex, PoisonError};

use connection::{AccountId, AccountSettings, Environment, Event};
use oauth::{Secret, split_basic};
use tauri::State;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, Invoke};

use crate::accounts::Accounts;
use crate::ipc::{AccountForm, CommandError, Message, OWN_ACCOUNT};

type Shared<'a> = State<'a, Arc<Accounts>>;

/// The account id of Practice Hotmart.
const PRACTICE: &str = "practice";
const LANGUAGES: [&str; 3] = ["pt-BR", "es", "en"];

/// Dispatches what the window calls.
pub fn handler() -> impl Fn(Invoke<tauri::Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        watch,
        save_account,
        use_practice,
        use_own_account,
        set_language,
        connect,
        open_browser,
        copy_link,
        paste_address,
        cancel,
        refresh,
        copy_token,
        disconnect,
        unlock_keyring,
        keep_in_memory,
        dismiss_notice,
    ]
}

/// Sends the present moment, then every change. The last caller is the one that hears.
#[tauri::command]
fn watch(accounts: Shared<'_>, channel: Channel<Message>) {
    static WATCHING: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

    let task = tauri::async_runtime::spawn(report(Arc::clone(&accounts), channel));
    let before = WATCHING.lock().unwrap_or_else(PoisonError::into_inner).replace(task);
    if let Some(before) = before {
        before.abort();
    }
}

async fn report(accounts: Arc<Accounts>, channel: Channel<Message>) {
    let mut settings = accounts.changes();
    loop {
        settings.mark_unchanged();
        let mut snapshots = accounts.current().map(|connection| connection.watch());
        loop {
            let snapshot = snapshots.as_mut().map(|snapshots| snapshots.borrow_and_update().clone());
            let message = Message::of(accounts.now(), accounts.shown(), snapshot.as_ref());
            log::trace!("to the window: {}", serde_json::to_string(&message).unwrap_or_default());
            if channel.send(message).is_err() {
                return;
            }
            let changed = async {
                match snapshots.as_mut() {
                    Some(snapshots) => snapshots.changed().await.is_ok(),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                alive = changed => if !alive { return },
                // Another account may be shown now.
                _ = settings.changed() => break,
            }
        }
    }
}

/// Saves the seller's own credentials.
#[tauri::command]
async fn save_account(accounts: Shared<'_>, form: AccountForm) -> Result<(), CommandError> {
    let trimmed = |secret: Secret| Secret::new(secret.expose().trim().to_owned());
    let typed = form.client_secret.map(trimmed).filter(|secret| !secret.expose().is_empty());
    // People paste Hotmart's "Basic" string where the id belongs.
    let (client_id, secret) = match split_basic(&form.client_id) {
        Some(pair) if typed.is_none() => (pair.client_id, Some(pair.client_secret)),
        _ => (form.client_id.trim().to_owned(), typed),
    };
    if client_id.is_empty() || client_id.contains(char::is_whitespace) {
        return Err(CommandError::ClientId);
    }
    let id = AccountId::parse(OWN_ACCOUNT).map_err(|_| CommandError::Configuration)?;
    let endpoints = form.endpoints.filter(|_| form.environment == Environment::Custom);
    let before = accounts.account(&id).filter(|before| before.environment == form.environment);
    let same_application =
        before.as_ref().is_some_and(|before| before.client_id == client_id && before.endpoints == endpoints);

    let known_way = before.as_ref().and_then(|before| before.client_authentication.clone());
    let client_authentication = match &secret {
        // The secret that is in the keyring stays, if it is this application's.
        None if same_application => known_way,
        None => Some("none".to_owned()),
        Some(_) => match known_way.filter(|way| way != "none") {
            None if form.environment == Environment::Custom => Some("basic".to_owned()),
            way => way,
        },
    };
    let account = AccountSettings {
        id,
        environment: form.environment,
        client_id,
        client_authentication,
        redirect_uri: before.as_ref().and_then(|before| before.redirect_uri.clone()),
        scope: before.as_ref().and_then(|before| before.scope.clone()),
        endpoints,
    };
    accounts.save(account, secret).await
}

/// Shows the seller's own account again.
#[tauri::command]
fn use_own_account(accounts: Shared<'_>) -> Result<(), CommandError> {
    let id = AccountId::parse(OWN_ACCOUNT).map_err(|_| CommandError::Configuration)?;
    accounts.show(&id)
}

/// Shows Practice Hotmart, which needs no credentials.
#[tauri::command]
async fn use_practice(accounts: Shared<'_>) -> Result<(), CommandError> {
    let account = AccountSettings {
        id: AccountId::parse(PRACTICE).map_err(|_| CommandError::Configuration)?,
        environment: Environment::Practice,
        client_id: String::new(),
        client_authentication: None,
        redirect_uri: None,
        scope: None,
        endpoints: None,
    };
    accounts.save(account, None).await
}

/// Keeps the window's language.
#[tauri::command]
fn set_language(accounts: Shared<'_>, language: &str) -> Result<(), CommandError> {
    if !LANGUAGES.contains(&language) {
        return Err(CommandError::Configuration);
    }
    accounts.set_language(language)
}

#[tauri::command]
fn connect(accounts: Shared<'_>) -> Result<(), CommandError> {
    let entropy = adapters::authorization_entropy().map_err(|error| {
        log::error!("no random bytes: {error}");
        CommandError::NoRandomness
    })?;
    send(&accounts, Event::ConnectRequested(entropy));
    Ok(())
}

#[tauri::command]
fn open_browser(accounts: Shared<'_>) {
    send(&accounts, Event::OpenBrowserRequested);
}

#[tauri::command]
fn copy_link(accounts: Shared<'_>) {
    send(&accounts, Event::CopyLinkRequested);
}

#[tauri::command]
fn paste_address(accounts: Shared<'_>) {
    send(&accounts, Event::PasteRequested);
}

#[tauri::command]
fn cancel(accounts: Shared<'_>) {
    send(&accounts, Event::CancelRequested);
}

#[tauri::command]
fn refresh(accounts: Shared<'_>) {
    send(&accounts, Event::RefreshRequested);
}

#[tauri::command]
fn copy_token(accounts: Shared<'_>) {
    send(&accounts, Event::CopyTokenRequested);
}

#[tauri::command]
fn disconnect(accounts: Shared<'_>) {
    send(&accounts, Event::DisconnectRequested);
}

#[tauri::command]
fn unlock_keyring(accounts: Shared<'_>) {
    send(&accounts, Event::UnlockRequested);
}

#[tauri::command]
fn keep_in_memory(accounts: Shared<'_>) {
    send(&accounts, Event::KeepInMemoryRequested);
}

#[tauri::command]
fn dismiss_notice(accounts: Shared<'_>) {
    send(&accounts, Event::NoticeDismissed);
}

fn send(accounts: &Accounts, event: Event) {
    if let Some(connection) = accounts.current() {
        connection.send(event);
    }
}
