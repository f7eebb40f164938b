//! From the browser's answer to tokens in the keyring, or back.

use std::sync::Arc;

use oauth::{
    AuthorizationRequest, AuthorizationResponse, Callback, Identity, Secret, TokenSet, exchange_request,
};

use super::enter;
use super::turn::Turn;
use crate::custody::{ExchangeFailure, Failure, StoreFailure};
use crate::open_requests::{Judged, OpenRequests};
use crate::state::{Blocked, Checking, Loading, Phase, Resume, Step, UnsavedTokens, Waiting};
use crate::{
    Attempt, Effect, ErrorCode, KeyringProblem, Missing, Notice, ResolvedAccount, ReturnPath, Stored,
    StoredSession,
};

/// Links that arrive before the keyring was read wait for it; more than a few are no login.
const MAX_EARLY_CALLBACKS: usize = 8;

pub fn pasted(turn: &mut Turn, phase: Phase, attempt: Attempt, pasted: Option<Callback>) -> Phase {
    if !matches!(&phase, Phase::AwaitingBrowser { waiting, .. } if waiting.attempt == attempt) {
        return phase;
    }
    let next = match pasted {
        Some(address) => callback(turn, phase, address, Some(ReturnPath::Paste)),
        None => phase,
    };
    if matches!(next, Phase::AwaitingBrowser { .. }) {
        turn.says(Notice::NothingToPaste);
    }
    next
}

/// An address arrived. Anything that is no answer to an open request is
/// ignored, and the wait goes on. `return_path` is how it came, if not by its own address.
pub fn callback(turn: &mut Turn, phase: Phase, callback: Callback, return_path: Option<ReturnPath>) -> Phase {
    let (waiting, go_on): (_, Box<dyn FnOnce(Waiting) -> Phase>) = match phase {
        Phase::AwaitingBrowser { waiting, browser } => {
            (waiting, Box::new(move |waiting| Phase::AwaitingBrowser { waiting, browser }))
        }
        // The keyring stops a second request; the first one is open all the same.
        Phase::KeyringBlocked(Blocked {
            resume: Resume::Open { waiting },
            problem,
            trying,
            next_try_at,
            unlocking,
        }) => (
            waiting,
            Box::new(move |waiting| {
                let resume = Resume::Open { waiting };
                Phase::KeyringBlocked(Blocked { problem, resume, trying, next_try_at, unlocking })
            }),
        ),
        Phase::Loading(loading) => return Phase::Loading(too_early(loading, callback)),
        Phase::KeyringBlocked(Blocked { resume, problem, trying, next_try_at, unlocking }) => {
            let resume = match resume {
                Resume::Load(loading) => Resume::Load(too_early(loading, callback)),
                Resume::StoreClientSecret(loading) => Resume::StoreClientSecret(too_early(loading, callback)),
                other => other,
            };
            return Phase::KeyringBlocked(Blocked { resume, problem, trying, next_try_at, unlocking });
        }
        // A login that was begun in the terminal, for one, comes back to the window.
        phase if phase.is_at_rest() && !callback.is_too_long() => {
            turn.does(Effect::FindRequests { fingerprint: turn.fingerprint(), callback });
            return phase;
        }
        other => {
            log::info!("a link arrived that nobody waits for; ignored");
            return other;
        }
    };
    let Waiting { attempt, requests, before, since } = waiting;
    match requests.judge(&callback, turn.now) {
        Judged::Answered(pending, answer) => {
            let path = return_path.unwrap_or_else(|| ReturnPath::of(pending.redirect_uri()));
            turn.state.came_back = Some(path);
            answered(turn, attempt, before, pending, answer)
        }
        Judged::Rejected(requests, reason) => {
            log::warn!("a link is not the answer we wait for: {reason}; ignored");
            go_on(Waiting { attempt, requests, before, since })
        }
    }
}

/// An address that nobody here waits for may answer a login that another
/// process of ours has opened. Then it is finished here; that process finds the
/// new tokens in the keyring.
pub fn requests_found(
    turn: &mut Turn,
    phase: Phase,
    callback: &Callback,
    open: Option<Secret>,
    client_secret: Option<Secret>,
) -> Phase {
    let judged = open
        .filter(|_| phase.is_at_rest())
        .and_then(|stored| OpenRequests::from_stored(&stored))
        .map(|requests| requests.judge(callback, turn.now));
    let Some(Judged::Answered(pending, answer)) = judged else {
        log::info!("a link arrived that nobody waits for; ignored");
        return phase;
    };
    match enter::before_a_login(phase) {
        Ok(before) => {
            if let (Some(resolved), Some(secret)) = (&mut turn.state.resolved, client_secret) {
                *resolved = Arc::new(resolved.with_client_secret(secret));
            }
            let attempt = turn.next_attempt();
            turn.state.came_back = Some(ReturnPath::of(pending.redirect_uri()));
            answered(turn, attempt, before, pending, answer)
        }
        Err(phase) => phase,
    }
}

/// One of a login's requests is answered.
fn answered(
    turn: &mut Turn,
    attempt: Attempt,
    before: StoredSession,
    pending: AuthorizationRequest,
    answer: AuthorizationResponse,
) -> Phase {
    // The login is answered: its requests are forgotten before anything else,
    // so that not even a crash lets a code be used a second time.
    turn.does(Effect::DropPending(attempt));
    turn.does(Effect::BringToFront);
    match answer {
        AuthorizationResponse::Code(code) => {
            let Some(resolved) = &turn.state.resolved else {
                return Phase::Unconfigured(Missing::Credentials);
            };
            let exchange = exchange_request(&resolved.client, pending, code);
            Phase::Exchanging { attempt, step: Step::Forgetting(exchange), before }
        }
        AuthorizationResponse::Denied => match before {
            StoredSession::Session(session) => {
                turn.says(Notice::StillConnectedAfterDenial);
                enter::adopt(turn, session)
            }
            StoredSession::Nothing | StoredSession::Expired(_) => Phase::Denied,
        },
        AuthorizationResponse::Refused(error) => {
            log::warn!("the authorization request was refused: {}", error.code());
            let code = ErrorCode::of_refusal(&error);
            enter::fail(turn, before, Failure { server: Some(error), ..code.into() })
        }
    }
}

/// A callback waits until the keyring was read. If there are too many, the
/// oldest goes: a keyring may be locked for hours, and the answer comes last.
fn too_early(mut loading: Loading, callback: Callback) -> Loading {
    if callback.is_too_long() {
        return loading;
    }
    if loading.early_callbacks.len() == MAX_EARLY_CALLBACKS {
        loading.early_callbacks.remove(0);
    }
    loading.early_callbacks.push(callback);
    loading
}

/// The answered request is gone from the keyring: now its code may be used.
pub fn pending_dropped(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    result: Result<(), KeyringProblem>,
) -> Phase {
    let asking = phase.is_asking();
    let (exchange, before) = match phase {
        Phase::Exchanging { attempt: current, step: Step::Forgetting(exchange), before }
            if current == attempt =>
        {
            (exchange, before)
        }
        Phase::KeyringBlocked(Blocked {
            resume: Resume::Exchange { attempt: current, exchange, before },
            trying: true,
            ..
        }) if current == attempt => (exchange, before),
        other => return other,
    };
    let Some(resolved) = turn.state.resolved.clone() else {
        return Phase::Unconfigured(Missing::Credentials);
    };
    match result {
        Ok(()) => {
            turn.does(Effect::Exchange { attempt, resolved, exchange });
            Phase::Exchanging { attempt, step: Step::Asking, before }
        }
        Err(problem) => enter::blocked(turn, asking, problem, Resume::Exchange { attempt, exchange, before }),
    }
}

pub fn tokens_received(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    resolved: Arc<ResolvedAccount>,
    result: Result<TokenSet, ExchangeFailure>,
) -> Phase {
    let before = match phase {
        Phase::Exchanging { attempt: current, step: Step::Asking, before } if current == attempt => before,
        other => {
            // Credentials may be given the very token that is in use.
            if let Ok(tokens) = result
                && resolved.uses_a_browser()
            {
                turn.does(Effect::Revoke(resolved, tokens));
            }
            return other;
        }
    };
    match result {
        Ok(tokens) => {
            let found = tokens.id_token.as_ref().and_then(Identity::of_id_token);
            match (turn.state.seller.clone(), found) {
                (Some(known), Some(found)) if known.subject != found.subject => {
                    Phase::OtherSeller { attempt, tokens, before, known, found }
                }
                _ => enter::storing(turn, attempt, tokens, before),
            }
        }
        Err(failure) => {
            log::warn!("the exchange failed: {failure}");
            let failure = Failure::from(failure);
            // In the browser the server knew the id; so it is the secret.
            let error = match failure.error {
                ErrorCode::ClientRefused if resolved.uses_a_browser() && resolved.needs_secret() => {
                    ErrorCode::SecretRefused
                }
                code => code,
            };
            enter::fail(turn, before, Failure { error, ..failure })
        }
    }
}

/// The tokens are in the keyring: only now is the user told of them.
pub fn tokens_stored(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    mut result: Result<Option<Stored>, StoreFailure>,
) -> Phase {
    if let Ok(Some(stored)) = &mut result
        && let Some((resolved, tokens)) = stored.replaced.take()
    {
        turn.does(Effect::Revoke(resolved, tokens));
    }
    let waited_for = match &phase {
        Phase::Exchanging { attempt: current, step: Step::Storing, .. } => *current == attempt,
        other => other.is_trying(|resume| matches!(resume, Resume::StoreTokens(None))),
    };
    if !waited_for {
        return phase;
    }
    match result {
        Ok(None) => Phase::Disconnected,
        Ok(Some(Stored { session, .. })) => {
            turn.state.previous = None;
            // Another seller's name is not kept for one who has none.
            turn.state.seller.clone_from(&session.seller);
            let is_new = matches!(phase, Phase::Exchanging { .. }) || turn.state.came_back.is_some();
            let phase = enter::adopt(turn, session);
            if is_new {
                enter::no_check(turn);
                enter::check(turn, Checking::Asked);
            }
            if let Some(path) = turn.state.came_back.take() {
                turn.says(Notice::CameBack { path });
            }
            phase
        }
        Err(StoreFailure { tokens, lock, replaces, problem }) => {
            let unsaved = UnsavedTokens { attempt, tokens, lock, replaces };
            enter::blocked(turn, phase.is_asking(), problem, Resume::StoreTokens(Some(unsaved)))
        }
    }
}
