//! What happens when the keyring is locked, missing or silent, and when it comes back.

use std::sync::Arc;
use std::time::Duration;

use super::{Turn, login};
use crate::event::Loaded;
use crate::state::{Before, Phase, Resume};
use crate::{BrowserProgress, Effect, KeyringProblem};

/// A keyring that could not be used is looked at again this often, without asking anyone.
pub const KEYRING_RETRY: Duration = Duration::from_secs(3);

pub fn loaded(turn: &mut Turn, phase: Phase, result: Result<Loaded, KeyringProblem>) -> Phase {
    if !matches!(phase, Phase::Loading | Phase::KeyringBlocked { resume: None, .. }) {
        return phase;
    }
    let loaded = match result {
        Ok(loaded) => loaded,
        Err(problem) => return blocked(turn, problem, Resume::Load),
    };
    let Some(setup) = turn.state.setup.as_mut() else {
        return Phase::Unconfigured;
    };
    if let (Some(setup), Some(secret)) = (Arc::get_mut(setup), loaded.client_secret)
        && setup.server.client_secret.is_none()
    {
        setup.server.client_secret = Some(secret);
    }
    let complete = setup.is_complete();
    let before = loaded.session.map_or(Before::Nothing, Before::Session);
    let early_callbacks = std::mem::take(&mut turn.state.early_callbacks);

    match loaded.pending {
        _ if !complete => Phase::Unconfigured,
        Some(pending) if pending.expires_at() > turn.now => {
            let attempt = crate::Attempt(turn.state.last_attempt.0 + 1);
            turn.state.last_attempt = attempt;
            let waiting =
                Phase::AwaitingBrowser { attempt, pending, browser: BrowserProgress::Opened, before };
            early_callbacks
                .into_iter()
                .fold(waiting, |phase, callback| login::callback(turn, phase, callback))
        }
        Some(_) => {
            turn.does(Effect::DropPending);
            login::return_to(turn, before)
        }
        None => login::return_to(turn, before),
    }
}

pub fn client_secret_stored(turn: &mut Turn, phase: Phase, result: Result<(), KeyringProblem>) -> Phase {
    match (phase, result) {
        (phase @ (Phase::Loading | Phase::KeyringBlocked { resume: None, .. }), Ok(())) => {
            load(turn);
            phase
        }
        (Phase::Loading | Phase::KeyringBlocked { resume: None, .. }, Err(problem)) => {
            blocked(turn, problem, Resume::StoreClientSecret)
        }
        (other, _) => other,
    }
}

pub fn blocked(turn: &mut Turn, problem: KeyringProblem, resume: Resume) -> Phase {
    log::warn!("{problem}; looking again every {} s", KEYRING_RETRY.as_secs());
    let next_try_at = turn.now.after(KEYRING_RETRY);
    Phase::KeyringBlocked { problem, next_try_at, resume: Some(resume), unlocking: false }
}

pub fn unlock(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::KeyringBlocked { problem, next_try_at, resume, unlocking: false } => {
            turn.does(Effect::UnlockKeyring);
            Phase::KeyringBlocked { problem, next_try_at, resume, unlocking: true }
        }
        other => other,
    }
}

pub fn unlocked(turn: &mut Turn, phase: Phase, result: Result<(), KeyringProblem>) -> Phase {
    match (phase, result) {
        (Phase::KeyringBlocked { problem, resume: Some(resume), .. }, Ok(())) => {
            go_on(turn, problem, resume, false)
        }
        (Phase::KeyringBlocked { problem, next_try_at, resume, .. }, result) => {
            let problem = result.err().unwrap_or(problem);
            Phase::KeyringBlocked { problem, next_try_at, resume, unlocking: false }
        }
        (other, _) => other,
    }
}

pub fn keep_in_memory(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::KeyringBlocked { problem, resume: Some(resume), .. } => {
            turn.does(Effect::KeepInMemory);
            go_on(turn, problem, resume, false)
        }
        other => other,
    }
}

/// Tries again what the keyring stopped. Until the result is there, the window
/// goes on saying what it said, instead of flickering.
pub fn go_on(turn: &mut Turn, problem: KeyringProblem, resume: Resume, unlocking: bool) -> Phase {
    let next_try_at = turn.now.after(KEYRING_RETRY);
    let resume = match resume {
        Resume::Load => {
            load(turn);
            None
        }
        Resume::StoreClientSecret => {
            let secret = turn.state.setup.as_ref().and_then(|setup| setup.server.client_secret.as_ref());
            let effect = secret.map(|secret| Effect::StoreClientSecret(secret.duplicate()));
            turn.effects.extend(effect);
            None
        }
        Resume::Open { pending, before, .. } if pending.expires_at() <= turn.now => {
            return login::timed_out(turn, before);
        }
        Resume::Open { attempt, pending, before } => {
            turn.does(Effect::StorePending(attempt, pending.to_stored()));
            Some(Resume::Open { attempt, pending, before })
        }
        Resume::StoreTokens(unsaved) => {
            login::store_tokens(turn, unsaved);
            None
        }
        Resume::Disconnect => {
            let setup = turn.state.setup.clone();
            turn.effects.extend(setup.map(Effect::Disconnect));
            None
        }
    };
    Phase::KeyringBlocked { problem, next_try_at, resume, unlocking }
}

fn load(turn: &mut Turn) {
    let fingerprint = turn.state.setup.as_ref().map(|setup| setup.fingerprint()).unwrap_or_default();
    turn.does(Effect::Load { fingerprint });
}
