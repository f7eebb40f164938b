//! Removing an account: nothing of it stays.

use super::{Turn, answer, check, keyring};
use crate::state::{Blocked, Phase, Resume};
use crate::{Effect, KeyringProblem, Notice};

/// Deletes everything, unless something is under way whose result would belong
/// to nobody: then whoever asks must wait for its end.
pub fn forget(turn: &mut Turn, phase: Phase) -> Phase {
    let phase = answer::keep_seller(turn, phase);
    if matches!(phase, Phase::Forgotten(_)) || is_under_way(&phase) {
        return phase;
    }
    if let (Phase::KeyringBlocked(Blocked { resume: Resume::StoreTokens(Some(unsaved)), .. }), Some(setup)) =
        (phase, turn.state.setup.clone())
    {
        turn.does(Effect::Revoke(setup, unsaved.tokens));
    }
    turn.state.seller = None;
    turn.state.deferred = None;
    check::end(turn);
    if turn.state.clipboard_clears_at.take().is_some() {
        turn.does(Effect::ClearClipboard);
    }
    turn.does(Effect::Forget(turn.state.setup.clone()));
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
    if !(matches!(phase, Phase::Forgetting) || keyring::is_trying(&phase, is_ours)) {
        return phase;
    }
    match result {
        Ok(notice) => Phase::Forgotten(notice),
        Err(problem) => keyring::blocked(turn, keyring::is_asking(&phase), problem, Resume::Forget),
    }
}
