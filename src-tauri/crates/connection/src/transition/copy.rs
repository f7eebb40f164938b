//! Copying: a token that ends soon is renewed first; a credential does not end.

use std::time::Duration;

use super::enter;
use super::turn::Turn;
use crate::state::{Copied, Phase};
use crate::{CopyTarget, Notice, RenewalTrigger};

/// A token that is copied has at least this long to live, if it ever had: 5 minutes.
pub const MIN_COPY_LIFETIME: Duration = Duration::from_secs(300);

pub fn requested(turn: &mut Turn, phase: Phase, what: CopyTarget) -> Phase {
    match phase {
        Phase::Connected { .. } | Phase::Refreshing { .. } | Phase::Retrying { .. }
            if matches!(what, CopyTarget::Credential(_)) =>
        {
            turn.copies(what);
            phase
        }
        Phase::Connected { session, .. }
            if session.renewable && !session.is_long_enough(MIN_COPY_LIFETIME, turn.now) =>
        {
            enter::renewal(turn, session, 0, Some(what), RenewalTrigger::Due)
        }
        Phase::Refreshing { session, failures, .. } => {
            Phase::Refreshing { session, failures, then_copy: Some(what) }
        }
        Phase::Connected { .. } => {
            turn.copies(what);
            phase
        }
        Phase::Retrying { ref session, .. } => {
            turn.copies_if_alive(session, what);
            phase
        }
        other => other,
    }
}

pub fn copied(turn: &mut Turn, what: CopyTarget, result: Result<Duration, Notice>) {
    match result {
        Ok(clear_after) => {
            turn.state.copied = Some(Copied { what, clears_at: turn.now.after(clear_after) });
        }
        Err(notice) => turn.says(notice),
    }
}

pub fn link_copied(turn: &mut Turn, notice: Notice) {
    if notice == Notice::LinkCopied {
        // The link took the token's place in the clipboard, and may stay.
        turn.state.copied = None;
    }
    turn.says(notice);
}
