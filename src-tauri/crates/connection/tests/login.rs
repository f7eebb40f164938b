//! A login over a world in memory: what a seller would see, and what the
//! server and the keyring would see.
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::{
    World, account, allow, arrives, clear_after, configured, configured_for, connect, connected, entropy,
    setup, start, state_of, tokens_json, until, until_connected, until_disconnected,
};
use connection::ports::SecretKind;
use connection::{ErrorCode, Event, HttpProblem, Notice, Request, View};

#[tokio::test(start_paused = true)]
async fn allow_stores_the_tokens_before_anyone_is_told_and_forgets_the_request() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("access-1"));
    assert_eq!(world.secret(SecretKind::PendingRequest), None);
    assert_eq!(world.requests().len(), 1);
    assert!(world.requests()[0].starts_with("/token grant_type=authorization_code&code=code-1&"));
    assert_eq!(world.opened.load(Ordering::SeqCst), 1);
    assert_eq!(world.raised.load(Ordering::SeqCst), 1);
    assert_eq!(world.locks_held.load(Ordering::SeqCst), 0);
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn the_request_is_kept_before_the_browser_opens_and_a_new_process_finishes_it() {
    let world = World::new();
    let first = start(&world);
    until_disconnected(&first).await;
    connect(&first, 1).await;
    assert!(world.secret(SecretKind::PendingRequest).is_some());
    drop(first);

    // The link starts the program: it arrives before the keyring was read.
    let second = connection::spawn(account(), 2, world.ports(), clear_after());
    allow(&second, 1);
    world.answer(200, tokens_json(1, 7_200));
    second.send(configured());
    until_connected(&second).await;
    assert_eq!(world.secret(SecretKind::PendingRequest), None);
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_ran_out_while_the_program_was_closed_is_forgotten() {
    let world = World::new();
    let first = start(&world);
    until_disconnected(&first).await;
    connect(&first, 1).await;
    drop(first);
    world.pass(601);
    let second = start(&world);
    until_disconnected(&second).await;
    allow(&second, 1);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.secret(SecretKind::PendingRequest), None);
    assert!(world.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_same_answer_many_times_at_once_is_one_exchange() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.answer(200, tokens_json(1, 7_200));
    for _ in 0..10 {
        allow(&connection, 1);
    }
    until_connected(&connection).await;
    allow(&connection, 1);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.requests().len(), 1);
    until_connected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn forged_answers_end_nothing() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    let right = state_of(1);
    for forged in [
        "code=x&state=wrong".to_owned(),
        "code=x".to_owned(),
        "error=access_denied".to_owned(),
        format!("code=x&code=y&state={right}"),
        format!("code=%FF&state={right}"),
        format!("code={}&state={right}", "x".repeat(1 << 20)),
        format!("code=x&state={}", state_of(2)),
    ] {
        arrives(&connection, &forged);
    }
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    until_connected(&connection).await;
    assert_eq!(world.requests().len(), 1, "only the real answer reached the server");
}

#[tokio::test(start_paused = true)]
async fn an_impatient_double_click_leaves_one_request_and_the_last_one_counts() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
    connect(&connection, 2).await;
    world.answer(200, tokens_json(2, 7_200));
    allow(&connection, 1);
    allow(&connection, 2);
    until_connected(&connection).await;
    assert_eq!(world.requests().len(), 1);
    assert!(world.requests()[0].contains("code=code-2"));
}

#[tokio::test(start_paused = true)]
async fn tokens_that_arrive_after_cancel_are_revoked_and_not_stored() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    allow(&connection, 1);
    until(&connection, |view| matches!(view, View::Exchanging { .. })).await;
    connection.send(Event::from(Request::Cancel));
    until_disconnected(&connection).await;
    let late = oauth::parse_token_response(
        &oauth::Response { status: 200, body: oauth::Secret::new(tokens_json(1, 60)), retry_after: None },
        &setup().client,
        &[],
        oauth::Timestamp::from_seconds(crate::support::START),
    );
    world.answer(200, "");
    world.answer(200, "");
    connection.send(Event::TokensReceived {
        attempt: connection::Attempt::default(),
        resolved: Arc::new(setup()),
        result: Ok(late.unwrap()),
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.secret(SecretKind::Tokens), None);
    let revoked = |hint| world.requests().iter().any(|request| request.contains(hint));
    assert!(revoked("token=refresh-1&token_type_hint=refresh_token"));
    assert!(revoked("token=access-1&token_type_hint=access_token"));
}

#[tokio::test(start_paused = true)]
async fn saying_no_is_calm_and_nobody_answering_ends_after_ten_minutes() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    arrives(&connection, &format!("error=access_denied&state={}", state_of(1)));
    until(&connection, |view| *view == View::Denied).await;

    connect(&connection, 2).await;
    world.pass(600);
    let failed = until(&connection, |view| matches!(view, View::Failed { .. })).await;
    assert_eq!(
        failed,
        View::Failed {
            error: ErrorCode::WaitedTooLong,
            server: None,
            wait_until: None,
            trying_again_helps: true
        }
    );
    assert_eq!(world.secret(SecretKind::PendingRequest), None);
}

#[tokio::test(start_paused = true)]
async fn every_failure_of_the_exchange_has_its_code_and_saves_nothing() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    type Answer = Result<(u16, &'static str), HttpProblem>;
    let cases: [(Answer, ErrorCode); 12] = [
        (Ok((401, r#"{"error":"invalid_client"}"#)), ErrorCode::ClientRefused),
        (Ok((400, r#"{"error":"unauthorized_client"}"#)), ErrorCode::ApplicationRefused),
        (Ok((400, r#"{"error":"invalid_grant"}"#)), ErrorCode::CodeRefused),
        (Ok((400, r#"{"error":"invalid_scope"}"#)), ErrorCode::ScopeRefused),
        (Ok((400, r#"{"error":"unheard_of"}"#)), ErrorCode::RequestRefused),
        (Ok((429, "")), ErrorCode::TooManyRequests),
        (Ok((503, "busy")), ErrorCode::ServerUnavailable),
        (Ok((200, "<html>")), ErrorCode::UnexpectedAnswer),
        (Ok((302, "")), ErrorCode::UnexpectedAnswer),
        (Err(HttpProblem::Unreachable), ErrorCode::Network),
        (Err(HttpProblem::Tls), ErrorCode::Tls),
        (Err(HttpProblem::TimedOut), ErrorCode::ServerSlow),
    ];
    for (number, (answer, code)) in (1..).zip(cases) {
        connect(&connection, number).await;
        match answer {
            Ok((status, body)) => world.answer(status, body),
            Err(problem) => world.answer_with_problem(problem),
        }
        allow(&connection, number);
        let failed = |view: &View| matches!(view, View::Failed { error: shown, .. } if *shown == code);
        until(&connection, failed).await;
        assert_eq!(world.secret(SecretKind::Tokens), None);
    }
}

#[tokio::test(start_paused = true)]
async fn reconnecting_keeps_the_old_session_until_the_new_one_is_stored() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let old = world.secret(SecretKind::Tokens);
    connect(&connection, 2).await;
    arrives(&connection, &format!("error=access_denied&state={}", state_of(2)));
    until_connected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::StillConnectedAfterDenial));

    connect(&connection, 3).await;
    world.answer(400, r#"{"error":"invalid_grant"}"#);
    allow(&connection, 3);
    until_connected(&connection).await;
    let notice = connection.watch().borrow().notice;
    assert_eq!(notice, Some(Notice::StillConnectedAfterFailure { error: ErrorCode::CodeRefused }));
    assert_eq!(world.secret(SecretKind::Tokens), old);

    connect(&connection, 4).await;
    world.answer(200, tokens_json(4, 7_200));
    allow(&connection, 4);
    while !world.secret(SecretKind::Tokens).unwrap().contains("access-4") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    until_connected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_to_one_server_is_never_answered_at_another() {
    let world = World::new();
    let first = start(&world);
    until_disconnected(&first).await;
    connect(&first, 1).await;
    drop(first);
    let other = connection::spawn(account(), 1, world.ports(), clear_after());
    other.send(configured_for("other"));
    until_disconnected(&other).await;
    allow(&other, 1);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(world.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn settings_that_change_in_the_middle_of_a_login_wait_for_its_end() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    allow(&connection, 1);
    until(&connection, |view| matches!(view, View::Exchanging { .. })).await;
    connection.send(configured_for("other"));
    world.answer(200, tokens_json(1, 7_200));
    connection.send(Event::from(Request::Cancel));
    until_disconnected(&connection).await;
    assert_eq!(world.secret(SecretKind::Tokens), None, "the cancelled login left nothing");
}

#[tokio::test(start_paused = true)]
async fn what_was_said_about_one_state_is_not_said_about_the_next() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    connection.send(Event::from(Request::CopyLink));
    connection.watch().wait_for(|snapshot| snapshot.notice == Some(Notice::LinkCopied)).await.unwrap();
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    until_connected(&connection).await;
    assert_eq!(
        connection.watch().borrow().notice,
        Some(Notice::CameBack { path: connection::ReturnPath::Link })
    );
}
