//! A token that works: the one that is stored, or a new one.

use std::time::Duration;

use clap::ArgMatches;
use connection::ports::SecretKind;
use connection::{
    ExpiryReason, Missing, RenewalFailure, RenewalTrigger, ResolvedAccount, Session, StoreFailure,
    StoredSession,
};
use oauth::{Secret, Timestamp};
use tokio::time::Instant;

use crate::context::{Account, Context};
use crate::failure::{Failure, keyring_sentence};
use crate::interface::{MIN_TTL_SECONDS, WAIT_SECONDS};
use crate::terminal;

/// Tokens that could not be stored are tried again for this long.
const STORE_DEADLINE: Duration = Duration::from_secs(60);
const STORE_AGAIN: Duration = Duration::from_secs(1);
/// With a token in hand that is still good, another process is not waited for any longer.
const WAIT_WITH_A_GOOD_TOKEN: Duration = Duration::from_secs(5);

/// What decides whether a token is renewed first.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    /// It must have this long to live, if it ever had.
    pub min_ttl: Duration,
    /// Renew, whatever time is left.
    pub renew: bool,
    /// Never renew.
    pub offline: bool,
    /// How long another process may keep us waiting.
    pub wait: Duration,
}

impl Freshness {
    /// What suits most tools.
    pub fn usual() -> Self {
        let [min_ttl, wait] = [MIN_TTL_SECONDS, WAIT_SECONDS].map(Duration::from_secs);
        Self { min_ttl, renew: false, offline: false, wait }
    }

    pub fn of(matches: &ArgMatches) -> Self {
        let span = |name| matches.get_one::<Duration>(name).copied().unwrap_or_default();
        let flag = |name| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or_default();
        Self { min_ttl: span("min-ttl"), renew: flag("renew"), offline: flag("offline"), wait: span("wait") }
    }
}

/// The access token and its session's facts.
pub async fn token(
    context: &Context,
    account: &Account,
    wanted: Freshness,
) -> Result<(Secret, Session), Failure> {
    let (token, session) = stored(account).await?;
    let now = account.custody.clock.now();
    let alive = session.lives_longer_than(Duration::ZERO, now);
    let long_enough = session.is_long_enough(wanted.min_ttl, now) && !session.is_from_the_future(now);
    if long_enough && !wanted.renew || alive && wanted.offline {
        return Ok((token, session));
    }
    if wanted.offline {
        return Err(Failure::SpentOffline);
    }
    if !session.renewable && alive {
        return if wanted.renew { Err(Failure::DoesNotRenew) } else { Ok((token, session)) };
    }
    let wait = if alive && !wanted.renew { wanted.wait.min(WAIT_WITH_A_GOOD_TOKEN) } else { wanted.wait };
    match renewed(context, &account.waiting(context, wait), &session).await {
        Ok(()) => stored(account).await,
        // What is still good is handed out; only those who asked for a new one get none.
        Err(failure @ (Failure::Temporary { .. } | Failure::Keyring(_))) if alive && !wanted.renew => {
            if let Some(sentence) = failure.sentence(&context.words) {
                terminal::say(&format!("{} {sentence}", context.words.text("cli.not_renewed_yet")));
            }
            Ok((token, session))
        }
        Err(failure) => Err(failure),
    }
}

/// What is in the keyring.
pub async fn stored(account: &Account) -> Result<(Secret, Session), Failure> {
    let (custody, id) = (&account.custody, &account.settings.id);
    let fingerprint = account.resolved.fingerprint();
    if let Some(found) = custody.access_token(id, &fingerprint).await? {
        return Ok(found);
    }
    match custody.stored_session(id, &fingerprint).await? {
        StoredSession::Expired(reason) => Err(Failure::Over { reason, now: custody.clock.now() }),
        // Stored in this very moment, or never.
        StoredSession::Session(_) | StoredSession::Nothing => Err(Failure::NotConnected),
    }
}

/// Renews, unless another process just did.
pub async fn renewed(context: &Context, account: &Account, known: &Session) -> Result<(), Failure> {
    let (custody, id) = (&account.custody, &account.settings.id);
    let fingerprint = account.resolved.fingerprint();
    let secret = match account.resolved.client.secret {
        None if account.resolved.needs_secret() => {
            let secret = custody.secret(id, SecretKind::ClientSecret, &fingerprint).await?;
            Some(secret.ok_or(Failure::NotSetUp(Missing::ClientSecret))?)
        }
        _ => None,
    };
    let with_secret = secret.map(|secret| account.resolved.with_client_secret(secret));
    let resolved = with_secret.as_ref().unwrap_or(&account.resolved);
    // A program that is told to end first stores what the server gives it.
    let shield = adapters::SignalShield::raise();
    let renewed = match custody.renew(id, resolved, known.identity, RenewalTrigger::Asked).await {
        Ok(_) => Ok(()),
        Err(RenewalFailure::NotStored(failure)) => store(context, account, resolved, failure, known).await,
        Err(failure) => Err(to_failure(failure, custody.clock.now())),
    };
    match shield.lower().await {
        Some(signal) => Err(Failure::Interrupted { signal }),
        None => renewed,
    }
}

fn to_failure(failure: RenewalFailure, now: Timestamp) -> Failure {
    match failure {
        RenewalFailure::Temporary(failure) => Failure::Temporary(failure),
        RenewalFailure::Over(reason) => Failure::Over { reason, now },
        RenewalFailure::NothingToRenewWith => Failure::Over { reason: ExpiryReason::NothingToRenewWith, now },
        RenewalFailure::NoTokens => Failure::NotConnected,
        RenewalFailure::Keyring(problem) => Failure::Keyring(problem),
        RenewalFailure::NotStored(failure) => Failure::NotStored(failure.problem),
    }
}

/// Tries again to store tokens that the server gave, with the lock still held.
/// No program gets them before they are stored.
async fn store(
    context: &Context,
    account: &Account,
    resolved: &ResolvedAccount,
    failure: StoreFailure,
    known: &Session,
) -> Result<(), Failure> {
    let StoreFailure { tokens, lock: _lock, mut problem, .. } = failure;
    let words = &context.words;
    terminal::say(&format!("{} {}", words.text(keyring_sentence(problem)), words.text("cli.storing_again")));
    let deadline = Instant::now() + STORE_DEADLINE;
    while Instant::now() < deadline {
        tokio::time::sleep(STORE_AGAIN).await;
        let id = &account.settings.id;
        match account.custody.store_renewed(id, resolved, &tokens, known.identity).await {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => return Err(Failure::NotConnected),
            Err(again) => problem = again,
        }
    }
    Err(Failure::NotStored(problem))
}
