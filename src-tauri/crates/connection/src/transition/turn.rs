//! One turn: a state on its way to the next, with what is to be done.

use std::time::Duration;

use oauth::Timestamp;

use crate::state::UnsavedTokens;
use crate::{Attempt, CopyTarget, Effect, Notice, Session, State};

/// A state in transition.
pub struct Turn {
    pub state: State,
    pub now: Timestamp,
    pub effects: Vec<Effect>,
}

impl Turn {
    pub fn does(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub fn says(&mut self, notice: Notice) {
        self.state.notice = Some(notice);
    }

    /// The number of a new login.
    pub fn next_attempt(&mut self) -> Attempt {
        self.state.last_attempt.0 += 1;
        self.state.last_attempt
    }

    /// Names whose tokens are ours.
    pub fn fingerprint(&self) -> String {
        self.state.resolved.as_ref().map(|account| account.fingerprint()).unwrap_or_default()
    }

    /// Reads what the keyring holds for this account.
    pub fn loads(&mut self) {
        self.does(Effect::Load { fingerprint: self.fingerprint() });
    }

    /// Has tokens written.
    pub fn stores(&mut self, unsaved: UnsavedTokens) {
        let UnsavedTokens { attempt, tokens, lock, replaces } = unsaved;
        if let Some(resolved) = self.state.resolved.clone() {
            let previous = self.state.previous.clone();
            self.does(Effect::StoreTokens { attempt, tokens, resolved, lock, replaces, previous });
        }
    }

    /// Has a token copied.
    pub fn copies(&mut self, what: CopyTarget) {
        if let Some(resolved) = self.state.resolved.clone() {
            self.does(Effect::CopyToken { resolved, what });
        }
    }

    /// Has a token copied, unless it is over.
    pub fn copies_if_alive(&mut self, session: &Session, what: CopyTarget) {
        if what == CopyTarget::RefreshToken || session.lives_longer_than(Duration::ZERO, self.now) {
            self.copies(what);
        } else {
            self.says(Notice::TokenSpent);
        }
    }

    /// Wipes the token from the clipboard, if one is there.
    pub fn clears_clipboard(&mut self) {
        if self.state.copied.take().is_some() {
            self.does(Effect::ClearClipboard);
        }
    }
}
