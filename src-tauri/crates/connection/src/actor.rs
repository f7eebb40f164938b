//! The one owner of a connection's state: takes events, performs effects.

use std::time::Duration;

use oauth::{Callback, Secret, TokenIdentity};
use tokio::sync::{mpsc, watch};

use crate::effect::PrivateUrl;
use crate::event::{ExchangeFailure, Loaded, StoreFailure};
use crate::ports::{Item, LockGuard, Ports};
use crate::transition::next_deadline;
use crate::{
    AccountId, Effect, ErrorCode, Event, KeyringProblem, Notice, Session, Setup, Snapshot, State, transition,
};

/// The wall clock is looked at this often at the least: a timer stands still while a laptop sleeps.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);
/// A timer that rings later than this by the wall clock slept with the machine.
const OVERSLEPT: Duration = Duration::from_secs(30);

/// A handle on one account's connection.
#[derive(Clone)]
pub struct Connection {
    events: mpsc::UnboundedSender<Event>,
    snapshots: watch::Receiver<Snapshot>,
}

impl Connection {
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
/// `clear_after` is how long a copied token stays in the clipboard.
///
/// Must be called within a Tokio runtime.
pub fn spawn(account: AccountId, seed: u64, ports: Ports, clear_after: Duration) -> Connection {
    let state = State::new(seed);
    let (events, inbox) = mpsc::unbounded_channel();
    let (publish, snapshots) = watch::channel(state.snapshot());
    let (ordered, ordered_effects) = mpsc::unbounded_channel();
    let performer = Performer { account, ports, clear_after, events: events.downgrade() };
    tokio::spawn(perform_in_order(performer.clone(), ordered_effects));
    tokio::spawn(run(state, performer, inbox, ordered, publish));
    Connection { events, snapshots }
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
            event = inbox.recv() => match event {
                Some(event) => event,
                None => return,
            },
            () = timer => Event::Woke,
        };
        let now = performer.ports.custody.clock.now();
        let event = match (event, sleep) {
            (Event::Woke, Some(sleep)) if now > before.after(sleep + OVERSLEPT) => Event::LookedAt,
            (event, _) => event,
        };
        if !matches!(event, Event::Woke) {
            log::debug!("{}: {event:?}", performer.account);
        }
        let effects;
        (state, effects) = transition(state, event, now);
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
                let performer = performer.clone();
                tokio::spawn(async move { performer.perform(effect).await });
            }
        }
    }
}

async fn perform_in_order(performer: Performer, mut effects: mpsc::UnboundedReceiver<Effect>) {
    while let Some(effect) = effects.recv().await {
        performer.perform(effect).await;
    }
}

#[derive(Clone)]
struct Performer {
    account: AccountId,
    ports: Ports,
    clear_after: Duration,
    events: mpsc::WeakUnboundedSender<Event>,
}

impl Performer {
    async fn perform(&self, effect: Effect) {
        log::debug!("{}: {effect:?}", self.account);
        let Some(event) = self.event_of(effect).await else {
            return;
        };
        if let Some(events) = self.events.upgrade() {
            let _ = events.send(event);
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
                let result = ports.custody.standing(account, &fingerprint).await;
                Some(Event::Reread { fingerprint, result })
            }
            Effect::StoreClientSecret { secret, fingerprint } => {
                let result =
                    ports.custody.keep_secret(account, Item::ClientSecret, &secret, &fingerprint).await;
                Some(Event::ClientSecretStored { fingerprint, result })
            }
            Effect::StorePending { attempt, request, fingerprint } => {
                let result =
                    ports.custody.keep_secret(account, Item::PendingRequest, &request, &fingerprint).await;
                Some(Event::PendingStored(attempt, result))
            }
            Effect::DropPending(attempt) => {
                let result = ports.custody.keyring.delete(account, Item::PendingRequest).await;
                Some(Event::PendingDropped(attempt, result))
            }
            Effect::OpenBrowser(attempt, PrivateUrl(url)) => {
                Some(Event::BrowserOpened(attempt, ports.browser.open(url).await.is_ok()))
            }
            Effect::CopyLink(PrivateUrl(url)) => {
                let copied = ports.clipboard.copy_secret(Secret::new(url.into())).await;
                let failed = Notice::CopyFailed(ErrorCode::Clipboard);
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
            Effect::Exchange { attempt, setup, request } => {
                Some(Event::TokensReceived { attempt, setup, result: self.exchange(request).await })
            }
            Effect::StoreTokens { attempt, tokens, setup, lock, replaces } => {
                Some(Event::TokensStored(attempt, self.store(tokens, &setup, lock, replaces).await))
            }
            Effect::Renew { setup, known, trigger } => {
                let result = ports.custody.renew(account, &setup, known, trigger).await;
                Some(Event::Renewed { setup, result })
            }
            Effect::CopyToken { fingerprint } => {
                Some(Event::TokenCopied(self.copy_token(&fingerprint).await))
            }
            Effect::ClearClipboard => {
                ports.clipboard.clear_if_ours().await;
                None
            }
            Effect::Revoke(setup, tokens) => {
                ports.custody.revoke(&setup, &tokens).await;
                None
            }
            Effect::Disconnect(setup) => {
                Some(Event::Disconnected(ports.custody.disconnect(account, &setup).await))
            }
            Effect::UnlockKeyring => Some(Event::Unlocked(ports.custody.keyring.unlock().await)),
            // Done where it was asked for.
            Effect::KeepInMemory => None,
        }
    }

    async fn load(&self, fingerprint: &str) -> Result<Loaded, KeyringProblem> {
        let (custody, account) = (&self.ports.custody, &self.account);
        let pending = custody.secret(account, Item::PendingRequest, fingerprint).await?;
        Ok(Loaded {
            standing: custody.standing(account, fingerprint).await?,
            client_secret: custody.secret(account, Item::ClientSecret, fingerprint).await?,
            pending: pending.and_then(|stored| oauth::Pending::from_stored(&stored)),
        })
    }

    async fn exchange(&self, request: oauth::TokenRequest) -> Result<oauth::TokenSet, ExchangeFailure> {
        let response = self.ports.custody.http.send(request).await?;
        Ok(oauth::parse_token_response(&response, self.ports.custody.clock.now())?)
    }

    async fn store(
        &self,
        tokens: oauth::TokenSet,
        setup: &Setup,
        lock: Option<LockGuard>,
        replaces: Option<TokenIdentity>,
    ) -> Result<Option<Session>, StoreFailure> {
        // A renewal of the old session must not overwrite the new one. If
        // somebody holds the lock for ever, the new session still counts.
        let (custody, account) = (&self.ports.custody, &self.account);
        let lock = match lock {
            Some(lock) => Some(lock),
            None => custody.lock.acquire(account).await.ok(),
        };
        let stored = match replaces {
            Some(known) => custody.store_renewed(account, setup, &tokens, known).await,
            None => custody.store(account, &tokens, &setup.fingerprint()).await.map(Some),
        };
        stored.map_err(|problem| StoreFailure { tokens, lock, replaces, problem })
    }

    async fn copy_token(&self, fingerprint: &str) -> Result<Duration, Notice> {
        let token = self.ports.custody.access_token(&self.account, fingerprint).await;
        let token = token.map_err(|_| Notice::CopyFailed(ErrorCode::KeyringUnavailable))?;
        let (token, _) = token.ok_or(Notice::TokenSpent)?;
        let copied = self.ports.clipboard.copy_secret(token).await;
        copied.map(|()| self.clear_after).map_err(|_| Notice::CopyFailed(ErrorCode::Clipboard))
    }
}
