//! From Connect to the browser, and waiting for its answer.

use std::sync::Arc;

use oauth::{AuthorizationEntropy, AuthorizationRequest, Exchange, RedirectUri, client_credentials_request};

use super::enter;
use super::turn::Turn;
use crate::effect::PrivateUrl;
use crate::open_requests::OpenRequests;
use crate::ports::{BrowserDidNotOpen, BrowserStart, LoopbackTaken};
use crate::state::{Blocked, Configuration, Loading, Phase, Resume, Step, Waiting};
use crate::{Attempt, BrowserProgress, Effect, ErrorCode, KeyringProblem, Missing, Notice, ReturnPath};

pub fn configured(turn: &mut Turn, phase: Phase, configuration: Configuration) -> Phase {
    if matches!(phase, Phase::Forgotten(_)) {
        return phase;
    }
    if phase.is_busy() {
        turn.state.deferred = Some(configuration.after(turn.state.deferred.take()));
        return phase;
    }
    let mut loading = Loading { then_check: configuration.then_check, ..Loading::default() };
    match (phase, turn.state.resolved.clone()) {
        (Phase::AwaitingBrowser { waiting, .. }, _) => turn.does(Effect::DropPending(waiting.attempt)),
        // The user can no longer say whether these tokens are to stay.
        (Phase::OtherSeller { tokens, .. }, Some(resolved)) => turn.does(Effect::Revoke(resolved, tokens)),
        (
            Phase::Loading(before)
            | Phase::KeyringBlocked(Blocked {
                resume: Resume::Load(before) | Resume::StoreClientSecret(before),
                ..
            }),
            _,
        ) => loading.early_callbacks = before.early_callbacks,
        _ => {}
    }
    turn.state.seller = None;
    enter::no_check(turn);
    let Some(mut resolved) = configuration.resolved else {
        turn.state.resolved = None;
        return Phase::Unconfigured(Missing::UsableSettings);
    };
    let fingerprint = resolved.fingerprint();
    if let Some(before) = turn.state.resolved.take().filter(|before| before.fingerprint() != fingerprint) {
        turn.state.previous = Some(before);
    }
    let effect = match configuration.new_client_secret {
        Some(secret) => {
            let secret = Arc::new(secret);
            resolved.client.secret = Some(Arc::clone(&secret));
            Effect::StoreClientSecret { secret, fingerprint }
        }
        None => Effect::Load { fingerprint },
    };
    turn.state.resolved = Some(Arc::from(resolved));
    turn.does(effect);
    Phase::Loading(loading)
}

/// Begins a login. `another` asks the server for another seller than the
/// browser is logged in as.
pub fn connect(turn: &mut Turn, phase: Phase, entropy: AuthorizationEntropy, another: bool) -> Phase {
    let Some(resolved) = turn.state.resolved.clone() else { return phase };
    let before = match enter::before_a_login(phase) {
        Ok(before) => before,
        Err(Phase::AwaitingBrowser { waiting, .. }) => waiting.before,
        Err(other) => return other,
    };
    let attempt = turn.next_attempt();
    turn.state.came_back = None;
    if !resolved.uses_a_browser() {
        let exchange = Exchange { request: client_credentials_request(&resolved.client), nonce: None };
        turn.does(Effect::Exchange { attempt, resolved, exchange });
        return Phase::Exchanging { attempt, step: Step::Asking, before };
    }
    let pending = AuthorizationRequest::new(&resolved.client, entropy, turn.now);
    let pending = if another { pending.as_another_account() } else { pending };
    let waiting = Waiting { attempt, requests: OpenRequests::new(pending), before, since: turn.now };
    open_newest(turn, &waiting);
    Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Preparing }
}

/// The answer to the first request does not come back: a second one is opened
/// that comes back another way. The first stays open.
pub fn open_second_path(turn: &mut Turn, phase: Phase, entropy: AuthorizationEntropy) -> Phase {
    let Some(resolved) = turn.state.resolved.clone() else { return phase };
    match phase {
        Phase::AwaitingBrowser { mut waiting, browser } if browser != BrowserProgress::Preparing => {
            let Some(redirect_uri) =
                waiting.requests.second_path(resolved.loopback_redirect_uri.as_ref()).cloned()
            else {
                return Phase::AwaitingBrowser { waiting, browser };
            };
            let second =
                AuthorizationRequest::new(&resolved.client, entropy, turn.now).redirected_to(redirect_uri);
            let another = waiting.requests.newest().asks_for_another_account();
            let second = if another { second.as_another_account() } else { second };
            waiting.requests.extend(turn.now);
            waiting.requests.open_second(second);
            // What is still under way for the first request is not taken for the second's.
            waiting.attempt = turn.next_attempt();
            open_newest(turn, &waiting);
            Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Preparing }
        }
        other => other,
    }
}

/// Prepares the newest request: this program must listen for its answer, and
/// the request must be in the keyring, before the browser is sent.
fn open_newest(turn: &mut Turn, waiting: &Waiting) {
    let redirect_uri = waiting.requests.newest().redirect_uri();
    if ReturnPath::of(redirect_uri) == ReturnPath::Loopback {
        turn.does(Effect::Listen(waiting.attempt, redirect_uri.clone()));
    } else {
        turn.does(Effect::store_pending(waiting, turn.fingerprint()));
    }
}

/// This program listens for the answer, or cannot.
pub fn listening(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    result: Result<RedirectUri, LoopbackTaken>,
) -> Phase {
    match phase {
        Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Preparing }
            if waiting.attempt == attempt =>
        {
            match result {
                Ok(redirect_uri) => {
                    let requests = waiting.requests.redirect_newest(redirect_uri);
                    let waiting = Waiting { requests, ..waiting };
                    turn.does(Effect::store_pending(&waiting, turn.fingerprint()));
                    Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Preparing }
                }
                Err(LoopbackTaken) => cannot_listen(turn, waiting),
            }
        }
        // After a restart: the other request still comes back.
        Phase::AwaitingBrowser { waiting, browser } if waiting.attempt == attempt => {
            if result.is_err() {
                turn.says(Notice::SecondPathTaken);
            }
            Phase::AwaitingBrowser { waiting, browser }
        }
        other => other,
    }
}

fn cannot_listen(turn: &mut Turn, mut waiting: Waiting) -> Phase {
    if waiting.requests.close_second() {
        turn.says(Notice::SecondPathTaken);
        return Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Opened };
    }
    enter::fail(turn, waiting.before, ErrorCode::LoopbackTaken.into())
}

/// The requests are in the keyring, so a restart will not lose them: now the browser.
pub fn pending_stored(
    turn: &mut Turn,
    phase: Phase,
    attempt: Attempt,
    result: Result<(), KeyringProblem>,
) -> Phase {
    let asking = phase.is_asking();
    let waiting = match phase {
        Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Preparing }
            if waiting.attempt == attempt =>
        {
            waiting
        }
        Phase::KeyringBlocked(Blocked { resume: Resume::Open { waiting }, trying: true, .. })
            if waiting.attempt == attempt =>
        {
            waiting
        }
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
            let phase = Phase::AwaitingBrowser { waiting, browser: BrowserProgress::Opening };
            open(turn, &phase);
            phase
        }
        Err(problem) => enter::blocked(turn, asking, problem, Resume::Open { waiting }),
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
    if let Some((attempt, url)) = link(turn, phase) {
        turn.does(Effect::OpenBrowser(attempt, url));
    }
}

pub fn copy_link(turn: &mut Turn, phase: Phase) -> Phase {
    if let Some((_, url)) = link(turn, &phase) {
        turn.does(Effect::CopyLink(url));
    }
    phase
}

fn link(turn: &Turn, phase: &Phase) -> Option<(Attempt, PrivateUrl)> {
    let Phase::AwaitingBrowser { waiting, .. } = phase else { return None };
    let resolved = turn.state.resolved.as_ref()?;
    Some((waiting.attempt, PrivateUrl(waiting.requests.newest().authorization_url(&resolved.client)?)))
}

pub fn browser_opened(
    mut phase: Phase,
    attempt: Attempt,
    result: Result<BrowserStart, BrowserDidNotOpen>,
) -> Phase {
    if let Phase::AwaitingBrowser { waiting, browser } = &mut phase
        && waiting.attempt == attempt
        && *browser != BrowserProgress::Preparing
    {
        *browser = match result {
            Ok(BrowserStart::Done) => BrowserProgress::Opened,
            Ok(BrowserStart::StillAtIt) => BrowserProgress::MayHaveOpened,
            Err(BrowserDidNotOpen) => BrowserProgress::DidNotOpen,
        };
    }
    phase
}

/// Waits for a whole lifetime more.
pub fn extend(turn: &mut Turn, mut phase: Phase) -> Phase {
    if let Phase::AwaitingBrowser { waiting, browser } = &mut phase {
        waiting.requests.extend(turn.now);
        // While it is being prepared it is written anyway.
        if *browser != BrowserProgress::Preparing {
            let effect = Effect::store_pending(waiting, turn.fingerprint());
            turn.does(effect);
        }
    }
    phase
}

pub fn read_paste(turn: &mut Turn, phase: Phase) -> Phase {
    if let Phase::AwaitingBrowser { waiting, .. } = &phase {
        turn.does(Effect::ReadPaste(waiting.attempt));
    }
    phase
}

pub fn cancel(turn: &mut Turn, phase: Phase) -> Phase {
    match phase {
        Phase::AwaitingBrowser { waiting, .. }
        // A login that the keyring stopped.
        | Phase::KeyringBlocked(Blocked { resume: Resume::Open { waiting }, .. }) => {
            enter::give_up(turn, waiting.attempt, waiting.before)
        }
        Phase::KeyringBlocked(Blocked { resume: Resume::Exchange { attempt, before, .. }, .. }) => {
            enter::give_up(turn, attempt, before)
        }
        // A removal that the keyring stopped: the account stays.
        Phase::KeyringBlocked(Blocked { resume: Resume::Forget, trying: false, .. }) => {
            turn.loads();
            Phase::Loading(Loading::default())
        }
        // Tokens that still arrive are revoked.
        Phase::Exchanging { before, step: Step::Forgetting(_) | Step::Asking, .. } => enter::return_to(turn, before),
        other => other,
    }
}
