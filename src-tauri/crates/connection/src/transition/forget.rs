//! Removing an account: nothing of it stays.

use super::enter;
use super::turn::Turn;
use crate::state::{Blocked, Phase, Resume};
use crate::{Effect, KeyringProblem, Notice};

/// Deletes everything, unless something is under way whose result would belong
/// to no account: then the caller must wait for its end.
pub fn requested(turn: &mut Turn, phase: Phase) -> Phase {
    if matches!(phase, Phase::Forgotten(_)) || is_under_way(&phase) {
        return phase;
    }
    if let (
        Phase::KeyringBlocked(Blocked { resume: Resume::StoreTokens(Some(unsaved)), .. }),
        Some(resolved),
    ) = (phase, turn.state.resolved.clone())
    {
        turn.does(Effect::Revoke(resolved, unsaved.tokens));
    }
    turn.state.seller = None;
    turn.state.deferred = None;
    enter::no_check(turn);
    turn.clears_clipboard();
    turn.does(Effect::Forget(turn.state.resolved.clone()));
    Phase::Forgetting
}

/// A keyring that stops it for now does not: what it holds back is deleted with the rest.
fn is_under_way(phase: &Phase) -> bool {
    match phase {
        Phase::KeyringBlocked(blocked) => blocked.trying,
        phase => phase.is_busy(),
    }
}

pub fn forgotten(turn: &mut Turn, phase: Phase, result: Result<Notice, KeyringProblem>) -> Phase {
    let is_ours = |resume: &Resume| matches!(resume, Resume::Forget);
    if !(matches!(phase, Phase::Forgetting) || phase.is_trying(is_ours)) {
        return phase;
    }
    match result {
        Ok(notice) => Phase::Forgotten(notice),
        Err(problem) => enter::blocked(turn, phase.is_asking(), problem, Resume::Forget),
    }
}
