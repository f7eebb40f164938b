//! How a program ends, or hands over to another of ours: nothing under way is
//! cut off, and nothing of ours stays in the clipboard that no program clears.

use std::time::Duration;

use adapters::LEAVE_DEADLINE;
use connection::{AccountId, Connection, Request, Snapshot, TokenStorage, View};
use tokio::task::JoinSet;

use crate::arguments::CopyHandover;
use crate::connections::Connections;

/// What was copied before is copied again within this, or not.
const COPY_DEADLINE: Duration = Duration::from_secs(5);

/// How a program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// For good.
    Quit,
    /// Another program of ours goes on in its place.
    HandOver,
}

impl Connections {
    /// Before the program ends: waits for what is under way, since a rotated
    /// token that is not stored is a lost session, and leaves nothing of ours
    /// in the clipboard. If another program of ours goes on in its place, gives
    /// what that one is to copy again.
    pub async fn shut_down(&self, shutdown: Shutdown) -> Option<CopyHandover> {
        // All at the same moment: none begins anything while another is waited for.
        let mut ending = JoinSet::new();
        for (_, connection) in self.all() {
            ending.spawn(async move { connection.end(LEAVE_DEADLINE).await });
        }
        ending.join_all().await;
        let copied = match shutdown {
            Shutdown::HandOver if self.clipboard.has_something_of_ours().await => self.copied(),
            _ => None,
        };
        self.clipboard.clear_whatever_is_ours().await;
        self.loopback.finish().await;
        copied
    }

    /// The token that was copied last and is not cleared yet.
    fn copied(&self) -> Option<CopyHandover> {
        let copied = |(account, connection): (AccountId, Connection)| {
            let copied = connection.watch().borrow().copied?;
            Some(CopyHandover { account, copied })
        };
        self.all().into_iter().filter_map(copied).max_by_key(|handover| handover.copied.clears_at)
    }

    /// Copies again what the program before this one had copied, for the rest of its time.
    pub async fn copy_again(&self, handover: CopyHandover) {
        let CopyHandover { account, copied } = handover;
        self.until_loaded(&account).await;
        let usual = *self.clear_after.borrow();
        let left = copied.clears_at.since(self.now(Some(&account))).min(usual);
        // What the user copied meanwhile is theirs.
        if left.is_zero() || !self.clipboard.is_empty().await {
            return;
        }
        let Some(connection) = self.get(&account) else { return };
        self.clear_after.send_replace(left);
        connection.send(Request::Copy { target: copied.what }.into());
        let again = |snapshot: &Snapshot| snapshot.copied.is_some();
        let mut snapshots = connection.watch();
        let _ = tokio::time::timeout(COPY_DEADLINE, snapshots.wait_for(again)).await;
        self.clear_after.send_replace(usual);
    }

    /// Whether something is in this process alone, and would be lost with it:
    /// tokens, or a question.
    pub fn hold_what_would_be_lost(&self) -> bool {
        let in_memory = self.all().iter().any(|(id, _)| self.keyring.storage_of(id) == TokenStorage::Memory);
        in_memory || self.any(|view| view.has_tokens_waiting() || matches!(view, View::OtherSeller { .. }))
    }

    /// Whether a login is open. Its outcome is shown where it was begun.
    pub fn await_a_link(&self) -> bool {
        self.any(|view| matches!(view, View::AwaitingBrowser { .. }))
    }
}
