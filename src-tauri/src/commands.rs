//! The commands the window may call. What a user asks of a connection names
//! its account, so that it reaches the one that was drawn, or none.
//! `build.rs` declares them and `capabilities/main.json` allows them.

mod program;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use background::{Accounts, CommandError, ImportResult, LocalKeyRequest};
use connection::{AccountId, AccountSettings, LOOPBACK_REDIRECT_URI, Request};
use oauth::Secret;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, State};

use crate::deep_link;
use crate::ipc::{AccountChange, AccountForm, Discovery, KnownAccount, Message, Reading};

type Shared<'a> = State<'a, Arc<Accounts>>;

/// Changes of accounts that are not shown are drawn this long after they happened.
const SETTLE: Duration = Duration::from_millis(300);

/// Dispatches what the window calls.
pub fn handler() -> impl Fn(Invoke<tauri::Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        watch,
        request,
        save_account,
        add_account,
        change_account,
        import_accounts,
        discover,
        read_pasted,
        program::choose,
        program::drawn,
        program::computer,
        program::dismiss,
        program::update,
        program::forget_everything,
        local_key,
    ]
}

/// Sends the present moment, then every change. The last caller is the one that hears.
#[tauri::command]
fn watch(accounts: Shared<'_>, channel: Channel<Message>) {
    let task = tauri::async_runtime::spawn(report(Arc::clone(&accounts), channel));
    replace_watch(Some(task));
}

/// The window is gone: nothing hears any more.
pub fn stop_watching() {
    replace_watch(None);
}

fn replace_watch(task: Option<JoinHandle<()>>) {
    // Set by the window's command, ended on the main thread when the window is gone.
    static WATCHING: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

    let before = std::mem::replace(&mut *WATCHING.lock().unwrap_or_else(PoisonError::into_inner), task);
    if let Some(before) = before {
        before.abort();
    }
}

async fn report(accounts: Arc<Accounts>, channel: Channel<Message>) {
    let mut changes = accounts.changes();
    loop {
        changes.mark_unchanged();
        let mut snapshots = accounts.current().map(|connection| connection.watch());
        // What is about to be sent is no news.
        if let Some(snapshots) = &mut snapshots {
            snapshots.mark_unchanged();
        }
        let message = Message::of(accounts.now(), accounts.overview());
        log::trace!("to the window: {}", serde_json::to_string(&message).unwrap_or_default());
        if channel.send(message).is_err() {
            return;
        }
        // The shown account's start is waited for, if it does not run yet.
        let settle = if snapshots.is_some() { SETTLE } else { Duration::ZERO };
        let shown = async {
            let hears = match &mut snapshots {
                Some(snapshots) => snapshots.changed().await.is_ok(),
                None => false,
            };
            if !hears {
                std::future::pending().await
            }
        };
        tokio::select! {
            () = shown => {}
            () = changes.settled(settle) => {}
        }
    }
}

/// Passes on what the user asks of an account's connection.
#[tauri::command]
async fn request(
    app: AppHandle,
    accounts: Shared<'_>,
    account: AccountId,
    request: Request,
) -> Result<(), CommandError> {
    ask(&app, &accounts, &account, request).await
}

/// The same, from wherever it was asked for. An account that is gone is asked nothing.
pub async fn ask(
    app: &AppHandle,
    accounts: &Accounts,
    account: &AccountId,
    request: Request,
) -> Result<(), CommandError> {
    // Before the browser is sent, it is made sure that its link can come back.
    if matches!(request, Request::Connect | Request::ConnectAsAnother) {
        deep_link::check(app, &accounts.connections.directories).await;
    }
    let Some(connection) = accounts.connections.get(account) else { return Ok(()) };
    connection.request(request, || {
        adapters::authorization_entropy().map_err(|error| {
            log::error!("no random bytes: {error}");
            CommandError::NoRandomness
        })
    })
}

/// Saves the seller's own credentials, of an account there is or of a new one.
#[tauri::command]
async fn save_account(accounts: Shared<'_>, form: AccountForm) -> Result<(), CommandError> {
    let AccountForm { id, loopback, credentials: filled_in } = form;
    let id = match id {
        Some(id) => id,
        None => accounts
            .settings
            .new_id(filled_in.name.as_deref().unwrap_or_default())
            .ok_or(CommandError::Configuration)?,
    };
    let before = accounts.settings.account(&id);
    let (mut account, secret) =
        AccountSettings::filled_in(id, before, filled_in).map_err(|_| CommandError::ClientId)?;
    let usual = || match &account.endpoints {
        Some(endpoints) => endpoints.loopback_redirect_uri(),
        None => LOOPBACK_REDIRECT_URI.to_owned(),
    };
    account.loopback_redirect_uri =
        loopback.then(|| account.loopback_redirect_uri.clone().unwrap_or_else(usual));
    accounts.save(account, secret).await
}

/// Tells what was understood of something that was pasted.
#[tauri::command]
fn read_pasted(text: Secret) -> Reading {
    Reading::of(text.expose())
}

/// Shows an account that needs no form, and makes it if there is none.
#[tauri::command]
async fn add_account(app: AppHandle, accounts: Shared<'_>, which: KnownAccount) -> Result<(), CommandError> {
    let account = match which {
        KnownAccount::Practice => accounts.settings.practice_account(),
        KnownAccount::BuiltIn => accounts.settings.new_built_in_account(),
        KnownAccount::Own => {
            let id = accounts.settings.own_account().ok_or(CommandError::Configuration)?;
            return accounts.show(&id).await;
        }
        KnownAccount::Pasted { text, environment } => {
            let id = background::save_pasted(&accounts, &text, environment).await?;
            return ask(&app, &accounts, &id, Request::Connect).await;
        }
    };
    accounts.save(account.ok_or(CommandError::Configuration)?, None).await
}

/// Changes an account's place in the list.
#[tauri::command]
async fn change_account(
    accounts: Shared<'_>,
    account: AccountId,
    change: AccountChange,
) -> Result<(), CommandError> {
    match change {
        AccountChange::Show => accounts.show(&account).await,
        AccountChange::Rename { to } => accounts.settings.change(|settings| settings.rename(&account, &to)),
        AccountChange::Move { to } => accounts.settings.change(|settings| settings.move_to(&account, to)),
        AccountChange::MakeDefault => {
            accounts.settings.change(|settings| settings.default_account = Some(account))
        }
        AccountChange::Remove => {
            tauri::async_runtime::spawn(background::remove(Arc::clone(&accounts), account));
            Ok(())
        }
    }
}

/// Takes the accounts of a settings file from another machine over; tells how
/// many, or which servers are to be confirmed first.
#[tauri::command]
fn import_accounts(accounts: Shared<'_>, text: &str, confirmed: bool) -> Result<ImportResult, CommandError> {
    accounts.import(text, confirmed)
}

/// Makes a local key and copies it, or revokes one.
#[tauri::command]
async fn local_key(accounts: Shared<'_>, request: LocalKeyRequest) -> Result<(), CommandError> {
    background::request_local_key(&accounts, request).await
}

/// What a server says of itself at its well-known address.
#[tauri::command]
async fn discover(accounts: Shared<'_>, issuer: &str) -> Result<Discovery, CommandError> {
    Ok(Discovery::from(connection::discover(&accounts.connections.http, issuer).await?))
}
