//! Time has passed, or the program was away: what is due is done, and what
//! other programs did to the keyring counts as if it had been done here.

use super::turn::Turn;
use super::{enter, keyring};
use crate::state::Phase;
use crate::{Effect, ErrorCode, KeyringProblem, RenewalTrigger, StoredSession};

/// Looks at the wall clock and does what is due.
pub fn woke(turn: &mut Turn, phase: Phase) -> Phase {
    let now = turn.now;
    if turn.state.copied.is_some_and(|copied| copied.clears_at <= now) {
        turn.clears_clipboard();
    }
    match phase {
        Phase::Connected { session, renew_at } => enter::connected(turn, session, renew_at),
        Phase::Retrying { session, failures, next_at, .. } if next_at <= now => {
            enter::renewal(turn, session, failures, None, RenewalTrigger::Due)
        }
        Phase::AwaitingBrowser { waiting, .. } if waiting.requests.expires_at() <= now => {
            turn.does(Effect::DropPending(waiting.attempt));
            enter::fail(turn, waiting.before, ErrorCode::WaitedTooLong.into())
        }
        Phase::KeyringBlocked(blocked) if blocked.next_try_at <= now => keyring::go_on(turn, blocked),
        other => other,
    }
}

/// Looks at the clock, and at the keyring, which belongs to other programs too.
pub fn resumed(turn: &mut Turn, phase: Phase) -> Phase {
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
    result: Result<StoredSession, KeyringProblem>,
) -> Phase {
    let Ok(stored) = result else { return phase };
    if fingerprint != turn.fingerprint() || !is_at_rest(&phase) {
        return phase;
    }
    match (phase, stored) {
        (
            Phase::Connected { session, .. } | Phase::Retrying { session, .. },
            StoredSession::Session(found),
        ) if found.identity != session.identity => {
            log::info!("another program renewed the tokens");
            enter::adopt(turn, found)
        }
        (phase @ (Phase::Connected { .. } | Phase::Retrying { .. }), StoredSession::Session(_)) => phase,
        (Phase::Connected { .. } | Phase::Retrying { .. }, stored) => enter::return_to(turn, stored),
        (_, StoredSession::Session(found)) => enter::adopt(turn, found),
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
