//! The one function that derives a connection's next state. Pure.

mod answer;
mod check;
mod forget;
mod keyring;
mod login;
mod renewal;

use oauth::Timestamp;

pub use keyring::KEYRING_RETRY;
pub use renewal::MIN_COPY_LIFETIME;

use crate::state::Phase;
use crate::{Attempt, Effect, Event, Notice, State};

/// A state in transition.
pub(crate) struct Turn {
    state: State,
    now: Timestamp,
    effects: Vec<Effect>,
}

/// Takes what happened at `now` and gives the next state, and what is to be done.
/// An event that means nothing in a state changes nothing: a late result, a
/// second click, a link nobody waits for.
pub fn transition(mut state: State, event: Event, now: Timestamp) -> (State, Vec<Effect>) {
    let old_notice = state.notice.take().filter(|_| !event.is_a_request());
    let phase = std::mem::replace(&mut state.phase, Phase::Loading);
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
    of_phase.into_iter().chain(state.clipboard_clears_at).min()
}

fn next(turn: &mut Turn, phase: Phase, event: Event) -> Phase {
    match event {
        Event::Configured(configuration) => login::configured(turn, phase, configuration),
        Event::ConnectRequested(entropy) => login::connect(turn, phase, entropy, false),
        Event::ConnectAsAnotherRequested(entropy) => login::connect(turn, phase, entropy, true),
        Event::OtherWayRequested(entropy) => login::open_other_way(turn, phase, entropy),
        Event::ExtendRequested => login::extend(turn, phase),
        Event::Listening(attempt, result) => login::listening(turn, phase, attempt, result),
        Event::OpenBrowserRequested => login::open_browser(turn, phase),
        Event::CopyLinkRequested => login::copy_link(turn, phase),
        Event::PasteRequested => login::read_paste(turn, phase),
        Event::CancelRequested => login::cancel(turn, phase),
        Event::CallbackArrived(callback) => answer::callback(turn, phase, callback, None),
        Event::PendingStored(attempt, result) => login::pending_stored(turn, phase, attempt, result),
        Event::PendingDropped(attempt, result) => answer::pending_dropped(turn, phase, attempt, result),
        Event::BrowserOpened(attempt, result) => login::browser_opened(phase, attempt, result),
        Event::Pasted(attempt, callback) => answer::pasted(turn, phase, attempt, callback),
        Event::TokensReceived { attempt, setup, result } => {
            answer::tokens_received(turn, phase, attempt, setup, result)
        }
        Event::TokensStored(attempt, result) => answer::tokens_stored(turn, phase, attempt, result),

        Event::ReplaceSellerRequested => answer::replace_seller(turn, phase),
        Event::KeepSellerRequested => answer::keep_seller(turn, phase),

        Event::RefreshRequested => renewal::refresh(turn, phase),
        Event::CopyTokenRequested(what) => renewal::copy_token(turn, phase, what),
        Event::DisconnectRequested => renewal::disconnect(turn, phase),
        Event::ForgetRequested => forget::forget(turn, phase),
        Event::Forgotten(result) => forget::forgotten(turn, phase, result),
        Event::CheckRequested => check::asked(turn, phase),
        Event::Checked { fingerprint, verdict } => check::checked(turn, phase, &fingerprint, verdict),
        Event::Woke => renewal::woke(turn, phase),
        Event::LookedAt => renewal::looked_at(turn, phase),
        Event::Reread { fingerprint, result } => renewal::reread(turn, phase, &fingerprint, result),
        Event::Renewed { setup, result } => renewal::renewed(turn, phase, setup, result),
        Event::Disconnected(result) => renewal::disconnected(turn, phase, result),
        Event::TokenCopied(what, Ok(clear_after)) => {
            turn.state.copied = Some(what);
            turn.state.clipboard_clears_at = Some(turn.now.after(clear_after));
            phase
        }
        Event::LinkCopied(Notice::LinkCopied) => {
            // The link took the token's place in the clipboard, and may stay.
            turn.state.clipboard_clears_at = None;
            turn.says(Notice::LinkCopied);
            phase
        }
        Event::TokenCopied(_, Err(notice)) | Event::LinkCopied(notice) => {
            turn.says(notice);
            phase
        }

        Event::Loaded { fingerprint, result } => keyring::loaded(turn, phase, &fingerprint, result),
        Event::ClientSecretStored { fingerprint, result } => {
            keyring::client_secret_stored(turn, phase, &fingerprint, result)
        }
        Event::UnlockRequested => keyring::unlock(turn, phase),
        Event::Unlocked(result) => keyring::unlocked(turn, phase, result),
        Event::KeepInMemoryRequested => keyring::keep_in_memory(turn, phase),
        Event::NoticeDismissed => phase,
    }
}

impl Turn {
    fn does(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    fn says(&mut self, notice: Notice) {
        self.state.notice = Some(notice);
    }

    /// The number of a new login.
    fn next_attempt(&mut self) -> Attempt {
        self.state.last_attempt.0 += 1;
        self.state.last_attempt
    }

    /// Names whose tokens are ours.
    fn fingerprint(&self) -> String {
        self.state.setup.as_ref().map(|setup| setup.fingerprint()).unwrap_or_default()
    }
}
