//! Practice Hotmart in the place of Hotmart's own servers refuses what those may refuse.

use std::time::Duration;

use practice::{Authentication, Client, Options, Practice};
use serde_json::{Value, json};
use url::Url;

const SECRET: &str = "secret";

async fn server() -> Practice {
    let developer = |id, sandbox| Client {
        developer: true,
        sandbox,
        ..Client::new(id, SECRET, Authentication::Query, &[])
    };
    let application =
        Client::new("application", SECRET, Authentication::Body, &["app.hotmart-connect:/oauth/callback"]);
    let clients = vec![developer("production", false), developer("sandbox", true), application];
    practice::serve(Options::new(clients, adapters::system_seconds, adapters::fill_random)).await.unwrap()
}

fn http() -> reqwest::Client {
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(none).timeout(Duration::from_secs(10)).build().unwrap()
}

/// Asks the classic host for a token.
async fn ask(
    base: &Url,
    query: &[(&str, &str)],
    basic: Option<(&str, &str)>,
    kind: &str,
    body: &str,
) -> (u16, Value) {
    let mut url = base.join("api-sec-vlc.hotmart.com/security/oauth/token").unwrap();
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let mut request = http().post(url).header("content-type", kind).body(body.to_owned());
    if let Some((id, secret)) = basic {
        request = request.basic_auth(id, Some(secret));
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn documented(id: &'static str) -> [(&'static str, &'static str); 3] {
    [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", SECRET)]
}

#[tokio::test]
async fn developer_credentials_are_taken_as_documented_and_in_no_other_way() {
    let practice = server().await;
    let base = practice.url();
    let right = documented("production");
    let basic = Some(("production", SECRET));
    let (status, body) = ask(&base, &right, basic, JSON, "").await;
    assert_eq!(status, 200);
    assert!(body["refresh_token"].is_null() && body["scope"] == "read write");
    assert!(body["access_token"].as_str().unwrap().starts_with("H4sI"));
    let wrong_secret = [right[0], right[1], ("client_secret", "wrong")];
    let body_of_form = "grant_type=client_credentials&client_id=production&client_secret=secret";
    for (query, basic, kind, body) in [
        (&right[..], None, JSON, ""),
        (&right, Some(("production", "wrong")), JSON, ""),
        (&right, Some(("sandbox", SECRET)), JSON, ""),
        (&wrong_secret, basic, JSON, ""),
        (&right[..1], basic, JSON, ""),
        (&right, basic, FORM, body_of_form),
        (&[], basic, FORM, "grant_type=client_credentials"),
        (
            &[],
            None,
            JSON,
            r#"{"grant_type":"client_credentials","client_id":"production","client_secret":"secret"}"#,
        ),
    ] {
        let (status, answer) = ask(&base, query, basic, kind, body).await;
        assert!([400, 401].contains(&status), "{query:?} {basic:?} {body}: {answer}");
    }
}

#[tokio::test]
async fn an_application_is_no_developer_credential_and_the_other_way_round() {
    let practice = server().await;
    let base = practice.url();
    let json =
        |grant: &str| json!({ "grant_type": grant, "client_id": "application", "client_secret": SECRET });
    let (_, answer) = ask(&base, &[], None, JSON, &json("client_credentials").to_string()).await;
    assert_eq!(answer["error"], "unauthorized_client");
    // The classic host takes JSON for applications, and no form.
    let (_, answer) = ask(&base, &[], None, JSON, &json("refresh_token").to_string()).await;
    assert_eq!(answer["error"], "invalid_grant");
    let form = "grant_type=refresh_token&client_id=application&client_secret=secret";
    assert_eq!(ask(&base, &[], None, FORM, form).await.1["error"], "invalid_request");
    let mut link = base.join("api-sec-vlc.hotmart.com/security/oauth/authorize").unwrap();
    link.query_pairs_mut().append_pair("client_id", "production").append_pair("redirect_uri", "a.b:/c");
    assert_eq!(http().get(link).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn each_api_takes_its_own_credentials_alone() {
    let practice = server().await;
    let base = practice.url();
    let token = async |id: &'static str| {
        let (_, body) = ask(&base, &documented(id), Some((id, SECRET)), JSON, "").await;
        body["access_token"].as_str().unwrap().to_owned()
    };
    let (production, sandbox) = (token("production").await, token("sandbox").await);
    for (host, token, wanted) in [
        ("developers.hotmart.com", &production, 200),
        ("sandbox.hotmart.com", &sandbox, 200),
        ("developers.hotmart.com", &sandbox, 401),
        ("sandbox.hotmart.com", &production, 401),
    ] {
        let url = base.join(&format!("{host}/payments/api/v1/sales/history?max_results=1")).unwrap();
        let status = http().get(url).bearer_auth(token).send().await.unwrap().status().as_u16();
        assert_eq!(status, wanted, "{host}");
    }
    // Neither host describes itself, and what they do not know is a page.
    for path in
        ["sso-developers.hotmart.com/oidc/.well-known/openid-configuration", "developers.hotmart.com/x"]
    {
        let answer = http().get(base.join(path).unwrap()).send().await.unwrap().text().await.unwrap();
        assert!(!answer.starts_with('{'), "{path}");
    }
}
