//! Who is connected, as the server signs it, and which token goes to the API.
use std::sync::Arc;

use crate::support::*;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use connection::ports::SecretKind;
use connection::{AccountSettings, Connection, Environment, ErrorCode, Event, ExpiryReason, Request, View};
use serde_json::{Value, json};

const ISSUER: &str = "https://sso.hotmart.com/oidc";

/// The nonce of the request with this number.
fn nonce(number: u8) -> String {
    BASE64_URL_SAFE_NO_PAD.encode([number; 32])
}

fn claims(nonce: Value) -> Value {
    json!({ "iss": ISSUER, "aud": "client", "sub": "ana", "exp": START + 3_600, "nonce": nonce, "name": "Ana" })
}

fn answer(number: u32, claims: &Value) -> String {
    let token = format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut body: Value = serde_json::from_str(&tokens_json(number, 7_200)).unwrap();
    body["id_token"] = json!(token);
    body.to_string()
}

async fn waiting(world: &Arc<World>) -> Connection {
    let settings = AccountSettings {
        client_id: "client".into(),
        ..AccountSettings::new(account(), Environment::HotmartAuthentication)
    };
    let connection = connection::spawn(account(), 1, world.ports(), clear_after());
    connection.send(configured_as(&settings, Some("s")));
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    connection
}

fn copied(world: &World) -> String {
    world.clipboard.lock().unwrap().clone().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_good_one_names_the_seller_and_goes_to_the_api_for_as_long_as_it_lives() {
    let world = World::new();
    let connection = waiting(&world).await;
    world.answer(200, answer(1, &claims(json!(nonce(1)))));
    allow(&connection, 1);
    let session = until_connected(&connection).await;
    assert_eq!(session.seller.unwrap().name.as_deref(), Some("Ana"));
    assert_eq!(
        session.expires_at.unwrap().seconds(),
        START + 3_600,
        "the id token's end, not the access token's"
    );
    connection.send(copy());
    let mut snapshots = connection.watch();
    snapshots.wait_for(|snapshot| snapshot.copied.is_some()).await.unwrap();
    assert!(copied(&world).starts_with("e30."), "Hotmart's sample sends the id token");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_one_fails_the_login_and_its_tokens_are_revoked() {
    let changed = |name: &str, value: Value| {
        let mut claims = claims(json!(nonce(1)));
        claims[name] = value;
        claims
    };
    for wrong in [
        changed("iss", json!("https://evil.example")),
        changed("aud", json!("another")),
        changed("exp", json!(START - 3_600)),
        changed("nonce", json!(nonce(2))),
        changed("nonce", Value::Null),
        Value::Null,
    ] {
        let world = World::new();
        let connection = waiting(&world).await;
        let body = if wrong.is_null() { tokens_json(1, 7_200) } else { answer(1, &wrong) };
        world.answer(200, body);
        world.answer(200, "{}");
        world.answer(200, "{}");
        allow(&connection, 1);
        let view = until(&connection, |view| matches!(view, View::Failed { .. })).await;
        assert!(matches!(view, View::Failed { error: ErrorCode::IdTokenWrong, .. }), "{wrong}");
        assert!(world.secret(SecretKind::Tokens).is_none());
        let revoked = world.requests().iter().filter(|request| request.starts_with("/oidc/revoke")).count();
        assert_eq!(revoked, 2, "{wrong}");
    }
}

/// Connected as Ana, whose id token goes to the API.
async fn connected_as_ana(world: &Arc<World>) -> (Connection, connection::Session) {
    let connection = waiting(world).await;
    world.answer(200, answer(1, &claims(json!(nonce(1)))));
    allow(&connection, 1);
    let session = until_connected(&connection).await;
    (connection, session)
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_brings_another_persons_tokens_ends_the_session_and_revokes_them() {
    let world = World::new();
    let (connection, _) = connected_as_ana(&world).await;
    let mut foreign = claims(Value::Null);
    foreign["sub"] = json!("bruno");
    world.answer(200, answer(2, &foreign));
    world.answer(200, "{}");
    world.answer(200, "{}");
    connection.send(Event::from(Request::Refresh));
    let over = until(&connection, |view| matches!(view, View::Expired { .. })).await;
    let View::Expired { reason: ExpiryReason::Refused { server: error } } = over else {
        panic!("no answer was lost: {over:?}")
    };
    assert_eq!(error.code(), "another_subject");
    assert!(
        !world.secret(SecretKind::Tokens).unwrap().contains("refresh-2"),
        "nobody works on another's account"
    );
    assert_eq!(world.requests().iter().filter(|request| request.starts_with("/oidc/revoke")).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_without_a_good_id_token_hands_out_the_access_token_and_is_no_loop() {
    let mut wrong = claims(Value::Null);
    wrong["aud"] = json!("another");
    for body in [answer(2, &wrong), tokens_json(2, 7_200)] {
        let world = World::new();
        let (connection, first) = connected_as_ana(&world).await;
        world.pass(3_000);
        world.answer(200, body);
        connection.send(Event::from(Request::Refresh));
        let session = until_renewed(&connection, &first).await;
        assert_eq!(session.seller.as_ref().unwrap().name.as_deref(), Some("Ana"));
        assert_eq!(session.expires_at.unwrap().seconds(), START + 3_000 + 7_200, "the access token's end");
        assert!(
            world.secret(SecretKind::Tokens).unwrap().contains("refresh-2"),
            "what was rotated is stored"
        );

        world.answer(200, answer(3, &claims(Value::Null)));
        connection.send(Event::from(Request::Refresh));
        let session = until_renewed(&connection, &session).await;
        assert_eq!(session.expires_at.unwrap().seconds(), START + 3_600, "the id token goes out again");
    }
}

/// A server that names its keys. The token is not signed with one of them.
#[tokio::test(start_paused = true)]
async fn where_the_server_names_its_keys_they_are_fetched_first_and_once_more_if_they_changed() {
    let mut settings = settings_of("client");
    settings.scope = Some("openid".into());
    let endpoints = settings.endpoints.as_mut().unwrap();
    endpoints.keys = Some("https://sso.example/jwks".into());
    endpoints.issuer = Some(ISSUER.into());
    let world = World::new();
    let connection = connection::spawn(account(), 1, world.ports(), clear_after());
    connection.send(configured_as(&settings, None));
    until_disconnected(&connection).await;

    // Without the keys the code is not spent.
    connect(&connection, 1).await;
    world.fetch(503, "");
    allow(&connection, 1);
    until(&connection, |view| matches!(view, View::Failed { error: ErrorCode::ServerUnavailable, .. })).await;
    assert!(!world.requests().iter().any(|request| request.starts_with("/token")));

    connect(&connection, 2).await;
    world.fetch(200, r#"{"keys":[]}"#);
    world.fetch(200, r#"{"keys":[]}"#);
    world.answer(200, answer(1, &claims(json!(nonce(2)))));
    world.answer(200, "{}");
    world.answer(200, "{}");
    allow(&connection, 2);
    until(&connection, |view| matches!(view, View::Failed { error: ErrorCode::IdTokenWrong, .. })).await;
    let asked = world.requests().iter().filter(|request| request.contains("/jwks")).count();
    assert_eq!(asked, 3);
}
