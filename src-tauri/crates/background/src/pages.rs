//! The pages that the program opens in the user's browser.

use connection::ports::Browser;
use url::Url;

use crate::command_error::CommandError;

/// Where Hotmart shows a seller's credentials: Tools > Developer Credentials.
const CREDENTIALS_PAGE: &str = "https://app.hotmart.com/tools/credentials";

/// Opens the page on which Hotmart shows a seller's credentials.
///
/// # Errors
/// No browser could be started.
pub async fn open_credentials_page() -> Result<(), CommandError> {
    open(Url::parse(CREDENTIALS_PAGE).ok()).await
}

/// Opens the page on which the newest version is.
///
/// # Errors
/// This build knows of none, or no browser could be started.
pub async fn open_releases_page() -> Result<(), CommandError> {
    open(adapters::releases().map(|releases| releases.page)).await
}

async fn open(page: Option<Url>) -> Result<(), CommandError> {
    let page = page.ok_or(CommandError::NotOpened)?;
    adapters::SystemBrowser.open(page).await.map(drop).map_err(|_| CommandError::NotOpened)
}
