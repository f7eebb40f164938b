//! The end of a program of which nothing is to be left.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use connection::TokenStorage;

use crate::accounts::Accounts;
use crate::command_error::CommandError;
use crate::removal::remove;

/// `hotmart-token`, which knows how.
const FORGETS: &str = if cfg!(windows) { "hotmart-token.exe" } else { "hotmart-token" };
/// Revokes and deletes without asking again, and shows a notification of what became of it.
const ARGUMENTS: [&str; 4] = ["forget", "--everything", "--yes", "--notify"];

fn program() -> Option<PathBuf> {
    adapters::this_file().map(|file| file.with_file_name(FORGETS)).filter(|path| path.is_file())
}

/// Gets ready for the end: what this program alone knows is revoked now.
///
/// # Errors
/// The program that does the rest is not there; nothing was done.
pub async fn prepare_to_forget_everything(accounts: &Arc<Accounts>) -> Result<(), CommandError> {
    program().ok_or(CommandError::NothingForgotten)?;
    let ids = accounts
        .settings
        .read(|settings| settings.accounts.iter().map(|account| account.id.clone()).collect());
    let ids: Vec<_> = ids;
    for id in ids {
        if accounts.connections.keyring.storage_of(&id) == TokenStorage::Memory {
            remove(Arc::clone(accounts), id).await;
        }
    }
    Ok(())
}

/// Ends, and has all that this program left deleted by one that goes on. Returns only if it could not be started.
pub fn leave_the_rest_to_the_one_that_forgets() -> std::io::Error {
    let Some(program) = program() else { return std::io::ErrorKind::NotFound.into() };
    adapters::leave_the_rest_to(&OsString::from(program), &ARGUMENTS.map(OsString::from))
}
