//! The commands the window may call. Each becomes one event for the connection.
//! `build.rs` declares them and `capabilities/main.json` allows them.

use std::sync::{Arc, Mutex, PoisonError};

use connection::{AccountId, AccountSettings, Credentials, Event, LOOPBACK_REDIRECT_URI, OWN_ACCOUNT};
use oauth::AuthorizationEntropy;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, State};

use crate::accounts::Accounts;
use crate::deep_link;
use crate::ipc::{AccountForm, CommandError, Message};

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
        connect_as_another,
        other_way,
        extend,
        replace_seller,
        keep_seller,
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
    let id = AccountId::parse(OWN_ACCOUNT).map_err(|_| CommandError::Configuration)?;
    let AccountForm { environment, client_id, client_secret, endpoints, loopback } = form;
    let filled_in = Credentials { environment, client_id, client_secret, endpoints };
    let before = accounts.account(&id);
    let (mut account, secret) =
        AccountSettings::filled_in(id, before, filled_in).map_err(|_| CommandError::ClientId)?;
    account.loopback_redirect_uri =
        loopback.then(|| account.loopback_redirect_uri.unwrap_or_else(|| LOOPBACK_REDIRECT_URI.to_owned()));
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
    let id = AccountId::parse(PRACTICE).map_err(|_| CommandError::Configuration)?;
    let account = AccountSettings::practice(id);
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

/// Before the browser is sent, it is made sure that its link can come back.
#[tauri::command]
async fn connect(app: AppHandle, accounts: Shared<'_>) -> Result<(), CommandError> {
    deep_link::check(&app, accounts.places()).await;
    send(&accounts, Event::ConnectRequested(entropy()?));
    Ok(())
}

#[tauri::command]
async fn connect_as_another(app: AppHandle, accounts: Shared<'_>) -> Result<(), CommandError> {
    deep_link::check(&app, accounts.places()).await;
    send(&accounts, Event::ConnectAsAnotherRequested(entropy()?));
    Ok(())
}

#[tauri::command]
fn other_way(accounts: Shared<'_>) -> Result<(), CommandError> {
    send(&accounts, Event::OtherWayRequested(entropy()?));
    Ok(())
}

#[tauri::command]
fn extend(accounts: Shared<'_>) {
    send(&accounts, Event::ExtendRequested);
}

#[tauri::command]
fn replace_seller(accounts: Shared<'_>) {
    send(&accounts, Event::ReplaceSellerRequested);
}

#[tauri::command]
fn keep_seller(accounts: Shared<'_>) {
    send(&accounts, Event::KeepSellerRequested);
}

fn entropy() -> Result<AuthorizationEntropy, CommandError> {
    adapters::authorization_entropy().map_err(|error| {
        log::error!("no random bytes: {error}");
        CommandError::NoRandomness
    })
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
