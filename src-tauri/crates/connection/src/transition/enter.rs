//! How each phase is entered that more than one path leads to.

use std::time::Duration;

use oauth::{Timestamp, TokenSet};

use super::turn::Turn;
use crate::custody::Failure;
use crate::renewal_schedule::renew_at;
use crate::state::{Blocked, Checking, Phase, Resume, Step, UnsavedTokens};
use crate::{
    Attempt, CopyTarget, Effect, ExpiryReason, KeyringProblem, Missing, Notice, RenewalTrigger, Session,
    StoredSession,
};

/// A keyring that could not be used is looked at again this often, without asking the user.
pub const KEYRING_RETRY: Duration = Duration::from_secs(3);

/// Connected, with this session. Renews at once if its time has already come.
pub fn adopt(turn: &mut Turn, session: Session) -> Phase {
    if session.seller.is_some() {
        turn.state.seller.clone_from(&session.seller);
    }
    if session.renewable && session.is_from_the_future(turn.now) {
        return renewal(turn, session, 0, None, RenewalTrigger::Due);
    }
    let renew_at = renew_at(&session, turn.state.seed);
    connected(turn, session, renew_at)
}

/// Connected, if the time for something else has not come: for a renewal, or for the end.
pub fn connected(turn: &mut Turn, session: Session, renew_at: Option<Timestamp>) -> Phase {
    match renew_at {
        Some(at) if at <= turn.now => renewal(turn, session, 0, None, RenewalTrigger::Due),
        None if !session.lives_longer_than(Duration::ZERO, turn.now) => {
            Phase::Expired(ExpiryReason::NothingToRenewWith)
        }
        _ => Phase::Connected { session, renew_at },
    }
}

/// Begins a renewal. `failures` counts those in a row before it; `then_copy`
/// is to be copied from the new tokens.
pub fn renewal(
    turn: &mut Turn,
    session: Session,
    failures: u32,
    then_copy: Option<CopyTarget>,
    trigger: RenewalTrigger,
) -> Phase {
    let Some(resolved) = turn.state.resolved.clone() else {
        return Phase::Unconfigured(Missing::Credentials);
    };
    if turn.state.ending {
        // It would be cut off with the program.
        return Phase::Connected { session, renew_at: None };
    }
    turn.does(Effect::Renew { resolved, known: session.identity, trigger });
    Phase::Refreshing { session, failures, then_copy }
}

/// How the account stands before a login that begins in this phase; the phase
/// itself where none can.
#[allow(clippy::result_large_err)] // The phase goes back to where it came from.
pub fn before_a_login(phase: Phase) -> Result<StoredSession, Phase> {
    match phase {
        Phase::Disconnected | Phase::Denied | Phase::Failed { .. } => Ok(StoredSession::Nothing),
        Phase::Connected { session, .. } | Phase::Retrying { session, .. } => {
            Ok(StoredSession::Session(session))
        }
        Phase::Expired(reason) => Ok(StoredSession::Expired(reason)),
        other => Err(other),
    }
}

/// Back to how the account stood before a login.
pub fn return_to(turn: &mut Turn, before: StoredSession) -> Phase {
    match before {
        StoredSession::Nothing => Phase::Disconnected,
        StoredSession::Session(session) => adopt(turn, session),
        StoredSession::Expired(reason) => Phase::Expired(reason),
    }
}

/// A login is given up: its request is forgotten, and all is as it was before.
pub fn give_up(turn: &mut Turn, attempt: Attempt, before: StoredSession) -> Phase {
    turn.does(Effect::DropPending(attempt));
    return_to(turn, before)
}

/// A login failed. A session that was there before goes on.
pub fn fail(turn: &mut Turn, before: StoredSession, failure: Failure) -> Phase {
    let Failure { error, retry_after, server, .. } = failure;
    if let StoredSession::Session(session) = before {
        turn.says(Notice::StillConnectedAfterFailure { error });
        return adopt(turn, session);
    }
    Phase::Failed { error, server, wait_until: retry_after.map(|wait| turn.now.after(wait)) }
}

/// The first tokens of a session are written.
pub fn storing(turn: &mut Turn, attempt: Attempt, tokens: TokenSet, before: StoredSession) -> Phase {
    turn.stores(UnsavedTokens { attempt, tokens, lock: None, replaces: None });
    Phase::Exchanging { attempt, step: Step::Storing, before }
}

/// Stops here until the keyring works. After a try that failed again, a
/// question to the person that is still open (`unlocking`) stays open.
pub fn blocked(turn: &Turn, unlocking: bool, problem: KeyringProblem, resume: Resume) -> Phase {
    log::warn!("{problem}; looking again every {} s", KEYRING_RETRY.as_secs());
    let next_try_at = turn.now.after(KEYRING_RETRY);
    Phase::KeyringBlocked(Blocked { problem, resume, trying: false, next_try_at, unlocking })
}

/// Begins a check, if none is under way and there is an API to ask.
pub fn check(turn: &mut Turn, stage: Checking) {
    let waits = matches!(turn.state.checking, Checking::Asked | Checking::AskedAgain) || turn.state.ending;
    let resolved = turn.state.resolved.clone().filter(|account| !account.api_base.is_empty() && !waits);
    if let Some(resolved) = resolved {
        turn.state.checking = stage;
        turn.does(Effect::Check(resolved));
    }
}

/// What a check found out is about a connection that is no more.
pub fn no_check(turn: &mut Turn) {
    turn.state.checking = Checking::No;
    turn.state.last_check = None;
}
