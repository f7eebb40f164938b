//! Taking an account away: its tokens are revoked, every keyring entry of it
//! is deleted, and only then is it taken out of the settings.

use std::sync::Arc;
use std::time::Duration;

use connection::{AccountId, Connection, Event, Notice, Snapshot, View};

use super::shown::Removed;
use super::{Accounts, lock};

/// What is under way for an account is asked for its end this often.
const ASK_AGAIN: Duration = Duration::from_millis(500);

impl Accounts {
    /// Begins to remove an account. What stops it, such as a locked keyring,
    /// is shown as the account's state, and it goes on when that is over.
    pub fn remove(self: &Arc<Self>, id: &AccountId) {
        let (accounts, id) = (Arc::clone(self), id.clone());
        // Asked for a second time while the first waits for the keyring: once is enough.
        if !lock(&accounts.removing).insert(id.clone()) {
            return;
        }
        self.runtime.spawn(async move {
            accounts.take_away(&id).await;
            lock(&accounts.removing).remove(&id);
        });
    }

    async fn take_away(&self, id: &AccountId) {
        let Some(settings) = self.account(id) else { return };
        self.start_if_needed(&settings).await;
        let connection = self.connection(id);
        // Called off while the keyring kept it waiting.
        let Some(notice) = forgotten(&connection).await else { return };
        let taken_out = self.change_settings(|settings| settings.remove(id));
        lock(&self.connections).remove(id);
        if taken_out.is_ok() {
            self.places.forget_account(id);
            self.start_what_is_shown().await;
        } else {
            self.start_if_needed(&settings).await;
        }
        let outcome = taken_out.is_ok().then_some(notice);
        *lock(&self.removed) = Some(Removed { name: settings.name, id: id.clone(), outcome });
        self.tell_the_window();
    }
}

/// Waits until nothing of the account is in the keyring any more. `None` if
/// the keyring stopped it, and somebody called it off meanwhile.
async fn forgotten(connection: &Connection) -> Option<Notice> {
    let mut snapshots = connection.watch();
    connection.send(Event::CancelRequested);
    let mut stopped = false;
    loop {
        let view = |snapshot: &Snapshot| snapshot.view.clone();
        match view(&snapshots.borrow_and_update()) {
            View::Forgotten(notice) => return Some(notice),
            View::KeyringBlocked { removing: true, .. } => stopped = true,
            View::Forgetting => {}
            _ if stopped => return None,
            View::Loading => {}
            _ => connection.send(Event::ForgetRequested),
        }
        // Something may be under way that must end first, and ends unseen.
        let _ = tokio::time::timeout(ASK_AGAIN, snapshots.changed()).await;
    }
}
