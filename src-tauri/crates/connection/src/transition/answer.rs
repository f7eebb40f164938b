//! From the browser's answer to tokens in the keyring, or back.

use std::sync::Arc;

use oauth::{Answer, Callback, Identity, TokenSet, exchange_request};

use super::{Turn, check, keyring, login, renewal};
use crate::event::{ExchangeFailure, StoreFailure};
use crate::open_requests::Judged;
use crate::problem::Failure;
use crate::state::{Blocked, Checking, Phase, Resume, Step, UnsavedTokens, Waiting};
use crate::{Attempt, Effect, ErrorCode, KeyringProblem, Missing, Notice, Session, Setup, Standing, Way};

/// Links that arrive before the keyring was read wait for it; more than a few are no login.
const MAX_EARLY_CALLBACKS: usize = 8;

pub fn pasted(turn: &mut Turn, phase: Phase, attempt: Attempt, pasted: Option<Callback>) -> Phase {
    if !matches!(&phase, Phase::AwaitingBrowser { waiting, .. } if waiting.attempt == attempt) {
        return phase;
    }
    let next = match pasted {
        Some(address) => callback(turn, phase, address, Some(Way::Paste)),
        None => phase,
    };
    if matches!(next, Phase::AwaitingBrowser { .. }) {
        turn.says(Notice::NothingToPaste);
    }
    next
}

/// An address arrived. Anything that is no answer to an open request is
/// ignored, and the wait goes on. `way` is how it came, if not by its own address.
pub fn callback(turn: &mut Turn, phase: Phase, callback: Callback, way: Option<Way>) -> Phase {
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
        Phase::Loading | Phase::KeyringBlocked(Blocked { resume: Resume::Load, .. }) => {
            if turn.state.early_callbacks.len() < MAX_EARLY_CALLBACKS {
                turn.state.early_callbacks.push(callback);
            }
            return phase;
        }
        other => {
            log::info!("a link arrived that nobody waits for; ignored");
            return other;
        }
    };
    let Waiting { attempt, requests, before, since } = waiting;
    let (pending, answer) = match requests.judge(&callback, turn.now) {
        Judged::Answered(pending, answer) => (pending, answer),
        Judged::Ignored(requests, reason) => {
            log::warn!("a link is not the answer we wait for: {reason}; ignored");
            return go_on(Waiting { attempt, requests, before, since });
        }
    };
    // The login is answered: its requests are forgotten before anything else,
    // so that not even a crash lets a code be used a second time.
    turn.does(Effect::DropPending(attempt));
    turn.does(Effect::BringToFront);
    turn.state.came_back = Some(way.unwrap_or_else(|| Way::of(pending.redirect_uri())));
    match answer {
        Answer::Code(code) => {
            let Some(setup) = &turn.state.setup else { return Phase::Unconfigured(Missing::Credentials) };
            let exchange = exchange_request(&setup.server, pending, code);
            Phase::Exchanging { attempt, step: Step::Forgetting(exchange), before }
        }
        Answer::Denied => match before {
            Standing::Session(session) => {
                turn.says(Notice::StillConnectedAfterDenial);
                renewal::adopt(turn, session)
            }
            Standing::Nothing | Standing::Expired(_) => Phase::Denied,
        },
        Answer::Refused(error) => {
            log::warn!("the authorization request was refused: {}", error.code());
            let code = ErrorCode::of_refusal(&error);
            fail(turn, before, Failure { detail: Some(error), ..code.into() })
        }
    }
}

/// The answered request is gone from the keyring: now its code may be used.
pub fn pending_dropped(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    result: Result<(), KeyringProblem>,
) -> Phase {
    let asking = keyring::is_asking(&phase);
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
    let Some(setup) = turn.state.setup.clone() else { return Phase::Unconfigured(Missing::Credentials) };
    match result {
        Ok(()) => {
            turn.does(Effect::Exchange { attempt, setup, exchange });
            Phase::Exchanging { attempt, step: Step::Asking, before }
        }
        Err(problem) => {
            keyring::blocked(turn, asking, problem, Resume::Exchange { attempt, exchange, before })
        }
    }
}

pub fn tokens_received(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    setup: Arc<Setup>,
    result: Result<TokenSet, ExchangeFailure>,
) -> Phase {
    let before = match phase {
        Phase::Exchanging { attempt: current, step: Step::Asking, before } if current == attempt => before,
        other => {
            // Credentials may be given the very token that is in use.
            if let Ok(tokens) = result
                && setup.uses_a_browser()
            {
                turn.does(Effect::Revoke(setup, tokens));
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
                _ => keep(turn, attempt, tokens, before),
            }
        }
        Err(failure) => {
            log::warn!("the exchange failed: {failure}");
            let failure = Failure::from(failure);
            // In the browser the server knew the id; so it is the secret.
            let code = match failure.code {
                ErrorCode::ClientRefused if setup.uses_a_browser() && setup.needs_secret() => {
                    ErrorCode::SecretRefused
                }
                code => code,
            };
            fail(turn, before, Failure { code, ..failure })
        }
    }
}

fn keep(turn: &mut Turn, attempt: Attempt, tokens: TokenSet, before: Standing) -> Phase {
    store_tokens(turn, UnsavedTokens { attempt, tokens, lock: None, replaces: None });
    Phase::Exchanging { attempt, step: Step::Storing, before }
}

/// Somebody else logged in, and that was meant.
pub fn replace_seller(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::OtherSeller { attempt, tokens, before, .. } => keep(turn, attempt, tokens, before),
        other => other,
    }
}

/// Somebody else logged in by mistake: the one before stays, and the new tokens are void.
pub fn keep_seller(turn: &mut Turn, phase: Phase) -> Phase {
    match (phase, turn.state.setup.clone()) {
        (Phase::OtherSeller { tokens, before, .. }, Some(setup)) => {
            turn.does(Effect::Revoke(setup, tokens));
            turn.says(Notice::SellerKept);
            login::return_to(turn, before)
        }
        (other, _) => other,
    }
}

pub fn store_tokens(turn: &mut Turn, unsaved: UnsavedTokens) {
    let UnsavedTokens { attempt, tokens, lock, replaces } = unsaved;
    if let Some(setup) = turn.state.setup.clone() {
        turn.does(Effect::StoreTokens { attempt, tokens, setup, lock, replaces });
    }
}

/// The tokens are in the keyring: only now is anyone told of them.
pub fn tokens_stored(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    result: Result<Option<Session>, StoreFailure>,
) -> Phase {
    let waited_for = match &phase {
        Phase::Exchanging { attempt: current, step: Step::Storing, .. } => *current == attempt,
        other => keyring::is_trying(other, |resume| matches!(resume, Resume::StoreTokens(None))),
    };
    if !waited_for {
        return phase;
    }
    match result {
        Ok(None) => Phase::Disconnected,
        Ok(Some(session)) => {
            // Another seller's name is not kept for one who has none.
            turn.state.seller.clone_from(&session.seller);
            let is_new = matches!(phase, Phase::Exchanging { .. }) || turn.state.came_back.is_some();
            let phase = renewal::adopt(turn, session);
            if is_new {
                check::end(turn);
                check::begin(turn, Checking::Asked);
            }
            if let Some(way) = turn.state.came_back.take() {
                turn.says(Notice::CameBack(way));
            }
            phase
        }
        Err(StoreFailure { tokens, lock, replaces, problem }) => {
            let unsaved = UnsavedTokens { attempt, tokens, lock, replaces };
            keyring::blocked(turn, keyring::is_asking(&phase), problem, Resume::StoreTokens(Some(unsaved)))
        }
    }
}

pub fn fail(turn: &mut Turn, before: Standing, failure: Failure) -> Phase {
    let Failure { code, retry_after, detail } = failure;
    if let Standing::Session(session) = before {
        turn.says(Notice::StillConnectedAfterFailure(code));
        return renewal::adopt(turn, session);
    }
    Phase::Failed { code, detail, wait_until: retry_after.map(|wait| turn.now.after(wait)) }
}
