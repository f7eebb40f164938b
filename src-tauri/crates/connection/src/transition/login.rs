//! From Connect to tokens in the keyring, or back.

use std::sync::Arc;

use oauth::{Answer, AuthorizationEntropy, Callback, Pending, ServerError, TokenSet, exchange_request};

use super::{Turn, keyring, renewal};
use crate::effect::PrivateUrl;
use crate::event::{ExchangeFailure, StoreFailure};
use crate::problem::Failure;
use crate::state::{Blocked, Configuration, Phase, Resume, Step, UnsavedTokens};
use crate::{
    Attempt, BrowserProgress, Effect, ErrorCode, KeyringProblem, Missing, Notice, Session, Setup, Standing,
};

/// Links that arrive before the keyring was read wait for it; more than a few are no login.
const MAX_EARLY_CALLBACKS: usize = 8;

pub fn configured(turn: &mut Turn, phase: Phase, configuration: Configuration) -> Phase {
    if phase.is_busy() {
        turn.state.deferred = Some(configuration.after(turn.state.deferred.take()));
        return phase;
    }
    if let Phase::AwaitingBrowser { attempt, .. } = phase {
        turn.does(Effect::DropPending(attempt));
    }
    let Some(mut setup) = configuration.setup else {
        turn.state.setup = None;
        return Phase::Unconfigured(Missing::UsableSettings);
    };
    let fingerprint = setup.fingerprint();
    let effect = match configuration.new_client_secret {
        Some(secret) => {
            setup.server.client_secret = Some(secret.duplicate());
            Effect::StoreClientSecret { secret, fingerprint }
        }
        None => Effect::Load { fingerprint },
    };
    turn.state.setup = Some(Arc::from(setup));
    turn.does(effect);
    Phase::Loading
}

pub fn connect(turn: &mut Turn, phase: Phase, entropy: AuthorizationEntropy) -> Phase {
    let Some(setup) = turn.state.setup.clone() else { return phase };
    let before = match phase {
        Phase::Disconnected | Phase::Denied | Phase::Failed { .. } => Standing::Nothing,
        Phase::Connected { session, .. } | Phase::Retrying { session, .. } => Standing::Session(session),
        Phase::Expired(reason) => Standing::Expired(reason),
        Phase::AwaitingBrowser { before, .. } => before,
        other => return other,
    };
    let attempt = Attempt(turn.state.last_attempt.0 + 1);
    turn.state.last_attempt = attempt;
    let pending = Pending::new(&setup.server, entropy, turn.now);
    turn.does(Effect::store_pending(attempt, &pending, setup.fingerprint()));
    Phase::AwaitingBrowser { attempt, pending, browser: BrowserProgress::Preparing, before }
}

/// The request is in the keyring, so a restart will not lose it: now the browser.
pub fn pending_stored(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    result: Result<(), KeyringProblem>,
) -> Phase {
    let asking = keyring::is_asking(&phase);
    let (pending, before) = match phase {
        Phase::AwaitingBrowser { attempt: current, pending, browser: BrowserProgress::Preparing, before }
            if current == attempt =>
        {
            (pending, before)
        }
        Phase::KeyringBlocked(Blocked {
            resume: Resume::Open { attempt: current, pending, before },
            trying: true,
            ..
        }) if current == attempt => (pending, before),
        other => {
            let nobody_waits = !matches!(other, Phase::AwaitingBrowser { .. });
            if nobody_waits && result.is_ok() {
                turn.does(Effect::DropPending(attempt));
            }
            return other;
        }
    };
    match result {
        Ok(()) => {
            let browser = BrowserProgress::Opening;
            let phase = Phase::AwaitingBrowser { attempt, pending, browser, before };
            open(turn, &phase);
            phase
        }
        Err(problem) => keyring::blocked(turn, asking, problem, Resume::Open { attempt, pending, before }),
    }
}

/// Opens the browser once more; the first time waits for the request to be kept.
pub fn open_browser(turn: &mut Turn, phase: Phase) -> Phase {
    if !matches!(phase, Phase::AwaitingBrowser { browser: BrowserProgress::Preparing, .. }) {
        open(turn, &phase);
    }
    phase
}

fn open(turn: &mut Turn, phase: &Phase) {
    if let Some((attempt, url)) = waiting(turn, phase) {
        turn.does(Effect::OpenBrowser(attempt, url));
    }
}

pub fn copy_link(turn: &mut Turn, phase: Phase) -> Phase {
    if let Some((_, url)) = waiting(turn, &phase) {
        turn.does(Effect::CopyLink(url));
    }
    phase
}

fn waiting(turn: &Turn, phase: &Phase) -> Option<(Attempt, PrivateUrl)> {
    let Phase::AwaitingBrowser { attempt, pending, .. } = phase else { return None };
    let setup = turn.state.setup.as_ref()?;
    Some((*attempt, PrivateUrl(pending.authorization_url(&setup.server))))
}

pub fn browser_opened(mut phase: Phase, attempt: Attempt, opened: bool) -> Phase {
    if let Phase::AwaitingBrowser { attempt: current, browser, .. } = &mut phase
        && *current == attempt
    {
        *browser = if opened { BrowserProgress::Opened } else { BrowserProgress::DidNotOpen };
    }
    phase
}

pub fn read_paste(turn: &mut Turn, phase: Phase) -> Phase {
    if let Phase::AwaitingBrowser { attempt, .. } = &phase {
        turn.does(Effect::ReadPaste(*attempt));
    }
    phase
}

pub fn pasted(turn: &mut Turn, phase: Phase, attempt: Attempt, pasted: Option<Callback>) -> Phase {
    if !matches!(&phase, Phase::AwaitingBrowser { attempt: current, .. } if *current == attempt) {
        return phase;
    }
    let next = match pasted {
        Some(address) => callback(turn, phase, address),
        None => phase,
    };
    if matches!(next, Phase::AwaitingBrowser { .. }) {
        turn.says(Notice::NothingToPaste);
    }
    next
}

pub fn cancel(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::AwaitingBrowser { attempt, before, .. } => {
            turn.does(Effect::DropPending(attempt));
            return_to(turn, before)
        }
        // Tokens that still arrive are revoked.
        Phase::Exchanging { before, step: Step::Forgetting(_) | Step::Asking, .. } => return_to(turn, before),
        // A login that the keyring stopped.
        Phase::KeyringBlocked(Blocked {
            resume: Resume::Open { attempt, before, .. } | Resume::Exchange { attempt, before, .. },
            ..
        }) => {
            turn.does(Effect::DropPending(attempt));
            return_to(turn, before)
        }
        other => other,
    }
}

/// An address arrived. Anything that is no answer to the open request is
/// ignored, and the wait goes on.
pub fn callback(turn: &mut Turn, phase: Phase, callback: Callback) -> Phase {
    let (attempt, pending, browser, before) = match phase {
        Phase::AwaitingBrowser { attempt, pending, browser, before } => (attempt, pending, browser, before),
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
    let answer = match pending.validate(&callback, turn.now) {
        Ok(answer) => answer,
        Err(reason) => {
            log::warn!("a link is not the answer we wait for: {reason}; ignored");
            return Phase::AwaitingBrowser { attempt, pending, browser, before };
        }
    };
    // The request is answered: it is forgotten before anything else, so that
    // not even a crash lets its code be used a second time.
    turn.does(Effect::DropPending(attempt));
    turn.does(Effect::BringToFront);
    match answer {
        Answer::Code(code) => {
            let Some(setup) = &turn.state.setup else { return Phase::Unconfigured(Missing::Credentials) };
            let request = exchange_request(&setup.server, pending, code);
            Phase::Exchanging { attempt, step: Step::Forgetting(request), before }
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
            fail(turn, before, ErrorCode::RequestRefused, Some(error))
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
    let (request, before) = match phase {
        Phase::Exchanging { attempt: current, step: Step::Forgetting(request), before }
            if current == attempt =>
        {
            (request, before)
        }
        Phase::KeyringBlocked(Blocked {
            resume: Resume::Exchange { attempt: current, request, before },
            trying: true,
            ..
        }) if current == attempt => (request, before),
        other => return other,
    };
    let Some(setup) = turn.state.setup.clone() else { return Phase::Unconfigured(Missing::Credentials) };
    match result {
        Ok(()) => {
            turn.does(Effect::Exchange { attempt, setup, request });
            Phase::Exchanging { attempt, step: Step::Asking, before }
        }
        Err(problem) => {
            keyring::blocked(turn, asking, problem, Resume::Exchange { attempt, request, before })
        }
    }
}

pub fn timed_out(turn: &mut Turn, attempt: Attempt, before: Standing) -> Phase {
    turn.does(Effect::DropPending(attempt));
    fail(turn, before, ErrorCode::WaitedTooLong, None)
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
            if let Ok(tokens) = result {
                turn.does(Effect::Revoke(setup, tokens));
            }
            return other;
        }
    };
    match result {
        Ok(tokens) => {
            store_tokens(turn, UnsavedTokens { attempt, tokens, lock: None, replaces: None });
            Phase::Exchanging { attempt, step: Step::Storing, before }
        }
        Err(failure) => {
            log::warn!("the exchange failed: {failure}");
            let (code, detail) = match failure {
                ExchangeFailure::Http(problem) => (problem.into(), None),
                ExchangeFailure::Token(error) => (Failure::from(&error).code, error.into_server_error()),
            };
            fail(turn, before, code, detail)
        }
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
        Ok(Some(session)) => renewal::adopt(turn, session),
        Ok(None) => Phase::Disconnected,
        Err(StoreFailure { tokens, lock, replaces, problem }) => {
            let unsaved = UnsavedTokens { attempt, tokens, lock, replaces };
            keyring::blocked(turn, keyring::is_asking(&phase), problem, Resume::StoreTokens(Some(unsaved)))
        }
    }
}

pub fn return_to(turn: &mut Turn, before: Standing) -> Phase {
    match before {
        Standing::Nothing => Phase::Disconnected,
        Standing::Session(session) => renewal::adopt(turn, session),
        Standing::Expired(reason) => Phase::Expired(reason),
    }
}

fn fail(turn: &mut Turn, before: Standing, code: ErrorCode, detail: Option<ServerError>) -> Phase {
    if let Standing::Session(session) = before {
        turn.says(Notice::StillConnectedAfterFailure(code));
        return renewal::adopt(turn, session);
    }
    Phase::Failed { code, detail }
}
