//! A session over a world in memory: renewing, copying, ending.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod support;

use std::sync::atomic::Ordering;
use std::time::Duration;

use connection::ports::Item;
use connection::{ErrorCode, Event, ExpiryReason, HttpProblem, Notice, View};
use support::{
    World, account, allow, configured, configured_for, connect, connected, start, tokens_json, until,
    until_connected, until_disconnected,
};

#[tokio::test(start_paused = true)]
async fn renewal_comes_before_the_end_without_a_click() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(200, tokens_json(2, 7_200));
    world.pass(7_000);
    let renewed = |view: &View| matches!(view, View::Connected(session) if session.obtained_at.seconds() > support::START);
    until(&connection, renewed).await;
    assert!(world.secret(Item::Tokens).unwrap().contains("access-2"));
    assert!(world.requests()[1].contains("refresh_token=refresh-1"));
}

#[tokio::test(start_paused = true)]
async fn after_a_long_sleep_expiry_is_judged_by_the_wall_clock_at_once() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(200, tokens_json(2, 7_200));
    world.pass(50_000);
    connection.send(Event::Woke);
    let renewed = |view: &View| matches!(view, View::Connected(session) if session.obtained_at.seconds() > support::START);
    until(&connection, renewed).await;
}

#[tokio::test(start_paused = true)]
async fn trouble_at_the_server_is_tried_again_and_only_invalid_grant_ends_the_session() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let record = world.secret(Item::Tokens);
    connection.send(Event::RefreshRequested);
    for (status, body, code) in [
        (500, "{\"error\":\"invalid_grant\"}", ErrorCode::ServerUnavailable),
        (401, "{\"error\":\"invalid_client\"}", ErrorCode::ClientRefused),
        (403, "<html>firewall</html>", ErrorCode::UnexpectedAnswer),
    ] {
        world.answer(status, body);
        let retrying = |view: &View| matches!(view, View::Retrying { problem, .. } if *problem == code);
        until(&connection, retrying).await;
        assert_eq!(world.secret(Item::Tokens), record, "nothing is deleted");
        // The next try comes by itself.
        world.pass(600);
    }
    world.answer(400, "{\"error\":\"invalid_grant\"}");
    world.pass(600);
    let expired = until(&connection, |view| matches!(view, View::Expired(_))).await;
    let View::Expired(ExpiryReason::Refused(error)) = expired else { panic!("{expired:?}") };
    assert_eq!(error.code(), "invalid_grant");
}

#[tokio::test(start_paused = true)]
async fn what_another_process_renewed_is_taken_and_the_server_is_not_asked() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let record = world.secret(Item::Tokens).unwrap();
    world.pass(7_000);
    let now = support::START + 7_000;
    let theirs = record
        .replace("access-1", "access-9")
        .replace(&format!("\"obtained_at\":{}", support::START), &format!("\"obtained_at\":{now}"))
        .replace(
            &format!("\"expires_at\":{}", support::START + 7_200),
            &format!("\"expires_at\":{}", now + 7_200),
        );
    world.secrets.lock().unwrap().insert(Item::Tokens, theirs);
    connection.send(Event::Woke);
    let adopted =
        |view: &View| matches!(view, View::Connected(session) if session.obtained_at.seconds() == now);
    until(&connection, adopted).await;
    assert_eq!(world.requests().len(), 1, "only the exchange");
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_a_nearly_spent_token_is_a_copy_of_a_new_one() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(Event::CopyTokenRequested);
    connection.watch().wait_for(|snapshot| snapshot.clipboard_clears_at.is_some()).await.unwrap();
    assert_eq!(world.clipboard.lock().unwrap().as_deref(), Some("access-1"));

    world.answer(200, tokens_json(2, 7_200));
    world.pass(6_901);
    connection.send(Event::CopyTokenRequested);
    let copied = || world.clipboard.lock().unwrap().as_deref() == Some("access-2");
    while !copied() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A minute later it is wiped.
    world.pass(61);
    connection.send(Event::Woke);
    while world.clipboard.lock().unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(connection.watch().borrow().clipboard_clears_at, None);
}

#[tokio::test(start_paused = true)]
async fn disconnecting_revokes_and_deletes_and_says_if_the_server_could_not_be_told() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(200, "");
    world.answer(200, "");
    connection.send(Event::DisconnectRequested);
    until_disconnected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::Revoked));
    assert_eq!(world.secret(Item::Tokens), None);

    connect(&connection, 2).await;
    world.answer(200, tokens_json(2, 7_200));
    allow(&connection, 2);
    until_connected(&connection).await;
    world.answer_with_problem(HttpProblem::Unreachable);
    connection.send(Event::DisconnectRequested);
    until_disconnected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::RevocationFailed));
    assert_eq!(world.secret(Item::Tokens), None);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_another_application_are_not_taken_and_not_thrown_away() {
    let world = World::new();
    drop(connected(&world, 7_200).await);
    let theirs = world.secret(Item::Tokens);
    let other = connection::spawn(account(), 1, world.ports(), Duration::from_secs(60));
    other.send(configured_for("other"));
    until_disconnected(&other).await;
    assert_eq!(world.secret(Item::Tokens), theirs);
    other.send(configured());
    until_connected(&other).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_ends_calmly() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.answer(200, r#"{"access_token":"a","expires_in":3600}"#);
    allow(&connection, 1);
    assert!(!until_connected(&connection).await.renewable);
    world.pass(3_601);
    let expired = until(&connection, |view| matches!(view, View::Expired(_))).await;
    assert_eq!(expired, View::Expired(ExpiryReason::NothingToRenewWith));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_makes_the_server_be_asked_what_time_it_is() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.now.fetch_sub(3 * 3_600, Ordering::SeqCst);
    world.answer(200, tokens_json(2, 7_200));
    connection.send(Event::Woke);
    while world.requests().len() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    until_connected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn springs_word_for_a_refresh_token_that_is_over_ends_the_session_too() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(
        401,
        r#"{"error":"invalid_token","error_description":"Invalid refresh token (expired): refresh-1"}"#,
    );
    connection.send(Event::RefreshRequested);
    until(&connection, |view| matches!(view, View::Expired(ExpiryReason::Refused(_)))).await;
}
