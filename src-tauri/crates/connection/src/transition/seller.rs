//! Another seller than before logged in: the seller who uses this program says which one counts.

use super::enter;
use super::turn::Turn;
use crate::state::Phase;
use crate::{Effect, Notice};

/// The new one was meant.
pub fn replace(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::OtherSeller { attempt, tokens, before, .. } => enter::storing(turn, attempt, tokens, before),
        other => other,
    }
}

/// It was a mistake: the one before stays, and the new tokens are void.
pub fn keep(turn: &mut Turn, phase: Phase) -> Phase {
    match (phase, turn.state.resolved.clone()) {
        (Phase::OtherSeller { tokens, before, .. }, Some(resolved)) => {
            turn.does(Effect::Revoke(resolved, tokens));
            turn.says(Notice::SellerKept);
            enter::return_to(turn, before)
        }
        (other, _) => other,
    }
}
