//! While connected: renewing, copying, disconnecting.

use std::sync::Arc;
use std::time::Duration;

use super::{Turn, answer, check, keyring, login};
use crate::problem::Failure;
use crate::renewal_schedule::{renew_at, retry_at};
use crate::state::{Phase, Resume, UnsavedTokens};
use crate::{
    Attempt, Effect, ExpiryReason, Handout, KeyringProblem, Missing, Notice, RenewalFailure, RenewalTrigger,
    Session, Setup, Standing, StoreFailure,
};

/// A token that is copied has at least this long to live, if it ever had: 5 minutes.
pub const MIN_COPY_LIFETIME: Duration = Duration::from_secs(300);

/// Connected, with this session. Renews at once if its time has already come.
pub fn adopt(turn: &mut Turn, session: Session) -> Phase {
    if session.seller.is_some() {
        turn.state.seller.clone_from(&session.seller);
    }
    if session.renewable && session.is_from_the_future(turn.now) {
        return begin(turn, session, 0, None, RenewalTrigger::Due);
    }
    let renew_at = renew_at(&session, &mut turn.state.jitter);
    woke(turn, Phase::Connected { session, renew_at })
}

/// Looks at the wall clock and does what is due.
pub fn woke(turn: &mut Turn, phase: Phase) -> Phase {
    let now = turn.now;
    if turn.state.clipboard_clears_at.is_some_and(|at| at <= now) {
        turn.state.clipboard_clears_at = None;
        turn.does(Effect::ClearClipboard);
    }
    match phase {
        Phase::Connected { session, renew_at: Some(at) } if at <= now => {
            begin(turn, session, 0, None, RenewalTrigger::Due)
        }
        Phase::Connected { session, renew_at: None } if !session.lives_longer_than(Duration::ZERO, now) => {
            Phase::Expired(ExpiryReason::NothingToRenewWith)
        }
        Phase::Retrying { session, failures, next_at, .. } if next_at <= now => {
            begin(turn, session, failures, None, RenewalTrigger::Due)
        }
        Phase::AwaitingBrowser { waiting, .. } if waiting.requests.expires_at() <= now => {
            login::timed_out(turn, waiting)
        }
        Phase::KeyringBlocked(blocked) if blocked.next_try_at <= now => keyring::go_on(turn, blocked),
        other => other,
    }
}

/// Looks at the clock, and at the keyring, which belongs to other programs too.
pub fn looked_at(turn: &mut Turn, phase: Phase) -> Phase {
    let phase = woke(turn, phase);
    if is_at_rest(&phase) {
        turn.does(Effect::Reread { fingerprint: turn.fingerprint() });
    }
    phase
}

/// What another program did to the tokens meanwhile counts as if we had done
/// it. A keyring that cannot be read just now changes nothing.
pub fn reread(
    turn: &mut Turn,
    phase: Phase,
    fingerprint: &str,
    result: Result<Standing, KeyringProblem>,
) -> Phase {
    let Ok(standing) = result else { return phase };
    if fingerprint != turn.fingerprint() || !is_at_rest(&phase) {
        return phase;
    }
    match (phase, standing) {
        (Phase::Connected { session, .. } | Phase::Retrying { session, .. }, Standing::Session(found))
            if found.identity != session.identity =>
        {
            log::info!("another program renewed the tokens");
            adopt(turn, found)
        }
        (phase @ (Phase::Connected { .. } | Phase::Retrying { .. }), Standing::Session(_)) => phase,
        (Phase::Connected { .. } | Phase::Retrying { .. }, standing) => login::return_to(turn, standing),
        (_, Standing::Session(found)) => adopt(turn, found),
        (phase, _) => phase,
    }
}

/// Whether nothing is under way that the tokens belong to.
fn is_at_rest(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::Connected { .. }
            | Phase::Retrying { .. }
            | Phase::Disconnected
            | Phase::Denied
            | Phase::Expired(_)
            | Phase::Failed { .. }
    )
}

pub fn refresh(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::Connected { session, .. } if session.renewable => {
            begin(turn, session, 0, None, RenewalTrigger::Asked)
        }
        Phase::Retrying { session, failures, .. } => {
            begin(turn, session, failures, None, RenewalTrigger::Asked)
        }
        other => other,
    }
}

pub fn copy_token(turn: &mut Turn, phase: Phase, what: Handout) -> Phase {
    match phase {
        Phase::Connected { session, .. }
            if session.renewable && !session.is_long_enough(MIN_COPY_LIFETIME, turn.now) =>
        {
            begin(turn, session, 0, Some(what), RenewalTrigger::Due)
        }
        Phase::Refreshing { session, failures, .. } => {
            Phase::Refreshing { session, failures, then_copy: Some(what) }
        }
        Phase::Connected { .. } => {
            copy(turn, what);
            phase
        }
        Phase::Retrying { ref session, .. } => {
            copy_if_alive(turn, session, what);
            phase
        }
        other => other,
    }
}

fn copy(turn: &mut Turn, what: Handout) {
    if let Some(setup) = turn.state.setup.clone() {
        turn.does(Effect::CopyToken { setup, what });
    }
}

fn copy_if_alive(turn: &mut Turn, session: &Session, what: Handout) {
    if what == Handout::RefreshToken || session.lives_longer_than(Duration::ZERO, turn.now) {
        copy(turn, what);
    } else {
        turn.says(Notice::TokenSpent);
    }
}

pub fn begin(
    turn: &mut Turn,
    session: Session,
    failures: u32,
    then_copy: Option<Handout>,
    trigger: RenewalTrigger,
) -> Phase {
    let Some(setup) = turn.state.setup.clone() else {
        return Phase::Unconfigured(Missing::Credentials);
    };
    turn.does(Effect::Renew { setup, known: session.identity, trigger });
    Phase::Refreshing { session, failures, then_copy }
}

pub fn renewed(
    turn: &mut Turn,
    phase: Phase,
    setup: Arc<Setup>,
    result: Result<Session, RenewalFailure>,
) -> Phase {
    let (old, failures, then_copy) = match phase {
        Phase::Refreshing { session, failures, then_copy } => (session, failures, then_copy),
        other => {
            // Disconnected meanwhile: tokens that reached no keyring are void.
            if let Err(RenewalFailure::NotStored(failure)) = result {
                turn.does(Effect::Revoke(setup, failure.tokens));
            }
            return other;
        }
    };
    check::after_renewal(turn, &result);
    match result {
        Ok(session) => {
            if let Some(what) = then_copy {
                copy(turn, what);
            }
            adopt(turn, session)
        }
        // Nothing that happens by itself makes these credentials good again.
        Err(RenewalFailure::Temporary { code, retry_after, detail })
            if !code.trying_again_helps() && !old.lives_longer_than(Duration::ZERO, turn.now) =>
        {
            answer::fail(turn, Standing::Nothing, Failure { code, retry_after, detail })
        }
        Err(RenewalFailure::Temporary { code, retry_after, detail }) => {
            if let Some(what) = then_copy {
                copy_if_alive(turn, &old, what);
            }
            let failures = failures + 1;
            let next_at = retry_at(turn.now, failures, retry_after, &mut turn.state.jitter);
            Phase::Retrying { session: old, failures, next_at, problem: code, detail }
        }
        Err(RenewalFailure::Over(reason)) => Phase::Expired(reason),
        Err(RenewalFailure::NothingToRenewWith) => adopt(turn, Session { renewable: false, ..old }),
        Err(RenewalFailure::NoTokens) => Phase::Disconnected,
        Err(RenewalFailure::Keyring(problem)) => keyring::blocked(turn, false, problem, Resume::Load),
        Err(RenewalFailure::NotStored(failure)) => {
            let StoreFailure { tokens, lock, replaces, problem } = failure;
            let unsaved = UnsavedTokens { attempt: Attempt::default(), tokens, lock, replaces };
            keyring::blocked(turn, false, problem, Resume::StoreTokens(Some(unsaved)))
        }
    }
}

pub fn disconnect(turn: &mut Turn, phase: Phase) -> Phase {
    match (phase, turn.state.setup.clone()) {
        (
            Phase::Connected { .. } | Phase::Refreshing { .. } | Phase::Retrying { .. } | Phase::Expired(_),
            Some(setup),
        ) => {
            turn.does(Effect::Disconnect(setup));
            // What we copied opens nothing any more.
            if turn.state.clipboard_clears_at.take().is_some() {
                turn.does(Effect::ClearClipboard);
            }
            check::end(turn);
            Phase::Disconnecting
        }
        (other, _) => other,
    }
}

pub fn disconnected(turn: &mut Turn, phase: Phase, result: Result<Notice, KeyringProblem>) -> Phase {
    let is_ours = |resume: &Resume| matches!(resume, Resume::Disconnect);
    if !(matches!(phase, Phase::Disconnecting) || keyring::is_trying(&phase, is_ours)) {
        return phase;
    }
    match result {
        Ok(notice) => {
            turn.state.seller = None;
            turn.says(notice);
            Phase::Disconnected
        }
        Err(problem) => keyring::blocked(turn, keyring::is_asking(&phase), problem, Resume::Disconnect),
    }
}
