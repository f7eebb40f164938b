//! How tokens are renewed. The account's lock is held from reading to writing,
//! so the whole machine refreshes once; the new tokens are written before
//! any caller is told of them. Before the server is asked, the old record is
//! written once more with a note that an answer is awaited: a process that finds
//! the note later knows that the answer was lost, and can say so.

use std::time::Duration;

use oauth::{
    Expected, GrantType, IdTokenProblem, Identity, KeySet, Response, Secret, ServerError, TokenError,
    TokenIdentity, TokenSet, check_id_token,
};

use super::exchange::duplicates;
use super::{Custody, ExchangeFailure, Failure, RenewalFailure, StoreFailure};
use crate::keyring_record::Record;
use crate::ports::{LockGuard, LockProblem};
use crate::{AccountId, ErrorCode, ExpiryReason, HttpProblem, KeyringProblem, ResolvedAccount, Session};

/// Why tokens are to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalTrigger {
    /// Their time has come.
    Due,
    /// The seller asked for it.
    Asked,
}

/// A renewed token in the keyring that lives at least this long is taken as it is.
const FRESH_ENOUGH: Duration = Duration::from_secs(2);

/// What ends a session besides: a renewal that brought another person's tokens.
const SOMEBODY_ELSES: &str = "another_subject";

/// How a server says that the refresh token itself is over (RFC 6749 §5.2).
/// No other word ends a session.
const REFRESH_TOKEN_REFUSED: &str = "invalid_grant";

/// What came of asking a token endpoint for new tokens.
struct Asked {
    answer: Result<Response, HttpProblem>,
    /// Whether the line broke the first time.
    interrupted: bool,
    /// The secrets that were sent.
    sent: Vec<Secret>,
}

impl Custody {
    /// Renews an account's tokens. `known` says which tokens the caller knows
    /// of: if the keyring holds others, another process renewed them, and they
    /// are the answer.
    ///
    /// # Errors
    /// See [`RenewalFailure`]; the keyring still holds the old tokens in every case.
    pub async fn renew(
        &self,
        account: &AccountId,
        resolved: &ResolvedAccount,
        known: TokenIdentity,
        trigger: RenewalTrigger,
    ) -> Result<Session, RenewalFailure> {
        let fingerprint = &resolved.fingerprint();
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
        if !record.tokens.is_renewable() {
            return Err(RenewalFailure::NothingToRenewWith);
        }
        // Credentials may be asked with as often as one likes: nothing is lost with an answer.
        let spends_a_token = resolved.client.grant_type == GrantType::AuthorizationCode;

        // Before new tokens are on their way: then nothing is waited for until they are stored.
        let keys = self.keys(resolved).await;

        // What cannot be written is not asked for: the old tokens, written
        // once more with the note, show that new ones can be.
        let unanswered_before = record.unanswered_since;
        if spends_a_token {
            record.unanswered_since.get_or_insert(self.clock.now());
        }
        self.write(account, &record, fingerprint).await.map_err(|problem| match problem {
            // It can be read, so the token is still good; only new ones have no place.
            KeyringProblem::Failed => ErrorCode::KeyringUnavailable.into(),
            problem => RenewalFailure::Keyring(problem),
        })?;

        log::info!("{account}: renewing ({trigger:?})");
        let Asked { answer, interrupted, sent } = self.ask_for_new_tokens(resolved, &record.tokens).await;
        let (failure, tokens_may_be_lost) = match answer {
            Ok(response) => {
                match oauth::parse_token_response(&response, &resolved.client, &sent, self.clock.now()) {
                    Ok(mut tokens) => {
                        let known = record.tokens.identity();
                        if self.belong_to_somebody_else(resolved, &keys, &mut tokens, &record.tokens) {
                            self.revoke(resolved, &tokens).await;
                            record.unanswered_since = unanswered_before;
                            let error = ServerError::new(SOMEBODY_ELSES, None);
                            return self.end(account, record, error, fingerprint).await;
                        }
                        let tokens = tokens.keeping_what_is_missing(record.tokens);
                        return self.keep_renewed(account, resolved, tokens, known, lock).await;
                    }
                    Err(TokenError::Refused(error))
                        if spends_a_token && error.code() == REFRESH_TOKEN_REFUSED =>
                    {
                        // This very request has had its answer.
                        record.unanswered_since =
                            record.unanswered_since.filter(|_| interrupted).or(unanswered_before);
                        return self.end(account, record, error, fingerprint).await;
                    }
                    Err(error) => {
                        log::warn!("{account}: not renewed: {error}");
                        let may_be_lost = interrupted || error.tokens_may_be_lost();
                        (Failure::from(error), may_be_lost)
                    }
                }
            }
            Err(problem) => (problem.into(), interrupted || problem.answer_may_be_lost()),
        };
        let is_answered = spends_a_token && !tokens_may_be_lost;
        if is_answered {
            record.unanswered_since = unanswered_before;
        }
        // An answer that was lost before is still lost.
        let answer_may_be_lost = record.unanswered_since.is_some();
        if is_answered && let Err(problem) = self.write(account, &record, fingerprint).await {
            log::warn!("{account}: the note of an awaited answer stays: {problem}");
        }
        Err(Failure { answer_may_be_lost, ..failure }.into())
    }

    /// Asks the token endpoint. If the line breaks after the request was sent,
    /// asks once more at once: some servers that rotate give a moment of grace.
    async fn ask_for_new_tokens(&self, resolved: &ResolvedAccount, tokens: &TokenSet) -> Asked {
        let request = || match &tokens.refresh_token {
            Some(refresh_token) => oauth::refresh_request(&resolved.client, refresh_token),
            None => oauth::client_credentials_request(&resolved.client),
        };
        let first = request();
        let sent = duplicates(&first.secrets);
        let (answer, interrupted) = match self.http.send(first).await {
            Err(HttpProblem::Interrupted) => (self.http.send(request()).await, true),
            answer => (answer, false),
        };
        Asked { answer, interrupted, sent }
    }

    /// Whether renewed tokens are another person's than those before (OpenID
    /// Connect Core §12.2). An id token that is wrong otherwise is not kept;
    /// the tokens that the server has put in place of the old ones are.
    fn belong_to_somebody_else(
        &self,
        resolved: &ResolvedAccount,
        keys: &Result<Option<KeySet>, ExchangeFailure>,
        tokens: &mut TokenSet,
        before: &TokenSet,
    ) -> bool {
        let Some(token) = &tokens.id_token else { return false };
        let known = before.id_token.as_ref().and_then(Identity::of_id_token);
        let subject = known.as_ref().map(|known| known.subject.as_str());
        let problem = match keys {
            Ok(keys) => {
                let expected =
                    Expected { client: &resolved.client, nonce: None, keys: keys.as_ref(), subject };
                check_id_token(token, &expected, self.clock.now()).err()
            }
            Err(_) => Some(IdTokenProblem::BadSignature),
        };
        let Some(problem) = problem else { return false };
        log::warn!("an id token that came with a renewal is not believed: {problem}");
        tokens.id_token = None;
        problem == IdTokenProblem::OtherSubject
    }

    async fn keep_renewed(
        &self,
        account: &AccountId,
        resolved: &ResolvedAccount,
        tokens: TokenSet,
        known: TokenIdentity,
        lock: LockGuard,
    ) -> Result<Session, RenewalFailure> {
        match self.store_renewed(account, resolved, &tokens, known).await {
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

    /// Writes renewed tokens in place of those that `known` names. If another
    /// process disconnected or logged in meanwhile without the lock, that stays, and
    /// the renewed tokens are void. `None` if no seller is connected any more.
    ///
    /// # Errors
    /// The keyring's problem; the record that was there is still there.
    pub async fn store_renewed(
        &self,
        account: &AccountId,
        resolved: &ResolvedAccount,
        tokens: &TokenSet,
        known: TokenIdentity,
    ) -> Result<Option<Session>, KeyringProblem> {
        let fingerprint = &resolved.fingerprint();
        let found = self.stored(account, fingerprint).await?;
        if found.as_ref().is_some_and(|record| record.tokens.identity() == known) {
            return self.store(account, tokens, fingerprint).await.map(Some);
        }
        log::warn!("{account}: disconnected or connected anew meanwhile; that stays");
        self.revoke(resolved, tokens).await;
        Ok(found.map(|record| Session::of(&record.tokens, self.keyring.storage_of(account))))
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
        let reason = match record.over() {
            Some(lost @ ExpiryReason::AnswerLost { .. }) => lost,
            // The record keeps the code alone; now there are the server's own words.
            _ => ExpiryReason::Refused { server: error },
        };
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
        let session = Session::of(&record.tokens, self.keyring.storage_of(account));
        let fresh = session.identity != known
            && record.refused.is_none()
            && session.lives_longer_than(FRESH_ENOUGH, self.clock.now());
        if fresh {
            log::info!("{account}: another process renewed the tokens");
        }
        fresh.then_some(session)
    }
}
