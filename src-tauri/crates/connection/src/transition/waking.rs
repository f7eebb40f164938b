//! Time has passed, or the program was away: what is due is done, and what
//! other programs did to the keyring counts as if it had been done here.

use std::time::Duration;

use super::turn::Turn;
use super::{enter, keyring, seller};
use crate::state::Phase;
use crate::{BrowserProgress, Effect, ErrorCode, KeyringProblem, RenewalTrigger, StoredSession};

/// Stands for an effect where it was a transition that broke off: of all that
/// the state knew, little is left.
pub const TRANSITION: &str = "transition";
/// After a fault of this program the keyring is looked at again after this long.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Looks at the wall clock and does what is due.
pub fn woke(turn: &mut Turn, phase: Phase) -> Phase {
    let now = turn.now;
    if turn.state.copied.is_some_and(|copied| copied.clears_at <= now) {
        turn.clears_clipboard();
    }
    // Once, whatever the phase is by then: what stays due would be due again at once.
    let is_time = turn.state.look_again_at.take_if(|at| *at <= now).is_some();
    if is_time && phase.is_at_rest() {
        turn.does(Effect::Reread { fingerprint: turn.fingerprint() });
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
    if phase.is_at_rest() {
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
    if fingerprint != turn.fingerprint() || !phase.is_at_rest() {
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

/// The program ends: a question that the user cannot answer any more is
/// answered as it is safe, and from now on nothing is begun.
pub fn ending(turn: &mut Turn, phase: Phase) -> Phase {
    turn.state.ending = true;
    seller::keep(turn, phase)
}

/// The result that is waited for will never come. How the account stands is in
/// the keyring, which is looked at again in a while; till then the user reads
/// what happened.
pub fn crashed(turn: &mut Turn, phase: Phase, effect: &'static str) -> Phase {
    match effect {
        "Check" => enter::no_check(turn),
        "UnlockKeyring" => return keyring::unlocked(turn, phase, Err(KeyringProblem::Failed)),
        _ => {}
    }
    if turn.state.resolved.is_none() || !is_waited_for(effect, &phase) {
        return phase;
    }
    turn.state.look_again_at = Some(turn.now.after(LOOK_AGAIN));
    Phase::Failed { error: ErrorCode::Internal, server: None, wait_until: None }
}

/// Whether this phase goes on with the result of this effect alone.
fn is_waited_for(effect: &str, phase: &Phase) -> bool {
    use BrowserProgress::{Opening, Preparing};
    let tried_again = matches!(phase, Phase::KeyringBlocked(blocked) if blocked.trying);
    match effect {
        TRANSITION => true,
        "Load" | "StoreClientSecret" => tried_again || matches!(phase, Phase::Loading(_)),
        "Listen" | "StorePending" | "OpenBrowser" => {
            tried_again || matches!(phase, Phase::AwaitingBrowser { browser: Preparing | Opening, .. })
        }
        "DropPending" | "Exchange" | "StoreTokens" => {
            tried_again || matches!(phase, Phase::Exchanging { .. })
        }
        "Renew" => matches!(phase, Phase::Refreshing { .. }),
        "Disconnect" => tried_again || matches!(phase, Phase::Disconnecting),
        "Forget" => tried_again || matches!(phase, Phase::Forgetting),
        _ => false,
    }
}
