//! What happens when the keyring is locked, missing or silent, and when it comes back.

use std::sync::Arc;
use std::time::Duration;

use super::{Turn, answer, check, login};
use crate::event::Loaded;
use crate::open_requests::OpenRequests;
use crate::state::{Blocked, Phase, Resume, Waiting};
use crate::{BrowserProgress, Effect, KeyringProblem, Missing, Standing, Way};

/// A keyring that could not be used is looked at again this often, without asking anyone.
pub const KEYRING_RETRY: Duration = Duration::from_secs(3);

pub fn loaded(
    turn: &mut Turn,
    phase: Phase,
    fingerprint: &str,
    result: Result<Loaded, KeyringProblem>,
) -> Phase {
    // Of settings that have changed since.
    if fingerprint != turn.fingerprint() {
        return phase;
    }
    if !(matches!(phase, Phase::Loading) || is_trying(&phase, |resume| matches!(resume, Resume::Load))) {
        return phase;
    }
    let loaded = match result {
        Ok(loaded) => loaded,
        Err(problem) => return blocked(turn, is_asking(&phase), problem, Resume::Load),
    };
    let Some(setup) = turn.state.setup.as_mut() else { return Phase::Unconfigured(Missing::Credentials) };
    if let (None, Some(secret)) = (&setup.server.client_secret, loaded.client_secret) {
        *setup = Arc::new(setup.with_client_secret(secret));
    }
    if setup.server.client_id.is_empty() {
        return Phase::Unconfigured(Missing::Credentials);
    }
    if !setup.is_complete() {
        return Phase::Unconfigured(Missing::ClientSecret);
    }
    let before = loaded.standing;
    turn.state.seller = loaded.seller;
    let early_callbacks = std::mem::take(&mut turn.state.early_callbacks);
    let attempt = turn.next_attempt();
    let then_check = std::mem::take(&mut turn.state.check_when_loaded);
    let Some(stored) = loaded.requests else {
        let phase = login::return_to(turn, before);
        return if then_check { check::asked(turn, phase) } else { phase };
    };
    // A request that ends later than any could was written by a clock that was wrong.
    let lifetime = turn.now..=turn.now.after(oauth::PENDING_LIFETIME);
    let requests =
        OpenRequests::from_stored(&stored).filter(|requests| lifetime.contains(&requests.expires_at()));
    let Some(requests) = requests else {
        turn.does(Effect::DropPending(attempt));
        return login::return_to(turn, before);
    };
    for redirect_uri in requests.redirect_uris().filter(|uri| Way::of(uri) == Way::Loopback) {
        turn.effects.push(Effect::Listen(attempt, redirect_uri.clone()));
    }
    let waiting = Waiting { attempt, requests, before, since: turn.now };
    let waiting = Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Opened };
    early_callbacks.into_iter().fold(waiting, |phase, callback| answer::callback(turn, phase, callback, None))
}

pub fn client_secret_stored(
    turn: &mut Turn,
    phase: Phase,
    fingerprint: &str,
    result: Result<(), KeyringProblem>,
) -> Phase {
    if fingerprint != turn.fingerprint() {
        return phase;
    }
    let is_ours = |resume: &Resume| matches!(resume, Resume::StoreClientSecret);
    match (phase, result) {
        (Phase::Loading, Ok(())) => {
            load(turn);
            Phase::Loading
        }
        (Phase::KeyringBlocked(blocked), Ok(())) if blocked.trying && is_ours(&blocked.resume) => {
            go_on(turn, Blocked { resume: Resume::Load, trying: false, ..blocked })
        }
        (phase, Err(problem)) if matches!(phase, Phase::Loading) || is_trying(&phase, is_ours) => {
            blocked(turn, is_asking(&phase), problem, Resume::StoreClientSecret)
        }
        (other, _) => other,
    }
}

/// Whether just this is being tried again now.
pub fn is_trying(phase: &Phase, what: impl Fn(&Resume) -> bool) -> bool {
    matches!(phase, Phase::KeyringBlocked(blocked) if blocked.trying && what(&blocked.resume))
}

/// Whether the person is being asked for the keyring's password.
pub fn is_asking(phase: &Phase) -> bool {
    matches!(phase, Phase::KeyringBlocked(blocked) if blocked.unlocking)
}

/// Stops here until the keyring works. After a try that failed again, a
/// question to the person that is still open (`unlocking`) stays open.
pub fn blocked(turn: &mut Turn, unlocking: bool, problem: KeyringProblem, resume: Resume) -> Phase {
    log::warn!("{problem}; looking again every {} s", KEYRING_RETRY.as_secs());
    let next_try_at = turn.now.after(KEYRING_RETRY);
    Phase::KeyringBlocked(Blocked { problem, resume, trying: false, next_try_at, unlocking })
}

pub fn unlock(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::KeyringBlocked(blocked) if !blocked.unlocking => {
            turn.does(Effect::UnlockKeyring);
            Phase::KeyringBlocked(Blocked { unlocking: true, ..blocked })
        }
        other => other,
    }
}

pub fn unlocked(turn: &mut Turn, phase: Phase, result: Result<(), KeyringProblem>) -> Phase {
    match phase {
        Phase::KeyringBlocked(blocked) => {
            let problem = result.err().unwrap_or(blocked.problem);
            let blocked = Blocked { problem, unlocking: false, ..blocked };
            if result.is_ok() { go_on(turn, blocked) } else { Phase::KeyringBlocked(blocked) }
        }
        other => other,
    }
}

/// From now on in memory. A try that is under way fails, and the next one works.
pub fn keep_in_memory(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::KeyringBlocked(mut blocked) if blocked.resume.can_go_on_in_memory() => {
            turn.does(Effect::KeepInMemory);
            // The old session's tokens are in the keyring, out of reach from now on.
            if let Resume::Open { waiting } = &mut blocked.resume {
                waiting.before = Standing::Nothing;
            }
            go_on(turn, blocked)
        }
        other => other,
    }
}

/// Tries again what the keyring stopped, unless that is being tried already.
/// Until the result is there, the window goes on saying what it said.
pub fn go_on(turn: &mut Turn, mut blocked: Blocked) -> Phase {
    if blocked.trying {
        return Phase::KeyringBlocked(blocked);
    }
    if matches!(&blocked.resume, Resume::Open { waiting } if waiting.requests.expires_at() <= turn.now) {
        return login::cancel(turn, Phase::KeyringBlocked(blocked));
    }
    blocked.trying = true;
    match &mut blocked.resume {
        Resume::Load => load(turn),
        Resume::StoreClientSecret => {
            let secret = turn.state.setup.as_ref().and_then(|setup| setup.server.client_secret.as_ref());
            match secret.map(oauth::Secret::duplicate) {
                Some(secret) => {
                    turn.does(Effect::StoreClientSecret { secret, fingerprint: turn.fingerprint() });
                }
                None => {
                    blocked.resume = Resume::Load;
                    load(turn);
                }
            }
        }
        Resume::Open { waiting } => turn.does(Effect::store_pending(waiting, turn.fingerprint())),
        Resume::Exchange { attempt, .. } => turn.does(Effect::DropPending(*attempt)),
        Resume::StoreTokens(unsaved) => {
            if let Some(unsaved) = unsaved.take() {
                answer::store_tokens(turn, unsaved);
            }
        }
        Resume::Disconnect => {
            let setup = turn.state.setup.clone();
            turn.effects.extend(setup.map(Effect::Disconnect));
        }
        Resume::Forget => turn.does(Effect::Forget(turn.state.setup.clone())),
    }
    Phase::KeyringBlocked(blocked)
}

fn load(turn: &mut Turn) {
    turn.does(Effect::Load { fingerprint: turn.fingerprint() });
}
