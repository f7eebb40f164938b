//! The token of the moment, for each account that is called. The account's
//! actor renews it; here it is read, kept for a short time, and asked for anew
//! where it does not work.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use adapters::HttpsClient;
use connection::ports::BoxFuture;
use connection::{AccountId, Connection, Custody, Event, KeyringProblem, Request, Session, Snapshot, View};
use oauth::{Endpoint, Secret, TokenIdentity};
use tokio::time::Instant;

use crate::refusal::Refusal;

/// What another program did to the tokens counts here after this long at the latest.
const KEPT: Duration = Duration::from_secs(30);
/// A token that ends within this time may end on its way to the API.
const MARGIN: Duration = Duration::from_secs(2);
/// A tool is kept waiting this long for a new token: 25 seconds.
const PATIENCE: Duration = Duration::from_secs(25);
/// A token that the API refuses is not renewed if it is younger than this.
const YOUNG: Duration = Duration::from_secs(10);

/// An account's connection, with what is needed to call its API.
pub struct ReachableAccount {
    /// Its actor.
    pub connection: Connection,
    /// Where its tokens are.
    pub custody: Custody,
    /// Sends requests to its API.
    pub http: HttpsClient,
}

/// The accounts of this user.
pub trait AccountSource: Send + Sync {
    /// An account, whose connection runs from now on; `None` if there is no such account.
    fn account<'a>(&'a self, id: &'a AccountId) -> BoxFuture<'a, Option<ReachableAccount>>;
}

/// A token that can be used now. Several calls at a time use one copy of it.
pub struct Token {
    /// The token.
    pub secret: Secret,
    /// The API that it is for, and that it is sent to alone.
    pub api: Endpoint,
    api_base: String,
    /// Of which application and server it is.
    fingerprint: String,
    session: Session,
    read_at: Instant,
}

/// One account's token.
#[derive(Default)]
struct OfAccount {
    /// Looked at by every call, and replaced by the one that holds `alone`.
    kept: Mutex<Option<Arc<Token>>>,
    /// Held while the keyring is read or a new token is waited for: calls that
    /// come meanwhile wait for the same.
    alone: tokio::sync::Mutex<()>,
    /// A token that the API refused although it had just been renewed for that reason.
    vain: Mutex<Option<TokenIdentity>>,
}

/// The tokens of all accounts that were called.
#[derive(Default)]
pub struct Tokens(Mutex<HashMap<AccountId, Arc<OfAccount>>>);

impl Tokens {
    fn of(&self, id: &AccountId) -> Arc<OfAccount> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match accounts.get(id) {
            Some(known) => Arc::clone(known),
            None => Arc::clone(accounts.entry(id.clone()).or_default()),
        }
    }

    /// A token that lives.
    ///
    /// # Errors
    /// Why there is none now; the actor knows of it, and calls the person if
    /// they can do something.
    pub async fn fresh(&self, id: &AccountId, account: &ReachableAccount) -> Result<Arc<Token>, Refusal> {
        let kept = self.of(id);
        if let Some(token) = kept.usable(account) {
            return Ok(token);
        }
        in_time(async {
            let _alone = kept.alone.lock().await;
            match kept.usable(account) {
                Some(token) => Ok(token),
                None => kept.read(id, account).await,
            }
        })
        .await
    }

    /// The token after one that the API refused.
    ///
    /// # Errors
    /// [`Refusal::TokenRefused`] if a new one would be refused too; or why there is none.
    pub async fn after(
        &self,
        refused: &Token,
        id: &AccountId,
        account: &ReachableAccount,
    ) -> Result<Arc<Token>, Refusal> {
        let kept = self.of(id);
        in_time(async {
            let _alone = kept.alone.lock().await;
            // Another call, or another program, may have had it renewed meanwhile.
            *kept.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
            let token = kept.read(id, account).await?;
            if token.session.identity != refused.session.identity {
                return Ok(token);
            }
            let is_young = account.custody.clock.now() < token.session.obtained_at.after(YOUNG);
            let vain = *kept.vain.lock().unwrap_or_else(PoisonError::into_inner);
            if is_young || vain == Some(token.session.identity) || !token.session.renewable {
                return Err(Refusal::TokenRefused);
            }
            log::info!("{id}: the API does not take a token whose time is not over; it is renewed");
            settled(account, Some(&token.session)).await?;
            kept.read(id, account).await
        })
        .await
    }

    /// Notes that the API refused a new token too, whichever program had it
    /// renewed: another would fare no better.
    pub fn were_in_vain(&self, token: &Token, id: &AccountId) {
        *self.of(id).vain.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.session.identity);
    }
}

/// No tool waits longer, whomever else it waits behind.
async fn in_time<T>(work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(Refusal::NotRenewed { again: None }))
}

impl OfAccount {
    /// The token that was read last, if it still is the account's.
    fn usable(&self, account: &ReachableAccount) -> Option<Arc<Token>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let token = kept.as_ref()?;
        let snapshots = account.connection.watch();
        let snapshot = snapshots.borrow();
        // Without a session in sight the keyring says whether there is one.
        let same = session_of(&snapshot).is_some_and(|now| now.identity == token.session.identity)
            && snapshot.fingerprint == token.fingerprint
            && snapshot.api_base == token.api_base;
        let lives = token.session.lives_longer_than(MARGIN, account.custody.clock.now());
        (same && lives && token.read_at.elapsed() < KEPT).then(|| Arc::clone(token))
    }

    /// The token in the keyring; a new one, if that one is over.
    async fn read(&self, id: &AccountId, account: &ReachableAccount) -> Result<Arc<Token>, Refusal> {
        for known in [true, false] {
            let snapshot = known_moment(account).await;
            // It may still be in the keyring, and is about to be void.
            if matches!(snapshot.view, View::Disconnecting | View::Forgetting | View::Forgotten { .. }) {
                return Err(Refusal::NotConnected);
            }
            let found = account.custody.access_token(id, &snapshot.fingerprint).await;
            let found = found.inspect_err(|problem| tell(account, &snapshot, *problem))?;
            let session = found.as_ref().map(|(_, session)| session.clone());
            let lives = |session: &Session| session.lives_longer_than(MARGIN, account.custody.clock.now());
            if let Some((secret, session)) = found.filter(|(_, session)| lives(session)) {
                if session_of(&snapshot).is_some_and(|now| now.identity != session.identity) {
                    // Another program renewed it; the actor should know.
                    account.connection.send(Event::Resumed);
                }
                let Snapshot { api_base, fingerprint, .. } = snapshot;
                let api = Endpoint::parse(&api_base).map_err(|_| Refusal::NoApi)?;
                let read_at = Instant::now();
                let token = Arc::new(Token { secret, api, api_base, fingerprint, session, read_at });
                let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                *kept = Some(Arc::clone(&token));
                return Ok(token);
            }
            if !known {
                break;
            }
            settled(account, session.as_ref()).await?;
        }
        Err(reason(account, &account.connection.watch().borrow()))
    }
}

/// The session that an actor goes by.
const fn session_of(snapshot: &Snapshot) -> Option<&Session> {
    match &snapshot.view {
        View::Connected { session } | View::Refreshing { session } | View::Retrying { session, .. } => {
            Some(session)
        }
        _ => None,
    }
}

/// The moment as it is once the keyring has been read for the account.
async fn known_moment(account: &ReachableAccount) -> Snapshot {
    let mut snapshots = account.connection.watch();
    let _ = snapshots.wait_for(|snapshot| snapshot.view != View::Loading).await;
    snapshots.borrow().clone()
}

/// The actor is to find out by itself what is wrong, so that the person hears
/// of it. One that is connected looks at the keyring when it renews; what is
/// over in a moment is no reason for that.
fn tell(account: &ReachableAccount, snapshot: &Snapshot, problem: KeyringProblem) {
    let lasts = matches!(problem, KeyringProblem::Locked | KeyringProblem::Missing);
    if lasts && matches!(snapshot.view, View::Connected { .. }) {
        account.connection.send(Request::Refresh.into());
    }
}

/// Has the token renewed that `known` describes, and waits until that is done.
async fn settled(account: &ReachableAccount, known: Option<&Session>) -> Result<(), Refusal> {
    let mut snapshots = account.connection.watch();
    let snapshot = snapshots.borrow_and_update().clone();
    match &snapshot.view {
        View::Connected { session } if session.renewable => account.connection.send(Request::Refresh.into()),
        View::Refreshing { .. } | View::Exchanging { .. } | View::Loading => {}
        // The account's own plan says when it is tried again.
        View::Retrying { .. } => return Err(reason(account, &snapshot)),
        // Another program may have connected it, or have ended it.
        _ => account.connection.send(Event::Resumed),
    }
    let mut began = matches!(snapshot.view, View::Refreshing { .. } | View::Exchanging { .. });
    let is_done = |snapshot: &Snapshot| match &snapshot.view {
        View::Refreshing { .. } | View::Exchanging { .. } | View::Loading => {
            began = true;
            false
        }
        View::Connected { session } => {
            began || !session.renewable || known.is_none_or(|known| session.identity != known.identity)
        }
        _ => true,
    };
    snapshots.wait_for(is_done).await.map(drop).map_err(|_| Refusal::NotRenewed { again: None })
}

/// Why an account in this state has no token to give.
fn reason(account: &ReachableAccount, snapshot: &Snapshot) -> Refusal {
    match &snapshot.view {
        View::Expired { .. } => Refusal::Reconnect,
        View::Connected { session } if !session.renewable => Refusal::Reconnect,
        View::KeyringLocked { .. } => Refusal::KeyringLocked,
        View::KeyringMissing { .. } => Refusal::KeyringFails,
        View::Retrying { next_at, .. } => {
            Refusal::NotRenewed { again: Some(next_at.since(account.custody.clock.now())) }
        }
        View::Connected { .. } | View::Refreshing { .. } | View::Loading => {
            Refusal::NotRenewed { again: None }
        }
        _ => Refusal::NotConnected,
    }
}
