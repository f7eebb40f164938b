//! Checking whether the connection works, on request and once after connecting.

use std::time::Duration;

use super::{Turn, renewal};
use crate::state::{Checking, Phase};
use crate::{Effect, ErrorCode, LastCheck, RenewalFailure, RenewalTrigger, Session, Verdict};

/// The seller wants to know. A token that is over is renewed for it first.
pub fn asked(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::Connected { session, .. } | Phase::Retrying { session, .. }
            if session.renewable && !session.lives_longer_than(Duration::ZERO, turn.now) =>
        {
            turn.state.checking = Checking::Renewing;
            renewal::begin(turn, session, 0, None, RenewalTrigger::Asked)
        }
        Phase::Connected { .. } | Phase::Retrying { .. } => {
            begin(turn, Checking::Asked);
            phase
        }
        other => other,
    }
}

/// Begins a check, if none is under way and there is an API to ask.
pub fn begin(turn: &mut Turn, stage: Checking) {
    let waits = matches!(turn.state.checking, Checking::Asked | Checking::AskedAgain);
    let setup = turn.state.setup.clone().filter(|setup| !setup.api_base.is_empty() && !waits);
    if let Some(setup) = setup {
        turn.state.checking = stage;
        turn.does(Effect::Check(setup));
    }
}

/// After a renewal, or after one that failed: a check that waits for it goes on, or ends.
pub fn after_renewal(turn: &mut Turn, result: &Result<Session, RenewalFailure>) {
    if turn.state.checking != Checking::Renewing {
        return;
    }
    turn.state.checking = Checking::No;
    let verdict = match result {
        Ok(_) => return begin(turn, Checking::AskedAgain),
        Err(RenewalFailure::Temporary { code, .. }) => Verdict::NotRenewed(*code),
        Err(RenewalFailure::Keyring(_) | RenewalFailure::NotStored(_)) => {
            Verdict::NotRenewed(ErrorCode::KeyringUnavailable)
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
            renewal::begin(turn, session, 0, None, RenewalTrigger::Asked)
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

/// What was found out is about a connection that is no more.
pub fn end(turn: &mut Turn) {
    turn.state.checking = Checking::No;
    turn.state.last_check = None;
}
