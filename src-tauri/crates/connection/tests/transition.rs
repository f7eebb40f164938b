//! Exact sequences of the pure transition: what is shown, and what is done, in order.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod support;

use std::time::Duration;

use connection::{Effect, Event, State, View, transition};
use oauth::{Callback, Timestamp};
use support::{CALLBACK, START, configured, entropy, setup, state_of};

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

    fn feed(&mut self, event: Event) -> (String, Vec<String>) {
        let (state, effects) = transition(self.state.take().unwrap(), event, self.now);
        let shown = (view_name(&state.snapshot().view), effects.iter().map(effect_name).collect());
        self.state = Some(state);
        shown
    }

    fn expect(&mut self, event: Event, view: &str, effects: &[&str]) {
        let described = format!("{event:?}");
        let (shown, done) = self.feed(event);
        assert_eq!(
            (shown.as_str(), done.as_slice()),
            (view, strings(effects).as_slice()),
            "after {described}"
        );
    }

    /// The attempt that is waited for now, taken from the effect that opens the browser.
    fn store_pending(&mut self, number: u8) -> connection::Attempt {
        let event = Event::ConnectRequested(entropy(number));
        let (state, effects) = transition(self.state.take().unwrap(), event, self.now);
        self.state = Some(state);
        match effects.first() {
            Some(Effect::StorePending { attempt, .. }) => *attempt,
            other => panic!("{other:?}"),
        }
    }
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn loaded_nothing() -> Event {
    loaded(connection::Loaded {
        standing: connection::Standing::Nothing,
        client_secret: None,
        requests: None,
        seller: None,
    })
}

fn loaded(loaded: connection::Loaded) -> Event {
    Event::Loaded { fingerprint: setup().fingerprint(), result: Ok(loaded) }
}

fn first_word(debug: String) -> String {
    debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

fn view_name(view: &View) -> String {
    first_word(format!("{view:?}"))
}

fn effect_name(effect: &Effect) -> String {
    first_word(format!("{effect:?}"))
}

fn answer(number: u8) -> Event {
    let address = format!("{CALLBACK}?code=c&state={}", state_of(number));
    Event::CallbackArrived(Callback::new(address))
}

#[test]
fn the_whole_login_in_order() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    script.expect(Event::PendingStored(attempt, Ok(())), "AwaitingBrowser", &["OpenBrowser"]);
    script.expect(
        Event::BrowserOpened(attempt, Ok(connection::ports::BrowserStart::Done)),
        "AwaitingBrowser",
        &[],
    );
    script.expect(answer(9), "AwaitingBrowser", &[]);
    script.expect(answer(1), "Exchanging", &["DropPending", "BringToFront"]);
    script.expect(answer(1), "Exchanging", &[]);
    // The code is used once the request is forgotten for good, and once only.
    script.expect(Event::PendingDropped(attempt, Ok(())), "Exchanging", &["Exchange"]);
    script.expect(Event::PendingDropped(attempt, Ok(())), "Exchanging", &[]);
}

#[test]
fn the_browser_is_not_opened_before_the_request_is_kept() {
    let mut script = Script::new();
    let first = script.store_pending(1);
    let second = script.store_pending(2);
    // The first click's request was replaced; its late result opens nothing.
    script.expect(Event::PendingStored(first, Ok(())), "AwaitingBrowser", &[]);
    script.expect(Event::PendingStored(second, Ok(())), "AwaitingBrowser", &["OpenBrowser"]);
}

#[test]
fn a_request_that_was_kept_after_cancel_is_dropped() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    script.expect(Event::CancelRequested, "Disconnected", &["DropPending"]);
    script.expect(Event::PendingStored(attempt, Ok(())), "Disconnected", &["DropPending"]);
    script.expect(answer(1), "Disconnected", &[]);
}

#[test]
fn clicks_that_mean_nothing_in_a_state_change_nothing() {
    let mut script = Script::new();
    for event in [
        Event::OpenBrowserRequested,
        Event::CopyLinkRequested,
        Event::PasteRequested,
        Event::CancelRequested,
        Event::RefreshRequested,
        support::copy(),
        Event::DisconnectRequested,
        Event::UnlockRequested,
        Event::KeepInMemoryRequested,
        Event::NoticeDismissed,
        Event::Woke,
        loaded_nothing(),
    ] {
        script.expect(event, "Disconnected", &[]);
    }
}

#[test]
fn links_before_the_keyring_was_read_wait_and_more_than_a_few_are_dropped() {
    let mut script = Script { state: Some(State::new(1)), now: Timestamp::from_seconds(START) };
    for _ in 0..1000 {
        script.expect(answer(1), "Loading", &[]);
    }
    script.expect(configured(), "Loading", &["Load"]);
    let pending = oauth::Pending::new(&setup().server, entropy(1), script.now);
    let found = connection::Loaded {
        standing: connection::Standing::Nothing,
        client_secret: None,
        requests: Some(pending.to_stored()),
        seller: None,
    };
    script.expect(loaded(found), "Exchanging", &["DropPending", "BringToFront"]);
}

#[test]
fn the_wait_ends_at_its_time_and_not_a_second_before() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    script.feed(Event::PendingStored(attempt, Ok(())));
    script.now = script.now.after(oauth::PENDING_LIFETIME).before(Duration::from_secs(1));
    script.expect(Event::Woke, "AwaitingBrowser", &[]);
    script.now = script.now.after(Duration::from_secs(1));
    script.expect(Event::Woke, "Failed", &["DropPending"]);
}

#[test]
fn a_silent_keyring_is_tried_once_at_a_time_and_opens_one_browser() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    let silent = || Event::PendingStored(attempt, Err(connection::KeyringProblem::Unresponsive));
    script.expect(silent(), "KeyringBlocked", &[]);
    for _ in 0..3 {
        script.now = script.now.after(connection::KEYRING_RETRY);
        script.expect(Event::Woke, "KeyringBlocked", &["StorePending"]);
        script.now = script.now.after(connection::KEYRING_RETRY);
        script.expect(Event::Woke, "KeyringBlocked", &[]);
        script.expect(Event::Unlocked(Ok(())), "KeyringBlocked", &[]);
        script.expect(silent(), "KeyringBlocked", &[]);
    }
    script.expect(Event::KeepInMemoryRequested, "KeyringBlocked", &["KeepInMemory", "StorePending"]);
    script.expect(Event::KeepInMemoryRequested, "KeyringBlocked", &["KeepInMemory"]);
    script.expect(Event::PendingStored(attempt, Ok(())), "AwaitingBrowser", &["OpenBrowser"]);
    script.expect(Event::PendingStored(attempt, Ok(())), "AwaitingBrowser", &[]);
}

#[test]
fn a_login_that_the_keyring_stopped_can_be_given_up() {
    let mut script = Script::new();
    let attempt = script.store_pending(1);
    let locked = Err(connection::KeyringProblem::Locked);
    script.expect(Event::PendingStored(attempt, locked), "KeyringBlocked", &[]);
    script.expect(Event::UnlockRequested, "KeyringBlocked", &["UnlockKeyring"]);
    script.expect(Event::UnlockRequested, "KeyringBlocked", &[]);
    script.expect(Event::CancelRequested, "Disconnected", &["DropPending"]);
}

#[test]
fn what_was_read_for_other_settings_is_not_taken() {
    let mut script = Script { state: Some(State::new(1)), now: Timestamp::from_seconds(START) };
    script.expect(support::configured_for("other"), "Loading", &["Load"]);
    script.expect(loaded_nothing(), "Loading", &[]);
}
