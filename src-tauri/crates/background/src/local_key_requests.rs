//! What the user asks of local keys in the window.

use std::io::ErrorKind;
use std::sync::Arc;

use adapters::system_seconds;
use connection::AccountId;
use connection::ports::Clipboard;
use oauth::Timestamp;
use serde::Deserialize;

use crate::accounts::Accounts;
use crate::command_error::CommandError;

/// What is to be done with a local key.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "name", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum LocalKeyRequest {
    /// Make one for a tool, and copy it.
    Create {
        /// The account that it opens.
        account: AccountId,
        /// The tool that gets it.
        tool: String,
        /// Whether it may change anything, or only read.
        may_write: bool,
        /// Whether programs in containers may use it.
        from_containers: bool,
    },
    /// Revoke it.
    Revoke {
        /// Which one.
        id: String,
    },
}

/// Does it, and opens the door if this is the first key.
///
/// # Errors
/// The name cannot be used, the keys could not be saved, or the key could not
/// be copied; then there is no new key.
pub async fn request_local_key(
    accounts: &Arc<Accounts>,
    request: LocalKeyRequest,
) -> Result<(), CommandError> {
    let keys = &accounts.door.keys;
    let failed = |error: std::io::Error| {
        log::error!("the local keys were not saved: {error}");
        CommandError::KeysNotSaved
    };
    match request {
        LocalKeyRequest::Revoke { id } => drop(keys.revoke(&id).map_err(failed)?),
        LocalKeyRequest::Create { account, tool, may_write, from_containers } => {
            let now = Timestamp::from_seconds(system_seconds());
            let created = keys.create(account, &tool, now, |key| {
                key.may_write = may_write;
                key.from_containers = from_containers;
            });
            let (kept, key) = created.map_err(|error| match error.kind() {
                ErrorKind::InvalidInput => CommandError::KeyName,
                _ => failed(error),
            })?;
            let clipboard = accounts.connections.clipboard.for_another();
            if clipboard.copy_secret(key).await.is_err() {
                // A key that nobody got opens nothing.
                let _ = keys.revoke(&kept.id);
                return Err(CommandError::KeyNotCopied);
            }
            let clear_after = *accounts.connections.clear_after.borrow();
            let accounts = Arc::clone(accounts);
            tokio::spawn(async move {
                let clears = async {
                    tokio::time::sleep(clear_after).await;
                    clipboard.clear_if_ours().await;
                };
                accounts.door.while_a_key_is_copied(clears).await;
            });
        }
    }
    accounts.look_at_local_keys();
    Ok(())
}
