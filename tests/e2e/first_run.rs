//! The first minutes: nothing configured, or a settings file that cannot be used.

use serde_json::{Value, json};
use tests::{
    App, Browser, CLIENT_ID, CLIENT_SECRET, Desktop, DesktopOptions, Hotmart, HotmartOptions,
    built_in_practice, sentence, wait_until,
};

fn settings(desktop: &Desktop) -> Value {
    serde_json::from_slice(&std::fs::read(desktop.settings_file()).unwrap()).unwrap()
}

/// Chooses from a list, as a person does with the mouse.
pub async fn choose(app: &App, list: &str, value: &str) {
    let script = format!(
        "const list = document.querySelector('#{list}'); list.value = '{value}'; \
         list.dispatchEvent(new Event('change'))"
    );
    app.driver().script(&script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn try_with_practice_hotmart_works_at_once_and_outlives_a_restart() {
    let (practice, _alone) = built_in_practice().await;
    let desktop = Desktop::start();
    let mut browser = Browser::install(&desktop, Some(&practice));
    let app = App::start(&desktop).await;
    app.wait_for_state("unconfigured").await;
    app.click("use-practice").await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    browser.answer(&desktop, &practice, "allow").await;
    app.wait_for_state("connected").await;
    app.wait_for_words("Ana Souza").await;
    app.close(&desktop).await;

    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    app.click("refresh").await;
    wait_until("it was renewed", || desktop.log().contains("result: Ok(Session").then_some(()));
    app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hotmarts_basic_string_in_the_form_is_taken_apart_and_the_secret_goes_to_the_keyring_alone() {
    let desktop = Desktop::start();
    let app = App::start(&desktop).await;
    app.open_the_form().await;
    // base64 of seller-app-7f3d:canary-secret-5b1e0c9a7d42, as Hotmart shows it.
    let basic = "Basic c2VsbGVyLWFwcC03ZjNkOmNhbmFyeS1zZWNyZXQtNWIxZTBjOWE3ZDQy";
    app.driver().type_into("client-id", basic).await;
    app.click("save").await;
    app.wait_for_state("disconnected").await;

    let record = desktop.secret("main/client-secret").unwrap();
    assert!(record.contains(CLIENT_SECRET));
    let saved = settings(&desktop);
    assert_eq!(saved["accounts"][0]["client_id"], CLIENT_ID);
    assert_eq!(saved["accounts"][0]["environment"], "hotmart");
    assert!(!saved.to_string().contains(CLIENT_SECRET));

    // The form opens again with everything but the secret, which never comes back.
    app.click("edit").await;
    let values =
        "return [document.querySelector('#client-id').value, document.querySelector('#client-secret').value]";
    assert_eq!(app.driver().script(values).await, json!([CLIENT_ID, ""]));
    app.wait_for_sentence("form.secret_saved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_cannot_be_used_says_why_and_changes_nothing() {
    let desktop = Desktop::start();
    let app = App::start(&desktop).await;
    app.open_the_form().await;
    app.click("save").await;
    app.wait_for_sentence("command.client_id").await;
    let marked = "return [document.activeElement.id, ...[...document.querySelectorAll('[aria-invalid=true]')].map((field) => field.id)]";
    assert_eq!(app.driver().script(marked).await, json!(["form-problem", "client-id"]));
    app.click("to-client-id").await;
    assert_eq!(app.driver().script("return document.activeElement.id").await, "client-id");

    app.driver().type_into("client-id", "some-id").await;
    app.click("kind-authorization_code").await;
    choose(&app, "environment-choice", "custom").await;
    app.driver().type_into("endpoint-authorize", "http://sso.example/authorize").await;
    app.driver().type_into("endpoint-token", "https://sso.example/token").await;
    app.click("save").await;
    app.wait_for_sentence("command.configuration").await;
    assert_eq!(app.driver().script(marked).await, json!(["form-problem", "endpoint-authorize"]));
    assert!(!desktop.settings_file().exists());
    assert_eq!(app.state().await, "unconfigured");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_ones_own_is_set_up_in_the_form_and_connects() {
    let desktop = Desktop::start();
    let port = tests::free_port();
    let hotmart = Hotmart::with(HotmartOptions { port, ..HotmartOptions::default() }).await;
    let mut browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start(&desktop).await;
    app.open_the_form().await;
    app.click("kind-authorization_code").await;
    choose(&app, "environment-choice", "custom").await;
    let account = hotmart.account();
    for name in ["authorize", "token", "revoke", "issuer", "api"] {
        let value = account["endpoints"][name].as_str().unwrap();
        app.driver().type_into(&format!("endpoint-{name}"), value).await;
    }
    // What is to be registered is this server's own.
    let own = format!("{}/127.0.0.1_{port}_oidc_accesstoken", connection::DEFAULT_REDIRECT_URI);
    app.wait_for_words(&own).await;
    // Pasted with space around, as people do.
    app.driver().type_into("client-id", &format!("  {CLIENT_ID} ")).await;
    app.driver().type_into("client-secret", &format!(" {CLIENT_SECRET} ")).await;
    app.click("save").await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    // This server insists on scopes.
    app.wait_for_state("failed").await;
    app.wait_for_sentence("error.scope_refused").await;
    app.click("server-words-title").await;
    app.wait_for_words("invalid_scope").await;
    app.click("edit").await;
    app.driver().type_into("scope", " openid  developers sales ").await;
    app.click("save").await;
    app.wait_for_state("disconnected").await;
    assert_eq!(settings(&desktop)["accounts"][0]["scope"], "openid developers sales");
    app.click("connect").await;
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settings_file_that_cannot_be_used_is_named_and_kept_beside_the_new_one() {
    for (content, problem) in [
        (Some("{ this is not json"), "settings.broken"),
        (Some(r#"{"version":99,"accounts":{}}"#), "settings.from_the_future"),
        (None, "settings.unreadable"),
    ] {
        let desktop = Desktop::start();
        let path = desktop.settings_file();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content {
            Some(content) => std::fs::write(&path, content).unwrap(),
            // Root reads every file, but nobody reads a folder as one.
            None => std::fs::create_dir(&path).unwrap(),
        }
        let app = App::start(&desktop).await;
        app.wait_for_state("unconfigured").await;
        app.wait_for_sentence(problem).await;
        if let Some(content) = content {
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content, "starting changes nothing");
        }

        app.open_the_form().await;
        app.driver().type_into("client-id", "some-id").await;
        app.driver().type_into("client-secret", "some-secret").await;
        app.click("save").await;
        app.wait_for_state("disconnected").await;
        assert_eq!(settings(&desktop)["accounts"][0]["client_id"], "some-id");
        let kept = path.with_file_name("settings.json.kept-1");
        match content {
            Some(content) => assert_eq!(std::fs::read_to_string(kept).unwrap(), content),
            None => assert!(kept.is_dir()),
        }
        let gone = format!("return !document.body.innerText.includes({})", json!(sentence("pt-BR", problem)));
        app.driver().wait_for("the warning is gone", &gone).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_systems_language_comes_first_and_another_one_is_kept() {
    for (system, lang) in
        [("pt_BR.UTF-8", "pt-BR"), ("es_MX.UTF-8", "es"), ("en_GB.UTF-8", "en"), ("de_DE.UTF-8", "en")]
    {
        let desktop = Desktop::with(DesktopOptions { language: system, ..DesktopOptions::default() });
        let app = App::start(&desktop).await;
        app.wait_for_words(&sentence(lang, "start.title")).await;
        assert_eq!(app.driver().script("return document.documentElement.lang").await, json!(lang));
        if system == "en_GB.UTF-8" {
            choose(&app, "language", "es").await;
            app.wait_for_words(&sentence("es", "start.title")).await;
            assert_eq!(settings(&desktop)["language"], "es");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_practice_back_to_ones_own_account_nothing_is_typed_again() {
    let (_, _alone) = built_in_practice().await;
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    app.click("accounts").await;
    app.click("add-account").await;
    app.click("use-practice").await;
    app.wait_for_sentence("environment.practice").await;
    app.click("edit").await;
    app.wait_for_sentence("environment.custom").await;
    app.wait_for_state("disconnected").await;
    let saved = settings(&desktop);
    assert_eq!(saved["current_account"], "main");
    assert_eq!(saved["accounts"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_not_sent_to_another_server_than_its_own() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    let mut moved = settings(&desktop);
    moved["accounts"][0]["endpoints"]["token"] = json!("https://elsewhere.example/token");
    std::fs::write(desktop.settings_file(), moved.to_string()).unwrap();
    let app = App::start(&desktop).await;
    app.wait_for_state("unconfigured").await;
    app.wait_for_sentence("form.missing_client_secret").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_locks_and_logs_can_be_moved_under_one_folder() {
    let desktop = Desktop::start();
    let folder = desktop.home().join("elsewhere");
    let app = App::start_with(&desktop, "HOTMART_CONNECT_HOME", &folder).await;
    app.open_the_form().await;
    app.driver().type_into("client-id", "some-id").await;
    app.driver().type_into("client-secret", "some-secret").await;
    app.click("save").await;
    app.wait_for_state("disconnected").await;
    assert!(folder.join("settings.json").is_file());
    assert!(folder.join("logs").is_dir());
    assert!(!desktop.settings_file().exists());
}
