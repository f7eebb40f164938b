//! What happens when the keyring is locked, missing or silent, and when it comes back.

use std::sync::Arc;

use super::turn::Turn;
use super::{answer, check, enter};
use crate::event::Loaded;
use crate::open_requests::OpenRequests;
use crate::state::{Blocked, Loading, Phase, Resume, Waiting};
use crate::{BrowserProgress, Effect, KeyringProblem, Missing, ReturnPath, StoredSession};

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
    let asking = phase.is_asking();
    let loading = match phase {
        Phase::Loading(loading) => loading,
        Phase::KeyringBlocked(Blocked { resume: Resume::Load(loading), trying: true, .. }) => loading,
        other => return other,
    };
    match result {
        Ok(loaded) => found(turn, loading, loaded),
        Err(problem) => enter::blocked(turn, asking, problem, Resume::Load(loading)),
    }
}

/// What the keyring holds decides how the account stands.
fn found(turn: &mut Turn, loading: Loading, loaded: Loaded) -> Phase {
    let Some(resolved) = turn.state.resolved.as_mut() else {
        return Phase::Unconfigured(Missing::Credentials);
    };
    if let (None, Some(secret)) = (&resolved.client.secret, loaded.client_secret) {
        *resolved = Arc::new(resolved.with_client_secret(secret));
    }
    if resolved.client.id.is_empty() {
        return Phase::Unconfigured(Missing::Credentials);
    }
    if !resolved.is_complete() {
        return Phase::Unconfigured(Missing::ClientSecret);
    }
    turn.state.seller = loaded.seller;
    let before = loaded.stored_session;
    let attempt = turn.next_attempt();
    let Some(stored) = loaded.requests else {
        let phase = enter::return_to(turn, before);
        return if loading.then_check { check::requested(turn, phase) } else { phase };
    };
    // A request that ends later than any could was written by a clock that was wrong.
    let lifetime = turn.now..=turn.now.after(oauth::AUTHORIZATION_REQUEST_LIFETIME);
    let requests =
        OpenRequests::from_stored(&stored).filter(|requests| lifetime.contains(&requests.expires_at()));
    let Some(requests) = requests else {
        return enter::give_up(turn, attempt, before);
    };
    for redirect_uri in requests.redirect_uris().filter(|uri| ReturnPath::of(uri) == ReturnPath::Loopback) {
        turn.effects.push(Effect::Listen(attempt, redirect_uri.clone()));
    }
    let waiting = Waiting { attempt, requests, before, since: turn.now };
    let waiting = Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Opened };
    let early = loading.early_callbacks.into_iter();
    early.fold(waiting, |phase, callback| answer::callback(turn, phase, callback, None))
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
    let asking = phase.is_asking();
    match (phase, result) {
        (Phase::Loading(loading), Ok(())) => {
            turn.loads();
            Phase::Loading(loading)
        }
        (Phase::Loading(loading), Err(problem)) => {
            enter::blocked(turn, asking, problem, Resume::StoreClientSecret(loading))
        }
        (
            Phase::KeyringBlocked(Blocked {
                resume: Resume::StoreClientSecret(loading),
                trying: true,
                problem,
                next_try_at,
                unlocking,
            }),
            result,
        ) => match result {
            Ok(()) => {
                let resume = Resume::Load(loading);
                go_on(turn, Blocked { resume, trying: false, problem, next_try_at, unlocking })
            }
            Err(problem) => enter::blocked(turn, asking, problem, Resume::StoreClientSecret(loading)),
        },
        (other, _) => other,
    }
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
                waiting.before = StoredSession::Nothing;
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
    blocked.trying = true;
    match &mut blocked.resume {
        Resume::Open { waiting } if waiting.requests.expires_at() <= turn.now => {
            let before = std::mem::replace(&mut waiting.before, StoredSession::Nothing);
            return enter::give_up(turn, waiting.attempt, before);
        }
        Resume::Load(_) => turn.loads(),
        Resume::StoreClientSecret(loading) => {
            let secret = turn.state.resolved.as_ref().and_then(|account| account.client.secret.clone());
            match secret {
                Some(secret) => {
                    turn.does(Effect::StoreClientSecret { secret, fingerprint: turn.fingerprint() })
                }
                None => {
                    blocked.resume = Resume::Load(std::mem::take(loading));
                    turn.loads();
                }
            }
        }
        Resume::Open { waiting } => turn.does(Effect::store_pending(waiting, turn.fingerprint())),
        Resume::Exchange { attempt, .. } => turn.does(Effect::DropPending(*attempt)),
        Resume::StoreTokens(unsaved) => {
            if let Some(unsaved) = unsaved.take() {
                turn.stores(unsaved);
            }
        }
        Resume::Disconnect => {
            let resolved = turn.state.resolved.clone();
            turn.effects.extend(resolved.map(Effect::Disconnect));
        }
        Resume::Forget => turn.does(Effect::Forget(turn.state.resolved.clone())),
    }
    Phase::KeyringBlocked(blocked)
}
