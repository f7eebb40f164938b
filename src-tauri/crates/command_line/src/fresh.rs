//! A token that works: the one that is stored, or a new one.

use std::time::Duration;

use clap::ArgMatches;
use connection::ports::Item;
use connection::{Missing, RenewalFailure, RenewalTrigger, Session, Standing, StoreFailure};
use oauth::Secret;

use crate::failure::{Failure, keyring_sentence};
use crate::machine::{Account, Machine};
use crate::terminal;

/// A session that seems to be younger than nothing by more than this was
/// written by a clock that was right, or this one is wrong: asking the server tells.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);
/// Tokens that could not be stored are tried again this often, this far apart: 30 seconds.
const STORE_TRIES: u32 = 30;
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// What decides whether a token is renewed first.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// It must have this long to live, or half its lifetime if that is shorter.
    pub min_ttl: Duration,
    /// Renew, whatever time is left.
    pub renew: bool,
    /// Never renew.
    pub offline: bool,
    /// How long another process may keep us waiting.
    pub wait: Duration,
}

impl Wanted {
    /// What suits most tools.
    pub fn usual() -> Self {
        let seconds = Duration::from_secs;
        Self { min_ttl: seconds(300), renew: false, offline: false, wait: seconds(100) }
    }

    pub fn of(matches: &ArgMatches) -> Self {
        let span = |name| matches.get_one::<Duration>(name).copied().unwrap_or_default();
        let flag = |name| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or_default();
        Self { min_ttl: span("min-ttl"), renew: flag("renew"), offline: flag("offline"), wait: span("wait") }
    }
}

/// The access token and its session's facts.
pub async fn token(
    machine: &Machine,
    account: &Account,
    wanted: Wanted,
) -> Result<(Secret, Session), Failure> {
    let (token, session) = stored(account).await?;
    let now = account.custody.clock.now();
    let alive = session.lives_longer_than(Duration::ZERO, now);
    let from_the_future = session.obtained_at > now.after(CLOCK_TOLERANCE);
    let long_enough = session.lives_longer_than(enough(&session, wanted.min_ttl), now) && !from_the_future;
    if long_enough && !wanted.renew || alive && wanted.offline {
        return Ok((token, session));
    }
    if wanted.offline {
        return Err(Failure::SpentOffline);
    }
    if !session.renewable && alive && !wanted.renew {
        return Ok((token, session));
    }
    match renewed(machine, account, &session).await {
        Ok(()) => stored(account).await,
        // What is still good is handed out; only those who asked for a new one get none.
        Err(failure @ (Failure::Temporary { .. } | Failure::Keyring(_))) if alive && !wanted.renew => {
            if let Some(sentence) = failure.sentence(&machine.words) {
                terminal::say(&format!("{} {sentence}", machine.words.text("cli.not_renewed_yet")));
            }
            Ok((token, session))
        }
        Err(failure) => Err(failure),
    }
}

/// How long a token must live to be handed out as it is. Half its lifetime is
/// always enough: more could never be had of some servers.
fn enough(session: &Session, min_ttl: Duration) -> Duration {
    session.expires_at.map_or(min_ttl, |end| min_ttl.min(end.since(session.obtained_at) / 2))
}

/// What is in the keyring.
pub async fn stored(account: &Account) -> Result<(Secret, Session), Failure> {
    let (custody, id) = (&account.custody, &account.settings.id);
    let fingerprint = account.setup.fingerprint();
    if let Some(found) = custody.access_token(id, &fingerprint).await? {
        return Ok(found);
    }
    match custody.standing(id, &fingerprint).await? {
        Standing::Expired(reason) => Err(Failure::Over { reason, now: custody.clock.now() }),
        // Stored in this very moment, or never.
        Standing::Session(_) | Standing::Nothing => Err(Failure::NotConnected),
    }
}

/// Renews, unless another process just did.
pub async fn renewed(machine: &Machine, account: &Account, known: &Session) -> Result<(), Failure> {
    let (custody, id) = (&account.custody, &account.settings.id);
    let fingerprint = account.setup.fingerprint();
    let secret = match account.setup.server.client_secret {
        None if account.setup.needs_secret() => {
            let secret = custody.secret(id, Item::ClientSecret, &fingerprint).await?;
            Some(secret.ok_or(Failure::NotSetUp(Missing::ClientSecret))?)
        }
        _ => None,
    };
    let with_secret = secret.map(|secret| account.setup.with_client_secret(secret));
    let setup = with_secret.as_ref().unwrap_or(&account.setup);
    let failure = match custody.renew(id, setup, known.identity, RenewalTrigger::Asked).await {
        Ok(_) => return Ok(()),
        Err(failure) => failure,
    };
    match failure {
        RenewalFailure::Temporary { code, retry_after } => Err(Failure::Temporary { code, retry_after }),
        RenewalFailure::Over(reason) => Err(Failure::Over { reason, now: custody.clock.now() }),
        RenewalFailure::NothingToRenewWith => Err(Failure::Over {
            reason: connection::ExpiryReason::NothingToRenewWith,
            now: custody.clock.now(),
        }),
        RenewalFailure::NoTokens => Err(Failure::NotConnected),
        RenewalFailure::Keyring(problem) => Err(Failure::Keyring(problem)),
        RenewalFailure::NotStored(failure) => store(machine, account, failure).await,
    }
}

/// Tries again to store tokens that the server gave, with the lock still held.
/// Nobody is told of them before they are stored.
async fn store(machine: &Machine, account: &Account, failure: StoreFailure) -> Result<(), Failure> {
    let StoreFailure { tokens, lock: _lock, mut problem } = failure;
    let words = &machine.words;
    terminal::say(&format!("{} {}", words.text(keyring_sentence(problem)), words.text("cli.storing_again")));
    for _ in 0..STORE_TRIES {
        tokio::time::sleep(STORE_AGAIN).await;
        let fingerprint = account.setup.fingerprint();
        match account.custody.store(&account.settings.id, &tokens, &fingerprint).await {
            Ok(_) => return Ok(()),
            Err(again) => problem = again,
        }
    }
    Err(Failure::NotStored(problem))
}
