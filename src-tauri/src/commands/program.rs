//! The commands for the program as a whole: its settings, and the look at this computer.

use adapters::SettingsPage;
use background::{CommandError, Fix, Preference};
use tauri::AppHandle;

use super::Shared;
use crate::{deep_link, menu, window};

/// Makes a choice for the program as a whole.
#[tauri::command]
pub fn choose(app: AppHandle, accounts: Shared<'_>, preference: Preference) -> Result<(), CommandError> {
    accounts.choose(preference)?;
    menu::set(&app, &accounts.words()).map_err(|error| {
        log::warn!("the menu bar keeps its language: {error}");
        CommandError::Configuration
    })?;
    window::apply_zoom(&app, accounts.preferences().zoom);
    Ok(())
}

/// The first moment is drawn: its buttons are there, and do something when they are clicked.
#[tauri::command]
pub fn drawn(accounts: Shared<'_>) {
    log::info!("the window can be used");
    accounts.window_drew();
}

/// Looks at everything on this computer that a connection needs.
#[tauri::command]
pub async fn check_computer(app: AppHandle, accounts: Shared<'_>) -> Result<(), CommandError> {
    deep_link::check(&app, accounts.places()).await;
    let webview = tauri::webview_version().unwrap_or_else(|_| "?".to_owned());
    accounts.check_this_computer(&webview).await;
    Ok(())
}

/// Puts one thing right, and looks again.
#[tauri::command]
pub async fn fix(app: AppHandle, accounts: Shared<'_>, what: Fix) -> Result<(), CommandError> {
    let opened = match what {
        // Looking at the links repairs them.
        Fix::Links => true,
        Fix::Keyring => {
            accounts.wake_keyring().await;
            true
        }
        Fix::Clock => adapters::open_settings(SettingsPage::Clock),
        Fix::Network => adapters::open_settings(SettingsPage::Network),
    };
    if !opened {
        return Err(CommandError::NotOpened);
    }
    check_computer(app, accounts).await
}

/// Saves the report for whoever helps.
#[tauri::command]
pub fn save_report(accounts: Shared<'_>) -> Result<(), CommandError> {
    accounts.save_report()
}

/// Copies it.
#[tauri::command]
pub async fn copy_report(accounts: Shared<'_>) -> Result<(), CommandError> {
    accounts.copy_report().await
}

/// What was found is not shown any more.
#[tauri::command]
pub fn close_checkup(accounts: Shared<'_>) {
    accounts.close_checkup();
}

/// Opens the folder of the log.
#[tauri::command]
pub fn open_logs(accounts: Shared<'_>) -> Result<(), CommandError> {
    adapters::open_folder(&accounts.places().logs()).then_some(()).ok_or(CommandError::NotOpened)
}
