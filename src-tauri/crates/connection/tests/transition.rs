//! Exact sequences of the pure transition: what is shown, and what is done, in order.
use std::time::Duration;

use crate::support::{CALLBACK, START, configured, entropy, setup, state_of};
use connection::{Effect, Event, Request, State, transition};
use oauth::{Callback, Timestamp};

/// Feeds events and keeps what was shown and done after each, by name.
struct Script {
    state: Option<State>,
    now: Timestamp,
}

impl Script {
    fn new() -> Self {
        let mut script = Self { state: Some(State::new(1)), now: Timestamp::from_seconds(START) };
        script.feed(configured());
        script.feed(loaded_nothing());
        script
    }

    fn feed(&mut self, event: Event) -> (&'static str, Vec<&'static str>) {
        let (state, effects) = transition(self.state.take().unwrap(), event, self.now);
        let shown = (state.snapshot().view.name(), effects.iter().map(Into::into).collect());
        self.state = Some(state);
        shown
    }

    fn expect(&mut self, event: Event, view: &str, effects: &[&str]) {
        let described = format!("{event:?}");
        let (shown, done) = self.feed(event);
        assert_eq!((shown, done.as_slice()), (view, effects), "after {described}");
    }

    /// The attempt that is waited for now, taken from the effect that opens the browser.
    fn store_pending(&mut self, number: u8) -> connection::Attempt {
        let event = Event::Requested(Request::Connect, Some(entropy(number)));
        let (state, effects) = transition(self.state.take().unwrap(), event, self.now);
        self.state = Some(state);
        match effects.first() {
            Some(Effect::StorePending { attempt, .. }) => *attempt,
            other => panic!("{other:?}"),
        }
    }
}

fn loaded_nothing() -> Event {
    loaded(connection::Loaded {
        stored_session: connection::StoredSession::Nothing,
        client_secret: None,
        requests: None,
        seller: None,
    })
}

fn loaded(loaded: connection::Loaded) -> Event {
    Event::Loaded { fingerprint: setup().fingerprint(), result: Ok(loaded) }
}

fn answer(number: u8) -> Event {
    let address = format!("{CALLBACK}?code=c&state={}", state_of(number));
    Event::CallbackArrived(Callback::new(address))
}

#[test]
fn the_whole_login_in_order() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    script.expect(Event::PendingStored(attempt, Ok(())), "awaiting_browser", &["OpenBrowser"]);
    script.expect(
        Event::BrowserOpened(attempt, Ok(connection::ports::BrowserStart::Done)),
        "awaiting_browser",
        &[],
    );
    script.expect(answer(9), "awaiting_browser", &[]);
    script.expect(answer(1), "exchanging", &["DropPending", "BringToFront"]);
    script.expect(answer(1), "exchanging", &[]);
    // The code is used once the request is forgotten for good, and once only.
    script.expect(Event::PendingDropped(attempt, Ok(())), "exchanging", &["Exchange"]);
    script.expect(Event::PendingDropped(attempt, Ok(())), "exchanging", &[]);
}

#[test]
fn the_browser_is_not_opened_before_the_request_is_kept() {
    let mut script = Script::new();
    let first = script.store_pending(1);
    let second = script.store_pending(2);
    // The first click's request was replaced; its late result opens nothing.
    script.expect(Event::PendingStored(first, Ok(())), "awaiting_browser", &[]);
    script.expect(Event::PendingStored(second, Ok(())), "awaiting_browser", &["OpenBrowser"]);
}

#[test]
fn a_request_that_was_kept_after_cancel_is_dropped() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    script.expect(Event::from(Request::Cancel), "disconnected", &["DropPending"]);
    script.expect(Event::PendingStored(attempt, Ok(())), "disconnected", &["DropPending"]);
    // Another process of ours may wait for it; nothing is found.
    script.expect(answer(1), "disconnected", &["FindRequests"]);
}

#[test]
fn clicks_that_mean_nothing_in_a_state_change_nothing() {
    let mut script = Script::new();
    for event in [
        Event::from(Request::OpenBrowser),
        Event::from(Request::CopyLink),
        Event::from(Request::Paste),
        Event::from(Request::Cancel),
        Event::from(Request::Refresh),
        crate::support::copy(),
        Event::from(Request::Disconnect),
        Event::from(Request::Unlock),
        Event::from(Request::KeepInMemory),
        Event::from(Request::DismissNotice),
        Event::Woke,
        loaded_nothing(),
    ] {
        script.expect(event, "disconnected", &[]);
    }
}

#[test]
fn links_before_the_keyring_was_read_wait_and_more_than_a_few_are_dropped() {
    let mut script = Script { state: Some(State::new(1)), now: Timestamp::from_seconds(START) };
    for _ in 0..1000 {
        script.expect(answer(1), "loading", &[]);
    }
    script.expect(configured(), "loading", &["Load"]);
    let pending = oauth::AuthorizationRequest::new(&setup().client, entropy(1), script.now);
    let found = connection::Loaded {
        stored_session: connection::StoredSession::Nothing,
        client_secret: None,
        requests: Some(pending.to_stored()),
        seller: None,
    };
    script.expect(loaded(found), "exchanging", &["DropPending", "BringToFront"]);
}

#[test]
fn the_wait_ends_at_its_time_and_not_a_second_before() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    script.feed(Event::PendingStored(attempt, Ok(())));
    script.now = script.now.after(oauth::AUTHORIZATION_REQUEST_LIFETIME).before(Duration::from_secs(1));
    script.expect(Event::Woke, "awaiting_browser", &[]);
    script.now = script.now.after(Duration::from_secs(1));
    script.expect(Event::Woke, "failed", &["DropPending"]);
}

#[test]
fn a_silent_keyring_is_tried_once_at_a_time_and_opens_one_browser() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    let silent = || Event::PendingStored(attempt, Err(connection::KeyringProblem::Unresponsive));
    script.expect(silent(), "keyring_missing", &[]);
    for _ in 0..3 {
        script.now = script.now.after(connection::KEYRING_RETRY);
        script.expect(Event::Woke, "keyring_missing", &["StorePending"]);
        script.now = script.now.after(connection::KEYRING_RETRY);
        script.expect(Event::Woke, "keyring_missing", &[]);
        script.expect(Event::Unlocked(Ok(())), "keyring_missing", &[]);
        script.expect(silent(), "keyring_missing", &[]);
    }
    script.expect(Event::from(Request::KeepInMemory), "keyring_missing", &["KeepInMemory", "StorePending"]);
    script.expect(Event::from(Request::KeepInMemory), "keyring_missing", &["KeepInMemory"]);
    script.expect(Event::PendingStored(attempt, Ok(())), "awaiting_browser", &["OpenBrowser"]);
    script.expect(Event::PendingStored(attempt, Ok(())), "awaiting_browser", &[]);
}

#[test]
fn a_login_that_the_keyring_stopped_can_be_given_up() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    let locked = Err(connection::KeyringProblem::Locked);
    script.expect(Event::PendingStored(attempt, locked), "keyring_locked", &[]);
    script.expect(Event::from(Request::Unlock), "keyring_locked", &["UnlockKeyring"]);
    script.expect(Event::from(Request::Unlock), "keyring_locked", &[]);
    script.expect(Event::from(Request::Cancel), "disconnected", &["DropPending"]);
}

#[test]
fn what_was_read_for_other_settings_is_not_taken() {
    let mut script = Script { state: Some(State::new(1)), now: Timestamp::from_seconds(START) };
    script.expect(crate::support::configured_for("other"), "loading", &["Load"]);
    script.expect(loaded_nothing(), "loading", &[]);
}
