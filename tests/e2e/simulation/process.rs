//! One process of ours on the simulated machine: its side of every port.

use std::sync::Arc;
use std::time::Duration;

use adapters::ChunkedRecords;
use connection::ports::{
    Attention, BoxFuture, Browser, BrowserDidNotOpen, BrowserStart, Clipboard, ClipboardProblem, Clock,
    Fetched, HttpClient, Keyring, Listening, LockGuard, LockProblem, Loopback, LoopbackTaken, RefreshLock,
    SecretKind,
};
use connection::{AccountId, Custody, HttpProblem, KeyringProblem, Ports, TokenStorage};
use oauth::{Endpoint, RedirectUri, Response, Secret, Timestamp, TokenRequest};
use tokio::time::{Instant, sleep};
use url::Url;

use super::world::{ENTRY_LIMIT, Entries, Fault, Mood, World};

const LOCK_DEADLINE: Duration = Duration::from_secs(100);
const HTTP_DEADLINE: Duration = Duration::from_secs(30);

/// One process of ours: its side of every port. A dead one does nothing any
/// more, and whatever it waits for never comes.
#[derive(Clone)]
pub struct Process {
    pub world: Arc<World>,
    pub number: usize,
}

impl Process {
    pub fn ports(&self) -> Ports {
        let port = || Arc::new(self.clone());
        Ports {
            custody: self.custody(),
            browser: port(),
            loopback: port(),
            clipboard: port(),
            attention: port(),
        }
    }

    pub fn custody(&self) -> Custody {
        let port = || Arc::new(self.clone());
        Custody { http: port(), keyring: port(), lock: port(), clock: port() }
    }

    pub fn is_dead(&self) -> bool {
        self.world.machine().dead.contains(&self.number)
    }

    async fn lives(&self) {
        if self.is_dead() {
            std::future::pending().await
        }
    }

    async fn with_records<T>(
        &self,
        writes: bool,
        action: impl FnOnce(&mut ChunkedRecords) -> Result<T, KeyringProblem>,
    ) -> Result<T, KeyringProblem> {
        self.lives().await;
        let mood = self.world.machine().mood;
        match mood {
            Mood::Slow(seconds) => sleep(Duration::from_secs(seconds)).await,
            Mood::Locked => return Err(KeyringProblem::Locked),
            Mood::Gone => return Err(KeyringProblem::Missing),
            Mood::Full if writes => return Err(KeyringProblem::Failed),
            Mood::Full | Mood::Well => tokio::task::yield_now().await,
        }
        self.lives().await;
        let entries = Entries { world: Arc::clone(&self.world), process: self.number };
        let result = action(&mut ChunkedRecords::new(entries, ENTRY_LIMIT));
        self.lives().await;
        if writes {
            for token in self.world.kept() {
                self.world.machine().server.arrived(&token);
            }
        }
        result
    }

    fn name(account: &AccountId, kind: SecretKind) -> String {
        format!("{account}/{}", kind.as_str())
    }
}

impl Keyring for Process {
    fn read<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
    ) -> BoxFuture<'a, Result<Option<Secret>, KeyringProblem>> {
        let name = Self::name(account, kind);
        Box::pin(self.with_records(false, move |records| records.read(&name)))
    }

    fn write<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
        secret: &'a Secret,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let name = Self::name(account, kind);
        Box::pin(self.with_records(true, move |records| records.write(&name, secret)))
    }

    fn delete<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let name = Self::name(account, kind);
        Box::pin(self.with_records(true, move |records| records.delete(&name)))
    }

    fn forget<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        let names = SecretKind::ALL.map(|kind| Self::name(account, kind));
        Box::pin(
            self.with_records(true, move |records| names.iter().try_for_each(|name| records.delete(name))),
        )
    }

    fn unlock(&self) -> BoxFuture<'_, Result<(), KeyringProblem>> {
        Box::pin(async move {
            self.lives().await;
            sleep(Duration::from_secs(5)).await;
            self.world.machine().mood = Mood::Well;
            Ok(())
        })
    }

    fn keep_in_memory(&self, _: &AccountId) {}

    fn storage_of(&self, _: &AccountId) -> TokenStorage {
        TokenStorage::Keyring
    }
}

/// Frees the lock when dropped, unless its process died meanwhile.
struct Held {
    world: Arc<World>,
    account: AccountId,
    number: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut machine = self.world.machine();
        if machine.locks.get(&self.account).is_some_and(|(_, number)| *number == self.number) {
            machine.locks.remove(&self.account);
        }
    }
}

impl RefreshLock for Process {
    fn acquire<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<LockGuard, LockProblem>> {
        Box::pin(async move {
            let until = Instant::now() + LOCK_DEADLINE;
            loop {
                self.lives().await;
                {
                    let mut machine = self.world.machine();
                    if !machine.locks.contains_key(account) {
                        machine.lock_numbers += 1;
                        let number = machine.lock_numbers;
                        machine.locks.insert(account.clone(), (self.number, number));
                        let held = Held { world: Arc::clone(&self.world), account: account.clone(), number };
                        return Ok(Box::new(held) as LockGuard);
                    }
                }
                if Instant::now() >= until {
                    return Err(LockProblem::TimedOut);
                }
                sleep(Duration::from_millis(500)).await;
            }
        })
    }
}

impl HttpClient for Process {
    fn send(&self, request: TokenRequest) -> BoxFuture<'_, Result<Response, HttpProblem>> {
        Box::pin(async move {
            self.lives().await;
            sleep(Duration::from_millis(300)).await;
            self.lives().await;
            let (fault, answered) = {
                let (path, now) = (request.endpoint.url().path().to_owned(), self.world.now());
                let kept = if path == "/revoke" { self.world.kept() } else { Vec::new() };
                let mut machine = self.world.machine();
                let fault = machine.faults.pop_front();
                if machine.network_is_down || fault == Some(Fault::Unreachable) {
                    return Err(HttpProblem::Unreachable);
                }
                if let Some(Fault::Busy(status, wait)) = fault {
                    let retry_after = wait.map(Duration::from_secs);
                    return Ok(Response { status, body: Secret::new("<html>".into()), retry_after });
                }
                let body = request.body.expose();
                let leaving = machine.leaving.iter().any(|account| body.contains(account.as_str()));
                (fault, machine.server.answer(&path, body, (now, self.number), &kept, leaving))
            };
            let lose = || {
                if let Some(family) = answered.moved {
                    self.world.machine().server.lose(family);
                }
            };
            match fault {
                Some(Fault::Interrupted) => {
                    lose();
                    return Err(HttpProblem::Interrupted);
                }
                Some(Fault::TooLate) => {
                    lose();
                    sleep(HTTP_DEADLINE).await;
                    self.lives().await;
                    return Err(HttpProblem::TimedOut);
                }
                Some(Fault::Garbled(status)) => {
                    lose();
                    return Ok(Response { status, body: Secret::new("<html>".into()), retry_after: None });
                }
                Some(Fault::Slow(seconds)) => sleep(Duration::from_secs(seconds)).await,
                _ => {}
            }
            self.lives().await;
            Ok(Response { status: answered.status, body: Secret::new(answered.body), retry_after: None })
        })
    }

    fn get(&self, _: Endpoint, _: Option<Secret>) -> BoxFuture<'_, Result<Fetched, HttpProblem>> {
        Box::pin(async { Err(HttpProblem::Unreachable) })
    }
}

impl Clock for Process {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.world.now())
    }
}

/// A browser that the user looks at; each account's address tells whose it is.
pub struct OwnBrowser(pub Process, pub AccountId);

impl Browser for OwnBrowser {
    fn open(&self, url: Url) -> BoxFuture<'_, Result<BrowserStart, BrowserDidNotOpen>> {
        Box::pin(async move {
            self.0.lives().await;
            self.0.world.machine().opened.insert(self.1.clone(), url);
            Ok(BrowserStart::Done)
        })
    }
}

impl Browser for Process {
    fn open(&self, _: Url) -> BoxFuture<'_, Result<BrowserStart, BrowserDidNotOpen>> {
        Box::pin(async { Err(BrowserDidNotOpen) })
    }
}

impl Loopback for Process {
    fn listen(&self, _: RedirectUri) -> BoxFuture<'_, Result<Listening, LoopbackTaken>> {
        Box::pin(async { Err(LoopbackTaken) })
    }
}

impl Clipboard for Process {
    fn copy_secret(&self, _: Secret) -> BoxFuture<'_, Result<(), ClipboardProblem>> {
        Box::pin(async { Ok(()) })
    }
    fn clear_if_ours(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
    fn read(&self) -> BoxFuture<'_, Result<Secret, ClipboardProblem>> {
        Box::pin(async { Err(ClipboardProblem) })
    }
}

impl Attention for Process {
    fn bring_to_front(&self) {}
}
