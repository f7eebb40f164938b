//! The actor over a world in memory: what a seller would see, and what the
//! server and the keyring would see.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use connection::ports::Item;
use connection::{
    BrowserProgress, Connection, ErrorCode, Event, ExpiryReason, HttpProblem, KeptIn, KeyringProblem, Notice,
    Session, View,
};
use oauth::Callback;
use support::{CALLBACK, World, account, configured, configured_for, entropy, setup, state_of, tokens_json};

fn start(world: &Arc<World>) -> Connection {
    let connection = connection::spawn(account(), 1, world.ports(), Duration::from_secs(60));
    connection.send(configured());
    connection
}

/// Waits until a view is shown that the test waits for.
async fn until(connection: &Connection, wanted: impl Fn(&View) -> bool) -> View {
    let mut snapshots = connection.watch();
    let shown = async { snapshots.wait_for(|snapshot| wanted(&snapshot.view)).await.unwrap().view.clone() };
    match tokio::time::timeout(Duration::from_secs(3_600), shown).await {
        Ok(view) => view,
        Err(_) => panic!("never shown; still {:?}", connection.watch().borrow().view),
    }
}

async fn until_disconnected(connection: &Connection) {
    until(connection, |view| *view == View::Disconnected).await;
}

async fn until_connected(connection: &Connection) -> Session {
    match until(connection, |view| matches!(view, View::Connected(_))).await {
        View::Connected(session) => session,
        _ => unreachable!("just matched"),
    }
}

/// Clicks Connect with request `number` and waits until the browser is open.
async fn connect(connection: &Connection, number: u8) {
    connection.send(Event::ConnectRequested(entropy(number)));
    let opened = |view: &View| {
        matches!(
            view,
            View::AwaitingBrowser { browser: BrowserProgress::Opened | BrowserProgress::DidNotOpen, .. }
        )
    };
    until(connection, opened).await;
}

fn arrives(connection: &Connection, query: &str) {
    connection.send(Event::CallbackArrived(Callback::new(format!("{CALLBACK}?{query}"))));
}

fn allow(connection: &Connection, number: u8) {
    arrives(connection, &format!("code=code-{number}&state={}", state_of(number)));
}

async fn connected(world: &Arc<World>, lifetime: u64) -> Connection {
    let connection = start(world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.answer(200, tokens_json(1, lifetime));
    allow(&connection, 1);
    until_connected(&connection).await;
    connection
}

#[tokio::test(start_paused = true)]
async fn allow_stores_the_tokens_before_anyone_is_told_and_forgets_the_request() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    assert!(world.secret(Item::Tokens).unwrap().contains("access-1"));
    assert_eq!(world.secret(Item::PendingRequest), None);
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
    assert!(world.secret(Item::PendingRequest).is_some());
    drop(first);

    // The link starts the program: it arrives before the keyring was read.
    let second = connection::spawn(account(), 2, world.ports(), Duration::from_secs(60));
    allow(&second, 1);
    world.answer(200, tokens_json(1, 7_200));
    second.send(configured());
    until_connected(&second).await;
    assert_eq!(world.secret(Item::PendingRequest), None);
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
    assert_eq!(world.secret(Item::PendingRequest), None);
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
    connection.send(Event::ConnectRequested(entropy(1)));
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
    connection.send(Event::CancelRequested);
    until_disconnected(&connection).await;
    let late = oauth::parse_token_response(
        &oauth::Response { status: 200, body: oauth::Secret::new(tokens_json(1, 60)), retry_after: None },
        oauth::Timestamp::from_seconds(support::START),
    );
    world.answer(200, "");
    world.answer(200, "");
    connection.send(Event::TokensReceived {
        attempt: connection::Attempt::default(),
        setup: Arc::new(setup()),
        result: Ok(late.unwrap()),
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.secret(Item::Tokens), None);
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
    assert_eq!(failed, View::Failed { code: ErrorCode::WaitedTooLong, detail: None });
    assert_eq!(world.secret(Item::PendingRequest), None);
}

#[tokio::test(start_paused = true)]
async fn every_failure_of_the_exchange_has_its_code_and_saves_nothing() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    type Answer = Result<(u16, &'static str), HttpProblem>;
    let cases: [(Answer, ErrorCode); 9] = [
        (Ok((401, r#"{"error":"invalid_client"}"#)), ErrorCode::ClientRefused),
        (Ok((400, r#"{"error":"invalid_grant"}"#)), ErrorCode::CodeRefused),
        (Ok((400, r#"{"error":"invalid_scope"}"#)), ErrorCode::RequestRefused),
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
        let failed = |view: &View| matches!(view, View::Failed { code: shown, .. } if *shown == code);
        until(&connection, failed).await;
        assert_eq!(world.secret(Item::Tokens), None);
    }
}

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
async fn renewed_tokens_that_cannot_be_stored_wait_with_the_lock_held_and_go_in_by_themselves() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let old = world.secret(Item::Tokens);
    world.answer(200, tokens_json(2, 7_200));
    *world.problem_after_request.lock().unwrap() = Some(KeyringProblem::Failed);
    connection.send(Event::RefreshRequested);
    until(&connection, |view| matches!(view, View::KeyringBlocked { tokens_waiting: true, .. })).await;
    assert_eq!(world.secret(Item::Tokens), old, "the old record is still there");
    assert_eq!(world.locks_held.load(Ordering::SeqCst), 1, "nobody refreshes with the old token meanwhile");

    world.pass(4);
    tokio::time::sleep(Duration::from_secs(5)).await;
    *world.problem_on_write.lock().unwrap() = None;
    world.pass(4);
    until_connected(&connection).await;
    assert!(world.secret(Item::Tokens).unwrap().contains("access-2"));
    assert_eq!(world.locks_held.load(Ordering::SeqCst), 0);
    assert_eq!(world.requests().len(), 2, "one exchange, one refresh");
}

#[tokio::test(start_paused = true)]
async fn a_locked_keyring_stops_the_login_before_the_browser_and_goes_on_by_itself() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::ConnectRequested(entropy(1)));
    until(&connection, |view| matches!(view, View::KeyringBlocked { .. })).await;
    assert_eq!(world.opened.load(Ordering::SeqCst), 0, "what cannot be stored is not asked for");
    world.lock_keyring(None);
    world.pass(4);
    until(&connection, |view| matches!(view, View::AwaitingBrowser { .. })).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.opened.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn unlocking_by_hand_goes_on_with_what_was_stopped() {
    let world = World::new();
    world.lock_keyring(Some(KeyringProblem::Locked));
    let connection = start(&world);
    until(&connection, |view| matches!(view, View::KeyringBlocked { .. })).await;
    connection.send(Event::UnlockRequested);
    until_disconnected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn memory_is_a_choice_and_says_so() {
    let world = World::new();
    world.lock_keyring(Some(KeyringProblem::Missing));
    let connection = start(&world);
    until(&connection, |view| matches!(view, View::KeyringBlocked { problem: KeyringProblem::Missing, .. }))
        .await;
    connection.send(Event::KeepInMemoryRequested);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    assert_eq!(until_connected(&connection).await.kept_in, KeptIn::Memory);
}

#[tokio::test(start_paused = true)]
async fn reconnecting_keeps_the_old_session_until_the_new_one_is_stored() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let old = world.secret(Item::Tokens);
    connect(&connection, 2).await;
    arrives(&connection, &format!("error=access_denied&state={}", state_of(2)));
    until_connected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::StillConnectedAfterDenial));

    connect(&connection, 3).await;
    world.answer(400, r#"{"error":"invalid_grant"}"#);
    allow(&connection, 3);
    until_connected(&connection).await;
    let notice = connection.watch().borrow().notice;
    assert_eq!(notice, Some(Notice::StillConnectedAfterFailure(ErrorCode::CodeRefused)));
    assert_eq!(world.secret(Item::Tokens), old);

    connect(&connection, 4).await;
    world.answer(200, tokens_json(4, 7_200));
    allow(&connection, 4);
    while !world.secret(Item::Tokens).unwrap().contains("access-4") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    until_connected(&connection).await;
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
async fn what_cannot_be_written_is_not_asked_for() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    *world.problem_on_write.lock().unwrap() = Some(KeyringProblem::Failed);
    connection.send(Event::RefreshRequested);
    let waiting = |view: &View| matches!(view, View::Retrying { problem: ErrorCode::KeyringUnavailable, .. });
    until(&connection, waiting).await;
    assert_eq!(world.requests().len(), 1, "the server was not asked for tokens that had no place");
}

#[tokio::test(start_paused = true)]
async fn an_answered_request_is_forgotten_before_its_code_is_used() {
    let world = World::new();
    let first = start(&world);
    until_disconnected(&first).await;
    connect(&first, 1).await;
    // Just then the keyring cannot delete it: the code must wait.
    world.lock_keyring(Some(KeyringProblem::Locked));
    allow(&first, 1);
    until(&first, |view| {
        matches!(view, View::KeyringBlocked { can_cancel: true, can_keep_in_memory: false, .. })
    })
    .await;
    assert!(world.requests().is_empty());
    world.answer(200, tokens_json(1, 7_200));
    world.lock_keyring(None);
    world.pass(4);
    until_connected(&first).await;
    assert_eq!(world.requests().len(), 1);
    assert_eq!(world.secret(Item::PendingRequest), None);
}

#[tokio::test(start_paused = true)]
async fn a_request_to_one_server_is_never_answered_at_another() {
    let world = World::new();
    let first = start(&world);
    until_disconnected(&first).await;
    connect(&first, 1).await;
    drop(first);
    let other = connection::spawn(account(), 1, world.ports(), Duration::from_secs(60));
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
    connection.send(Event::CancelRequested);
    until_disconnected(&connection).await;
    assert_eq!(world.secret(Item::Tokens), None, "the cancelled login left nothing");
}

#[tokio::test(start_paused = true)]
async fn disconnecting_without_a_keyring_is_not_said_to_be_done() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::DisconnectRequested);
    until(&connection, |view| matches!(view, View::KeyringBlocked { can_keep_in_memory: false, .. })).await;
    connection.send(Event::KeepInMemoryRequested);
    tokio::time::sleep(Duration::from_secs(1)).await;
    until(&connection, |view| matches!(view, View::KeyringBlocked { .. })).await;
    world.answer(200, "");
    world.answer(200, "");
    world.lock_keyring(None);
    world.pass(4);
    until_disconnected(&connection).await;
    assert_eq!(world.secret(Item::Tokens), None);
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

#[tokio::test(start_paused = true)]
async fn what_was_said_about_one_state_is_not_said_about_the_next() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    connection.send(Event::CopyLinkRequested);
    connection.watch().wait_for(|snapshot| snapshot.notice == Some(Notice::LinkCopied)).await.unwrap();
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    until_connected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, None);
}

#[tokio::test(start_paused = true)]
async fn memory_does_not_pretend_to_hold_what_is_in_the_keyring() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::ConnectRequested(entropy(2)));
    until(&connection, |view| matches!(view, View::KeyringBlocked { .. })).await;
    connection.send(Event::KeepInMemoryRequested);
    until(&connection, |view| matches!(view, View::AwaitingBrowser { .. })).await;
    connection.send(Event::CancelRequested);
    until_disconnected(&connection).await;
}
