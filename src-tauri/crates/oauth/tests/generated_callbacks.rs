//! A hundred thousand generated addresses: never a panic, never an accepted forgery.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod constant_server;

use constant_server::{AT, NOW};
use oauth::{AuthorizationRequest, AuthorizationResponse, Callback};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const CASES: u32 = 50_000;

fn pending() -> AuthorizationRequest {
    constant_server::pending([1; 32])
}

/// Parts that answers are made of, and things that are nearly such parts.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "code", "state", "iss", "error", "access_denied", "=", "&", "?", "#", "%", "%26", "%3D", "%00", "+", ";",
            "c%6Fde", "st%61te", "https%3A%2F%2Fsso.example", "https%3A%2F%2Fevil.example", "x", "", "/", "\u{FFFD}",
        ]).prop_map(str::to_owned),
        1 => ".{0,12}",
        1 => "[A-Za-z0-9_-]{43}",
    ]
}

fn address(parts: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let place = prop::sample::select(vec![
        AT,
        "app.hotmart-connect://oauth/callback",
        "APP.HOTMART-CONNECT:/oauth/callback",
        "http://127.0.0.1:47991/callback",
        "",
    ]);
    (place, prop::collection::vec(parts, 0..16))
        .prop_map(|(place, parts)| format!("{place}?{}", parts.concat()))
}

fn run(strategy: impl Strategy<Value = String>, check: impl Fn(&str, Result<AuthorizationResponse, ()>)) {
    let pending = pending();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&strategy, |address| {
            let answer = pending.validate(&Callback::new(address.clone()), NOW).map_err(drop);
            check(&address, answer);
            Ok(())
        })
        .unwrap();
}

#[test]
fn whoever_does_not_know_the_state_is_never_believed() {
    run(address(part()), |address, answer| {
        assert!(address.contains(STATE) || answer.is_err(), "accepted: {address}");
    });
}

#[test]
fn whoever_knows_the_state_is_believed_only_with_one_answer_on_the_right_address() {
    let parts =
        prop_oneof![2 => Just(STATE.to_owned()), 2 => Just(format!("&state={STATE}&code=c")), 5 => part()];
    run(address(parts), |address, answer| {
        let Ok(answer) = answer else { return };
        let (place, query) = address.split_once('?').unwrap();
        assert_eq!(place, AT, "accepted: {address}");
        // Read again by another reader of such queries.
        let query = query.split('#').next().unwrap();
        let read: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let all = |name: &str| {
            read.iter().filter(|(known, _)| known == name).map(|(_, value)| value).collect::<Vec<_>>()
        };
        assert_eq!(all("state"), [STATE], "accepted: {address}");
        assert!(all("iss").iter().all(|issuer| *issuer == "https://sso.example"), "accepted: {address}");
        let (codes, errors) = (all("code").len(), all("error").len());
        let expected = if matches!(answer, AuthorizationResponse::Code(_)) { (1, 0) } else { (0, 1) };
        assert_eq!((codes, errors), expected, "accepted: {address}");
    });
}
