//! The custody of tokens: how they are kept, renewed, revoked and handed out.
//!
//! Every path reads the keyring first. A renewal holds the account's lock from
//! reading to writing, so the whole machine refreshes once; the new tokens are
//! written before anyone is told of them. Before the server is asked, the old
//! record is written once more with a note that an answer is awaited: whoever
//! finds the note later knows that the answer was lost, and can say so.

use std::sync::Arc;
use std::time::Duration;

use oauth::{Identity, Response, Secret, ServerError, TokenError, TokenIdentity, TokenSet};

use crate::event::StoreFailure;
use crate::keyring_record::{self, Record};
use crate::ports::{Clock, HttpClient, Item, Keyring, LockProblem, RefreshLock};
use crate::problem::Failure;
use crate::{
    AccountId, ErrorCode, ExpiryReason, HttpProblem, KeyringProblem, Notice, RenewalTrigger, Session, Setup,
    Standing,
};

/// A renewed token in the keyring that lives at least this long is taken as it is.
const FRESH_ENOUGH: Duration = Duration::from_secs(2);

/// How a server says that the refresh token itself is over (RFC 6749 §5.2).
/// No other word ends a session.
const REFRESH_TOKEN_REFUSED: &str = "invalid_grant";

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

/// Why a renewal gave no new tokens. Only [`RenewalFailure::Over`] ends a session.
#[derive(Debug, thiserror::Error)]
pub enum RenewalFailure {
    /// Nothing was lost; trying again later helps.
    #[error("not renewed: {}", .code.as_str())]
    Temporary {
        /// What to tell.
        code: ErrorCode,
        /// How long the server asked to be left alone.
        retry_after: Option<Duration>,
    },
    /// The server refused the refresh token itself.
    #[error("the session is over")]
    Over(ExpiryReason),
    /// There is no refresh token.
    #[error("there is nothing to renew with")]
    NothingToRenewWith,
    /// There are no tokens in the keyring.
    #[error("there are no tokens")]
    NoTokens,
    /// The keyring could not be read.
    #[error(transparent)]
    Keyring(KeyringProblem),
    /// There are new tokens, and they could not be written.
    #[error("the new tokens could not be written")]
    NotStored(StoreFailure),
}

impl From<Failure> for RenewalFailure {
    fn from(failure: Failure) -> Self {
        Self::Temporary { code: failure.code, retry_after: failure.retry_after }
    }
}

impl From<ErrorCode> for RenewalFailure {
    fn from(code: ErrorCode) -> Self {
        Self::Temporary { code, retry_after: None }
    }
}

impl Custody {
    /// How the account stands, by what is in the keyring for this application and server.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn standing(&self, account: &AccountId, fingerprint: &str) -> Result<Standing, KeyringProblem> {
        let Some(record) = self.stored(account, fingerprint).await? else { return Ok(Standing::Nothing) };
        Ok(match record.over() {
            Some(reason) => Standing::Expired(reason),
            None => Standing::Session(Session::of(&record.tokens, self.keyring.kept_in(account))),
        })
    }

    /// Whose tokens are in the keyring, if the server said, also after the session ended.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn seller(
        &self,
        account: &AccountId,
        fingerprint: &str,
    ) -> Result<Option<Identity>, KeyringProblem> {
        let record = self.stored(account, fingerprint).await?;
        Ok(record.and_then(|record| Identity::of_id_token(record.tokens.id_token.as_ref()?)))
    }

    /// The access token that is in the keyring, with its session's facts.
    /// `None` if nobody is connected, or the session is over.
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
            let session = Session::of(&record.tokens, self.keyring.kept_in(account));
            (record.tokens.access_token, session)
        }))
    }

    /// Renews an account's tokens. `known` says which tokens the caller knows
    /// of: if the keyring holds others, another process renewed them, and they
    /// are the answer.
    ///
    /// # Errors
    /// See [`RenewalFailure`]; the keyring still holds the old tokens in every case.
    pub async fn renew(
        &self,
        account: &AccountId,
        setup: &Setup,
        known: TokenIdentity,
        trigger: RenewalTrigger,
    ) -> Result<Session, RenewalFailure> {
        let fingerprint = &setup.fingerprint();
        let lock = self.lock.acquire(account).await.map_err(|problem| {
            log::warn!("{account}: not renewed: {problem}");
            match problem {
                LockProblem::TimedOut => ErrorCode::Busy,
                LockProblem::Unavailable => ErrorCode::LockUnavailable,
            }
        })?;

        let stored = self.stored(account, fingerprint).await.map_err(RenewalFailure::Keyring)?;
        let mut record = stored.ok_or(RenewalFailure::NoTokens)?;
        if let Some(reason) = record.over() {
            return Err(RenewalFailure::Over(reason));
        }
        if let Some(session) = self.renewed_by_another(account, &record, known) {
            return Ok(session);
        }
        let refresh_token = record.tokens.refresh_token.as_ref().map(Secret::duplicate);
        let refresh_token = refresh_token.ok_or(RenewalFailure::NothingToRenewWith)?;

        // What cannot be written is not asked for: the old tokens, written
        // once more with the note, show that new ones can be.
        let unanswered_before = record.unanswered_since;
        record.unanswered_since.get_or_insert(self.clock.now());
        self.write(account, &record, fingerprint).await.map_err(|problem| match problem {
            // It can be read, so the token is still good; only new ones have no place.
            KeyringProblem::Failed => ErrorCode::KeyringUnavailable.into(),
            problem => RenewalFailure::Keyring(problem),
        })?;

        log::info!("{account}: renewing ({trigger:?})");
        let (answer, interrupted) = self.ask_for_new_tokens(setup, &refresh_token).await;
        let (failure, tokens_may_be_lost) = match answer {
            Ok(response) => match oauth::parse_token_response(&response, self.clock.now()) {
                Ok(tokens) => {
                    let known = record.tokens.identity();
                    let tokens = tokens.keeping_what_is_missing(record.tokens);
                    return self.keep_renewed(account, setup, tokens, known, lock).await;
                }
                Err(TokenError::Refused(error)) if error.code() == REFRESH_TOKEN_REFUSED => {
                    // This very request has had its answer.
                    record.unanswered_since =
                        record.unanswered_since.filter(|_| interrupted).or(unanswered_before);
                    return self.end(account, record, error, fingerprint).await;
                }
                Err(error) => {
                    log::warn!("{account}: not renewed: {error}");
                    (Failure::from(&error), interrupted || error.tokens_may_be_lost())
                }
            },
            Err(problem) => (problem.into(), interrupted || problem.answer_may_be_lost()),
        };
        if !tokens_may_be_lost {
            record.unanswered_since = unanswered_before;
            if let Err(problem) = self.write(account, &record, fingerprint).await {
                log::warn!("{account}: the note of an awaited answer stays: {problem}");
            }
        }
        Err(failure.into())
    }

    /// Asks the token endpoint. If the line breaks after the request was sent,
    /// asks once more at once: some servers that rotate give a moment of grace.
    /// Tells also whether the line broke.
    async fn ask_for_new_tokens(
        &self,
        setup: &Setup,
        refresh_token: &Secret,
    ) -> (Result<Response, HttpProblem>, bool) {
        let request = || oauth::refresh_request(&setup.server, refresh_token);
        match self.http.send(request()).await {
            Err(HttpProblem::Interrupted) => (self.http.send(request()).await, true),
            answer => (answer, false),
        }
    }

    async fn keep_renewed(
        &self,
        account: &AccountId,
        setup: &Setup,
        tokens: TokenSet,
        known: TokenIdentity,
        lock: crate::ports::LockGuard,
    ) -> Result<Session, RenewalFailure> {
        match self.store_renewed(account, setup, &tokens, known).await {
            Ok(session) => session.ok_or(RenewalFailure::NoTokens),
            Err(problem) => {
                log::warn!("{account}: the renewed tokens are not stored yet: {problem}");
                Err(RenewalFailure::NotStored(StoreFailure {
                    tokens,
                    lock: Some(lock),
                    replaces: Some(known),
                    problem,
                }))
            }
        }
    }

    /// Writes renewed tokens in place of those that `known` names. If somebody
    /// disconnected or logged in meanwhile without the lock, that stays, and
    /// the renewed tokens are void. `None` if nobody is connected any more.
    ///
    /// # Errors
    /// The keyring's problem; the record that was there is still there.
    pub async fn store_renewed(
        &self,
        account: &AccountId,
        setup: &Setup,
        tokens: &TokenSet,
        known: TokenIdentity,
    ) -> Result<Option<Session>, KeyringProblem> {
        let fingerprint = &setup.fingerprint();
        let found = self.stored(account, fingerprint).await?;
        if found.as_ref().is_some_and(|record| record.tokens.identity() == known) {
            return self.store(account, tokens, fingerprint).await.map(Some);
        }
        log::warn!("{account}: disconnected or connected anew meanwhile; that stays");
        self.revoke(setup, tokens).await;
        Ok(found.map(|record| Session::of(&record.tokens, self.keyring.kept_in(account))))
    }

    /// The refresh token was refused. If another process put other tokens in
    /// its place, those count; or else the session is over, and the record says so.
    async fn end(
        &self,
        account: &AccountId,
        mut record: Record,
        error: ServerError,
        fingerprint: &str,
    ) -> Result<Session, RenewalFailure> {
        let known = record.tokens.identity();
        match self.stored(account, fingerprint).await {
            Ok(Some(other)) if other.tokens.identity() != known => {
                let fresh = self.renewed_by_another(account, &other, known);
                return fresh.ok_or(ErrorCode::Busy.into());
            }
            Ok(None) => return Err(RenewalFailure::NoTokens),
            Ok(Some(_)) | Err(_) => {}
        }
        log::warn!("{account}: the server refused the refresh token");
        record.refused = Some(error.code().to_owned());
        let reason = record.over().unwrap_or(ExpiryReason::Refused(error));
        if let Err(problem) = self.write(account, &record, fingerprint).await {
            log::warn!("{account}: that the session is over could not be written: {problem}");
        }
        Err(RenewalFailure::Over(reason))
    }

    fn renewed_by_another(
        &self,
        account: &AccountId,
        record: &Record,
        known: TokenIdentity,
    ) -> Option<Session> {
        let session = Session::of(&record.tokens, self.keyring.kept_in(account));
        let fresh = session.identity != known
            && record.refused.is_none()
            && session.lives_longer_than(FRESH_ENOUGH, self.clock.now());
        if fresh {
            log::info!("{account}: another process renewed the tokens");
        }
        fresh.then_some(session)
    }

    /// A secret of this client at this server, if it is there.
    ///
    /// # Errors
    /// The keyring's problem.
    pub async fn secret(
        &self,
        account: &AccountId,
        item: Item,
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
        item: Item,
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
        self.keyring.write(account, Item::Tokens, &record).await?;
        Ok(Session::of(tokens, self.keyring.kept_in(account)))
    }

    async fn write(
        &self,
        account: &AccountId,
        record: &Record,
        fingerprint: &str,
    ) -> Result<(), KeyringProblem> {
        self.keyring.write(account, Item::Tokens, &keyring_record::write(record, fingerprint)).await
    }

    /// Reads the record; `None` if there is none of this application and server.
    async fn stored(&self, account: &AccountId, fingerprint: &str) -> Result<Option<Record>, KeyringProblem> {
        let record = self.keyring.read(account, Item::Tokens).await?;
        Ok(record.and_then(|record| keyring_record::read(&record, fingerprint)))
    }

    /// Revokes the stored tokens where the server can, then deletes them. A
    /// server that cannot be told does not keep anyone from disconnecting.
    ///
    /// # Errors
    /// The keyring's problem; the tokens may still be there.
    pub async fn disconnect(&self, account: &AccountId, setup: &Setup) -> Result<Notice, KeyringProblem> {
        // With the lock no renewal writes new tokens behind our back. Somebody
        // who holds it for ever does not keep the seller connected.
        let _lock = self.lock.acquire(account).await;
        let notice = match self.stored(account, &setup.fingerprint()).await? {
            Some(record) => self.revoke(setup, &record.tokens).await,
            None => Notice::RevocationNotOffered,
        };
        self.keyring.delete(account, Item::Tokens).await?;
        Ok(notice)
    }

    /// Revokes a set of tokens: the refresh token first, since it could make others.
    pub(crate) async fn revoke(&self, setup: &Setup, tokens: &TokenSet) -> Notice {
        let refresh = tokens.refresh_token.as_ref().map(|token| (token, "refresh_token"));
        let access = Some((&tokens.access_token, "access_token"));
        for (token, hint) in [refresh, access].into_iter().flatten() {
            let Some(request) = oauth::revoke_request(&setup.server, token, hint) else {
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
