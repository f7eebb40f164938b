//! How a program ends, or hands over to another of ours: nothing under way is
//! cut off, and nothing of ours stays in the clipboard that nobody clears.

use std::sync::Arc;
use std::time::Duration;

use connection::{Connection, Event, KeptIn, Snapshot, View};

use super::{Accounts, lock};
use crate::arguments::Copied;

/// Closing the window waits this long for what is under way: longer than two
/// requests and a few calls of the keyring may take.
const LEAVE_DEADLINE: Duration = Duration::from_secs(95);

/// What was copied before is copied again within this, or not.
const COPY_DEADLINE: Duration = Duration::from_secs(5);

/// How a program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// For good.
    End,
    /// Another program of ours goes on in its place.
    HandOver,
}

impl Accounts {
    /// Before the program ends: waits for what is under way, since a rotated
    /// token that is not stored is a lost session, and leaves nothing of ours
    /// in the clipboard. If another program of ours goes on in its place, gives
    /// what that one is to copy again.
    pub async fn leave(&self, leaving: Leaving) -> Option<Copied> {
        let connections: Vec<_> =
            lock(&self.connections).values().map(|account| account.connection.clone()).collect();
        let watches: Vec<_> = connections.iter().map(Connection::watch).collect();
        let quiet = async {
            // All at the same moment: one may begin while another is waited for.
            while watches.iter().any(|snapshots| snapshots.borrow().must_not_be_interrupted()) {
                for snapshots in &watches {
                    let mut snapshots = snapshots.clone();
                    let _ = snapshots.wait_for(|snapshot| !snapshot.must_not_be_interrupted()).await;
                }
            }
        };
        if tokio::time::timeout(LEAVE_DEADLINE, quiet).await.is_err() {
            log::warn!("the program ends although something is under way");
        }
        for connection in connections {
            connection.leave().await;
        }
        let copied = match leaving {
            Leaving::HandOver if self.clipboard.has_something_of_ours().await => self.copied(),
            _ => None,
        };
        self.clipboard.clear_whatever_is_ours().await;
        self.loopback.finish().await;
        copied
    }

    /// What somebody copied and is not cleared yet.
    fn copied(&self) -> Option<Copied> {
        let connections = lock(&self.connections);
        let all = connections.iter().filter_map(|(id, account)| {
            let snapshot = account.connection.watch().borrow().clone();
            let (what, until) = (snapshot.copied?, snapshot.clipboard_clears_at?);
            Some(Copied { account: id.clone(), what, until })
        });
        // The one that was copied last.
        all.max_by_key(|copied| copied.until)
    }

    /// Copies again what the program before this one had copied, for the rest of its time.
    pub fn copy_again(self: &Arc<Self>, copied: Copied) {
        let accounts = Arc::clone(self);
        self.runtime.spawn(async move {
            let left = copied.until.since(accounts.now()).min(*accounts.clear_after.borrow());
            if let Some(settings) = accounts.account(&copied.account) {
                accounts.start_if_needed(&settings).await;
            }
            accounts.until_loaded(&copied.account).await;
            // What somebody copied meanwhile is theirs.
            let is_empty = accounts.clipboard.is_empty().await;
            let Some(connection) =
                accounts.connection_of(&copied.account).filter(|_| is_empty && !left.is_zero())
            else {
                return;
            };
            let usual = *accounts.clear_after.borrow();
            accounts.clear_after.send_replace(left);
            connection.send(Event::CopyTokenRequested(copied.what));
            let again = |snapshot: &Snapshot| snapshot.clipboard_clears_at.is_some();
            let mut snapshots = connection.watch();
            let _ = tokio::time::timeout(COPY_DEADLINE, snapshots.wait_for(again)).await;
            accounts.clear_after.send_replace(usual);
        });
    }

    /// Whether something is in this process alone, and would be lost with it:
    /// tokens, or a question.
    pub fn holds_what_would_be_lost(&self) -> bool {
        let ids: Vec<_> = lock(&self.connections).keys().cloned().collect();
        let in_memory = ids.iter().any(|id| self.keyring.kept_in(id) == KeptIn::Memory);
        in_memory
            || self.is_any(|view| {
                matches!(view, View::KeyringBlocked { tokens_waiting: true, .. } | View::OtherSeller { .. })
            })
    }

    /// Whether a login is open. Its outcome is shown where it was begun.
    pub fn somebody_waits_for_a_link(&self) -> bool {
        self.is_any(|view| matches!(view, View::AwaitingBrowser { .. }))
    }

    fn is_any(&self, is_so: impl Fn(&View) -> bool) -> bool {
        lock(&self.connections).values().any(|account| is_so(&account.connection.watch().borrow().view))
    }
}
