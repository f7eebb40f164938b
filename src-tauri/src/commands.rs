//! The commands the window may call. Each becomes one event for the connection.
//! `build.rs` declares them and `capabilities/main.json` allows them.

mod program;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use background::{Accounts, CommandError, ImportResult};
use connection::{AccountId, AccountSettings, Event, Handout, LOOPBACK_REDIRECT_URI, TokenForm};
use oauth::AuthorizationEntropy;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, State};

use crate::deep_link;
use crate::ipc::{AccountForm, Discovery, Message};

type Shared<'a> = State<'a, Arc<Accounts>>;

/// Changes of other accounts are shown this long after they happened.
const STIR: Duration = Duration::from_millis(300);

/// Dispatches what the window calls.
pub fn handler() -> impl Fn(Invoke<tauri::Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        watch,
        save_account,
        use_practice,
        use_built_in,
        use_own_account,
        show_account,
        rename_account,
        move_account,
        make_default,
        remove_account,
        dismiss_removed,
        import_accounts,
        discover,
        program::choose,
        program::drawn,
        program::check_computer,
        program::fix,
        program::save_report,
        program::copy_report,
        program::close_checkup,
        program::open_logs,
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
        copy_refresh_token,
        check,
        disconnect,
        unlock_keyring,
        keep_in_memory,
        dismiss_notice,
    ]
}

/// Sends the present moment, then every change. The last caller is the one that hears.
#[tauri::command]
fn watch(accounts: Shared<'_>, channel: Channel<Message>) {
    let task = tauri::async_runtime::spawn(report(Arc::clone(&accounts), channel));
    replace_watch(Some(task));
}

/// The window is gone: nobody hears any more.
pub fn stop_watching() {
    replace_watch(None);
}

fn replace_watch(task: Option<JoinHandle<()>>) {
    static WATCHING: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

    let before = std::mem::replace(&mut *WATCHING.lock().unwrap_or_else(PoisonError::into_inner), task);
    if let Some(before) = before {
        before.abort();
    }
}

async fn report(accounts: Arc<Accounts>, channel: Channel<Message>) {
    let (mut settings, mut stirs) = (accounts.changes(), accounts.stirs());
    loop {
        settings.mark_unchanged();
        stirs.mark_unchanged();
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
                // An account that was removed has nothing more to say.
                alive = changed => if !alive { snapshots = None },
                // Another account may be shown now.
                _ = settings.changed() => break,
                // Not more often than anybody could read.
                _ = async { let _ = stirs.changed().await; tokio::time::sleep(STIR).await } => {
                    stirs.mark_unchanged();
                }
            }
        }
    }
}

/// Saves the seller's own credentials, of an account there is or of a new one.
#[tauri::command]
async fn save_account(accounts: Shared<'_>, form: AccountForm) -> Result<(), CommandError> {
    let AccountForm { id, loopback, credentials: filled_in } = form;
    let id = match id {
        Some(id) => id,
        None => accounts
            .new_id(filled_in.name.as_deref().unwrap_or_default())
            .ok_or(CommandError::Configuration)?,
    };
    let before = accounts.account(&id);
    let (mut account, secret) =
        AccountSettings::filled_in(id, before, filled_in).map_err(|_| CommandError::ClientId)?;
    account.loopback_redirect_uri =
        loopback.then(|| account.loopback_redirect_uri.unwrap_or_else(|| LOOPBACK_REDIRECT_URI.to_owned()));
    accounts.save(account, secret).await
}

/// Shows the seller's own account again.
#[tauri::command]
async fn use_own_account(accounts: Shared<'_>) -> Result<(), CommandError> {
    let id = accounts.own_account().ok_or(CommandError::Configuration)?;
    accounts.show(&id).await
}

/// Shows another account.
#[tauri::command]
async fn show_account(accounts: Shared<'_>, id: AccountId) -> Result<(), CommandError> {
    accounts.show(&id).await
}

/// Gives an account another name.
#[tauri::command]
fn rename_account(accounts: Shared<'_>, id: AccountId, name: &str) -> Result<(), CommandError> {
    accounts.change_settings(|settings| settings.rename(&id, name))
}

/// Moves an account to another place in the list, counted from zero.
#[tauri::command]
fn move_account(accounts: Shared<'_>, id: AccountId, place: usize) -> Result<(), CommandError> {
    accounts.change_settings(|settings| settings.move_to(&id, place))
}

/// Chooses the account that programs get a token of if they name none.
#[tauri::command]
fn make_default(accounts: Shared<'_>, id: AccountId) -> Result<(), CommandError> {
    accounts.change_settings(|settings| settings.default_account = Some(id))
}

/// Revokes an account's tokens and deletes everything that there is of it.
#[tauri::command]
fn remove_account(accounts: Shared<'_>, id: AccountId) {
    accounts.remove(&id);
}

/// The news that an account is gone was read.
#[tauri::command]
fn dismiss_removed(accounts: Shared<'_>) {
    accounts.dismiss_removed();
}

/// Takes the accounts of a settings file from another machine over; tells how
/// many, or which servers are to be confirmed first.
#[tauri::command]
fn import_accounts(accounts: Shared<'_>, text: &str, confirmed: bool) -> Result<ImportResult, CommandError> {
    accounts.import(text, confirmed)
}

/// What a server says of itself at its well-known address.
#[tauri::command]
async fn discover(accounts: Shared<'_>, issuer: &str) -> Result<Discovery, CommandError> {
    Ok(Discovery::from(accounts.discover(issuer).await?))
}

/// Shows Practice Hotmart, which needs no credentials.
#[tauri::command]
async fn use_practice(accounts: Shared<'_>) -> Result<(), CommandError> {
    let account = accounts.practice_account().ok_or(CommandError::Configuration)?;
    accounts.save(account, None).await
}

/// Shows a new account of the application that this build brings along.
#[tauri::command]
async fn use_built_in(accounts: Shared<'_>) -> Result<(), CommandError> {
    let account = accounts.built_in_account().ok_or(CommandError::Configuration)?;
    accounts.save(account, None).await
}

/// Before the browser is sent, it is made sure that its link can come back.
#[tauri::command]
async fn connect(app: AppHandle, accounts: Shared<'_>) -> Result<(), CommandError> {
    begin_to_connect(&app, &accounts).await
}

/// The same, from wherever it was asked for.
pub async fn begin_to_connect(app: &AppHandle, accounts: &Accounts) -> Result<(), CommandError> {
    deep_link::check(app, accounts.places()).await;
    send(accounts, Event::ConnectRequested(entropy()?));
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
fn copy_token(accounts: Shared<'_>, form: TokenForm) {
    send(&accounts, Event::CopyTokenRequested(Handout::Bearer(form)));
}

/// Copies the refresh token: the window asked twice.
#[tauri::command]
fn copy_refresh_token(accounts: Shared<'_>) {
    send(&accounts, Event::CopyTokenRequested(Handout::RefreshToken));
}

#[tauri::command]
fn check(accounts: Shared<'_>) {
    send(&accounts, Event::CheckRequested);
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

/// Tells the account that the window shows.
pub fn send(accounts: &Accounts, event: Event) {
    if let Some(connection) = accounts.current() {
        connection.send(event);
    }
}
