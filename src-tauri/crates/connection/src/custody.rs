//! The custody of tokens: how they are kept, revoked and handed out. Every
//! path reads the keyring first.

mod api_check;
mod exchange;
mod failure;
mod renewal;

use std::sync::Arc;

use oauth::{Identity, Secret, TokenSet};

pub use api_check::takes_token;
pub use failure::{ExchangeFailure, Failure, NotDeleted, RenewalFailure, StoreFailure};
pub use renewal::RenewalTrigger;

use crate::keyring_record::{self, Record};
use crate::ports::{Clock, HttpClient, Keyring, RefreshLock, SecretKind};
use crate::{AccountId, KeyringProblem, Notice, ResolvedAccount, Session, StoredSession};

/// Keeps the tokens of every account, through these ports.
#[derive(Clone)]
pub struct Custody {
    /// Sends requests.
    pub http: Arc<dyn HttpClient>,
    /// Keeps secrets.
    pub keyring: Arc<dyn Keyring>,
    /// Serialises refreshes.
    pub lock: Arc<dyn RefreshLock>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Tokens that are in the keyring now.
#[derive(Debug)]
pub struct Stored {
    /// Their facts.
    pub session: Session,
    /// The tokens of an earlier login whose place they took, and the server
    /// that gave those: no program will use them any more.
    pub replaced: Option<(Arc<ResolvedAccount>, TokenSet)>,
}

impl Custody {
    /// How the account stands, by what is in the keyring for this application and server.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn stored_session(
        &self,
        account: &AccountId,
        fingerprint: &str,
    ) -> Result<StoredSession, KeyringProblem> {
        Ok(self.stored_session_and_seller(account, fingerprint).await?.0)
    }

    /// The same, and whose tokens they are, if the server said: that is known
    /// also after the session ended.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn stored_session_and_seller(
        &self,
        account: &AccountId,
        fingerprint: &str,
    ) -> Result<(StoredSession, Option<Identity>), KeyringProblem> {
        let Some(record) = self.stored(account, fingerprint).await? else {
            return Ok((StoredSession::Nothing, None));
        };
        let session = Session::of(&record.tokens, self.keyring.storage_of(account));
        let seller = session.seller.clone();
        let stored_session = record.over().map_or(StoredSession::Session(session), StoredSession::Expired);
        Ok((stored_session, seller))
    }

    /// The token for the API that is in the keyring, with its session's facts.
    /// `None` if no seller is connected, or the session is over.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn access_token(
        &self,
        account: &AccountId,
        fingerprint: &str,
    ) -> Result<Option<(Secret, Session)>, KeyringProblem> {
        let record = self.stored(account, fingerprint).await?.filter(|record| record.refused.is_none());
        Ok(record.map(|record| {
            let session = Session::of(&record.tokens, self.keyring.storage_of(account));
            (record.tokens.bearer_token().duplicate(), session)
        }))
    }

    /// The refresh token, if there is one and the session is not over.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn refresh_token(
        &self,
        account: &AccountId,
        fingerprint: &str,
    ) -> Result<Option<Secret>, KeyringProblem> {
        let record = self.stored(account, fingerprint).await?.filter(|record| record.refused.is_none());
        Ok(record.and_then(|record| record.tokens.refresh_token))
    }

    /// A secret of this client at this server, if it is there.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn secret(
        &self,
        account: &AccountId,
        item: SecretKind,
        fingerprint: &str,
    ) -> Result<Option<Secret>, KeyringProblem> {
        let record = self.keyring.read(account, item).await?;
        Ok(record.and_then(|record| keyring_record::read_secret(&record, fingerprint)))
    }

    /// Keeps a secret for this client at this server.
    ///
    /// # Errors
    /// The keyring's problem; the secret that was there is still there.
    pub async fn keep_secret(
        &self,
        account: &AccountId,
        item: SecretKind,
        secret: &Secret,
        fingerprint: &str,
    ) -> Result<(), KeyringProblem> {
        self.keyring.write(account, item, &keyring_record::write_secret(secret, fingerprint)).await
    }

    /// Writes new tokens. When this returns `Ok`, they are in the keyring.
    ///
    /// # Errors
    /// The keyring's problem; the record that was there is still there.
    pub async fn store(
        &self,
        account: &AccountId,
        tokens: &TokenSet,
        fingerprint: &str,
    ) -> Result<Session, KeyringProblem> {
        let record = keyring_record::write_tokens(tokens, fingerprint);
        self.keyring.write(account, SecretKind::Tokens, &record).await?;
        Ok(Session::of(tokens, self.keyring.storage_of(account)))
    }

    /// Writes the tokens of a login in place of those that are there. `others`
    /// are the accounts, besides this one, whose tokens those may be.
    ///
    /// # Errors
    /// The keyring's problem; the record that was there is still there.
    pub(crate) async fn store_login(
        &self,
        account: &AccountId,
        resolved: &Arc<ResolvedAccount>,
        others: &[Arc<ResolvedAccount>],
        tokens: &TokenSet,
    ) -> Result<Stored, KeyringProblem> {
        let before = self.keyring.read(account, SecretKind::Tokens).await?;
        let session = self.store(account, tokens, &resolved.fingerprint()).await?;
        let tokens_of = |record: &Secret, account: &Arc<ResolvedAccount>| {
            let old = keyring_record::read(record, &account.fingerprint())?.tokens;
            // A server may give the same token again, and credentials are asked with for ever.
            let is_void = account.uses_a_browser() && !old.shares_a_token_with(tokens);
            is_void.then(|| (Arc::clone(account), old))
        };
        let replaced = before.and_then(|record| {
            std::iter::once(resolved).chain(others).find_map(|account| tokens_of(&record, account))
        });
        Ok(Stored { session, replaced })
    }

    async fn write(
        &self,
        account: &AccountId,
        record: &Record,
        fingerprint: &str,
    ) -> Result<(), KeyringProblem> {
        self.keyring.write(account, SecretKind::Tokens, &keyring_record::write(record, fingerprint)).await
    }

    /// Reads the record; `None` if there is none of this application and server.
    async fn stored(&self, account: &AccountId, fingerprint: &str) -> Result<Option<Record>, KeyringProblem> {
        let record = self.keyring.read(account, SecretKind::Tokens).await?;
        Ok(record.and_then(|record| keyring_record::read(&record, fingerprint)))
    }

    /// Revokes the stored tokens where the server can, then deletes them. A
    /// server that cannot be told does not keep the user from disconnecting.
    ///
    /// # Errors
    /// The keyring's problem; the tokens may still be there, and may be void.
    pub async fn disconnect(
        &self,
        account: &AccountId,
        resolved: &ResolvedAccount,
    ) -> Result<Notice, NotDeleted> {
        // With the lock no renewal writes new tokens meanwhile. Another
        // process that holds it for ever does not keep the seller connected.
        let _lock = self.lock.acquire(account).await;
        let notice = match self.stored(account, &resolved.fingerprint()).await? {
            Some(record) => self.revoke(resolved, &record.tokens).await,
            None => Notice::RevocationNotOffered,
        };
        let deleted = self.keyring.delete(account, SecretKind::Tokens).await;
        deleted.map(|()| notice).map_err(|problem| NotDeleted { problem, revocation: Some(notice) })
    }

    /// Revokes the stored tokens where the server can, and deletes everything
    /// that the keyring holds for the account.
    ///
    /// # Errors
    /// The keyring's problem; some of it may still be there.
    pub async fn forget(
        &self,
        account: &AccountId,
        resolved: Option<&ResolvedAccount>,
    ) -> Result<Notice, KeyringProblem> {
        let _lock = self.lock.acquire(account).await;
        let stored = self.keyring.read(account, SecretKind::Tokens).await?;
        let ours = stored.as_ref().zip(resolved).and_then(|(record, resolved)| {
            Some((keyring_record::read(record, &resolved.fingerprint())?, resolved))
        });
        let notice = match (&stored, &ours) {
            (_, Some((record, resolved))) => self.revoke(resolved, &record.tokens).await,
            // They belong to credentials from before: this program cannot tell their server.
            (Some(_), None) => Notice::RevocationFailed,
            (None, None) => Notice::NothingToRevoke,
        };
        self.keyring.forget(account).await?;
        Ok(notice)
    }

    /// Revokes a set of tokens: the refresh token first, since it could make others.
    pub(crate) async fn revoke(&self, resolved: &ResolvedAccount, tokens: &TokenSet) -> Notice {
        let refresh = tokens.refresh_token.as_ref().map(|token| (token, "refresh_token"));
        let access = Some((&tokens.access_token, "access_token"));
        for (token, hint) in [refresh, access].into_iter().flatten() {
            let Some(request) = oauth::revoke_request(&resolved.client, token, hint) else {
                return Notice::RevocationNotOffered;
            };
            // RFC 7009 §2.2: 200 also for a token the server does not know.
            match self.http.send(request).await {
                Ok(response) if (200..=299).contains(&response.status) => {}
                Ok(response) => {
                    log::warn!("not revoked: status {}", response.status);
                    return Notice::RevocationFailed;
                }
                Err(problem) => {
                    log::warn!("not revoked: {problem}");
                    return Notice::RevocationFailed;
                }
            }
        }
        Notice::Revoked
    }
}
