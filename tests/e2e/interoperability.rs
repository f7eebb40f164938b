//! A certified OpenID provider that nobody here wrote: panva's `oidc-provider`,
//! with PKCE required, rotation on, and its own pages in the real browser.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::{App, Browser, Desktop, Running, Told, record, says, wait_until};
use url::Url;

use crate::first_run::choose;
use crate::http_client::raw_server;

/// The key of RFC 7515 appendix A.3: a good one, and nobody's here.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

/// The provider, started for one test.
struct Provider {
    issuer: Url,
    _program: Running,
}

impl Provider {
    fn start() -> Self {
        let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/ui");
        let mut node = Command::new("node");
        node.arg("provider.mjs").current_dir(tools);
        let mut program =
            Running::start(node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()));
        let issuer = Url::parse(&program.first_line()).expect("it prints its address");
        Self { issuer, _program: program }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .post(self.issuer.join(path).unwrap())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    /// Logs in on the provider's own page, and answers its own question.
    async fn answer(&self, browser: &mut Browser, desktop: &Desktop, yes: bool) {
        let asks_who = "document.querySelector('[name=login]')";
        // A page that was answered stays behind its link to our program.
        let asks_leave = "!window.answered && document.querySelector('[name=prompt][value=consent]')";
        let either = format!("{asks_who} || {asks_leave}");
        let page = browser.on_page(desktop, &self.issuer, &either).await;
        let log_in = format!(
            "if ({asks_who}) {{ {asks_who}.value = 'ana'; document.querySelector('[name=password]').value = 'x'; \
             document.forms[0].submit() }}"
        );
        page.script(&log_in).await;
        let page = browser.on_page(desktop, &self.issuer, asks_leave).await;
        let decide = if yes { "button[type=submit]" } else { "a[href$=abort]" };
        page.script("window.answered = true").await;
        page.click_on(decide).await;
    }
}

fn token(desktop: &Desktop, name: &str) -> String {
    record(desktop, "main/tokens").unwrap()[name].as_str().unwrap().to_owned()
}

/// The form fills itself in from the provider's own description.
async fn set_up(app: &App, provider: &Provider) {
    app.open_the_form().await;
    app.click("kind-authorization_code").await;
    choose(app, "environment-choice", "custom").await;
    app.driver().type_into("endpoint-issuer", provider.issuer.as_str()).await;
    app.click("discover").await;
    app.wait_for_sentence("form.discovered").await;
    app.driver().type_into("client-id", "hotmart-connect").await;
    app.click("save").await;
    app.wait_for_state("disconnected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certified_server_is_set_up_from_its_address_and_every_journey_works() {
    let desktop = Desktop::start();
    let provider = Provider::start();
    let mut browser = Browser::install(&desktop, Some(&provider.issuer));
    let app = App::start(&desktop).await;
    set_up(&app, &provider).await;
    let account = desktop.settings()["accounts"][0].clone();
    assert_eq!(account["endpoints"]["issuer_in_answer"], true, "its answers must name it from now on");
    assert!(account["endpoints"]["keys"].as_str().unwrap().ends_with("/jwks"), "signatures are checked");
    assert_eq!(account["scope"], "openid profile email offline_access");

    // No.
    app.click("connect").await;
    provider.answer(&mut browser, &desktop, false).await;
    app.wait_for_state("denied").await;
    assert!(desktop.secret("main/tokens").is_none());

    // Yes: the code with its verifier, the issuer in the answer, the signed id token.
    app.click("connect").await;
    provider.answer(&mut browser, &desktop, true).await;
    app.wait_for_state("connected").await;
    app.wait_for_words("Ana Souza (ana@exemplo.com)").await;
    let (first, first_refresh) = (token(&desktop, "access_token"), token(&desktop, "refresh_token"));

    // Renewing rotates.
    app.click("refresh").await;
    wait_until("the new tokens are kept", || (token(&desktop, "access_token") != first).then_some(()));
    app.wait_for_state("connected").await;
    let second_refresh = token(&desktop, "refresh_token");
    assert_ne!(second_refresh, first_refresh);

    // A thief uses the old one: the provider ends all of it, and the seller is told.
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &first_refresh),
        ("client_id", "hotmart-connect"),
    ];
    let (status, body) = provider.post("token", &form).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    app.click("refresh").await;
    app.wait_for_state("expired").await;
    app.wait_for_sentence("expired.refused").await;

    // Connected again; leaving revokes.
    app.click("connect").await;
    provider.answer(&mut browser, &desktop, true).await;
    app.wait_for_state("connected").await;
    let refresh_token = token(&desktop, "refresh_token");
    app.click("disconnect").await;
    app.click("disconnect-now").await;
    app.wait_for_sentence("notice.revoked").await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &refresh_token),
        ("client_id", "hotmart-connect"),
    ];
    assert_eq!(provider.post("token", &form).await.0, 400, "what was revoked is refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_signed_with_another_key_fails_the_login() {
    let desktop = Desktop::start();
    let provider = Provider::start();
    let mut browser = Browser::install(&desktop, Some(&provider.issuer));
    let app = App::start(&desktop).await;
    set_up(&app, &provider).await;
    app.close(&desktop).await;
    // Keys at another place, such as a proxy in the middle would name.
    let mut settings = desktop.settings();
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{KEYS}", KEYS.len());
    let (keys, _asked) = raw_server(answer.into_bytes());
    settings["accounts"][0]["endpoints"]["keys"] = json!(keys);
    desktop.write_settings(&settings);
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    provider.answer(&mut browser, &desktop, true).await;
    app.wait_for_state("failed").await;
    app.wait_for_sentence_with("failed.code", &[("code", "id_token_wrong")]).await;
    assert!(desktop.secret("main/tokens").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_window_is_set_up_from_an_issuer_and_a_file_with_the_secret() {
    let (desktop, provider) = (Desktop::start(), Provider::start());
    let file = desktop.home().join("secret");
    let connect = |issuer: &str| {
        let arguments = ["connect", "--environment", "custom", "--issuer", issuer, "--developer-credentials"];
        let mut program = desktop.token_program(&arguments);
        program.args(["--client-id", "machine", "--client-secret-file"]).arg(&file);
        Told::by(&mut program)
    };
    let told = connect(provider.issuer.as_str());
    assert!(told.code == 1 && says(&told.words, "cli.failure.secret_file"), "there is no file yet: {told:?}");
    std::fs::write(&file, "machine-secret-3d1c\n").unwrap();
    for (issuer, code, sentence) in [
        ("http://127.0.0.1:9", 5, "error.network"),
        ("not-an-address", 2, "command.configuration"),
        (provider.issuer.join("elsewhere").unwrap().as_ref(), 2, "command.discovery_not_found"),
    ] {
        let told = connect(issuer);
        assert!(told.code == code && says(&told.words, sentence), "{issuer}: {told:?}");
        assert!(!desktop.settings_file().exists());
    }
    let told = desktop.token(&["connect", "--environment", "custom", "--client-id", "machine"]);
    assert!(told.code == 2 && says(&told.words, "cli.usage.issuer"), "{told:?}");

    assert_eq!(connect(provider.issuer.as_str()).code, 0);
    let account = desktop.settings()["accounts"][0].clone();
    assert_eq!(
        (&account["environment"], &account["client_authentication"]),
        (&json!("custom"), &json!("basic"))
    );
    assert!(!desktop.settings().to_string().contains("machine-secret"));
    let first = desktop.token(&[]).quietly().to_owned();
    assert_eq!(token(&desktop, "access_token"), first);
    // The file may go: the keyring has it.
    std::fs::remove_file(&file).unwrap();
    assert_ne!(desktop.token(&["--renew"]).quietly(), first);
}
