//! The one function that derives a connection's next state. Pure.
//!
//! [`transition`] takes what happened and hands it to the file that knows it.
//! A [`Turn`] carries the state and collects what is to be done; `enter` holds
//! the ways into a phase that more than one event leads to. The other files
//! import these two, and never each other in a circle.
//!
//! What leads from one phase to another; everything else changes nothing, or
//! changes something inside the phase. A test tries examples of every event in
//! every situation that they reach, and holds this table against it. `Loading`
//! appears where settings that changed in the middle of something count once
//! that has ended; `Connected` or `Refreshing` where a session goes on that was
//! there before.
//!
//! | from | event | to |
//! |---|---|---|
//! | Loading | Loaded | AwaitingBrowser, Connected, Disconnected, Expired, KeyringBlocked, Refreshing, Unconfigured |
//! | Loading | Crashed | Failed |
//! | Loading | Forget | Forgetting |
//! | Loading | ClientSecretStored | KeyringBlocked |
//! | Loading | Configured | Unconfigured |
//! | Unconfigured | Forget | Forgetting |
//! | Unconfigured | Configured | Loading |
//! | Disconnected | Connect, ConnectAsAnother | AwaitingBrowser, Exchanging |
//! | Disconnected | Reread | Connected, Refreshing |
//! | Disconnected | RequestsFound | Denied, Exchanging, Failed |
//! | Disconnected | Forget | Forgetting |
//! | Disconnected | Configured | Loading, Unconfigured |
//! | AwaitingBrowser | CallbackArrived | Connected, Denied, Exchanging, Failed, Refreshing |
//! | AwaitingBrowser | Cancel | Connected, Disconnected, Expired, Refreshing |
//! | AwaitingBrowser | Woke | Connected, Expired, Failed, Refreshing |
//! | AwaitingBrowser | Listening | Connected, Failed, Refreshing |
//! | AwaitingBrowser | Connect, ConnectAsAnother, Pasted | Exchanging |
//! | AwaitingBrowser | Crashed | Failed |
//! | AwaitingBrowser | Forget | Forgetting |
//! | AwaitingBrowser | PendingStored | KeyringBlocked |
//! | AwaitingBrowser | Configured | Loading, Unconfigured |
//! | Exchanging | Cancel | Connected, Disconnected, Expired, Loading, Refreshing |
//! | Exchanging | TokensStored | Connected, Disconnected, KeyringBlocked, Loading |
//! | Exchanging | TokensReceived | Connected, Failed, Loading, OtherSeller, Refreshing |
//! | Exchanging | Crashed | Failed, Loading |
//! | Exchanging | PendingDropped | KeyringBlocked |
//! | Connected | Connect, ConnectAsAnother | AwaitingBrowser, Exchanging |
//! | Connected | Reread | Disconnected, Expired, Refreshing |
//! | Connected | Disconnect | Disconnecting |
//! | Connected | RequestsFound | Exchanging |
//! | Connected | Woke | Expired, Refreshing |
//! | Connected | Forget | Forgetting |
//! | Connected | Configured | Loading, Unconfigured |
//! | Connected | Checked, Refresh | Refreshing |
//! | Refreshing | Renewed | Connected, Disconnected, Expired, Failed, KeyringBlocked, Loading, Retrying |
//! | Refreshing | Disconnect | Disconnecting |
//! | Refreshing | Crashed | Failed, Loading |
//! | Retrying | Connect, ConnectAsAnother | AwaitingBrowser, Exchanging |
//! | Retrying | Reread | Connected, Disconnected, Expired, Refreshing |
//! | Retrying | RequestsFound | Connected, Exchanging, Refreshing |
//! | Retrying | Disconnect | Disconnecting |
//! | Retrying | Forget | Forgetting |
//! | Retrying | Configured | Loading, Unconfigured |
//! | Retrying | Check, Refresh, Woke | Refreshing |
//! | Denied | Connect, ConnectAsAnother | AwaitingBrowser, Exchanging |
//! | Denied | Reread | Connected, Refreshing |
//! | Denied | RequestsFound | Exchanging, Failed |
//! | Denied | Forget | Forgetting |
//! | Denied | Configured | Loading, Unconfigured |
//! | Expired | Connect, ConnectAsAnother | AwaitingBrowser, Exchanging |
//! | Expired | Reread | Connected, Refreshing |
//! | Expired | RequestsFound | Denied, Exchanging, Failed |
//! | Expired | Disconnect | Disconnecting |
//! | Expired | Forget | Forgetting |
//! | Expired | Configured | Loading, Unconfigured |
//! | KeyringBlocked | Loaded | AwaitingBrowser, Connected, Disconnected, Expired, Loading, Refreshing, Unconfigured |
//! | KeyringBlocked | PendingStored | AwaitingBrowser, Loading |
//! | KeyringBlocked | CallbackArrived | Connected, Denied, Exchanging, Failed, Loading, Refreshing |
//! | KeyringBlocked | Cancel | Connected, Disconnected, Expired, Loading, Refreshing |
//! | KeyringBlocked | Woke | Connected, Disconnected, Expired, Refreshing |
//! | KeyringBlocked | TokensStored | Connected, Disconnected, Loading |
//! | KeyringBlocked | Disconnected | Disconnected, Loading |
//! | KeyringBlocked | PendingDropped | Exchanging |
//! | KeyringBlocked | Crashed | Failed, Loading |
//! | KeyringBlocked | Forget | Forgetting |
//! | KeyringBlocked | Forgotten | Forgotten |
//! | KeyringBlocked | ClientSecretStored | Loading |
//! | KeyringBlocked | Configured | Loading, Unconfigured |
//! | OtherSeller | Ending | Connected, Disconnected, Expired |
//! | OtherSeller | Cancel, KeepSeller | Connected, Disconnected, Expired, Refreshing |
//! | OtherSeller | ReplaceSeller | Exchanging |
//! | OtherSeller | Forget | Forgetting, Refreshing |
//! | OtherSeller | Configured | Loading, Unconfigured |
//! | Disconnecting | Disconnected | Disconnected, KeyringBlocked, Loading |
//! | Disconnecting | Crashed | Failed, Loading |
//! | Forgetting | Crashed | Failed, Loading |
//! | Forgetting | Forgotten | Forgotten, KeyringBlocked |
//! | Failed | Connect, ConnectAsAnother | AwaitingBrowser, Exchanging |
//! | Failed | Reread | Connected, Refreshing |
//! | Failed | RequestsFound | Denied, Exchanging |
//! | Failed | Forget | Forgetting |
//! | Failed | Configured | Loading, Unconfigured |

mod turn;
mod enter;
mod answer;
mod check;
mod copy;
mod forget;
mod keyring;
mod login;
mod renewal;
mod seller;
mod waking;
#[cfg(test)]
#[path = "../tests/transition_table.rs"]
mod table;

use oauth::{AuthorizationEntropy, Timestamp};

pub use copy::MIN_COPY_LIFETIME;
pub use enter::KEYRING_RETRY;
use turn::Turn;
pub(crate) use waking::TRANSITION;

use crate::state::{Loading, Phase};
use crate::{Effect, Event, Request, State};

/// Takes what happened at `now` and gives the next state, and what is to be done.
/// An event that means nothing in a state changes nothing: a late result, a
/// second click, a link that no login waits for.
pub fn transition(mut state: State, event: Event, now: Timestamp) -> (State, Vec<Effect>) {
    let old_notice = state.notice.take().filter(|_| !event.is_a_request());
    let phase = std::mem::replace(&mut state.phase, Phase::Loading(Loading::default()));
    let before = std::mem::discriminant(&phase);
    let mut turn = Turn { state, now, effects: Vec::new() };
    let mut phase = next(&mut turn, phase, event);
    if !phase.is_busy()
        && let Some(configuration) = turn.state.deferred.take()
    {
        phase = login::configured(&mut turn, phase, configuration);
    }
    // What was said about one state is not said about the next.
    if before == std::mem::discriminant(&phase) {
        turn.state.notice = turn.state.notice.or(old_notice);
    }
    turn.state.phase = phase;
    (turn.state, turn.effects)
}

/// When time alone will change something, if it will.
pub(crate) fn next_deadline(state: &State) -> Option<Timestamp> {
    let of_phase = match &state.phase {
        Phase::AwaitingBrowser { waiting, .. } => Some(waiting.requests.expires_at()),
        Phase::Connected { session, renew_at } => {
            renew_at.or(session.expires_at.filter(|_| !session.renewable))
        }
        Phase::Retrying { next_at, .. } => Some(*next_at),
        Phase::KeyringBlocked(blocked) if !blocked.trying => Some(blocked.next_try_at),
        _ => None,
    };
    of_phase.into_iter().chain(state.copied.map(|copied| copied.clears_at)).chain(state.look_again_at).min()
}

fn next(turn: &mut Turn, phase: Phase, event: Event) -> Phase {
    if turn.state.ending && event.begins_something() {
        return phase;
    }
    match event {
        Event::Configured(configuration) => login::configured(turn, phase, configuration),
        Event::Requested(request, entropy) => requested(turn, phase, request, entropy),

        Event::Loaded { fingerprint, result } => keyring::loaded(turn, phase, &fingerprint, result),
        Event::ClientSecretStored { fingerprint, result } => {
            keyring::client_secret_stored(turn, phase, &fingerprint, result)
        }
        Event::Unlocked(result) => keyring::unlocked(turn, phase, result),
        Event::Woke => waking::woke(turn, phase),
        Event::Resumed => waking::resumed(turn, phase),
        Event::Ending => waking::ending(turn, phase),
        Event::Crashed(effect) => waking::crashed(turn, phase, effect),
        Event::Reread { fingerprint, result } => waking::reread(turn, phase, &fingerprint, result),

        Event::Listening(attempt, result) => login::listening(turn, phase, attempt, result),
        Event::PendingStored(attempt, result) => login::pending_stored(turn, phase, attempt, result),
        Event::BrowserOpened(attempt, result) => login::browser_opened(phase, attempt, result),
        Event::CallbackArrived(callback) => answer::callback(turn, phase, callback, None),
        Event::RequestsFound { fingerprint, callback, requests, client_secret } => {
            let open = requests.filter(|_| fingerprint == turn.fingerprint());
            answer::requests_found(turn, phase, &callback, open, client_secret)
        }
        Event::Pasted(attempt, callback) => answer::pasted(turn, phase, attempt, callback),
        Event::PendingDropped(attempt, result) => answer::pending_dropped(turn, phase, attempt, result),
        Event::TokensReceived { attempt, resolved, result } => {
            answer::tokens_received(turn, phase, attempt, resolved, result)
        }
        Event::TokensStored(attempt, result) => answer::tokens_stored(turn, phase, attempt, result),

        Event::Renewed { resolved, result } => {
            check::after_renewal(turn, &phase, &result);
            renewal::renewed(turn, phase, resolved, result)
        }
        Event::Checked { fingerprint, verdict } => check::checked(turn, phase, &fingerprint, verdict),
        Event::TokenCopied(what, result) => {
            copy::copied(turn, what, result);
            phase
        }
        Event::LinkCopied(notice) => {
            copy::link_copied(turn, notice);
            phase
        }
        Event::Disconnected(result) => renewal::disconnected(turn, phase, result),
        Event::Forgotten(result) => forget::forgotten(turn, phase, result),
    }
}

fn requested(
    turn: &mut Turn,
    phase: Phase,
    request: Request,
    entropy: Option<AuthorizationEntropy>,
) -> Phase {
    match (request, entropy) {
        (Request::Connect, Some(entropy)) => login::connect(turn, phase, entropy, false),
        (Request::ConnectAsAnother, Some(entropy)) => login::connect(turn, phase, entropy, true),
        (Request::OpenSecondPath, Some(entropy)) => login::open_second_path(turn, phase, entropy),
        (Request::Connect | Request::ConnectAsAnother | Request::OpenSecondPath, None) => phase,
        (Request::Extend, _) => login::extend(turn, phase),
        (Request::OpenBrowser, _) => login::open_browser(turn, phase),
        (Request::CopyLink, _) => login::copy_link(turn, phase),
        (Request::Paste, _) => login::read_paste(turn, phase),
        (Request::Cancel, _) => {
            let phase = seller::keep(turn, phase);
            login::cancel(turn, phase)
        }
        (Request::ReplaceSeller, _) => seller::replace(turn, phase),
        (Request::KeepSeller, _) => seller::keep(turn, phase),
        (Request::Refresh, _) => renewal::requested(turn, phase),
        (Request::Copy { target }, _) => copy::requested(turn, phase, target),
        (Request::Check, _) => check::requested(turn, phase),
        (Request::Disconnect, _) => renewal::disconnect(turn, phase),
        (Request::Forget, _) => {
            let phase = seller::keep(turn, phase);
            forget::requested(turn, phase)
        }
        (Request::Unlock, _) => keyring::unlock(turn, phase),
        (Request::KeepInMemory, _) => keyring::keep_in_memory(turn, phase),
        (Request::DismissNotice, _) => phase,
    }
}
