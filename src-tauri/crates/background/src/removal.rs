//! Taking an account away: its tokens are revoked, every keyring entry of it
//! is deleted, and only then is it taken out of the settings.

use std::sync::Arc;
use std::time::Duration;

use connection::{AccountId, Connection, Notice, Request, Snapshot, View};

use crate::accounts::Accounts;
use crate::command_error::CommandError;
use crate::program_state::Removed;

/// What is under way for an account is asked for its end this often.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Removes an account. What stops it, such as a locked keyring, is shown as
/// the account's state, and it goes on when that is over.
pub async fn remove(accounts: Arc<Accounts>, id: AccountId) {
    let Some(settings) = accounts.settings.account(&id) else { return };
    accounts.start_if_needed(&settings).await;
    // Asked for a second time while the first waits for the keyring: once is enough.
    if !accounts.connections.begin_removal(&id) {
        return;
    }
    // Called off while the keyring kept it waiting.
    let Some(notice) = forgotten(&accounts.connections.open(&id)).await else {
        accounts.connections.end_removal(&id);
        return;
    };
    // Its keys first: they must not open another account that gets its id.
    let keys_gone = accounts.door.keys.forget_account(&id).map_err(|error| {
        log::error!("{id}: its local keys could not be revoked: {error}");
        CommandError::KeysNotSaved
    });
    let taken_out = keys_gone.and_then(|()| accounts.settings.change(|settings| settings.remove(&id)));
    accounts.connections.close(&id);
    accounts.look_at_local_keys();
    if taken_out.is_ok() {
        accounts.connections.directories.forget_account(&id);
        accounts.start_what_is_shown().await;
    } else {
        accounts.start_if_needed(&settings).await;
    }
    let outcome = taken_out.is_ok().then_some(notice);
    accounts.state.send_modify(|state| state.removed = Some(Removed { name: settings.name, id, outcome }));
}

/// Waits until nothing of the account is in the keyring any more. `None` if
/// the keyring stopped it, and the user called it off meanwhile.
async fn forgotten(connection: &Connection) -> Option<Notice> {
    let mut snapshots = connection.watch();
    connection.send(Request::Cancel.into());
    let mut stopped = false;
    loop {
        let view = |snapshot: &Snapshot| snapshot.view.clone();
        match view(&snapshots.borrow_and_update()) {
            View::Forgotten { notice } => return Some(notice),
            view if view.stopped().is_some_and(|what| what.removing) => stopped = true,
            View::Forgetting => {}
            _ if stopped => return None,
            View::Loading => {}
            _ => connection.send(Request::Forget.into()),
        }
        // Something may be under way that must end first, and ends unseen.
        let _ = tokio::time::timeout(ASK_AGAIN, snapshots.changed()).await;
    }
}
