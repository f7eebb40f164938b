//! The custody of tokens: how they are renewed, revoked and handed out.
//!
//! Every path reads the keyring first. A renewal holds the account's lock from
//! reading to writing, so the whole machine refreshes once; the new tokens are
//! written before anyone is told of them.

use std::time::Duration;

use oauth::{Secret, ServerError, Timestamp, TokenError, TokenSet};

use crate::event::StoreFailure;
use crate::ports::{Item, LockProblem, Ports};
use crate::problem::Failure;
use crate::{AccountId, ErrorCode, KeyringProblem, Notice, RenewalTrigger, Session, Setup, keyring_record};

/// A renewed token in the keyring that lives at least this long is taken as it is.
const FRESH_ENOUGH: Duration = Duration::from_secs(2);

/// How a server says that the refresh token itself is over: RFC 6749 §5.2's
/// code, and the one that servers of Spring's family use for an expired one.
const REFRESH_TOKEN_REFUSED: [&str; 2] = ["invalid_grant", "invalid_token"];

/// Why a renewal gave no new tokens. Only [`RenewalFailure::Refused`] ends a session.
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
    #[error("the server refused the refresh token")]
    Refused(ServerError),
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

/// Renews an account's tokens. `known` says which tokens the caller knows of:
/// if the keyring holds newer ones, another process renewed them, and they are
/// the answer.
///
/// # Errors
/// See [`RenewalFailure`]; the keyring still holds the old tokens in every case.
pub async fn renew(
    ports: &Ports,
    account: &AccountId,
    setup: &Setup,
    known: Timestamp,
    trigger: RenewalTrigger,
) -> Result<Session, RenewalFailure> {
    let lock = ports.lock.acquire(account).await.map_err(|problem| {
        log::warn!("{account}: not renewed: {problem}");
        let code = match problem {
            LockProblem::TimedOut => ErrorCode::Busy,
            LockProblem::Unavailable => ErrorCode::LockUnavailable,
        };
        RenewalFailure::Temporary { code, retry_after: None }
    })?;

    let current = stored_tokens(ports, account, &setup.fingerprint())
        .await
        .map_err(RenewalFailure::Keyring)?
        .ok_or(RenewalFailure::NoTokens)?;
    let session = Session::of(&current, ports.keyring.kept_in(account));
    if session.obtained_at != known && session.lives_longer_than(FRESH_ENOUGH, ports.clock.now()) {
        log::info!("{account}: another process renewed the tokens");
        return Ok(session);
    }
    let Some(refresh_token) = &current.refresh_token else {
        return Err(RenewalFailure::NothingToRenewWith);
    };

    // What cannot be written is not asked for: the old tokens, written once
    // more, show that new ones can be.
    store(ports, account, &current, &setup.fingerprint()).await.map_err(|problem| match problem {
        // It can be read, so the token is still good; only new ones have no place.
        KeyringProblem::Failed => {
            RenewalFailure::Temporary { code: ErrorCode::KeyringUnavailable, retry_after: None }
        }
        problem => RenewalFailure::Keyring(problem),
    })?;

    log::info!("{account}: renewing ({trigger:?})");
    let request = oauth::refresh_request(&setup.server, refresh_token);
    let response = ports.http.send(request).await.map_err(|problem| temporary(problem.into()))?;
    let tokens = match oauth::parse_token_response(&response, ports.clock.now()) {
        Ok(tokens) => tokens.keeping_what_is_missing(current),
        Err(TokenError::Refused(error)) if REFRESH_TOKEN_REFUSED.contains(&error.code()) => {
            return Err(RenewalFailure::Refused(error));
        }
        Err(error) => {
            log::warn!("{account}: not renewed: {error}");
            return Err(temporary(Failure::from(&error)));
        }
    };
    // A login that ended meanwhile without the lock is newer than what we hold.
    if let Ok(Some(newer)) = stored_tokens(ports, account, &setup.fingerprint()).await
        && newer.obtained_at > session.obtained_at
    {
        log::warn!("{account}: a newer session was stored meanwhile; it stays");
        revoke(ports, setup, &tokens).await;
        return Ok(Session::of(&newer, ports.keyring.kept_in(account)));
    }
    match store(ports, account, &tokens, &setup.fingerprint()).await {
        Ok(session) => Ok(session),
        Err(problem) => {
            log::warn!("{account}: the renewed tokens are not stored yet: {problem}");
            Err(RenewalFailure::NotStored(StoreFailure { tokens, lock: Some(lock), problem }))
        }
    }
}

fn temporary(failure: Failure) -> RenewalFailure {
    RenewalFailure::Temporary { code: failure.code, retry_after: failure.retry_after }
}

/// Writes tokens. When this returns `Ok`, they are in the keyring.
pub(crate) async fn store(
    ports: &Ports,
    account: &AccountId,
    tokens: &TokenSet,
    fingerprint: &str,
) -> Result<Session, KeyringProblem> {
    let record = keyring_record::write(tokens, fingerprint);
    ports.keyring.write(account, Item::Tokens, &record).await?;
    Ok(Session::of(tokens, ports.keyring.kept_in(account)))
}

/// Reads tokens; `None` if there are none of this application and server.
pub(crate) async fn stored_tokens(
    ports: &Ports,
    account: &AccountId,
    fingerprint: &str,
) -> Result<Option<TokenSet>, KeyringProblem> {
    let record = ports.keyring.read(account, Item::Tokens).await?;
    Ok(record.and_then(|record| keyring_record::read(&record, fingerprint)))
}

/// The access token that is in the keyring, for copying it.
///
/// # Errors
/// The keyring's problem.
pub async fn access_token(
    ports: &Ports,
    account: &AccountId,
    fingerprint: &str,
) -> Result<Option<Secret>, KeyringProblem> {
    Ok(stored_tokens(ports, account, fingerprint).await?.map(|tokens| tokens.access_token))
}

/// Revokes the stored tokens where the server can, then deletes them. A server
/// that cannot be told does not keep anyone from disconnecting.
pub(crate) async fn disconnect(
    ports: &Ports,
    account: &AccountId,
    setup: &Setup,
) -> Result<Notice, KeyringProblem> {
    // With the lock no renewal writes new tokens behind our back. Somebody who
    // holds it for ever does not keep the seller connected.
    let _lock = ports.lock.acquire(account).await;
    let notice = match stored_tokens(ports, account, &setup.fingerprint()).await? {
        Some(tokens) => revoke(ports, setup, &tokens).await,
        None => Notice::RevocationNotOffered,
    };
    ports.keyring.delete(account, Item::Tokens).await?;
    Ok(notice)
}

/// Revokes a set of tokens: the refresh token first, since it could make others.
pub(crate) async fn revoke(ports: &Ports, setup: &Setup, tokens: &TokenSet) -> Notice {
    let refresh = tokens.refresh_token.as_ref().map(|token| (token, "refresh_token"));
    let access = Some((&tokens.access_token, "access_token"));
    for (token, hint) in [refresh, access].into_iter().flatten() {
        let Some(request) = oauth::revoke_request(&setup.server, token, hint) else {
            return Notice::RevocationNotOffered;
        };
        // RFC 7009 §2.2: 200 also for a token the server does not know.
        match ports.http.send(request).await {
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
