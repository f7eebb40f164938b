//! Every answer that is known of Hotmart, in the shape in which it is known,
//! and what this program makes of it.
use std::time::Duration;

use crate::support::*;
use connection::{
    AccountSettings, Connection, Environment, ErrorCode, Event, ExpiryReason, Request, Session, Verdict, View,
};
use oauth::GrantType;

/// The classic host, for developer credentials.
const CLASSIC_TOKEN: &str = r#"{"access_token":"H4sIAAAAAAAAAJVSy26bMBD8F865%2FQ%3D%3D","token_type":"bearer",
    "expires_in":172799,"scope":"read write","jti":"f2a1c9de-9d8e-4b7a-8a7e-0f4f8d1d2c11"}"#;
/// The same with a refresh token, as the guide for applications has it; the lifetime as text.
const CLASSIC_TOKEN_OF_AN_APPLICATION: &str = r#"{"access_token":"H4sIAAAAAAAAAJVSy26bMBD8F865%2FQ%3D%3D",
    "token_type":"bearer","refresh_token":"f7c1f0f0-5b0e-4f86-9a0f-3f6a2a5c7f11","expires_in":"172799","scope":"all"}"#;
/// Spring's errors: it repeats the token in its words.
const SPRING_EXPIRED: &str =
    r#"{"error":"invalid_token","error_description":"Access token expired: H4sIAAAAAAAAAJVSy26bMBD8F865"}"#;
const SPRING_BAD_CLIENT: &str = r#"{"error":"invalid_client","error_description":"Bad client credentials"}"#;
const SPRING_BAD_REFRESH: &str = r#"{"error":"invalid_grant","error_description":"Invalid refresh token: f7c1f0f0-5b0e-4f86-9a0f-3f6a2a5c7f11"}"#;
/// The envelope of Hotmart's own errors.
const ENVELOPE: &str = r#"{"error":"unauthorized","error_description":"Full authentication is required to access this resource.",
    "error_uri":"https://developers.hotmart.com/docs/en/"}"#;

const SALES_HISTORY: &str = r#"{"items":[{"product":{"id":213344,"name":"Curso"},"buyer":{"name":"B","ucode":"9c8f","email":"b@exemplo.com"},
    "producer":{"name":"A","ucode":"8a2b"},"purchase":{"transaction":"HP17715690036014","order_date":1622948400000,
    "approved_date":1622948400000,"status":"COMPLETE","price":{"value":197.0,"currency_code":"BRL"}}}],
    "page_info":{"total_results":14,"next_page_token":"05b60506b8","prev_page_token":"00b60506b8","results_per_page":1}}"#;
const NO_SALES: &str = r#"{"items":[],"page_info":{"total_results":0,"results_per_page":1}}"#;
const SALES_SUMMARY: &str = r#"{"items":[{"total_items":2,"total_value":{"value":394.0,"currency_code":"BRL"}},
    {"total_items":1,"total_value":{"value":10.0,"currency_code":"USD"}}],"page_info":{"total_results":2,"results_per_page":50}}"#;
const SUBSCRIPTIONS: &str = r#"{"items":[{"subscriber_code":"ABC12DEF","subscription_id":1,"status":"ACTIVE","accession_date":1622948400000,
    "price":{"value":49.9,"currency_code":"BRL"}}],"page_info":{"total_results":1,"results_per_page":1}}"#;
const PRODUCTS: &str = r#"{"items":[{"id":213344,"name":"Curso","ucode":"9c8f","status":"ACTIVE","format":"ONLINE_COURSE"}],
    "page_info":{"results_per_page":1}}"#;
const ME: &str = r#"{"id":10012,"name":"Ana Souza","email":"ana@exemplo.com","login":"ana@exemplo.com","ucode":"9c8f0000-0000-4000-8000-000000000001",
    "locale":"pt_BR","time_zone":"America/Sao_Paulo","currency_code_commission":"BRL"}"#;

fn developer(environment: Environment) -> AccountSettings {
    AccountSettings {
        client_id: "f2a1c9de-0000-4000-8000-000000000000".into(),
        grant_type: GrantType::ClientCredentials,
        ..AccountSettings::new(account(), environment)
    }
}

async fn ready(world: &std::sync::Arc<World>, settings: &AccountSettings) -> Connection {
    let connection = connection::spawn(account(), 1, world.ports(), clear_after());
    connection.send(configured_as(settings, Some("9d8e0000-0000-4000-8000-000000000000")));
    until_disconnected(&connection).await;
    connection
}

/// Connects with developer credentials; the token endpoint and then the API answer these.
async fn told(token: (u16, &str), api: &[(u16, &str)]) -> Connection {
    let world = World::new();
    let connection = ready(&world, &developer(Environment::Hotmart)).await;
    world.answer(token.0, token.1);
    for (status, body) in api {
        world.fetch(*status, *body);
    }
    connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
    until(&connection, |view| !matches!(view, View::Disconnected | View::Exchanging { .. })).await;
    connection
}

async fn verdict(api: &[(u16, &str)]) -> Verdict {
    let connection = told((200, CLASSIC_TOKEN), api).await;
    let mut snapshots = connection.watch();
    let known = |snapshot: &connection::Snapshot| snapshot.last_check.is_some();
    let shown = tokio::time::timeout(Duration::from_secs(600), snapshots.wait_for(known)).await;
    shown.expect("it ends").unwrap().last_check.clone().unwrap().verdict
}

#[tokio::test(start_paused = true)]
async fn tokens_of_the_classic_host() {
    let connection = told((200, CLASSIC_TOKEN), &[]).await;
    let session = until_connected(&connection).await;
    assert_eq!(session.expires_at.unwrap().seconds(), START + 172_799, "expires_in is believed");
    assert_eq!(session.scope.as_deref(), Some("read write"));
    connection.send(copy());

    let world = World::new();
    let application =
        AccountSettings { client_id: "id".into(), ..AccountSettings::new(account(), Environment::Hotmart) };
    let connection = ready(&world, &application).await;
    connect(&connection, 1).await;
    world.answer(200, CLASSIC_TOKEN_OF_AN_APPLICATION);
    allow(&connection, 1);
    let Session { renewable, expires_at, .. } = until_connected(&connection).await;
    assert!(
        renewable && expires_at.unwrap().seconds() == START + 172_799,
        "a number in quotation marks is one"
    );
    connection.send(copy());
    connection.watch().wait_for(|snapshot| snapshot.copied.is_some()).await.unwrap();
    let copied = world.clipboard.lock().unwrap().clone();
    assert_eq!(copied.as_deref(), Some("H4sIAAAAAAAAAJVSy26bMBD8F865%2FQ%3D%3D"), "byte for byte");

    world.answer(400, SPRING_BAD_REFRESH);
    connection.send(Event::from(Request::Refresh));
    let over = until(&connection, |view| matches!(view, View::Expired { .. })).await;
    let View::Expired { reason: ExpiryReason::Refused { server: error } } = over else { panic!("{over:?}") };
    assert_eq!(error.description(), Some("Invalid refresh token: …"), "no token is shown");
}

#[tokio::test(start_paused = true)]
async fn errors_of_the_token_endpoint_in_both_families() {
    for (status, body, code) in [
        (401, SPRING_BAD_CLIENT, ErrorCode::ClientRefused),
        (401, ENVELOPE, ErrorCode::ClientRefused),
        (401, r#"{"error":"unauthorized_client","error_description":"x"}"#, ErrorCode::ApplicationRefused),
        (400, r#"{"error":"invalid_parameter","error_description":"x"}"#, ErrorCode::RequestRefused),
        (400, r#"{"error":"invalid_value_parameter","error_description":"x"}"#, ErrorCode::RequestRefused),
        (400, r#"{"error":"invalid_value_headers","error_description":"x"}"#, ErrorCode::RequestRefused),
        (404, r#"{"error":"not_found","error_description":"x"}"#, ErrorCode::RequestRefused),
        (429, r#"{"error":"too_many_requests","error_description":"x"}"#, ErrorCode::TooManyRequests),
        (500, r#"{"error":"internal_server_error","error_description":"x"}"#, ErrorCode::ServerUnavailable),
        (400, r#"{"error":"invalid_grant"}"#, ErrorCode::CodeRefused),
        (400, r#"{"error":"invalid_scope"}"#, ErrorCode::ScopeRefused),
        (400, r#"{"error":"unsupported_grant_type"}"#, ErrorCode::GrantRefused),
        (400, r#"{"error":"redirect_uri_mismatch"}"#, ErrorCode::RedirectRefused),
        (401, SPRING_EXPIRED, ErrorCode::RequestRefused),
        (403, "<html><title>Request blocked</title></html>", ErrorCode::UnexpectedAnswer),
        (202, "", ErrorCode::UnexpectedAnswer),
        (200, "<!doctype html><title>Hotmart Developers</title>", ErrorCode::UnexpectedAnswer),
        (502, "<html>Bad Gateway</html>", ErrorCode::ServerUnavailable),
    ] {
        let connection = told((status, body), &[]).await;
        let view = connection.watch().borrow().view.clone();
        let View::Failed { error: found, server, .. } = view else { panic!("{body}: {view:?}") };
        assert_eq!(found, code, "{body}");
        let words = server.and_then(|server| server.description().map(str::to_owned)).unwrap_or_default();
        assert!(!words.contains("H4sI"), "no token is shown: {words}");
    }
}

/// The answer of Hotmart Authentication, a server of the CAS family: all three
/// tokens, each with the beginning that it is known by.
fn cas_tokens(nonce: &str) -> String {
    use base64::Engine;
    let claims = format!(
        r#"{{"iss":"https://sso.hotmart.com/oidc","aud":"client","sub":"9c8f0000","exp":{},"iat":{START},"jti":"TGT-1",
            "nonce":"{nonce}","name":"Ana Souza","email":"ana@exemplo.com"}}"#,
        START + 7_200
    );
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(claims);
    format!(
        r#"{{"access_token":"AT-1-Qw8n","token_type":"bearer","expires_in":28800,"refresh_token":"RT-1-x9",
            "scope":"openid developers sales club subscriptions","id_token":"eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln"}}"#
    )
}

async fn at_hotmart_authentication(world: &std::sync::Arc<World>) -> Connection {
    let settings = AccountSettings {
        client_id: "client".into(),
        ..AccountSettings::new(account(), Environment::HotmartAuthentication)
    };
    let connection = ready(world, &settings).await;
    connect(&connection, 1).await;
    connection
}

#[tokio::test(start_paused = true)]
async fn tokens_of_hotmart_authentication() {
    use base64::Engine;
    let world = World::new();
    let connection = at_hotmart_authentication(&world).await;
    world.answer(200, cas_tokens(&base64::prelude::BASE64_URL_SAFE_NO_PAD.encode([1; 32])));
    world.fetch(200, SALES_HISTORY);
    arrives(&connection, &format!("code=OC-1-abc&state={}", state_of(1)));
    let session = until_connected(&connection).await;
    assert_eq!(session.seller.unwrap().to_string(), "Ana Souza (ana@exemplo.com)");
    assert_eq!(session.expires_at.unwrap().seconds(), START + 7_200);
    assert_eq!(session.scope.as_deref(), Some("openid developers sales club subscriptions"));
    let exchange =
        world.requests().into_iter().find(|request| request.starts_with("/oidc/accessToken")).unwrap();
    assert!(exchange.contains("code=OC-1-abc") && !exchange.contains("client_id"), "Basic alone: {exchange}");
}

#[tokio::test(start_paused = true)]
async fn errors_of_hotmart_authentication() {
    for (status, body, code) in [
        (401, r#"{"error":"invalid_client"}"#, ErrorCode::SecretRefused),
        (400, r#"{"error":"invalid_grant"}"#, ErrorCode::CodeRefused),
        (400, r#"{"error":"invalid_request"}"#, ErrorCode::RequestRefused),
        (400, r#"{"error":"unauthorized_client"}"#, ErrorCode::ApplicationRefused),
        (400, r#"{"error":"unsupported_grant_type"}"#, ErrorCode::GrantRefused),
        (400, r#"{"error":"invalid_scope"}"#, ErrorCode::ScopeRefused),
        (403, "<html>Application Not Authorized to Use CAS</html>", ErrorCode::UnexpectedAnswer),
        (503, "<html>Service Unavailable</html>", ErrorCode::ServerUnavailable),
        (429, r#"{"error":"too_many_requests","error_description":"slow down"}"#, ErrorCode::TooManyRequests),
    ] {
        let world = World::new();
        let connection = at_hotmart_authentication(&world).await;
        world.answer(status, body);
        allow(&connection, 1);
        let view = until(&connection, |view| matches!(view, View::Failed { .. })).await;
        let View::Failed { error: found, server, .. } = view else { unreachable!("just matched") };
        assert_eq!(found, code, "{body}");
        assert_eq!(server.is_some(), body.starts_with('{'), "the server's own words are kept: {body}");
    }
    for (answer, code) in [
        ("error=invalid_scope", ErrorCode::ScopeRefused),
        ("error=unauthorized_client", ErrorCode::ApplicationRefused),
        ("error=server_error", ErrorCode::ServerUnavailable),
        ("error=temporarily_unavailable", ErrorCode::ServerUnavailable),
    ] {
        let world = World::new();
        let connection = at_hotmart_authentication(&world).await;
        arrives(&connection, &format!("{answer}&state={}", state_of(1)));
        until(&connection, |view| matches!(view, View::Failed { error: found, .. } if *found == code)).await;
    }
    let world = World::new();
    let connection = at_hotmart_authentication(&world).await;
    arrives(&connection, &format!("error=access_denied&state={}", state_of(1)));
    until(&connection, |view| matches!(view, View::Denied)).await;
}

#[tokio::test(start_paused = true)]
async fn answers_of_the_api() {
    for sales in [SALES_HISTORY, NO_SALES, SALES_SUMMARY, SUBSCRIPTIONS, PRODUCTS] {
        let Verdict::Works { who, .. } = verdict(&[(200, sales), (200, ME)]).await else { panic!("{sales}") };
        assert_eq!(who.unwrap().to_string(), "Ana Souza (ana@exemplo.com)");
    }
    for (status, body, wanted) in [
        (403, r#"{"error":"unauthorized_client","error_description":"x"}"#, "not_permitted"),
        (403, "<html>blocked</html>", "blocked"),
        (202, "", "blocked"),
        (200, "", "not_the_api"),
        (200, "<!doctype html>", "not_the_api"),
        (400, r#"{"error":"invalid_parameter"}"#, "not_the_api"),
        (404, r#"{"error":"not_found"}"#, "not_the_api"),
        (429, r#"{"error":"too_many_requests"}"#, "too_many_requests"),
        (500, r#"{"error":"internal_server_error"}"#, "down"),
        (502, "<html>Bad Gateway</html>", "down"),
    ] {
        let refused = (403, ENVELOPE);
        assert_eq!(verdict(&[(status, body), refused, refused]).await.code(), wanted, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_over_at_the_api_is_renewed_whatever_word_says_so() {
    for body in [
        SPRING_EXPIRED,
        ENVELOPE,
        r#"{"error":"token_expired","error_description":"Access token expired"}"#,
        r#"{"error":"invalid_token"}"#,
    ] {
        let world = World::new();
        let connection = ready(&world, &developer(Environment::Hotmart)).await;
        world.answer(200, CLASSIC_TOKEN);
        world.answer(200, CLASSIC_TOKEN.replace("AJVS", "BBBB"));
        for (status, body) in [(401, body), (401, body), (401, body), (200, NO_SALES), (200, ME)] {
            world.fetch(status, body);
        }
        connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
        let mut snapshots = connection.watch();
        let known = |snapshot: &connection::Snapshot| snapshot.last_check.is_some();
        let shown = tokio::time::timeout(Duration::from_secs(600), snapshots.wait_for(known)).await;
        let verdict = shown.expect("it ends").unwrap().last_check.clone().unwrap().verdict;
        assert_eq!(verdict.code(), "works", "{body}");
    }
}
