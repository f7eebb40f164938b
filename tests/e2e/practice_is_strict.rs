//! Practice Hotmart refuses what a strict server refuses, over real HTTP.

use std::time::Duration;

use practice::{Authentication, Client, Options, Practice};
use serde_json::Value;
use sha2::Digest;
use tests::answer_by_hand;
use url::Url;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "app.hotmart-connect:/oauth/callback";
const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

async fn server() -> Practice {
    let client = |id, secret, authentication| Client::new(id, secret, authentication, &[REDIRECT]);
    let clients = vec![
        client("public", "", Authentication::None),
        client("basic", "secret", Authentication::Basic),
        client("body", "secret", Authentication::Body),
    ];
    practice::serve(Options::new(clients, adapters::system_seconds, adapters::fill_random)).await.unwrap()
}

fn http() -> reqwest::Client {
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(none).timeout(Duration::from_secs(10)).build().unwrap()
}

fn challenge() -> String {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(VERIFIER))
}

/// The authorization request that is right; tests change it.
fn request(base: &Url) -> Url {
    let mut url = base.join("oidc/authorize").unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", "public")
        .append_pair("redirect_uri", REDIRECT)
        .append_pair("state", STATE)
        .append_pair("scope", "openid developers sales")
        .append_pair("code_challenge", &challenge())
        .append_pair("code_challenge_method", "S256");
    url
}

fn with(url: &Url, name: &str, value: Option<&str>) -> Url {
    let mut changed = url.clone();
    let pairs: Vec<_> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    if let Some(value) = value {
        changed.query_pairs_mut().append_pair(name, value);
    }
    changed
}

async fn code(base: &Url, client: &str) -> String {
    let link = with(&request(base), "client_id", Some(client));
    let answer = Url::parse(&answer_by_hand(link.as_str(), "allow").await).unwrap();
    let answer: std::collections::HashMap<_, _> = answer.query_pairs().into_owned().collect();
    assert_eq!(answer["state"], STATE);
    assert_eq!(answer["iss"], format!("{base}oidc"));
    answer["code"].clone()
}

async fn token(base: &Url, form: &[(&str, &str)], basic: Option<(&str, &str)>) -> (u16, Value) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let form = "application/x-www-form-urlencoded";
    let mut request =
        http().post(base.join("oidc/accessToken").unwrap()).header("content-type", form).body(body);
    if let Some((id, secret)) = basic {
        request = request.basic_auth(id, Some(secret));
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

fn exchange(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("client_id", "public"),
    ]
}

fn changed<'a>(form: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    form.iter().map(|(known, old)| (*known, if *known == name { value } else { old })).collect()
}

#[tokio::test]
async fn nobody_is_sent_anywhere_until_client_and_redirect_uri_are_right() {
    let practice = server().await;
    let right = request(&practice.url());
    for wrong in [
        with(&right, "client_id", Some("unknown")),
        with(&right, "redirect_uri", Some("app.hotmart-connect:/oauth/callback/")),
        with(&right, "redirect_uri", Some("https://evil.example/")),
        with(&right, "redirect_uri", None),
        Url::parse(&format!("{right}&state={STATE}")).unwrap(),
    ] {
        let response = http().get(wrong.clone()).send().await.unwrap();
        assert_eq!(response.status(), 400, "{wrong}");
        assert!(!response.headers().contains_key("location"));
    }
}

#[tokio::test]
async fn pkce_with_s256_a_long_state_and_known_scopes_are_required() {
    let practice = server().await;
    let right = request(&practice.url());
    for (wrong, error) in [
        (with(&right, "code_challenge", None), "invalid_request"),
        (with(&right, "code_challenge_method", Some("plain")), "invalid_request"),
        (with(&right, "code_challenge_method", None), "invalid_request"),
        (with(&right, "state", None), "invalid_request"),
        (with(&right, "response_type", Some("token")), "unsupported_response_type"),
        (with(&right, "scope", Some("openid developers admin")), "invalid_scope"),
        (with(&right, "scope", Some("sales")), "invalid_scope"),
    ] {
        let response = http().get(wrong).send().await.unwrap();
        let location = response.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(REDIRECT) && location.contains(&format!("error={error}")), "{location}");
    }
}

#[tokio::test]
async fn a_code_is_exchanged_once_by_its_own_client_with_its_own_verifier() {
    let practice = server().await;
    let base = practice.url();
    for (name, value) in [("code_verifier", "wrong"), ("redirect_uri", "app.x:/y"), ("client_id", "basic")] {
        let code = code(&base, "public").await;
        let (status, body) = token(&base, &changed(&exchange(&code), name, value), None).await;
        assert!(status == 400 || status == 401, "{name}");
        assert!(["invalid_grant", "invalid_client"].contains(&body["error"].as_str().unwrap()), "{name}");
    }
    let code = code(&base, "public").await;
    let (status, tokens) = token(&base, &exchange(&code), None).await;
    assert_eq!(status, 200);
    assert_eq!(tokens["id_token"].as_str().unwrap().split('.').count(), 3);
    let (status, body) = token(&base, &exchange(&code), None).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    // The second use ended what the first one gave.
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", "public"),
    ];
    assert_eq!(token(&base, &refresh, None).await.0, 400);
}

#[tokio::test]
async fn each_client_authenticates_in_its_own_way_and_no_other() {
    let practice = server().await;
    let base = practice.url();
    let form = exchange("any");
    let without_id: Vec<_> = form.iter().copied().filter(|(name, _)| *name != "client_id").collect();
    let with_secret =
        |id, secret| [without_id.clone(), vec![("client_id", id), ("client_secret", secret)]].concat();
    for (form, basic) in [
        (with_secret("basic", "secret"), None),
        (without_id.clone(), Some(("body", "secret"))),
        (without_id.clone(), Some(("basic", "wrong"))),
        (without_id.clone(), Some(("public", ""))),
        (changed(&form, "client_id", "basic"), None),
        (with_secret("basic", "secret"), Some(("basic", "secret"))),
        (without_id.clone(), None),
    ] {
        let (status, body) = token(&base, &form, basic).await;
        assert_eq!((status, body["error"].as_str()), (401, Some("invalid_client")));
    }
    for (form, basic) in
        [(without_id.clone(), Some(("basic", "secret"))), (with_secret("body", "secret"), None)]
    {
        assert_eq!(
            token(&base, &form, basic).await.1["error"],
            "invalid_grant",
            "authenticated, then refused the code"
        );
    }
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_reused_one_ends_the_family() {
    let practice = server().await;
    let base = practice.url();
    let code = code(&base, "public").await;
    let first = token(&base, &exchange(&code), None).await.1;
    let refresh = |tokens: &Value| tokens["refresh_token"].as_str().unwrap().to_owned();
    let ask = async |refresh_token: &str| {
        token(
            &base,
            &[("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("client_id", "public")],
            None,
        )
        .await
    };
    let (status, second) = ask(&refresh(&first)).await;
    assert_eq!(status, 200);
    assert_ne!(refresh(&first), refresh(&second));
    assert_eq!(ask(&refresh(&first)).await.1["error"], "invalid_grant");
    assert_eq!(ask(&refresh(&second)).await.1["error"], "invalid_grant", "the family is ended");
}

#[tokio::test]
async fn the_api_has_hotmarts_shapes_and_its_traps() {
    let practice = server().await;
    let base = practice.url();
    let code = code(&base, "public").await;
    let tokens = token(&base, &exchange(&code), None).await.1;
    let access = tokens["access_token"].as_str().unwrap();
    let get = async |path: &str, token: Option<&str>| {
        let mut request = http().get(base.join(path).unwrap());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    for path in [
        "payments/api/v1/sales/summary",
        "payments/api/v1/sales/history?max_results=1",
        "products/api/v1/products",
    ] {
        let (status, body) = get(path, Some(access)).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status, 200);
        assert!(body["items"].is_array() && body["page_info"].is_object(), "{path}");
    }
    assert!(get("user/api/v1/me", Some(access)).await.1.contains("ana@exemplo.com"));
    assert!(get("payments/api/v1/sales/summary", None).await.1.contains("Full authentication is required"));
    let (status, body) = get("payments/api/v1/sales/summary", Some("wrong-token")).await;
    assert_eq!(status, 401);
    assert!(
        body.contains("invalid_token") && body.contains("wrong-token"),
        "like the real one, it repeats the token"
    );
    let (status, body) = get("no/such/path", Some(access)).await;
    assert!(status == 200 && body.starts_with("<!doctype html>"), "unknown paths answer 200 and a page");
}

#[tokio::test]
async fn a_page_on_the_web_cannot_reach_it_under_another_name() {
    let practice = server().await;
    let response = http().get(practice.url()).header("host", "evil.example").send().await.unwrap();
    assert_eq!(response.status(), 421);
}
