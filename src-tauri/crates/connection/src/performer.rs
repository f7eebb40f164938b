//! Does what a connection asks of the outside world, and tells its actor what came of it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use oauth::{Callback, RedirectUri, Secret, TokenIdentity, join_basic};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinError};

use crate::effect::PrivateUrl;
use crate::event::Loaded;
use crate::ports::{Attention, Browser, Clipboard, LockGuard, Loopback, LoopbackTaken, SecretKind};
use crate::{
    AccountId, CopyTarget, CredentialField, Custody, Effect, ErrorCode, Event, KeyringProblem, Notice,
    ResolvedAccount, Session, Snapshot, StoreFailure, Stored, TokenContext, TokenFormat, listening, render,
};

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

#[derive(Clone)]
pub struct Performer {
    pub account: AccountId,
    pub ports: Ports,
    pub clear_after: watch::Receiver<Duration>,
    pub events: mpsc::WeakUnboundedSender<Event>,
    pub snapshots: watch::Receiver<Snapshot>,
    /// How many sets of tokens are being revoked.
    pub revoking: watch::Sender<usize>,
}

impl Performer {
    /// Performs an effect; if that breaks off, the actor hears that its result will never come.
    pub async fn perform_or_fault(self, effect: Effect) {
        let (name, performer) = ((&effect).into(), self.clone());
        self.or_fault(name, async move { performer.perform(effect).await }).await;
    }

    /// Does a part of an effect of this name; `None` if it breaks off.
    pub async fn or_fault<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let done = tokio::spawn(work).await;
        if done.as_ref().is_err_and(JoinError::is_panic) {
            log::error!("{}: {name} broke off", self.account);
            self.tell(Event::Crashed(name)).await;
        }
        done.ok()
    }

    async fn perform(&self, effect: Effect) {
        log::debug!("{}: {effect:?}", self.account);
        if let Some(event) = self.event_of(effect).await {
            self.tell(event).await;
        }
    }

    /// Tells the actor what came of an effect.
    pub async fn tell(&self, event: Event) {
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
                let secret =
                    async |kind| ports.custody.secret(account, kind, &fingerprint).await.ok().flatten();
                let requests = secret(SecretKind::PendingRequest).await;
                let client_secret = secret(SecretKind::ClientSecret).await;
                Some(Event::RequestsFound {
                    callback,
                    requests,
                    client_secret,
                    fingerprint: fingerprint.clone(),
                })
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
    pub async fn listen(
        &self,
        redirect_uri: RedirectUri,
    ) -> Result<(RedirectUri, AbortHandle), LoopbackTaken> {
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
            CopyTarget::Credential(field) => {
                let secret = custody.secret(&self.account, SecretKind::ClientSecret, &fingerprint).await;
                secret.map(|secret| Some(part(field, &resolved.client.id, secret?)))
            }
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

/// A part of the seller's own credential.
fn part(field: CredentialField, client_id: &str, client_secret: Secret) -> Secret {
    match field {
        CredentialField::ClientId => Secret::new(client_id.to_owned()),
        CredentialField::ClientSecret => client_secret,
        CredentialField::Basic => join_basic(client_id, &client_secret),
    }
}
