//! The one owner of a connection's state: takes events, performs effects.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use oauth::{AuthorizationEntropy, Callback, RedirectUri, Secret, Timestamp, TokenIdentity};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::effect::PrivateUrl;
use crate::event::Loaded;
use crate::ports::{Attention, Browser, Clipboard, LockGuard, Loopback, LoopbackTaken, SecretKind};
use crate::transition::next_deadline;
use crate::{
    AccountId, CopyTarget, Custody, Effect, ErrorCode, Event, KeyringProblem, Notice, Request,
    ResolvedAccount, Session, Snapshot, State, StoreFailure, Stored, TokenContext, TokenFormat, listening,
    render, transition,
};

/// The wall clock is looked at this often at the least: a timer stands still while a laptop sleeps.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);
/// A timer that rings later than this by the wall clock slept with the machine.
const OVERSLEPT: Duration = Duration::from_secs(30);

/// A program that ends waits this long for what is under way: longer than two
/// requests and a few calls of the keyring may take.
const QUIET_DEADLINE: Duration = Duration::from_secs(95);
/// And this long for a server that is being told of void tokens.
const REVOCATION_DEADLINE: Duration = Duration::from_secs(10);

/// All of the outside world.
#[derive(Clone)]
pub struct Ports {
    /// Keeps and renews tokens.
    pub custody: Custody,
    /// Opens addresses.
    pub browser: Arc<dyn Browser>,
    /// Takes answers on this machine.
    pub loopback: Arc<dyn Loopback>,
    /// Copies tokens.
    pub clipboard: Arc<dyn Clipboard>,
    /// Raises the window.
    pub attention: Arc<dyn Attention>,
}

/// A handle on one account's connection.
#[derive(Clone)]
pub struct Connection {
    events: mpsc::UnboundedSender<Event>,
    snapshots: watch::Receiver<Snapshot>,
    revoking: watch::Receiver<usize>,
}

impl Connection {
    /// For the end of a program: from now on nothing is begun, and what is under
    /// way comes to its end, since a rotated token that is not stored is a lost
    /// session. The server is told of all tokens that no program will use, if it
    /// can be.
    pub async fn end(&self) {
        self.send(Event::Ending);
        let (mut snapshots, mut revoking) = (self.watch(), self.revoking.clone());
        let quiet = |snapshot: &Snapshot| snapshot.ending && !snapshot.must_not_be_interrupted();
        loop {
            if tokio::time::timeout(QUIET_DEADLINE, snapshots.wait_for(quiet)).await.is_err() {
                log::warn!("the program ends although something is under way");
                return;
            }
            let _ = tokio::time::timeout(REVOCATION_DEADLINE, revoking.wait_for(|count| *count == 0)).await;
            // An answer from the browser may have come meanwhile.
            if quiet(&snapshots.borrow()) {
                return;
            }
        }
    }

    /// Passes on what the user asks for. `entropy` is called for a request that
    /// opens a login.
    ///
    /// # Errors
    /// What `entropy` failed with; then nothing was asked for.
    pub fn request<E>(
        &self,
        request: Request,
        entropy: impl FnOnce() -> Result<AuthorizationEntropy, E>,
    ) -> Result<(), E> {
        let entropy = request.needs_entropy().then(entropy).transpose()?;
        self.send(Event::Requested(request, entropy));
        Ok(())
    }

    /// Tells the connection that something happened. Lost only if it has ended.
    pub fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// The present moment first, then every change.
    pub fn watch(&self) -> watch::Receiver<Snapshot> {
        self.snapshots.clone()
    }
}

/// Starts the actor of one account. It ends when every handle is gone.
/// `clear_after` says how long a token that is copied then stays in the clipboard.
///
/// Must be called within a Tokio runtime.
pub fn spawn(
    account: AccountId,
    seed: u64,
    ports: Ports,
    clear_after: watch::Receiver<Duration>,
) -> Connection {
    let state = State::new(seed);
    let (events, inbox) = mpsc::unbounded_channel();
    let (publish, snapshots) = watch::channel(state.snapshot());
    let (ordered, ordered_effects) = mpsc::unbounded_channel();
    let performer = Performer {
        account,
        ports,
        clear_after,
        events: events.downgrade(),
        snapshots: snapshots.clone(),
        revoking: watch::Sender::new(0),
    };
    let revoking = performer.revoking.subscribe();
    tokio::spawn(perform_in_order(performer.clone(), ordered_effects));
    tokio::spawn(run(state, performer, inbox, ordered, publish));
    Connection { events, snapshots, revoking }
}

async fn run(
    mut state: State,
    performer: Performer,
    mut inbox: mpsc::UnboundedReceiver<Event>,
    ordered: mpsc::UnboundedSender<Effect>,
    publish: watch::Sender<Snapshot>,
) {
    loop {
        let before = performer.ports.custody.clock.now();
        let sleep = next_deadline(&state).map(|deadline| deadline.since(before).min(LONGEST_SLEEP));
        let timer = async {
            match sleep {
                Some(duration) => tokio::time::sleep(duration).await,
                None => std::future::pending().await,
            }
        };
        let event = tokio::select! {
            // What is due is done first, however many events wait; and the same
            // events give the same run.
            biased;
            () = timer => Event::Woke,
            event = inbox.recv() => match event {
                Some(event) => event,
                None => return,
            },
        };
        let now = performer.ports.custody.clock.now();
        let event = match (event, sleep) {
            (Event::Woke, Some(sleep)) if now > before.after(sleep + OVERSLEPT) => Event::Resumed,
            (event, _) => event,
        };
        if !matches!(event, Event::Woke) {
            log::debug!("{}: {event:?}", performer.account);
        }
        let effects;
        (state, effects) = transition_or_fault(state, event, now);
        // Counted before a watcher can see that the state has moved on.
        let revocations = effects.iter().filter(|effect| matches!(effect, Effect::Revoke(..))).count();
        performer.revoking.send_modify(|count| *count += revocations);
        publish.send_if_modified(|published| {
            let snapshot = state.snapshot();
            let changed = *published != snapshot;
            *published = snapshot;
            changed
        });
        for effect in effects {
            if matches!(effect, Effect::KeepInMemory) {
                // At once: what was asked for behind it must already find it so.
                performer.ports.custody.keyring.keep_in_memory(&performer.account);
            } else if effect.keeps_order() {
                let _ = ordered.send(effect);
            } else {
                tokio::spawn(performer.clone().perform_or_fault(effect));
            }
        }
    }
}

/// [`transition`], and what there is to go on with if it has a fault.
fn transition_or_fault(state: State, event: Event, now: Timestamp) -> (State, Vec<Effect>) {
    let rest = state.after_a_fault();
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| transition(state, event, now)));
    ended.unwrap_or_else(|_| {
        log::error!("a transition broke off; the connection starts anew");
        transition(rest, Event::Crashed, now)
    })
}

/// Performs the effects whose order matters. One of them listens for the
/// browser's answer; a new login's takes the place of the one before.
async fn perform_in_order(performer: Performer, mut effects: mpsc::UnboundedReceiver<Effect>) {
    let mut listener = None::<AbortHandle>;
    while let Some(effect) = effects.recv().await {
        let Effect::Listen(attempt, redirect_uri) = effect else {
            performer.clone().perform_or_fault(effect).await;
            continue;
        };
        log::debug!("{}: Listen({attempt:?}, {redirect_uri:?})", performer.account);
        if let Some(before) = listener.take() {
            before.abort();
        }
        let result = performer.listen(redirect_uri).await;
        let result = result.map(|(redirect_uri, task)| {
            listener = Some(task);
            redirect_uri
        });
        performer.tell(Event::Listening(attempt, result)).await;
    }
}

#[derive(Clone)]
struct Performer {
    account: AccountId,
    ports: Ports,
    clear_after: watch::Receiver<Duration>,
    events: mpsc::WeakUnboundedSender<Event>,
    snapshots: watch::Receiver<Snapshot>,
    /// How many sets of tokens are being revoked.
    revoking: watch::Sender<usize>,
}

impl Performer {
    /// Performs an effect; if that breaks off, the actor hears that its result will never come.
    async fn perform_or_fault(self, effect: Effect) {
        let performer = self.clone();
        let performed = tokio::spawn(async move { performer.perform(effect).await }).await;
        if performed.is_err_and(|error| error.is_panic()) {
            log::error!("{}: an effect broke off", self.account);
            self.tell(Event::Crashed).await;
        }
    }

    async fn perform(&self, effect: Effect) {
        log::debug!("{}: {effect:?}", self.account);
        if let Some(event) = self.event_of(effect).await {
            self.tell(event).await;
        }
    }

    /// Tells the actor what came of an effect.
    async fn tell(&self, event: Event) {
        match (self.events.upgrade(), event) {
            (Some(events), event) => drop(events.send(event)),
            // The account is gone: no program will use these tokens.
            (None, Event::TokensReceived { resolved, result: Ok(tokens), .. }) => {
                self.ports.custody.revoke(&resolved, &tokens).await;
            }
            (None, _) => {}
        }
    }

    async fn event_of(&self, effect: Effect) -> Option<Event> {
        let (ports, account) = (&self.ports, &self.account);
        match effect {
            Effect::Load { fingerprint } => {
                let result = self.load(&fingerprint).await;
                Some(Event::Loaded { fingerprint, result })
            }
            Effect::Reread { fingerprint } => {
                let result = ports.custody.stored_session(account, &fingerprint).await;
                Some(Event::Reread { fingerprint, result })
            }
            Effect::StoreClientSecret { secret, fingerprint } => {
                let result =
                    ports.custody.keep_secret(account, SecretKind::ClientSecret, &secret, &fingerprint).await;
                Some(Event::ClientSecretStored { fingerprint, result })
            }
            Effect::StorePending { attempt, requests, fingerprint } => {
                let result = ports
                    .custody
                    .keep_secret(account, SecretKind::PendingRequest, &requests, &fingerprint)
                    .await;
                Some(Event::PendingStored(attempt, result))
            }
            Effect::FindRequests { fingerprint, callback } => {
                let found = ports.custody.secret(account, SecretKind::PendingRequest, &fingerprint).await;
                Some(Event::RequestsFound { fingerprint, callback, requests: found.ok().flatten() })
            }
            Effect::DropPending(attempt) => {
                let result = ports.custody.keyring.delete(account, SecretKind::PendingRequest).await;
                Some(Event::PendingDropped(attempt, result))
            }
            Effect::OpenBrowser(attempt, PrivateUrl(url)) => {
                Some(Event::BrowserOpened(attempt, ports.browser.open(url).await))
            }
            Effect::CopyLink(PrivateUrl(url)) => {
                let copied = ports.clipboard.copy_secret(Secret::new(url.into())).await;
                let failed = Notice::CopyFailed { error: ErrorCode::Clipboard };
                Some(Event::LinkCopied(copied.map_or(failed, |()| Notice::LinkCopied)))
            }
            Effect::ReadPaste(attempt) => {
                let text = ports.clipboard.read().await.ok();
                let address = text.map(|text| Callback::new(text.expose().trim().to_owned()));
                Some(Event::Pasted(attempt, address))
            }
            Effect::BringToFront => {
                ports.attention.bring_to_front();
                None
            }
            Effect::Exchange { attempt, resolved, exchange } => {
                let result = ports.custody.exchange(&resolved, exchange).await;
                Some(Event::TokensReceived { attempt, resolved, result })
            }
            Effect::StoreTokens { attempt, tokens, resolved, lock, replaces, previous } => {
                let result = self.store(tokens, &resolved, lock, replaces, previous).await;
                Some(Event::TokensStored(attempt, result))
            }
            Effect::Renew { resolved, known, trigger } => {
                let result = ports.custody.renew(account, &resolved, known, trigger).await;
                Some(Event::Renewed { resolved, result })
            }
            Effect::CopyToken { resolved, what } => {
                Some(Event::TokenCopied(what, self.copy_token(&resolved, what).await))
            }
            Effect::ClearClipboard => {
                ports.clipboard.clear_if_ours().await;
                None
            }
            Effect::Revoke(resolved, tokens) => {
                ports.custody.revoke(&resolved, &tokens).await;
                self.revoking.send_modify(|count| *count -= 1);
                None
            }
            Effect::Disconnect(resolved) => {
                Some(Event::Disconnected(ports.custody.disconnect(account, &resolved).await))
            }
            Effect::Forget(resolved) => {
                Some(Event::Forgotten(ports.custody.forget(account, resolved.as_deref()).await))
            }
            Effect::Check(resolved) => {
                // A keyring that cannot be read just now has a state of its own.
                let verdict = ports.custody.check_api(account, &resolved).await.ok().flatten();
                Some(Event::Checked { fingerprint: resolved.fingerprint(), verdict })
            }
            Effect::UnlockKeyring => Some(Event::Unlocked(ports.custody.keyring.unlock().await)),
            // Done where they were asked for.
            Effect::KeepInMemory | Effect::Listen(..) => None,
        }
    }

    async fn load(&self, fingerprint: &str) -> Result<Loaded, KeyringProblem> {
        let (custody, account) = (&self.ports.custody, &self.account);
        let requests = custody.secret(account, SecretKind::PendingRequest, fingerprint).await?;
        let (stored_session, seller) = custody.stored_session_and_seller(account, fingerprint).await?;
        Ok(Loaded {
            requests,
            seller,
            stored_session,
            client_secret: custody.secret(account, SecretKind::ClientSecret, fingerprint).await?,
        })
    }

    /// Listens for the answer of a login; gives the address with the port in it, and the task.
    async fn listen(&self, redirect_uri: RedirectUri) -> Result<(RedirectUri, AbortHandle), LoopbackTaken> {
        let listening = self.ports.loopback.listen(redirect_uri).await?;
        let redirect_uri = listening.redirect_uri.clone();
        let serving = listening::serve(listening, self.events.clone(), self.snapshots.clone());
        Ok((redirect_uri, tokio::spawn(serving).abort_handle()))
    }

    async fn store(
        &self,
        tokens: oauth::TokenSet,
        resolved: &Arc<ResolvedAccount>,
        lock: Option<LockGuard>,
        replaces: Option<TokenIdentity>,
        previous: Option<Arc<ResolvedAccount>>,
    ) -> Result<Option<Stored>, StoreFailure> {
        // A renewal of the old session must not overwrite the new one. If another
        // process holds the lock for ever, the new session still counts.
        let (custody, account) = (&self.ports.custody, &self.account);
        let lock = match lock {
            Some(lock) => Some(lock),
            None => custody.lock.acquire(account).await.ok(),
        };
        let stored = match replaces {
            Some(known) => {
                let renewed = custody.store_renewed(account, resolved, &tokens, known).await;
                renewed.map(|session| session.map(|session| Stored { session, replaced: None }))
            }
            None => custody.store_login(account, resolved, previous.as_slice(), &tokens).await.map(Some),
        };
        stored.map_err(|problem| StoreFailure { tokens, lock, replaces, problem })
    }

    async fn copy_token(&self, resolved: &ResolvedAccount, what: CopyTarget) -> Result<Duration, Notice> {
        let (custody, fingerprint) = (&self.ports.custody, resolved.fingerprint());
        let text = match what {
            CopyTarget::Bearer(form) => {
                let found = custody.access_token(&self.account, &fingerprint).await;
                found.map(|found| {
                    found.map(|(token, session)| self.rendered(form, &token, &session, resolved))
                })
            }
            CopyTarget::RefreshToken => custody.refresh_token(&self.account, &fingerprint).await,
        };
        let text = text.map_err(|_| Notice::CopyFailed { error: ErrorCode::KeyringUnavailable })?;
        let copied = self.ports.clipboard.copy_secret(text.ok_or(Notice::TokenSpent)?).await;
        copied
            .map(|()| *self.clear_after.borrow())
            .map_err(|_| Notice::CopyFailed { error: ErrorCode::Clipboard })
    }

    fn rendered(
        &self,
        form: TokenFormat,
        token: &Secret,
        session: &Session,
        resolved: &ResolvedAccount,
    ) -> Secret {
        let facts = TokenContext {
            token,
            account: self.account.as_str(),
            api_base: &resolved.api_base,
            expires_at: session.expires_at,
            now: self.ports.custody.clock.now(),
        };
        render(form, &facts)
    }
}
