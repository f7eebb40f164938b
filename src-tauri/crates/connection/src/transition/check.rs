//! Checking whether the connection works, on request and once after connecting.

use std::time::Duration;

use super::enter;
use super::turn::Turn;
use crate::state::{Checking, Phase};
use crate::{ErrorCode, LastCheck, RenewalFailure, RenewalTrigger, Session, Verdict};

/// The seller wants to know. A token that is over is renewed for it first.
pub fn requested(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::Connected { session, .. } | Phase::Retrying { session, .. }
            if session.renewable && !session.lives_longer_than(Duration::ZERO, turn.now) =>
        {
            turn.state.checking = Checking::Renewing;
            enter::renewal(turn, session, 0, None, RenewalTrigger::Asked)
        }
        Phase::Connected { .. } | Phase::Retrying { .. } => {
            enter::check(turn, Checking::Asked);
            phase
        }
        other => other,
    }
}

/// After a renewal, or after one that failed: a check that waits for it goes on, or ends.
pub fn after_renewal(turn: &mut Turn, phase: &Phase, result: &Result<Session, RenewalFailure>) {
    if turn.state.checking != Checking::Renewing || !matches!(phase, Phase::Refreshing { .. }) {
        return;
    }
    turn.state.checking = Checking::No;
    let verdict = match result {
        Ok(_) => return enter::check(turn, Checking::AskedAgain),
        Err(RenewalFailure::Temporary(failure)) => Verdict::NotRenewed { error: failure.error },
        Err(RenewalFailure::Keyring(_) | RenewalFailure::NotStored(_)) => {
            Verdict::NotRenewed { error: ErrorCode::KeyringUnavailable }
        }
        Err(_) => Verdict::Refused,
    };
    turn.state.last_check = Some(LastCheck { at: turn.now, verdict });
}

/// What was found. A token that is refused is renewed, once.
pub fn checked(turn: &mut Turn, phase: Phase, fingerprint: &str, verdict: Option<Verdict>) -> Phase {
    if fingerprint != turn.fingerprint() || turn.state.checking == Checking::No {
        return phase;
    }
    let first = turn.state.checking == Checking::Asked;
    turn.state.checking = Checking::No;
    match (phase, verdict) {
        (Phase::Connected { session, .. }, Some(Verdict::Refused)) if first && session.renewable => {
            turn.state.checking = Checking::Renewing;
            enter::renewal(turn, session, 0, None, RenewalTrigger::Asked)
        }
        (
            phase @ (Phase::Connected { .. } | Phase::Refreshing { .. } | Phase::Retrying { .. }),
            Some(verdict),
        ) => {
            turn.state.last_check = Some(LastCheck { at: turn.now, verdict });
            phase
        }
        (phase, _) => phase,
    }
}
