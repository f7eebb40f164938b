//! The commands for the program as a whole: its settings, and the look at this computer.

use adapters::SettingsPage;
use background::{CommandError, Preference};
use tauri::AppHandle;

use super::Shared;
use crate::ipc::{ComputerTask, News, UpdateRequest};
use crate::{deep_link, frontend, menu, updates, window};

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
pub fn drawn(app: AppHandle, accounts: Shared<'_>) {
    log::info!("the window can be used");
    accounts.window_drew();
    // Nobody waits for it.
    updates::look_once_a_day(&app);
}

/// Looks at this computer, puts one thing right and looks again, opens what belongs to it, or reports what was found.
#[tauri::command]
pub async fn computer(app: AppHandle, accounts: Shared<'_>, task: ComputerTask) -> Result<(), CommandError> {
    let opened = match task {
        // Looking at the links repairs them.
        ComputerTask::Check | ComputerTask::Links => true,
        ComputerTask::Keyring => {
            background::wake_keyring(&accounts).await;
            true
        }
        ComputerTask::Clock => adapters::open_settings(SettingsPage::Clock),
        ComputerTask::Network => adapters::open_settings(SettingsPage::Network),
        ComputerTask::Logs => {
            let opened = adapters::open_folder(&accounts.connections.directories.logs());
            return opened.then_some(()).ok_or(CommandError::NotOpened);
        }
        ComputerTask::Credentials => return background::open_credentials_page().await,
        ComputerTask::SaveReport => return background::save_report(&accounts),
        ComputerTask::CopyReport => return background::copy_report(&accounts).await,
    };
    if !opened {
        return Err(CommandError::NotOpened);
    }
    deep_link::check(&app, &accounts.connections.directories).await;
    let webview = tauri::webview_version().unwrap_or_else(|_| "?".to_owned());
    background::check_this_computer(&accounts, &webview).await;
    Ok(())
}

/// News were read, and are not shown any more.
#[tauri::command]
pub fn dismiss(accounts: Shared<'_>, news: News) {
    accounts.state.send_modify(|state| match news {
        News::Removed => state.removed = None,
        News::Checkup => state.checkup = None,
        News::Update => state.update.was_read(),
    });
}

/// Looks for a newer version, puts it in this one's place, or opens the page where it is.
#[tauri::command]
pub async fn update(app: AppHandle, request: UpdateRequest) -> Result<(), CommandError> {
    match request {
        UpdateRequest::Look => updates::look(&app),
        UpdateRequest::Install => updates::install(&app),
        UpdateRequest::Cancel => updates::cancel(&app),
        UpdateRequest::OpenPage => return background::open_releases_page().await,
    }
    Ok(())
}

/// Ends the program. Nothing of it is left on this computer then, and a notification says so.
#[tauri::command]
pub async fn forget_everything(app: AppHandle, accounts: Shared<'_>) -> Result<(), CommandError> {
    background::prepare_to_forget_everything(&accounts).await?;
    frontend::forget_everything_at_the_end(&app);
    app.exit(0);
    Ok(())
}
