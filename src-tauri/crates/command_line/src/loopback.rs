//! Takes the browser's answer on loopback, and shows in the browser what became of it.

use std::time::Duration;

use adapters::{Arrival, LoopbackListener, Page};
use connection::{Connection, Snapshot, View};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::words::Words;

/// The actor judges an address at once; one that is not the answer changes nothing.
const JUDGED_WITHIN: Duration = Duration::from_secs(1);

/// When the program ends, a page that is still to be said gets this long.
const PAGE_DEADLINE: Duration = Duration::from_secs(1);

/// A listener, and the pages that are being shown.
pub struct Doorkeeper {
    listener: LoopbackListener,
    arrivals: mpsc::Receiver<Arrival>,
    pages: Vec<JoinHandle<()>>,
}

/// The three things a page can say, in the person's language.
struct Pages {
    connected: Page,
    denied: Page,
    failed: Page,
    not_the_answer: Page,
}

impl Doorkeeper {
    pub fn new(listener: LoopbackListener, arrivals: mpsc::Receiver<Arrival>) -> Self {
        Self { listener, arrivals, pages: Vec::new() }
    }

    /// Hands one request on as a possible answer; its page follows by itself.
    pub async fn serve_one(&mut self, connection: &Connection, words: &Words) {
        let Some(Arrival { callback, reply }) = self.arrivals.recv().await else {
            return std::future::pending().await;
        };
        let (snapshots, pages) = (connection.watch(), Pages::in_words(words));
        connection.send(connection::Event::CallbackArrived(callback));
        self.pages.push(tokio::spawn(async move {
            let _ = reply.send(pages.after(snapshots).await);
        }));
    }

    /// Ends once the browser has its pages.
    pub async fn close(self) {
        for page in self.pages {
            // One that waits for a keyring that does not come back is not waited for.
            let _ = tokio::time::timeout(PAGE_DEADLINE, page).await;
        }
        self.listener.close().await;
    }
}

impl Pages {
    fn in_words(words: &Words) -> Self {
        let page = |name: &str, is_the_answer| Page {
            is_the_answer,
            language: words.language().to_owned(),
            title: words.text(&format!("page.{name}.title")),
            text: words.text(&format!("page.{name}.text")),
        };
        Self {
            connected: page("connected", true),
            denied: page("denied", true),
            failed: page("failed", true),
            not_the_answer: page("not_the_answer", false),
        }
    }

    /// The page that tells the truth about the moment that comes after an arrival.
    async fn after(self, mut snapshots: watch::Receiver<Snapshot>) -> Page {
        let waits = |snapshot: &Snapshot| matches!(snapshot.view, View::AwaitingBrowser { .. });
        let judged = snapshots.wait_for(|snapshot| !waits(snapshot));
        if tokio::time::timeout(JUDGED_WITHIN, judged).await.is_err() {
            return self.not_the_answer;
        }
        let ended = |snapshot: &Snapshot| {
            !matches!(snapshot.view, View::Exchanging { .. } | View::KeyringBlocked { .. })
        };
        let view = snapshots.wait_for(ended).await.map(|snapshot| (snapshot.view.clone(), snapshot.notice));
        match view {
            Ok((View::Connected(_) | View::Refreshing(_), None)) => self.connected,
            Ok((View::Denied, _)) => self.denied,
            Ok((_, Some(connection::Notice::StillConnectedAfterDenial))) => self.denied,
            _ => self.failed,
        }
    }
}
