//! What a connection needs from the outside world, as traits.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use oauth::{Callback, Endpoint, RedirectUri, Response, Secret, Timestamp, TokenRequest};
use tokio::sync::{mpsc, oneshot};
use url::Url;

use crate::{AccountId, HttpProblem, KeyringProblem, TokenStorage};

/// A future behind a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The secrets an account may have in the keyring.
///
/// Each is one item of the service `app.hotmart-connect`, named by the account
/// and the kind: `main/tokens`, `main/client-secret`, `main/pending-request`.
/// What stands in it is one JSON object; its shape is documented in
/// `keyring_record.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The session's tokens.
    Tokens,
    /// The application's client secret.
    ClientSecret,
    /// The authorization request that is open in the browser.
    PendingRequest,
}

impl SecretKind {
    /// All there may be of an account.
    pub const ALL: [Self; 3] = [Self::Tokens, Self::ClientSecret, Self::PendingRequest];

    /// The kind's part of an item's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::ClientSecret => "client-secret",
            Self::PendingRequest => "pending-request",
        }
    }
}

/// Sends requests: without following redirects, with a deadline and a size limit.
///
/// An answer of any status is an answer. An error means that there is none:
/// [`HttpProblem::answer_may_be_lost`] says whether the server may have done
/// what it was asked for all the same.
pub trait HttpClient: Send + Sync {
    /// Sends one POST.
    fn send(&self, request: TokenRequest) -> BoxFuture<'_, Result<Response, HttpProblem>>;
    /// Sends one GET, with a bearer token (RFC 6750 §2.1) or without.
    fn get(&self, endpoint: Endpoint, bearer: Option<Secret>) -> BoxFuture<'_, Result<Fetched, HttpProblem>>;
}

/// What a GET brought.
#[derive(Debug)]
pub struct Fetched {
    /// The answer.
    pub response: Response,
    /// How many more calls the API allows now, if it says so (`RateLimit-Remaining`).
    pub calls_left: Option<u32>,
    /// How long it took.
    pub took: Duration,
}

/// Keeps secrets. Reading and writing never ask the person anything and never
/// take longer than a deadline; a write leaves the old or the new secret whole.
///
/// After an error of [`KeyringProblem::Unresponsive`] the operation may have
/// happened all the same.
pub trait Keyring: Send + Sync {
    /// Reads a secret; `None` if there is none.
    fn read<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
    ) -> BoxFuture<'a, Result<Option<Secret>, KeyringProblem>>;
    /// Writes a secret. After an error the one that was there is still whole,
    /// or, if the keyring was unresponsive, the new one may be.
    fn write<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
        secret: &'a Secret,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>>;
    /// Deletes a secret; fine if there is none. After an error it may still be there.
    fn delete<'a>(
        &'a self,
        account: &'a AccountId,
        kind: SecretKind,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>>;
    /// Deletes all secrets of an account, wherever they are kept, and keeps it
    /// in this process alone no longer. After an error some may still be there.
    fn forget<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<(), KeyringProblem>>;
    /// Asks the person to unlock the keyring, and waits for them. After an
    /// error, also one that says they refused, it is as locked as before.
    fn unlock(&self) -> BoxFuture<'_, Result<(), KeyringProblem>>;
    /// From now on keeps this account's secrets in this process alone.
    fn keep_in_memory(&self, account: &AccountId);
    /// Where this account's secrets are kept.
    fn storage_of(&self, account: &AccountId) -> TokenStorage;
}

/// Held while tokens are read, refreshed and written; released when dropped.
pub type LockGuard = Box<dyn std::any::Any + Send + Sync>;

/// The refresh lock was not had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockProblem {
    /// Another process held it until the deadline.
    #[error("another process is renewing this account's token")]
    TimedOut,
    /// There can be no lock: its folder cannot be written.
    #[error("the refresh lock cannot be used")]
    Unavailable,
}

/// At most one refresh per account runs on the machine.
pub trait RefreshLock: Send + Sync {
    /// Waits for the lock until the implementation's deadline. An error means
    /// that the caller does not have it: another process does, or no process can.
    fn acquire<'a>(&'a self, account: &'a AccountId) -> BoxFuture<'a, Result<LockGuard, LockProblem>>;
}

/// No browser could be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no browser could be started")]
pub struct BrowserDidNotOpen;

/// How a browser was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserStart {
    /// The program that opens addresses here says that it was done.
    Done,
    /// The program that opens addresses here is still at it. It may be the
    /// browser itself, or a program that hangs; nothing tells them apart.
    StillAtIt,
}

/// The seller's own browser.
pub trait Browser: Send + Sync {
    /// Opens an address in it; knows within 2 seconds how that went. After an
    /// error no browser came up; the user can copy the link.
    fn open(&self, url: Url) -> BoxFuture<'_, Result<BrowserStart, BrowserDidNotOpen>>;
}

/// Nothing can listen at the redirect URI: mostly because another program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another program listens at the redirect URI")]
pub struct LoopbackTaken;

/// What became of an answer, for the page the browser ends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Connected.
    Connected,
    /// The seller said no.
    Denied,
    /// The program asks the seller something first.
    Question,
    /// The login failed.
    Failed,
    /// It was no answer to an open request.
    NotTheAnswer,
}

/// A request at the loopback address that may be the answer.
#[derive(Debug)]
pub struct Arrival {
    /// The address the browser ended on.
    pub callback: Callback,
    /// Takes what became of it.
    pub reply: oneshot::Sender<Outcome>,
}

/// A loopback address that is listened at until this is dropped.
pub struct Listening {
    /// The redirect URI with the port in it.
    pub redirect_uri: RedirectUri,
    /// What arrives.
    pub arrivals: mpsc::Receiver<Arrival>,
    /// Ends the listening when dropped.
    pub guard: Box<dyn std::any::Any + Send>,
}

/// Takes the browser's answer on this machine (RFC 8252 §7.3).
pub trait Loopback: Send + Sync {
    /// Listens at a loopback redirect URI: at its port, or at a free one if it
    /// names none. An error means that it cannot: mostly because another program
    /// has that port.
    fn listen(&self, redirect_uri: RedirectUri) -> BoxFuture<'_, Result<Listening, LoopbackTaken>>;
}

/// The clipboard failed or is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the clipboard cannot be used")]
pub struct ClipboardProblem;

/// The clipboard.
pub trait Clipboard: Send + Sync {
    /// Copies a secret, asking clipboard histories to look away. After an error
    /// what was in the clipboard is still there, unless the clipboard did not
    /// answer in time: then it may hold either.
    fn copy_secret(&self, secret: Secret) -> BoxFuture<'_, Result<(), ClipboardProblem>>;
    /// Empties the clipboard if it still holds the secret copied last.
    fn clear_if_ours(&self) -> BoxFuture<'_, ()>;
    /// The text in the clipboard; an error also if there is none in it.
    fn read(&self) -> BoxFuture<'_, Result<Secret, ClipboardProblem>>;
}

/// Wall-clock time, corrected by what the server says the time is. It goes on
/// while a laptop sleeps, and goes back only when a server says so: a clock
/// that is set back under a running program is not believed.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The window.
pub trait Attention: Send + Sync {
    /// Brings the window to the front, because an answer arrived.
    fn bring_to_front(&self);
}
