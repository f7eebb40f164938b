//! Accounts that are reached with id and secret alone.
use std::sync::Arc;

use crate::support::*;
use connection::ports::SecretKind;
use connection::{
    AccountSettings, Connection, CopyTarget, CredentialField, Environment, ErrorCode, Event, Request, View,
};
use oauth::GrantType;

fn developer() -> AccountSettings {
    AccountSettings {
        client_id: "id-1".into(),
        grant_type: GrantType::ClientCredentials,
        ..AccountSettings::new(account(), Environment::Hotmart)
    }
}

fn token(number: u32, lifetime: u64) -> String {
    format!(
        r#"{{"access_token":"access-{number}","token_type":"bearer","expires_in":{lifetime},"scope":"read write"}}"#
    )
}

async fn ready(world: &Arc<World>) -> Connection {
    let connection = connection::spawn(account(), 1, world.ports(), clear_after());
    connection.send(configured_as(&developer(), Some("s-2")));
    until_disconnected(&connection).await;
    connection
}

async fn connected_with(world: &Arc<World>, lifetime: u64) -> Connection {
    let connection = ready(world).await;
    world.answer(200, token(1, lifetime));
    connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
    until_connected(&connection).await;
    connection
}

#[tokio::test(start_paused = true)]
async fn connecting_asks_no_browser_and_sends_what_hotmart_documents() {
    let world = World::new();
    let connection = ready(&world).await;
    connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
    let asking = until(&connection, |view| matches!(view, View::Exchanging { .. })).await;
    assert_eq!(asking, View::Exchanging { can_cancel: true, by_browser: false });
    connection.send(Event::from(Request::Cancel));
    until_disconnected(&connection).await;

    world.answer(200, token(1, 172_799));
    connection.send(Event::Requested(Request::Connect, Some(entropy(2))));
    let session = until_connected(&connection).await;
    assert!(session.renewable, "the credentials are asked with again");
    assert_eq!(world.opened.load(std::sync::atomic::Ordering::SeqCst), 0);
    let asked = "/security/oauth/token?grant_type=client_credentials&client_id=id-1&client_secret=s-2 ";
    assert_eq!(world.requests()[0], asked);
    assert!(world.secret(SecretKind::PendingRequest).is_none());
}

#[tokio::test(start_paused = true)]
async fn it_renews_itself_with_the_same_credentials() {
    let world = World::new();
    let connection = connected_with(&world, 100).await;
    let old = until_connected(&connection).await;
    world.answer(200, token(2, 100));
    world.pass(95);
    until_renewed(&connection, &old).await;
    let record = world.secret(SecretKind::Tokens).unwrap();
    assert!(record.contains("access-2") && !record.contains("unanswered_since"));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_ends_nothing_since_nothing_was_spent() {
    let world = World::new();
    let connection = connected_with(&world, 100).await;
    world.answer_with_problem(connection::HttpProblem::TimedOut);
    connection.send(Event::from(Request::Refresh));
    until(&connection, |view| matches!(view, View::Retrying { .. })).await;
    assert!(!world.secret(SecretKind::Tokens).unwrap().contains("unanswered_since"));
    world.answer(400, r#"{"error":"invalid_grant"}"#);
    connection.send(Event::from(Request::Refresh));
    let view = until(
        &connection,
        |view| matches!(view, View::Retrying { error, .. } if *error == ErrorCode::CodeRefused),
    )
    .await;
    assert!(matches!(view, View::Retrying { .. }), "no word ends it: {view:?}");
}

#[tokio::test(start_paused = true)]
async fn credentials_that_were_deleted_are_told_of_and_the_token_stays_while_it_lives() {
    let world = World::new();
    let connection = connected_with(&world, 100).await;
    let refused = r#"{"error":"invalid_client","error_description":"Bad client credentials"}"#;
    world.answer(401, refused);
    connection.send(Event::from(Request::Refresh));
    let view = until(&connection, |view| matches!(view, View::Retrying { .. })).await;
    let View::Retrying { error, server, .. } = view else { unreachable!("just matched") };
    assert_eq!(error, ErrorCode::ClientRefused);
    assert_eq!(server.unwrap().description(), Some("Bad client credentials"));

    world.pass(200);
    world.answer(401, refused);
    let view = until(&connection, |view| matches!(view, View::Failed { .. })).await;
    assert!(matches!(view, View::Failed { error: ErrorCode::ClientRefused, .. }));
    assert!(world.secret(SecretKind::Tokens).is_some(), "nothing was deleted");
    // Somebody put it right at Hotmart: looking at the window is enough.
    world.answer(200, token(3, 100));
    connection.send(Event::Resumed);
    until_connected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_name_the_time_and_the_servers_words() {
    let world = World::new();
    let connection = ready(&world).await;
    world.answer(429, r#"{"error":"too_many_requests","error_description":"slow down"}"#);
    connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
    let view = until(&connection, |view| matches!(view, View::Failed { .. })).await;
    let View::Failed { error, server, wait_until, .. } = view else { unreachable!("just matched") };
    assert_eq!(error, ErrorCode::TooManyRequests);
    assert_eq!(wait_until.unwrap().seconds(), START + RETRY_AFTER.as_secs());
    assert_eq!(server.unwrap().description(), Some("slow down"));
}

#[tokio::test(start_paused = true)]
async fn each_part_of_the_credential_is_copied_and_nobody_is_asked_for_it() {
    let world = World::new();
    let connection = connected_with(&world, 7_200).await;
    let asked = world.requests().len();
    for (field, text) in [
        (CredentialField::ClientId, "id-1"),
        (CredentialField::ClientSecret, "s-2"),
        (CredentialField::Basic, "aWQtMTpzLTI="),
    ] {
        connection.send(Event::from(Request::Copy { target: CopyTarget::Credential(field) }));
        let copied = || world.clipboard.lock().unwrap().as_deref() == Some(text);
        while !copied() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    assert_eq!(world.requests().len(), asked);
    // It leaves the clipboard as a token does.
    world.pass(61);
    connection.send(Event::Woke);
    while world.clipboard.lock().unwrap().is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
