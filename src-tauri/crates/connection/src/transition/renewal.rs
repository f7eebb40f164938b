//! While connected: renewing, and ending the session.

use std::sync::Arc;
use std::time::Duration;

use super::enter;
use super::turn::Turn;
use crate::custody::Failure;
use crate::renewal_schedule::retry_at;
use crate::state::{Loading, Phase, Resume, UnsavedTokens};
use crate::{
    Attempt, Effect, NotDeleted, Notice, RenewalFailure, RenewalTrigger, ResolvedAccount, Session,
    StoreFailure, StoredSession,
};

pub fn requested(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::Connected { session, .. } if session.renewable => {
            enter::renewal(turn, session, 0, None, RenewalTrigger::Asked)
        }
        Phase::Retrying { session, failures, .. } => {
            enter::renewal(turn, session, failures, None, RenewalTrigger::Asked)
        }
        other => other,
    }
}

pub fn renewed(
    turn: &mut Turn,
    phase: Phase,
    resolved: Arc<ResolvedAccount>,
    result: Result<Session, RenewalFailure>,
) -> Phase {
    let (old, failures, then_copy) = match phase {
        Phase::Refreshing { session, failures, then_copy } => (session, failures, then_copy),
        other => {
            // Disconnected meanwhile: tokens that reached no keyring are void.
            if let Err(RenewalFailure::NotStored(failure)) = result {
                turn.does(Effect::Revoke(resolved, failure.tokens));
            }
            return other;
        }
    };
    match result {
        Ok(session) => {
            if let Some(what) = then_copy {
                turn.copies(what);
            }
            enter::adopt(turn, session)
        }
        // Nothing that happens by itself makes these credentials good again.
        Err(RenewalFailure::Temporary(failure))
            if !failure.error.trying_again_helps() && !old.lives_longer_than(Duration::ZERO, turn.now) =>
        {
            enter::fail(turn, StoredSession::Nothing, failure)
        }
        Err(RenewalFailure::Temporary(Failure { error, retry_after, server, answer_may_be_lost })) => {
            if let Some(what) = then_copy {
                turn.copies_if_alive(&old, what);
            }
            let failures = failures + 1;
            let next_at = retry_at(turn.now, failures, retry_after, turn.state.seed);
            Phase::Retrying { session: old, failures, next_at, error, server, answer_may_be_lost }
        }
        Err(RenewalFailure::Over(reason)) => Phase::Expired(reason),
        Err(RenewalFailure::NothingToRenewWith) => enter::adopt(turn, Session { renewable: false, ..old }),
        Err(RenewalFailure::NoTokens) => Phase::Disconnected,
        Err(RenewalFailure::Keyring(problem)) => {
            enter::blocked(turn, false, problem, Resume::Load(Loading::default()))
        }
        Err(RenewalFailure::NotStored(failure)) => {
            let StoreFailure { tokens, lock, replaces, problem } = failure;
            let unsaved = UnsavedTokens { attempt: Attempt::default(), tokens, lock, replaces };
            enter::blocked(turn, false, problem, Resume::StoreTokens(Some(unsaved)))
        }
    }
}

pub fn disconnect(turn: &mut Turn, phase: Phase) -> Phase {
    match (phase, turn.state.resolved.clone()) {
        (
            Phase::Connected { .. } | Phase::Refreshing { .. } | Phase::Retrying { .. } | Phase::Expired(_),
            Some(resolved),
        ) => {
            turn.does(Effect::Disconnect(resolved));
            // What was copied opens nothing any more.
            turn.clears_clipboard();
            enter::no_check(turn);
            Phase::Disconnecting
        }
        (other, _) => other,
    }
}

pub fn disconnected(turn: &mut Turn, phase: Phase, result: Result<Notice, NotDeleted>) -> Phase {
    let is_ours = |resume: &Resume| matches!(resume, Resume::Disconnect);
    if !(matches!(phase, Phase::Disconnecting) || phase.is_trying(is_ours)) {
        return phase;
    }
    match result {
        Ok(notice) => {
            turn.state.seller = None;
            turn.says(notice);
            Phase::Disconnected
        }
        Err(NotDeleted { problem, .. }) => {
            enter::blocked(turn, phase.is_asking(), problem, Resume::Disconnect)
        }
    }
}
