//! Takes what arrives at a loopback address to the actor, and what became of
//! it back to the browser.

use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::ports::{Arrival, Listening, Outcome};
use crate::{Event, Notice, Snapshot, View};

/// The actor judges an address at once; one that is not the answer changes nothing.
const JUDGED_WITHIN: Duration = Duration::from_secs(1);

/// Serves until the login no longer waits; then nothing listens any more.
pub(crate) async fn serve(
    mut listening: Listening,
    events: mpsc::WeakUnboundedSender<Event>,
    mut snapshots: watch::Receiver<Snapshot>,
) {
    loop {
        let arrival = tokio::select! {
            arrival = listening.arrivals.recv() => arrival,
            _ = snapshots.wait_for(|snapshot| !waits(snapshot)) => None,
        };
        let (Some(Arrival { callback, reply }), Some(events)) = (arrival, events.upgrade()) else { return };
        let after = snapshots.clone();
        let _ = events.send(Event::CallbackArrived(callback));
        tokio::spawn(async move {
            let _ = reply.send(outcome(after).await);
        });
    }
}

fn waits(snapshot: &Snapshot) -> bool {
    matches!(snapshot.view, View::AwaitingBrowser { .. })
        || snapshot.view.stopped().is_some_and(|stopped| stopped.can_cancel)
}

/// The truth about the moment that comes after an arrival.
async fn outcome(mut snapshots: watch::Receiver<Snapshot>) -> Outcome {
    let judged = snapshots.wait_for(|snapshot| !matches!(snapshot.view, View::AwaitingBrowser { .. }));
    if tokio::time::timeout(JUDGED_WITHIN, judged).await.is_err() {
        return Outcome::NotTheAnswer;
    }
    let ended = |snapshot: &Snapshot| {
        !matches!(snapshot.view, View::Exchanging { .. }) && snapshot.view.stopped().is_none()
    };
    match snapshots.wait_for(ended).await.as_deref() {
        Ok(Snapshot { view: View::Denied, .. }) => Outcome::Denied,
        Ok(Snapshot { notice: Some(Notice::StillConnectedAfterDenial), .. }) => Outcome::Denied,
        Ok(Snapshot { view: View::OtherSeller { .. }, .. }) => Outcome::Question,
        Ok(Snapshot { notice: Some(Notice::CameBack { .. }), .. }) => Outcome::Connected,
        // Also a login that was given up while it was being finished.
        _ => Outcome::Failed,
    }
}
