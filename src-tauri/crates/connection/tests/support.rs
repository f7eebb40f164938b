//! A world in memory: a server that answers from a script, a keyring that can
//! fail, a clock that is set by hand.

mod actor;

pub use actor::*;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connection::ports::{
    Arrival, Attention, BoxFuture, Browser, BrowserDidNotOpen, BrowserStart, Clipboard, ClipboardProblem,
    Clock, Fetched, HttpClient, Keyring, Listening, LockGuard, LockProblem, Loopback, LoopbackTaken,
    RefreshLock, SecretKind,
};
use connection::{
    AccountId, AccountSettings, Configuration, CopyTarget, Custody, Deployment, Endpoints, Environment,
    Event, HttpProblem, KeyringProblem, Ports, Request, ResolvedAccount, TokenFormat, TokenStorage,
};
use oauth::{AuthorizationEntropy, Endpoint, RedirectUri, Response, Secret, Timestamp, TokenRequest};
use tokio::sync::watch;
use url::Url;

pub const START: u64 = 1_800_000_000;
/// A program that ends waits this long.
pub const LEAVE: Duration = Duration::from_secs(95);
pub const LOOPBACK: &str = "http://127.0.0.1:0/callback";
/// What a server says that was asked too often.
pub const RETRY_AFTER: Duration = Duration::from_secs(42);
pub const CALLBACK: &str = "app.hotmart-connect:/oauth/callback";

/// A copied token stays for a minute.
pub fn clear_after() -> watch::Receiver<Duration> {
    watch::channel(Duration::from_secs(60)).1
}

/// Somebody asks for the token alone.
pub fn copy() -> Event {
    Event::from(Request::Copy { target: CopyTarget::Bearer(TokenFormat::Token) })
}

pub fn account() -> AccountId {
    AccountId::parse("main").unwrap()
}

pub fn setup() -> ResolvedAccount {
    resolve("client")
}

pub fn resolve(client_id: &str) -> ResolvedAccount {
    settings_of(client_id).resolve(&Deployment::default()).unwrap()
}

pub fn settings_of(client_id: &str) -> AccountSettings {
    let endpoints = Endpoints {
        authorize: Some("https://sso.example/authorize".into()),
        token: "https://sso.example/token".into(),
        revoke: Some("https://sso.example/revoke".into()),
        ..Endpoints::default()
    };
    AccountSettings {
        client_id: client_id.into(),
        client_authentication: Some("none".into()),
        loopback_redirect_uri: Some(LOOPBACK.into()),
        endpoints: Some(endpoints),
        ..AccountSettings::new(account(), Environment::Custom)
    }
}

/// The event that these settings are there.
pub fn configured_as(settings: &AccountSettings, secret: Option<&str>) -> Event {
    let setup = settings.resolve(&Deployment::default()).unwrap();
    let new_client_secret = secret.map(|secret| Secret::new(secret.into()));
    Event::Configured(Configuration { resolved: Some(Box::new(setup)), new_client_secret, then_check: false })
}

pub fn configured() -> Event {
    configured_for("client")
}

pub fn configured_for(client_id: &str) -> Event {
    Event::Configured(Configuration {
        resolved: Some(Box::new(resolve(client_id))),
        new_client_secret: None,
        then_check: false,
    })
}

/// Each request's state is told apart by its number.
pub fn entropy(number: u8) -> AuthorizationEntropy {
    AuthorizationEntropy { state: [number; 32], verifier: [number; 32], nonce: [number; 32] }
}

pub fn state_of(number: u8) -> String {
    let pending =
        oauth::AuthorizationRequest::new(&setup().client, entropy(number), Timestamp::from_seconds(START));
    let url = pending.authorization_url(&setup().client).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

pub fn tokens_json(number: u32, lifetime: u64) -> String {
    format!(
        r#"{{"access_token":"access-{number}","refresh_token":"refresh-{number}","expires_in":{lifetime}}}"#
    )
}

/// The world.
pub struct World {
    pub now: AtomicU64,
    pub answers: Mutex<VecDeque<Result<(u16, String), HttpProblem>>>,
    pub fetches: Mutex<VecDeque<Result<(u16, String), HttpProblem>>>,
    pub requests: Mutex<Vec<String>>,
    pub secrets: Mutex<HashMap<SecretKind, String>>,
    pub problem: Mutex<Option<KeyringProblem>>,
    pub problem_on_write: Mutex<Option<KeyringProblem>>,
    pub problem_on_delete: Mutex<Option<KeyringProblem>>,
    pub released: tokio::sync::Notify,
    pub problem_after_request: Mutex<Option<KeyringProblem>>,
    pub forget_after_request: Mutex<Option<SecretKind>>,
    pub in_memory: Mutex<bool>,
    pub opened: AtomicUsize,
    pub browser_works: Mutex<bool>,
    pub raised: AtomicUsize,
    pub clipboard: Mutex<Option<String>>,
    pub locks_held: Arc<AtomicUsize>,
    pub loopback: Mutex<Option<tokio::sync::mpsc::Sender<Arrival>>>,
    pub loopback_taken: Mutex<bool>,
}

impl World {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            now: AtomicU64::new(START),
            answers: Mutex::default(),
            fetches: Mutex::default(),
            requests: Mutex::default(),
            secrets: Mutex::default(),
            problem: Mutex::default(),
            problem_on_write: Mutex::default(),
            problem_on_delete: Mutex::default(),
            released: tokio::sync::Notify::new(),
            problem_after_request: Mutex::default(),
            forget_after_request: Mutex::default(),
            in_memory: Mutex::new(false),
            opened: AtomicUsize::new(0),
            browser_works: Mutex::new(true),
            raised: AtomicUsize::new(0),
            clipboard: Mutex::default(),
            locks_held: Arc::default(),
            loopback: Mutex::default(),
            loopback_taken: Mutex::default(),
        })
    }

    pub fn ports(self: &Arc<Self>) -> Ports {
        Ports {
            custody: self.custody(),
            browser: self.clone(),
            loopback: self.clone(),
            clipboard: self.clone(),
            attention: self.clone(),
        }
    }

    pub fn custody(self: &Arc<Self>) -> Custody {
        Custody { http: self.clone(), keyring: self.clone(), lock: self.clone(), clock: self.clone() }
    }

    pub fn answer(&self, status: u16, body: impl Into<String>) {
        self.answers.lock().unwrap().push_back(Ok((status, body.into())));
    }

    /// The answer to a request that the server has kept waiting.
    pub fn release(&self, status: u16, body: impl Into<String>) {
        self.answer(status, body);
        self.released.notify_one();
    }

    /// What the next GET brings.
    pub fn fetch(&self, status: u16, body: impl Into<String>) {
        self.fetches.lock().unwrap().push_back(Ok((status, body.into())));
    }

    pub fn answer_with_problem(&self, problem: HttpProblem) {
        self.answers.lock().unwrap().push_back(Err(problem));
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub fn secret(&self, item: SecretKind) -> Option<String> {
        self.secrets.lock().unwrap().get(&item).cloned()
    }

    pub fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn lock_keyring(&self, problem: Option<KeyringProblem>) {
        *self.problem.lock().unwrap() = problem;
    }

    fn check(&self) -> Result<(), KeyringProblem> {
        let in_memory = *self.in_memory.lock().unwrap();
        match *self.problem.lock().unwrap() {
            Some(problem) if !in_memory => Err(problem),
            _ => Ok(()),
        }
    }
}

impl HttpClient for World {
    fn send(&self, request: TokenRequest) -> BoxFuture<'_, Result<Response, HttpProblem>> {
        let path = request.endpoint.url().path().to_owned();
        let query = request.query.as_ref().map(|query| format!("?{}", query.expose())).unwrap_or_default();
        self.requests.lock().unwrap().push(format!("{path}{query} {}", request.body.expose()));
        let answer = self.answers.lock().unwrap().pop_front();
        if let Some(item) = self.forget_after_request.lock().unwrap().take() {
            self.secrets.lock().unwrap().remove(&item);
        }
        if let Some(problem) = self.problem_after_request.lock().unwrap().take() {
            *self.problem_on_write.lock().unwrap() = Some(problem);
        }
        Box::pin(async move {
            match answer {
                Some(Ok((status, body))) => {
                    let retry_after = (status == 429).then_some(RETRY_AFTER);
                    Ok(Response { status, body: Secret::new(body), retry_after })
                }
                Some(Err(problem)) => Err(problem),
                // Nothing more in the script: the server takes until it is let go.
                None => {
                    self.released.notified().await;
                    let (status, body) = self.answers.lock().unwrap().pop_front().unwrap().unwrap();
                    Ok(Response { status, body: Secret::new(body), retry_after: None })
                }
            }
        })
    }

    fn get(&self, endpoint: Endpoint, bearer: Option<Secret>) -> BoxFuture<'_, Result<Fetched, HttpProblem>> {
        let bearer = bearer.map(|token| token.expose().to_owned()).unwrap_or_default();
        self.requests.lock().unwrap().push(format!("GET {} {bearer}", endpoint.url()));
        let answer = self.fetches.lock().unwrap().pop_front();
        Box::pin(async move {
            match answer {
                Some(Ok((status, body))) => Ok(Fetched {
                    response: Response { status, body: Secret::new(body), retry_after: None },
                    calls_left: Some(499),
                    took: Duration::from_millis(120),
                }),
                Some(Err(problem)) => Err(problem),
                None => std::future::pending().await,
            }
        })
    }
}

impl Keyring for World {
    fn read<'a>(
        &'a self,
        _: &'a AccountId,
        item: SecretKind,
    ) -> BoxFuture<'a, Result<Option<Secret>, KeyringProblem>> {
        Box::pin(async move { self.check().map(|()| self.secret(item).map(Secret::new)) })
    }

    fn write<'a>(
        &'a self,
        _: &'a AccountId,
        item: SecretKind,
        secret: &'a Secret,
    ) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async move {
            self.check()?;
            if let Some(problem) = *self.problem_on_write.lock().unwrap() {
                return Err(problem);
            }
            self.secrets.lock().unwrap().insert(item, secret.expose().to_owned());
            Ok(())
        })
    }

    fn delete<'a>(&'a self, _: &'a AccountId, item: SecretKind) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async move {
            self.check()?;
            if let Some(problem) = *self.problem_on_delete.lock().unwrap() {
                return Err(problem);
            }
            self.secrets.lock().unwrap().remove(&item);
            Ok(())
        })
    }

    fn forget<'a>(&'a self, _: &'a AccountId) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async move {
            self.check()?;
            self.secrets.lock().unwrap().clear();
            Ok(())
        })
    }

    fn unlock(&self) -> BoxFuture<'_, Result<(), KeyringProblem>> {
        Box::pin(async move {
            self.lock_keyring(None);
            Ok(())
        })
    }

    fn keep_in_memory(&self, _: &AccountId) {
        *self.in_memory.lock().unwrap() = true;
    }

    fn storage_of(&self, _: &AccountId) -> TokenStorage {
        if *self.in_memory.lock().unwrap() { TokenStorage::Memory } else { TokenStorage::Keyring }
    }
}

struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl RefreshLock for World {
    fn acquire<'a>(&'a self, _: &'a AccountId) -> BoxFuture<'a, Result<LockGuard, LockProblem>> {
        Box::pin(async move {
            // Like the lock file: one holder; the others look again.
            while self.locks_held.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst).is_err() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok(Box::new(Held(self.locks_held.clone())) as LockGuard)
        })
    }
}

impl Browser for World {
    fn open(&self, _: Url) -> BoxFuture<'_, Result<BrowserStart, BrowserDidNotOpen>> {
        Box::pin(async move {
            self.opened.fetch_add(1, Ordering::SeqCst);
            if *self.browser_works.lock().unwrap() { Ok(BrowserStart::Done) } else { Err(BrowserDidNotOpen) }
        })
    }
}

impl Loopback for World {
    fn listen(&self, redirect_uri: RedirectUri) -> BoxFuture<'_, Result<Listening, LoopbackTaken>> {
        Box::pin(async move {
            if *self.loopback_taken.lock().unwrap() {
                return Err(LoopbackTaken);
            }
            let (sender, arrivals) = tokio::sync::mpsc::channel(8);
            *self.loopback.lock().unwrap() = Some(sender);
            let redirect_uri = RedirectUri::parse(&redirect_uri.as_str().replace(":0/", ":4711/")).unwrap();
            Ok(Listening { redirect_uri, arrivals, guard: Box::new(()) })
        })
    }
}

impl Clipboard for World {
    fn copy_secret(&self, secret: Secret) -> BoxFuture<'_, Result<(), ClipboardProblem>> {
        Box::pin(async move {
            *self.clipboard.lock().unwrap() = Some(secret.expose().to_owned());
            Ok(())
        })
    }

    fn clear_if_ours(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move { *self.clipboard.lock().unwrap() = None })
    }

    fn read(&self) -> BoxFuture<'_, Result<Secret, ClipboardProblem>> {
        Box::pin(async move {
            let text = self.clipboard.lock().unwrap().clone();
            text.map(Secret::new).ok_or(ClipboardProblem)
        })
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.now.load(Ordering::SeqCst))
    }
}

impl Attention for World {
    fn bring_to_front(&self) {
        self.raised.fetch_add(1, Ordering::SeqCst);
    }
}
