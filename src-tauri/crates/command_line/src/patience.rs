//! Says what is being waited for, to a person at a terminal, when it takes longer.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use adapters::{FileLock, HttpsClient};
use connection::ports::{BoxFuture, Fetched, HttpClient, LockGuard, LockProblem, RefreshLock};
use connection::{AccountId, HttpProblem};
use oauth::{Endpoint, Response, Secret, TokenRequest};

use crate::terminal;
use crate::translations::Translations;

/// Nobody wonders before: 3 seconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// A port, and the words for the time in which it keeps a person waiting.
pub struct Patient<T> {
    port: T,
    words: Arc<Translations>,
    key: &'static str,
}

impl<T> Patient<T> {
    /// Says the sentence with this key once, whenever something takes longer.
    pub fn new(port: T, words: &Arc<Translations>, key: &'static str) -> Self {
        Self { port, words: Arc::clone(words), key }
    }

    async fn waits<R>(&self, work: impl Future<Output = R>) -> R {
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
            return done;
        }
        if terminal::somebody_reads() {
            terminal::say(&self.words.text(self.key));
        }
        work.await
    }
}

impl HttpClient for Patient<HttpsClient> {
    fn send(&self, request: TokenRequest) -> BoxFuture<'_, Result<Response, HttpProblem>> {
        Box::pin(self.waits(self.port.send(request)))
    }

    fn get(&self, endpoint: Endpoint, bearer: Option<Secret>) -> BoxFuture<'_, Result<Fetched, HttpProblem>> {
        Box::pin(self.waits(HttpClient::get(&self.port, endpoint, bearer)))
    }
}

impl RefreshLock for Patient<FileLock> {
    fn acquire<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<LockGuard, LockProblem>> {
        Box::pin(self.waits(self.port.acquire(account)))
    }
}
