//! What must hold when something goes wrong at the worst moment: the program
//! ends, a part of it breaks off, an answer is lost, another process was first.
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::{
    CALLBACK, LEAVE, World, account, allow, arrives, clear_after, configured, configured_for, connect,
    connected, entropy, start, state_of, tokens_json, until, until_connected, until_disconnected,
    until_renewed,
};
use connection::ports::{BoxFuture, HttpClient, SecretKind};
use connection::{
    AccountId, AccountSettings, Credentials, Custody, Deployment, Endpoints, Environment, ErrorCode, Event,
    HttpProblem, KeyringProblem, NotDeleted, Notice, Ports, Request, View,
};
use oauth::{Callback, GrantType, Response, Secret, TokenRequest};

#[tokio::test(start_paused = true)]
async fn a_program_that_ends_begins_no_renewal_however_long_its_goodbyes_take() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let asked = world.requests().len();
    connection.end(LEAVE).await;
    // The time for a renewal comes, the machine wakes, the user clicks.
    world.pass(7_100);
    for event in [Event::Woke, Event::Resumed, Request::Refresh.into(), Request::Check.into()] {
        connection.send(event);
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(world.requests().len(), asked, "{:?}", world.requests());
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("refresh-1"));
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_comes_to_its_end_before_the_program_does() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(Request::Refresh.into());
    until(&connection, |view| matches!(view, View::Refreshing { .. })).await;
    let ending = connection.clone();
    let mut end = tokio::spawn(async move { ending.end(LEAVE).await });
    assert!(tokio::time::timeout(Duration::from_secs(20), &mut end).await.is_err(), "it waits");
    // The server's answer: the request is in the script's hands until now.
    world.release(200, tokens_json(2, 60));
    end.await.unwrap();
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("refresh-2"));
    world.pass(60);
    connection.send(Event::Woke);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.requests().len(), 2, "the new tokens are not renewed in turn");
}

#[tokio::test(start_paused = true)]
async fn tokens_that_a_new_login_replaces_are_revoked_once_the_new_ones_are_stored() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connect(&connection, 2).await;
    world.answer(200, tokens_json(2, 7_200));
    world.answer(200, "");
    world.answer(200, "");
    allow(&connection, 2);
    until_connected(&connection).await;
    connection.end(LEAVE).await;
    let revoked = world.requests().split_off(2);
    assert!(revoked[0].starts_with("/revoke token=refresh-1"), "{revoked:?}");
    assert!(revoked[1].starts_with("/revoke token=access-1"), "{revoked:?}");
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("refresh-2"));
}

#[tokio::test(start_paused = true)]
async fn tokens_of_the_credentials_before_are_revoked_at_their_own_server_and_a_shared_one_is_not() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(configured_for("another-client"));
    until_disconnected(&connection).await;
    connect(&connection, 2).await;
    world.answer(200, tokens_json(2, 7_200));
    world.answer(200, "");
    world.answer(200, "");
    allow(&connection, 2);
    until_connected(&connection).await;
    connection.end(LEAVE).await;
    let revoked = world.requests().split_off(2);
    assert!(revoked[0].starts_with("/revoke token=refresh-1") && revoked[0].contains("client_id=client"));
    assert!(!revoked[0].contains("another-client"), "{revoked:?}");

    // A server that gives the same refresh token again must not be told that it is void.
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connect(&connection, 2).await;
    world.answer(200, tokens_json(1, 7_200).replace("access-1", "access-2"));
    allow(&connection, 2);
    until_connected(&connection).await;
    connection.end(LEAVE).await;
    assert_eq!(world.requests().len(), 2, "{:?}", world.requests());
}

#[tokio::test(start_paused = true)]
async fn a_locked_keyring_keeps_the_newest_answers_and_none_that_is_too_long() {
    let world = World::new();
    let first = start(&world);
    until_disconnected(&first).await;
    connect(&first, 1).await;
    let pending = world.secret(SecretKind::PendingRequest).unwrap();
    drop(first);
    world.secrets.lock().unwrap().insert(SecretKind::PendingRequest, pending);

    world.lock_keyring(Some(KeyringProblem::Locked));
    let connection = start(&world);
    until(&connection, |view| matches!(view, View::KeyringLocked { .. })).await;
    for index in 0..20 {
        arrives(&connection, &format!("code=forged-{index}&state=forged"));
        arrives(&connection, &format!("code={}", "x".repeat(1024 * 1024)));
    }
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    world.lock_keyring(None);
    world.pass(10);
    connection.send(Event::Woke);
    until_connected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_reaches_the_wrong_program_is_taken_there_and_the_right_one_sees_it() {
    let world = World::new();
    let window = connected(&world, 7_200).await;
    let before = until_connected(&window).await;
    let terminal = connection::spawn(account(), 2, world.ports(), clear_after());
    terminal.send(configured());
    until_connected(&terminal).await;
    connect(&terminal, 5).await;
    // Forged ones change nothing.
    arrives(&window, "code=forged&state=forged");
    world.answer(200, tokens_json(2, 7_200));
    world.answer(200, "");
    world.answer(200, "");
    window.send(Event::CallbackArrived(Callback::new(format!("{CALLBACK}?code=c&state={}", state_of(5)))));
    until_renewed(&window, &before).await;
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("refresh-2"));
    assert!(world.secret(SecretKind::PendingRequest).is_none(), "the code is used once");
    assert_eq!(window.watch().borrow().notice, Some(Notice::CameBack { path: connection::ReturnPath::Link }));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_may_be_lost_is_said_the_first_time_and_until_it_is_known() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    let lost = |view: &View| {
        matches!(view, View::Retrying { answer_may_be_lost: true, reconnecting_may_help: true, .. })
    };
    for (asked, problem) in [(2, HttpProblem::TimedOut), (3, HttpProblem::Unreachable)] {
        world.answer_with_problem(problem);
        connection.send(Request::Refresh.into());
        until_asked(&world, asked).await;
        until(&connection, lost).await;
    }
    world.answer(200, tokens_json(2, 7_200));
    connection.send(Request::Refresh.into());
    until_connected(&connection).await;
    world.answer_with_problem(HttpProblem::Unreachable);
    connection.send(Request::Refresh.into());
    until(&connection, |view| matches!(view, View::Retrying { answer_may_be_lost: false, .. })).await;
}

/// Waits until the server was asked so often. In that moment a renewal is under way.
async fn until_asked(world: &Arc<World>, times: usize) {
    while world.requests().len() < times {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_a_dead_token_with_nothing_is_left_after_some_tries() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    for tries in 1..=3 {
        world.answer(400, "");
        connection.send(Request::Refresh.into());
        until_asked(&world, 1 + tries).await;
        let shown = until(&connection, |view| matches!(view, View::Retrying { .. })).await;
        let View::Retrying { reconnecting_may_help, .. } = shown else { unreachable!("just matched") };
        assert_eq!(reconnecting_may_help, tries == 3, "after {tries} tries");
    }
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("refresh-1"), "nothing is deleted");
}

/// Breaks off whenever it is asked.
struct Faulty;

impl HttpClient for Faulty {
    fn send(&self, _: TokenRequest) -> BoxFuture<'_, Result<Response, HttpProblem>> {
        Box::pin(async { panic!("a fault") })
    }
    fn get(
        &self,
        _: oauth::Endpoint,
        _: Option<Secret>,
    ) -> BoxFuture<'_, Result<connection::ports::Fetched, HttpProblem>> {
        Box::pin(async { panic!("a fault") })
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_in_the_middle_of_a_renewal_is_said_and_the_session_is_found_again() {
    let world = World::new();
    drop(connected(&world, 7_200).await);
    let custody = Custody { http: Arc::new(Faulty), ..world.custody() };
    let connection = connection::spawn(account(), 1, Ports { custody, ..world.ports() }, clear_after());
    connection.send(configured());
    until_connected(&connection).await;
    connection.send(Request::Refresh.into());
    let failed = |view: &View| {
        matches!(view, View::Failed { error: ErrorCode::Internal, trying_again_helps: true, .. })
    };
    until(&connection, failed).await;
    // Nobody clicks: it looks again by itself.
    world.pass(31);
    until_connected(&connection).await;
    assert_eq!(world.locks_held.load(Ordering::SeqCst), 0, "nobody waits for this program");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_begun_after_a_fault_is_not_disturbed_by_looking_again() {
    let world = World::new();
    drop(connected(&world, 7_200).await);
    let custody = Custody { http: Arc::new(Faulty), ..world.custody() };
    let connection = connection::spawn(account(), 1, Ports { custody, ..world.ports() }, clear_after());
    connection.send(configured());
    until_connected(&connection).await;
    connection.send(Request::Refresh.into());
    until(&connection, |view| matches!(view, View::Failed { .. })).await;
    connect(&connection, 3).await;
    // The time to look again comes, and passes; the actor hears what is asked of it.
    world.pass(60);
    connection.send(Event::Woke);
    connection.send(Request::Cancel.into());
    until_disconnected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn what_became_of_tokens_that_cannot_be_deleted_is_known() {
    let world = World::new();
    drop(connected(&world, 7_200).await);
    let resolved = crate::support::setup();
    world.answer(200, "");
    world.answer(200, "");
    *world.problem_on_delete.lock().unwrap() = Some(KeyringProblem::Failed);
    let failed = world.custody().disconnect(&account(), &resolved).await.unwrap_err();
    let known = NotDeleted { problem: KeyringProblem::Failed, revocation: Some(Notice::Revoked) };
    assert_eq!(failed, known);
    world.lock_keyring(Some(KeyringProblem::Locked));
    let failed = world.custody().disconnect(&account(), &resolved).await.unwrap_err();
    assert_eq!(failed.revocation, None, "the server was not told");
}

#[tokio::test(start_paused = true)]
async fn a_token_of_a_short_life_is_not_handed_out_after_its_end() {
    let world = World::new();
    let connection = connected(&world, 4).await;
    let session = until_connected(&connection).await;
    let fits = |seconds: u64| {
        session
            .is_long_enough(Duration::from_secs(300), session.obtained_at.after(Duration::from_secs(seconds)))
    };
    assert!(fits(0) && fits(3), "whatever life it has, it has just arrived");
    assert!(!fits(4) && !fits(9));
}

fn endpoints(server: &str) -> Endpoints {
    Endpoints {
        authorize: Some(format!("https://{server}/authorize")),
        token: format!("https://{server}/token"),
        ..Endpoints::default()
    }
}

fn at(server: &str, before: Option<AccountSettings>) -> AccountSettings {
    let filled_in = Credentials {
        name: None,
        environment: Environment::Custom,
        grant_type: GrantType::AuthorizationCode,
        client_id: "client".into(),
        client_secret: None,
        endpoints: Some(endpoints(server)),
        client_authentication: None,
        scope: None,
    };
    AccountSettings::filled_in(AccountId::parse("main").unwrap(), before, filled_in).unwrap().0
}

#[test]
fn every_server_of_ones_own_has_its_own_redirect_uri_and_what_was_registered_stays() {
    let first = at("one.example", None);
    assert_eq!(first.redirect_uri.as_deref(), Some("app.hotmart-connect:/oauth/callback/one.example_token"));
    assert_eq!(at("one.example", Some(first.clone())), first);
    let moved = at("two.example", Some(first.clone()));
    assert_eq!(moved.redirect_uri.as_deref(), Some("app.hotmart-connect:/oauth/callback/two.example_token"));
    let by_hand = AccountSettings { redirect_uri: Some("https://shop.example/cb".into()), ..first };
    assert_eq!(at("one.example", Some(by_hand.clone())).redirect_uri, by_hand.redirect_uri);
    assert_eq!(
        at("two.example", Some(by_hand.clone())).redirect_uri,
        moved.redirect_uri,
        "it was for another server"
    );
    let listening =
        AccountSettings { loopback_redirect_uri: Some("http://127.0.0.1:1/x".into()), ..by_hand.clone() };
    assert_eq!(
        at("one.example", Some(listening.clone())).loopback_redirect_uri,
        listening.loopback_redirect_uri
    );
    assert_eq!(at("two.example", Some(listening)).loopback_redirect_uri, None);
    let older = AccountSettings { redirect_uri: None, ..by_hand };
    assert_eq!(
        at("one.example", Some(older.clone())).redirect_uri,
        None,
        "registered before there was one for each"
    );
    assert_eq!(at("two.example", Some(older)).redirect_uri, moved.redirect_uri);
    assert_eq!(
        endpoints("one.example").loopback_redirect_uri(),
        "http://127.0.0.1:47991/callback/one.example_token"
    );
}

/// A hostile server sends the browser on to Hotmart, with this program's client
/// id, its own state and its own challenge. Hotmart answers to the redirect URI
/// that is registered there.
#[tokio::test(start_paused = true)]
async fn an_answer_of_hotmarts_never_goes_to_another_server() {
    let world = World::new();
    let hostile = at("evil.example", None);
    for registered in [CALLBACK, "http://127.0.0.1:47991/callback"] {
        let connection = connection::spawn(account(), 1, world.ports(), clear_after());
        connection.send(crate::support::configured_as(&hostile, None));
        until_disconnected(&connection).await;
        connection.send(Event::Requested(Request::Connect, Some(entropy(9))));
        until(&connection, |view| matches!(view, View::AwaitingBrowser { .. })).await;
        let state = state_of(9);
        let own = hostile.redirect_uri.clone().unwrap();
        for answer in [
            format!("{registered}?code=hotmarts&state={state}"),
            format!("{registered}?code=hotmarts&state={state}&iss=https%3A%2F%2Fsso.hotmart.com%2Foidc"),
            // Where Hotmart had this one registered as well, it would still say who it is.
            format!("{own}?code=hotmarts&state={state}&iss=https%3A%2F%2Fsso.hotmart.com%2Foidc"),
        ] {
            connection.send(Event::CallbackArrived(Callback::new(answer)));
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(matches!(connection.watch().borrow().view, View::AwaitingBrowser { .. }), "{registered}");
        assert!(world.requests().is_empty(), "neither code nor verifier went anywhere");
        connection.send(Request::Cancel.into());
        until_disconnected(&connection).await;
    }
    assert!(hostile.resolve(&Deployment::default()).is_ok());
}
