//! A session over a world in memory: renewing, copying, ending.
use std::time::Duration;

use crate::support::{
    World, account, allow, clear_after, configured, configured_for, connect, connected, copy, start,
    tokens_json, until, until_connected, until_disconnected,
};
use connection::ports::SecretKind;
use connection::{ErrorCode, Event, ExpiryReason, HttpProblem, KeyringProblem, Notice, Request, View};

#[tokio::test(start_paused = true)]
async fn renewal_comes_before_the_end_without_a_click() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(200, tokens_json(2, 7_200));
    world.pass(7_000);
    let renewed = |view: &View| matches!(view, View::Connected { session } if session.obtained_at.seconds() > crate::support::START);
    until(&connection, renewed).await;
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("access-2"));
    assert!(world.requests()[1].contains("refresh_token=refresh-1"));
}

#[tokio::test(start_paused = true)]
async fn after_a_long_sleep_expiry_is_judged_by_the_wall_clock_at_once() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(200, tokens_json(2, 7_200));
    world.pass(50_000);
    connection.send(Event::Woke);
    let renewed = |view: &View| matches!(view, View::Connected { session } if session.obtained_at.seconds() > crate::support::START);
    until(&connection, renewed).await;
}

#[tokio::test(start_paused = true)]
async fn trouble_at_the_server_is_tried_again_and_only_invalid_grant_ends_the_session() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(Event::from(Request::Refresh));
    for (status, body, code) in [
        (500, "{\"error\":\"invalid_grant\"}", ErrorCode::ServerUnavailable),
        (401, "{\"error\":\"invalid_client\"}", ErrorCode::ClientRefused),
        (403, "<html>firewall</html>", ErrorCode::UnexpectedAnswer),
    ] {
        world.answer(status, body);
        let retrying = |view: &View| matches!(view, View::Retrying { error, .. } if *error == code);
        until(&connection, retrying).await;
        assert!(world.secret(SecretKind::Tokens).unwrap().contains("refresh-1"), "nothing is deleted");
        // The next try comes by itself.
        world.pass(600);
    }
    world.answer(400, "{\"error\":\"invalid_grant\"}");
    world.pass(600);
    let expired = until(&connection, |view| matches!(view, View::Expired { .. })).await;
    let View::Expired { reason: ExpiryReason::Refused { server: error } } = expired else {
        panic!("{expired:?}")
    };
    assert_eq!(error.code(), "invalid_grant");
}

#[tokio::test(start_paused = true)]
async fn what_another_process_renewed_is_taken_and_the_server_is_not_asked() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.pass(7_000);
    let now = crate::support::START + 7_000;
    renewed_elsewhere(&world, "access-9", now);
    connection.send(Event::Woke);
    let adopted =
        |view: &View| matches!(view, View::Connected { session } if session.obtained_at.seconds() == now);
    until(&connection, adopted).await;
    assert_eq!(world.requests().len(), 1, "only the exchange");
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_a_nearly_spent_token_is_a_copy_of_a_new_one() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(copy());
    connection.watch().wait_for(|snapshot| snapshot.copied.is_some()).await.unwrap();
    assert_eq!(world.clipboard.lock().unwrap().as_deref(), Some("access-1"));

    world.answer(200, tokens_json(2, 7_200));
    world.pass(6_901);
    connection.send(copy());
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
    assert_eq!(connection.watch().borrow().copied, None);
}

#[tokio::test(start_paused = true)]
async fn disconnecting_revokes_and_deletes_and_says_if_the_server_could_not_be_told() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(200, "");
    world.answer(200, "");
    connection.send(Event::from(Request::Disconnect));
    until_disconnected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::Revoked));
    assert_eq!(world.secret(SecretKind::Tokens), None);

    connect(&connection, 2).await;
    world.answer(200, tokens_json(2, 7_200));
    allow(&connection, 2);
    until_connected(&connection).await;
    world.answer_with_problem(HttpProblem::Unreachable);
    connection.send(Event::from(Request::Disconnect));
    until_disconnected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::RevocationFailed));
    assert_eq!(world.secret(SecretKind::Tokens), None);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_another_application_are_not_taken_and_not_thrown_away() {
    let world = World::new();
    drop(connected(&world, 7_200).await);
    let theirs = world.secret(SecretKind::Tokens);
    let other = connection::spawn(account(), 1, world.ports(), clear_after());
    other.send(configured_for("other"));
    until_disconnected(&other).await;
    assert_eq!(world.secret(SecretKind::Tokens), theirs);
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
    let expired = until(&connection, |view| matches!(view, View::Expired { .. })).await;
    assert_eq!(expired, View::Expired { reason: ExpiryReason::NothingToRenewWith });
}

/// What another program wrote: the same record with other tokens.
fn renewed_elsewhere(world: &World, access_token: &str, obtained_at: u64) {
    let record = world.secret(SecretKind::Tokens).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&record).unwrap();
    record["access_token"] = access_token.into();
    record["obtained_at"] = obtained_at.into();
    record["expires_at"] = (obtained_at + 7_200).into();
    world.secrets.lock().unwrap().insert(SecretKind::Tokens, record.to_string());
}

#[tokio::test(start_paused = true)]
async fn what_another_program_did_is_seen_when_the_window_is_looked_at() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    renewed_elsewhere(&world, "access-7", crate::support::START + 5);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let shown = |seconds: u64| move |view: &View| matches!(view, View::Connected { session } if session.obtained_at.seconds() == seconds);
    assert!(shown(crate::support::START)(&connection.watch().borrow().view), "nobody polls");
    connection.send(Event::Resumed);
    until(&connection, shown(crate::support::START + 5)).await;

    let record = world.secrets.lock().unwrap().remove(&SecretKind::Tokens).unwrap();
    connection.send(Event::Resumed);
    until_disconnected(&connection).await;
    world.secrets.lock().unwrap().insert(SecretKind::Tokens, record);
    connection.send(Event::Resumed);
    until_connected(&connection).await;
    assert_eq!(world.requests().len(), 1, "only the exchange");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_looks_into_the_keyring_when_it_wakes() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    renewed_elsewhere(&world, "access-7", crate::support::START + 3_000);
    // The timer stands still in a sleep, and rings late by the wall clock.
    world.pass(3_100);
    let seen = |view: &View| matches!(view, View::Connected { session } if session.obtained_at.seconds() == crate::support::START + 3_000);
    until(&connection, seen).await;
    assert_eq!(world.requests().len(), 1, "only the exchange");
}

#[tokio::test(start_paused = true)]
async fn a_keyring_that_cannot_be_read_changes_nothing_of_a_session_that_is_looked_at() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::Resumed);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(matches!(connection.watch().borrow().view, View::Connected { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_line_that_breaks_before_the_answer_is_tried_again_at_once_with_the_old_token() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer_with_problem(HttpProblem::Interrupted);
    world.answer(200, tokens_json(2, 7_200));
    world.pass(10);
    connection.send(Event::from(Request::Refresh));
    let renewed = |view: &View| matches!(view, View::Connected { session } if session.obtained_at.seconds() > crate::support::START);
    until(&connection, renewed).await;
    assert_eq!(world.requests()[1], world.requests()[2], "the same request");
    assert!(!world.secret(SecretKind::Tokens).unwrap().contains("unanswered_since"));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_lost_answer_is_told_as_what_it_is_also_after_a_restart() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer_with_problem(HttpProblem::TimedOut);
    world.pass(10);
    connection.send(Event::from(Request::Refresh));
    until(&connection, |view| matches!(view, View::Retrying { .. })).await;
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("unanswered_since"), "the note stays");
    world.answer(400, r#"{"error":"invalid_grant"}"#);
    world.pass(600);
    let lost = View::Expired {
        reason: ExpiryReason::AnswerLost {
            since: oauth::Timestamp::from_seconds(crate::support::START + 10),
        },
    };
    until(&connection, |view| *view == lost).await;

    let again = start(&world);
    until(&again, |view| *view == lost).await;
    assert_eq!(world.requests().len(), 3, "what is over is not asked for again");
}

#[tokio::test(start_paused = true)]
async fn trouble_that_cannot_have_cost_tokens_leaves_no_note() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let record = world.secret(SecretKind::Tokens);
    for (tries, status) in [429, 500, 503, 408, 400].into_iter().enumerate() {
        world.answer(status, r#"{"error":"slow_down"}"#);
        world.pass(600);
        connection.send(Event::from(Request::Refresh));
        while world.requests().len() < tries + 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        until(&connection, |view| matches!(view, View::Retrying { .. })).await;
        assert_eq!(world.secret(SecretKind::Tokens), record, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_other_word_than_invalid_grant_ends_a_session() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(
        401,
        r#"{"error":"invalid_token","error_description":"Invalid refresh token (expired): refresh-1"}"#,
    );
    connection.send(Event::from(Request::Refresh));
    let refused = |view: &View| matches!(view, View::Retrying { error: ErrorCode::RequestRefused, .. });
    until(&connection, refused).await;
    // The seller need not wait for it: connecting again is open all the time.
    connect(&connection, 2).await;
}

#[tokio::test(start_paused = true)]
async fn who_disconnects_in_the_middle_of_a_renewal_stays_disconnected() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    *world.forget_after_request.lock().unwrap() = Some(SecretKind::Tokens);
    world.answer(200, tokens_json(2, 7_200));
    world.answer(200, "");
    world.answer(200, "");
    connection.send(Event::from(Request::Refresh));
    until_disconnected(&connection).await;
    assert_eq!(world.secret(SecretKind::Tokens), None);
    assert!(world.requests()[2].starts_with("/revoke token=refresh-2"), "what nobody keeps is void");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_gives_the_same_access_token_again_is_asked_once_all_the_same() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let mut record: serde_json::Value =
        serde_json::from_str(&world.secret(SecretKind::Tokens).unwrap()).unwrap();
    record["refresh_token"] = "refresh-7".into();
    world.secrets.lock().unwrap().insert(SecretKind::Tokens, record.to_string());
    connection.send(Event::from(Request::Refresh));
    until(&connection, |view| matches!(view, View::Connected { .. })).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.requests().len(), 1, "another process renewed: only the exchange");
}
