//! Two requests of one login, answers that come twice, and another seller, over a world in memory.
use std::sync::Arc;
use std::time::Duration;

use crate::support::{
    CALLBACK, LEAVE, World, allow, connect, connected, entropy, start, state_of, tokens_json, until,
    until_connected, until_disconnected,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use connection::ports::{Arrival, Outcome, SecretKind};
use connection::{
    BrowserProgress, Connection, ErrorCode, Event, KeyringProblem, Notice, Request, ReturnPath, View,
};
use oauth::Callback;

fn awaits(way: ReturnPath) -> impl Fn(&View) -> bool {
    move |view| {
        matches!(
            view,
            View::AwaitingBrowser { return_path: shown, browser: BrowserProgress::Opened, .. } if *shown == way
        )
    }
}

/// A login whose first request is open, and whose second one is as well.
async fn two_open(world: &Arc<World>) -> Connection {
    let connection = start(world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    connection.send(Event::Requested(Request::OpenSecondPath, Some(entropy(2))));
    until(&connection, awaits(ReturnPath::Loopback)).await;
    connection
}

/// The browser ends on the loopback page; what the page says.
async fn arrives_on_loopback(world: &World, query: &str) -> Outcome {
    let door = world.loopback.lock().unwrap().clone().expect("somebody listens");
    let (reply, outcome) = tokio::sync::oneshot::channel();
    let callback = Callback::new(format!("http://127.0.0.1:4711/callback?{query}"));
    door.send(Arrival { callback, reply }).await.unwrap();
    // Dropped unsaid where the login ended another way in that very moment.
    outcome.await.unwrap_or(Outcome::NotTheAnswer)
}

#[tokio::test(start_paused = true)]
async fn the_second_request_comes_back_another_way_and_the_first_stays_open() {
    let world = World::new();
    let connection = two_open(&world).await;
    let kept = world.secret(SecretKind::PendingRequest).unwrap();
    assert!(kept.contains(&state_of(1)) && kept.contains(&state_of(2)), "both outlive a restart");
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    until_connected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::CameBack { path: ReturnPath::Link }));
    assert!(world.requests()[0].contains("redirect_uri=app.hotmart-connect"));
    assert_eq!(world.secret(SecretKind::PendingRequest), None, "the answer closed both");
}

#[tokio::test(start_paused = true)]
async fn an_answer_on_loopback_completes_the_login_and_the_page_says_so() {
    let world = World::new();
    let connection = two_open(&world).await;
    assert_eq!(arrives_on_loopback(&world, "").await, Outcome::NotTheAnswer, "a scanner ends nothing");
    let foreign = format!("code=c&state={}", state_of(1));
    assert_eq!(
        arrives_on_loopback(&world, &foreign).await,
        Outcome::NotTheAnswer,
        "the other request's state"
    );
    world.answer(200, tokens_json(1, 7_200));
    let answer = format!("code=c&state={}", state_of(2));
    assert_eq!(arrives_on_loopback(&world, &answer).await, Outcome::Connected);
    assert_eq!(connection.watch().borrow().notice, Some(Notice::CameBack { path: ReturnPath::Loopback }));
    assert!(world.requests()[0].contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Fcallback"));
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(world.loopback.lock().unwrap().as_ref().unwrap().is_closed(), "nobody listens any more");
}

#[tokio::test(start_paused = true)]
async fn no_and_failure_are_told_on_the_page_too() {
    let world = World::new();
    let _connection = two_open(&world).await;
    let denied = format!("error=access_denied&state={}", state_of(2));
    assert_eq!(arrives_on_loopback(&world, &denied).await, Outcome::Denied);

    let world = World::new();
    let _connection = two_open(&world).await;
    world.answer(400, r#"{"error":"invalid_grant"}"#);
    let answer = format!("code=c&state={}", state_of(2));
    assert_eq!(arrives_on_loopback(&world, &answer).await, Outcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn two_answers_at_the_same_moment_are_one_exchange() {
    let world = World::new();
    let connection = two_open(&world).await;
    world.answer(200, tokens_json(1, 7_200));
    let answer = format!("code=c&state={}", state_of(2));
    allow(&connection, 1);
    let (_page, ()) = tokio::join!(arrives_on_loopback(&world, &answer), async {
        allow(&connection, 1);
        allow(&connection, 1);
    });
    until_connected(&connection).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_is_taken_leaves_the_first_request_open_and_says_so() {
    let world = World::new();
    *world.loopback_taken.lock().unwrap() = true;
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    connection.send(Event::Requested(Request::OpenSecondPath, Some(entropy(2))));
    connection.watch().wait_for(|now| now.notice == Some(Notice::SecondPathTaken)).await.unwrap();
    until(&connection, awaits(ReturnPath::Link)).await;
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    until_connected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_both_ways_are_open_again() {
    let world = World::new();
    drop(two_open(&world).await);
    let again = start(&world);
    until(&again, awaits(ReturnPath::Loopback)).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    world.answer(200, tokens_json(1, 7_200));
    let answer = format!("code=c&state={}", state_of(2));
    assert_eq!(arrives_on_loopback(&world, &answer).await, Outcome::Connected);
}

#[tokio::test(start_paused = true)]
async fn the_wait_can_be_made_longer_and_that_outlives_a_restart() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.pass(500);
    connection.send(Event::from(Request::Extend));
    let longer = |view: &View| matches!(view, View::AwaitingBrowser { expires_at, .. } if expires_at.seconds() == crate::support::START + 1_100);
    until(&connection, longer).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(connection);
    world.pass(400);
    let again = start(&world);
    until(&again, longer).await;
}

#[tokio::test(start_paused = true)]
async fn a_pasted_address_says_which_way_worked() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    *world.clipboard.lock().unwrap() = Some(format!(" {CALLBACK}?code=c&state={}\n", state_of(1)));
    world.answer(200, tokens_json(1, 7_200));
    connection.send(Event::from(Request::Paste));
    until_connected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::CameBack { path: ReturnPath::Paste }));
}

fn tokens_of(subject: &str, number: u32) -> String {
    let claims = format!(
        r#"{{"sub":"{subject}","name":"{subject}","iss":"https://sso.example","aud":"client","exp":{}}}"#,
        crate::support::START + 100_000
    );
    let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
    tokens_json(number, 7_200).replacen('{', &format!(r#"{{"id_token":"e30.{claims}.s","#), 1)
}

/// Connected as ana; then somebody connects again, and bruno logs in.
async fn another_seller(world: &Arc<World>) -> Connection {
    let connection = start(world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.answer(200, tokens_of("ana", 1));
    allow(&connection, 1);
    until_connected(&connection).await;
    connection.send(Event::Requested(Request::ConnectAsAnother, Some(entropy(2))));
    until(&connection, awaits(ReturnPath::Link)).await;
    world.answer(200, tokens_of("bruno", 2));
    allow(&connection, 2);
    let asked = |view: &View| {
        matches!(view, View::OtherSeller { known, found, still_connected: true }
            if known.subject == "ana" && found.subject == "bruno")
    };
    until(&connection, asked).await;
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("access-1"), "nothing is replaced unasked");
    connection
}

#[tokio::test(start_paused = true)]
async fn another_seller_replaces_nobody_unasked() {
    let world = World::new();
    let connection = another_seller(&world).await;
    world.answer(200, "");
    world.answer(200, "");
    connection.send(Event::from(Request::KeepSeller));
    until_connected(&connection).await;
    assert_eq!(connection.watch().borrow().notice, Some(Notice::SellerKept));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("access-1"));
    assert!(world.requests()[2].starts_with("/revoke token=refresh-2"), "the new tokens are void");
}

#[tokio::test(start_paused = true)]
async fn another_seller_replaces_the_one_before_when_that_was_meant() {
    let world = World::new();
    let connection = another_seller(&world).await;
    connection.send(Event::from(Request::ReplaceSeller));
    let session = until_connected(&connection).await;
    assert_eq!(session.seller.unwrap().subject, "bruno");
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("access-2"));
}

#[tokio::test(start_paused = true)]
async fn the_same_seller_is_asked_nothing_also_after_the_session_ended() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.answer(200, tokens_of("ana", 1));
    allow(&connection, 1);
    until_connected(&connection).await;
    world.answer(400, r#"{"error":"invalid_grant"}"#);
    connection.send(Event::from(Request::Refresh));
    until(&connection, |view| matches!(view, View::Expired { .. })).await;
    drop(connection);
    // The program is started anew: it still knows whose session it was.
    let again = start(&world);
    until(&again, |view| matches!(view, View::Expired { .. })).await;
    connect(&again, 2).await;
    world.answer(200, tokens_of("bruno", 2));
    allow(&again, 2);
    until(&again, |view| matches!(view, View::OtherSeller { still_connected: false, .. })).await;
    world.answer(200, "");
    world.answer(200, "");
    again.send(Event::from(Request::KeepSeller));
    until(&again, |view| matches!(view, View::Expired { .. })).await;
    connect(&again, 3).await;
    world.answer(200, tokens_of("ana", 3));
    allow(&again, 3);
    until_connected(&again).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_whose_only_way_is_loopback_says_when_it_cannot_be_used() {
    let world = World::new();
    *world.loopback_taken.lock().unwrap() = true;
    let mut setup = crate::support::setup();
    setup.client.redirect_uri = oauth::RedirectUri::parse(crate::support::LOOPBACK).unwrap();
    let connection =
        connection::spawn(crate::support::account(), 1, world.ports(), crate::support::clear_after());
    let configuration = connection::Configuration {
        resolved: Some(Box::new(setup)),
        new_client_secret: None,
        then_check: false,
    };
    connection.send(Event::Configured(configuration));
    until_disconnected(&connection).await;
    connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
    until(&connection, |view| matches!(view, View::Failed { error: ErrorCode::LoopbackTaken, .. })).await;
    assert_eq!(world.secret(SecretKind::PendingRequest), None);
    drop(connected(&World::new(), 7_200).await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_the_first_request_counts_while_the_keyring_stops_the_second() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    *world.problem_on_write.lock().unwrap() = Some(KeyringProblem::Failed);
    connection.send(Event::Requested(Request::OpenSecondPath, Some(entropy(2))));
    until(&connection, |view| view.stopped().is_some_and(|stopped| stopped.can_cancel)).await;
    world.answer(200, tokens_json(1, 7_200));
    *world.problem_on_write.lock().unwrap() = None;
    allow(&connection, 1);
    until_connected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn the_first_request_lives_as_long_as_the_second() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.pass(570);
    connection.send(Event::Requested(Request::OpenSecondPath, Some(entropy(2))));
    until(&connection, awaits(ReturnPath::Loopback)).await;
    world.pass(60);
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    until_connected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn changed_settings_leave_no_tokens_of_another_seller_behind() {
    let world = World::new();
    let connection = another_seller(&world).await;
    world.answer(200, "");
    world.answer(200, "");
    connection.send(crate::support::configured());
    until_connected(&connection).await;
    connection.end(LEAVE).await;
    assert!(world.requests()[2].starts_with("/revoke token=refresh-2"));
}

#[tokio::test(start_paused = true)]
async fn a_program_that_ends_in_the_middle_of_the_question_leaves_no_tokens_good() {
    let world = World::new();
    let connection = another_seller(&world).await;
    world.answer(200, "");
    world.answer(200, "");
    connection.end(LEAVE).await;
    let revoked: Vec<_> = world.requests().split_off(2);
    assert_eq!(revoked.len(), 2, "{revoked:?}");
    assert!(
        revoked[0].starts_with("/revoke token=refresh-2") && revoked[1].starts_with("/revoke token=access-2")
    );
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("access-1"), "the one before stays");
}
