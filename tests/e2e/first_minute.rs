//! The first minute: from the first start to a credential in a tool, counted in
//! clicks, and what is said when something else is pasted.

use std::io::Write;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use adapters::HttpsClient;
use connection::ports::HttpClient;
use connection::{AccountId, AccountSettings, Deployment, Environment, PastedCredentials, read_pasted};
use oauth::{Endpoint, GrantType, Secret, Timestamp};
use practice::Authentication;
use serde_json::json;
use tests::{
    App, CLIENT_ID, CLIENT_SECRET, DEVELOPER_ID, Desktop, Hotmart, Openers, SANDBOX_ID, Told,
    built_in_practice, says, sentence,
};

use crate::environments::AsHotmart;
use crate::keyboard::tab_to;

/// The first screen, at a server that plays Hotmart's.
async fn first_screen() -> AsHotmart {
    let there = AsHotmart::with(Authentication::Basic, &[]).await;
    there.app.wait_for_state("unconfigured").await;
    there
}

/// What Hotmart's page gives when all of it is copied.
fn page_of(id: &str) -> String {
    let basic = oauth::join_basic(id, &Secret::new(CLIENT_SECRET.into()));
    format!(
        "Client ID\n{id}\nCopiar\nClient Secret\n{CLIENT_SECRET}\nCopiar\nBasic\n{}\nCopiar",
        basic.expose()
    )
}

/// Whether Hotmart gives a token for a credential, as it does for a tool.
async fn is_taken(hotmart: &Hotmart, credential: PastedCredentials) -> bool {
    let stand_in = Endpoint::parse(hotmart.url().as_str()).unwrap();
    let mut account = AccountSettings::new(AccountId::parse("tool").unwrap(), Environment::Hotmart);
    account.grant_type = GrantType::ClientCredentials;
    account.client_id = credential.client_id;
    let deployment = Deployment { stand_in: Some(stand_in), ..Deployment::default() };
    let resolved = account.resolve(&deployment).unwrap();
    let client = oauth::Client { secret: Some(Arc::new(credential.client_secret)), ..resolved.client };
    let request = oauth::client_credentials_request(&client);
    let response = HttpsClient::default().send(request).await.expect("the server answers");
    let now = Timestamp::from_seconds(adapters::system_seconds());
    oauth::parse_token_response(&response, &client, &[], now).is_ok()
}

/// Counts what a person does, step by step.
struct Steps {
    started: Instant,
    clicks: usize,
    pastes: usize,
    presses: usize,
    table: String,
}

impl Steps {
    fn start(title: &str) -> Self {
        let table = format!("{title}\n| step | clicks | pastes | keys | seconds |\n|---|---|---|---|---|\n");
        Self { started: Instant::now(), clicks: 0, pastes: 0, presses: 0, table }
    }

    fn done(&mut self, step: &str) {
        use std::fmt::Write as _;
        let Self { clicks, pastes, presses, .. } = self;
        let seconds = self.started.elapsed().as_secs_f64();
        writeln!(self.table, "| {step} | {clicks} | {pastes} | {presses} | {seconds:.1} |").unwrap();
    }

    /// Not captured: it is what one wants to read of a green run too.
    fn print(&self) {
        std::io::stderr().write_all(self.table.as_bytes()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_start_to_a_working_credential_in_a_tool_in_three_clicks_and_one_paste() {
    let there = first_screen().await;
    let (app, desktop) = (&there.app, &there.desktop);
    let mut steps = Steps::start("From the first start to a credential in a tool, with the mouse");
    desktop.copy(&page_of(DEVELOPER_ID));
    desktop.look_at_the_window();
    // The field has the focus already.
    desktop.press("ctrl+v");
    steps.pastes += 1;
    app.wait_for_sentence_with("pasted.good", &[("end", "4c81")]).await;
    steps.done("pasted, and understood at once");
    app.click("connect-pasted").await;
    steps.clicks += 1;
    app.wait_for_state("connected").await;
    steps.done("connected");
    app.click("use-n8n").await;
    steps.clicks += 1;
    app.wait_for_sentence("use.renews").await;
    steps.done("the tool's recipe");
    app.click("copy-field-basic").await;
    steps.clicks += 1;
    app.wait_for_sentence("connected.copied").await;
    let copied = read_pasted(&desktop.clipboard()).expect("a credential is in the clipboard");
    assert!(is_taken(&there.hotmart, copied).await, "and it works");
    steps.done("copied, and it works");
    steps.print();
    assert!(steps.clicks <= 3 && steps.pastes == 1);

    let account = desktop.settings()["accounts"][0].clone();
    assert_eq!(
        (&account["environment"], &account["grant_type"]),
        (&json!("hotmart"), &json!("client_credentials"))
    );
    assert!(!desktop.settings().to_string().contains(CLIENT_SECRET));
    assert!(desktop.secret("main/client-secret").unwrap().contains(CLIENT_SECRET));
    assert!(!desktop.log().contains(CLIENT_SECRET));
    let page = app.driver().script("return document.documentElement.outerHTML").await.to_string();
    assert!(!page.contains(CLIENT_SECRET), "the window holds it no longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_by_keyboard() {
    let there = first_screen().await;
    let (app, desktop) = (&there.app, &there.desktop);
    let mut steps = Steps::start("The same, by keyboard");
    desktop.copy(&page_of(DEVELOPER_ID));
    desktop.look_at_the_window();
    desktop.press("ctrl+v");
    steps.pastes += 1;
    app.wait_for_sentence("pasted.good").await;
    steps.done("pasted, and understood at once");
    for (id, key, state) in [
        ("connect-pasted", "Return", "#use-n8n"),
        ("use-n8n", "Return", "#copy-field-basic"),
        ("copy-field-basic", "space", ".copied"),
    ] {
        steps.presses += tab_to(desktop, app.driver(), id).await + 1;
        desktop.press(key);
        app.driver().wait_for(state, &format!("return document.querySelector('{state}')")).await;
        steps.done(id);
    }
    let copied = read_pasted(&desktop.clipboard()).expect("a credential is in the clipboard");
    assert!(is_taken(&there.hotmart, copied).await);
    steps.print();
    assert!(steps.clicks == 0 && steps.presses <= 24, "{}", steps.table);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_credential_lives_and_of_which_kind_it_is_nobody_is_asked() {
    // The order is nobody's business either.
    for (id, environment) in [(DEVELOPER_ID, "hotmart"), (SANDBOX_ID, "sandbox")] {
        for text in [format!("{CLIENT_SECRET} {id}"), format!("{id}\n{CLIENT_SECRET}")] {
            let there = first_screen().await;
            there.app.paste_credentials(&text).await;
            there.app.click("connect-pasted").await;
            there.app.wait_for_state("connected").await;
            let account = there.desktop.settings()["accounts"][0].clone();
            assert_eq!((&account["environment"], &account["client_id"]), (&json!(environment), &json!(id)));
            there.app.wait_for_sentence("check.works").await;
        }
    }
    // A registered application asks in the browser.
    let mut there = first_screen().await;
    there.app.paste_credentials(&page_of(CLIENT_ID)).await;
    there.app.click("connect-pasted").await;
    there.app.wait_for_state("awaiting_browser").await;
    there.browser.answer(&there.desktop, &there.hotmart.url(), "allow").await;
    there.app.wait_for_state("connected").await;
    let account = there.desktop.settings()["accounts"][0].clone();
    assert_eq!(account["environment"], "hotmart-authentication");
    // What it can give a tool is a token, and that is said.
    there.app.click("use-n8n").await;
    there.app.wait_for_sentence("use.ends").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_servers_do_not_say_is_asked_in_one_question() {
    let there = first_screen().await;
    there.hotmart.practice().refuse_every_access_token(true);
    there.app.paste_credentials(&page_of(SANDBOX_ID)).await;
    there.app.click("connect-pasted").await;
    there.app.wait_for_sentence("command.which_environment").await;
    let focused = "return document.activeElement.id";
    assert_eq!(there.app.driver().script(focused).await, "place-hotmart");
    assert_eq!(there.desktop.settings()["accounts"], json!([]));
    there.hotmart.practice().refuse_every_access_token(false);
    there.app.click("place-sandbox").await;
    there.app.wait_for_state("connected").await;
    assert_eq!(there.desktop.settings()["accounts"][0]["environment"], "sandbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_said_at_once_and_loses_nothing() {
    let there = first_screen().await;
    let (app, desktop) = (&there.app, &there.desktop);
    let understood = async || app.driver().text("understood").await;
    for (text, problem) in [
        ("ana@exemplo.com", "login"),
        ("Client ID: seller-app-7f3d", "secret_missing"),
        ("Client ID Client Secret Basic", "only_labels"),
        ("https://app.hotmart.com/tools/credentials", "address"),
    ] {
        app.paste_credentials(text).await;
        assert!(says(&understood().await, &format!("pasted.{problem}")), "{text}: {}", understood().await);
        app.click("connect-pasted").await;
        let invalid =
            "return [document.activeElement.id, document.activeElement.getAttribute('aria-invalid')]";
        app.driver()
            .wait_for("the field has the focus", "return document.activeElement.id === 'pasted'")
            .await;
        assert_eq!(app.driver().script(invalid).await, json!(["pasted", "true"]), "{text}");
        assert_eq!(desktop.settings()["accounts"], json!([]));
    }
    // One value after the other: each is pasted as it stands on the page.
    app.driver()
        .script("const field = document.getElementById('pasted'); field.value = ''; field.focus()")
        .await;
    desktop.look_at_the_window();
    for (value, understood) in [(DEVELOPER_ID, "pasted.only_one"), (CLIENT_SECRET, "pasted.good")] {
        desktop.copy(value);
        desktop.press("ctrl+v");
        app.wait_for_sentence(understood).await;
    }
    // Nothing at all.
    app.driver().script("const field = document.getElementById('pasted'); field.value = ''; field.dispatchEvent(new Event('input'))").await;
    app.click("connect-pasted").await;
    app.wait_for_sentence("pasted.empty").await;
    // Whole, and nobody's.
    app.paste_credentials("nobodys-id-1234 nobodys-secret-5678").await;
    app.click("connect-pasted").await;
    app.wait_for_sentence("command.credential_unknown").await;
    app.driver().wait_for("it has the focus", "return document.activeElement.id === 'pasted-problem'").await;
    assert_eq!(desktop.settings()["accounts"], json!([]));
    assert!(desktop.secret("main/client-secret").is_none());

    // What was pasted is still there when Hotmart is back.
    let AsHotmart { hotmart, app, desktop, .. } = there;
    app.paste_credentials(&page_of(DEVELOPER_ID)).await;
    let hotmart = hotmart.go_offline();
    app.click("connect-pasted").await;
    app.wait_for_sentence("command.hotmart_unreachable").await;
    assert_eq!(desktop.settings()["accounts"], json!([]));
    let _hotmart = hotmart.come_back().await;
    app.click("connect-pasted").await;
    app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_credential_again_is_the_same_account() {
    let there = first_screen().await;
    for _ in 0..2 {
        there.app.paste_credentials(&page_of(DEVELOPER_ID)).await;
        there.app.click("connect-pasted").await;
        there.app.driver().wait_for("connected", "return document.getElementById('use-n8n')").await;
        assert_eq!(there.desktop.settings()["accounts"].as_array().unwrap().len(), 1);
        there.app.click("accounts").await;
        there.app.click("add-account").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipe_copies_what_its_tool_asks_for() {
    let there = first_screen().await;
    let (app, desktop) = (&there.app, &there.desktop);
    app.paste_credentials(&page_of(DEVELOPER_ID)).await;
    app.click("connect-pasted").await;
    app.wait_for_state("connected").await;
    let basic = oauth::join_basic(DEVELOPER_ID, &Secret::new(CLIENT_SECRET.into()));
    for (tool, field, text) in [
        ("make", "client_id", DEVELOPER_ID),
        ("make", "client_secret", CLIENT_SECRET),
        ("n8n", "basic", basic.expose()),
        ("postman", "client_secret", CLIENT_SECRET),
    ] {
        copied_from(app, desktop, tool, field, |copied| copied == text).await;
    }
    let token = there.token(&[]).quietly().to_owned();
    copied_from(app, desktop, "excel", "header_value", |copied| copied == format!("Bearer {token}")).await;

    // The spreadsheet's script, run as it stands there, at the server that plays Hotmart's.
    app.click("use-sheets").await;
    let script = app.driver().text("recipe-code").await;
    app.click("copy-code").await;
    tests::wait_until("the script is copied", || (desktop.clipboard() == script).then_some(()));
    let sales = run_as_apps_script(&there, &script);
    assert!(sales.contains("\"items\""), "{sales}");
    app.click("close-recipe").await;
    // The command that programs for Claude are started with.
    app.click("use-mcp").await;
    let configuration: serde_json::Value =
        serde_json::from_str(&app.driver().text("recipe-code").await).unwrap();
    let hotmart = &configuration["mcpServers"]["hotmart"];
    assert_eq!(hotmart["command"], "hotmart-token");
    let mut words: Vec<_> =
        hotmart["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    words.pop();
    words.extend(["sh", "-c", "echo $HOTMART_CLIENT_ID $HOTMART_CLIENT_SECRET $HOTMART_BASIC"]);
    let told = there.token(&words);
    assert_eq!(told.quietly(), format!("{DEVELOPER_ID} {CLIENT_SECRET} {}", basic.expose()));
}

async fn copied_from(app: &App, desktop: &Desktop, tool: &str, field: &str, right: impl Fn(&str) -> bool) {
    app.click(&format!("use-{tool}")).await;
    app.click(&format!("copy-field-{field}")).await;
    tests::wait_until(&format!("{field} of {tool} is copied"), || right(&desktop.clipboard()).then_some(()));
    assert!(desktop.clipboard_targets().contains("x-kde-passwordManagerHint"));
    app.click("close-recipe").await;
}

/// Runs a script with what Google's editor gives one, made of Node and curl.
fn run_as_apps_script(there: &AsHotmart, script: &str) -> String {
    let basic = oauth::join_basic(DEVELOPER_ID, &Secret::new(CLIENT_SECRET.into()));
    let kept = json!({ "CLIENT_ID": DEVELOPER_ID, "CLIENT_SECRET": CLIENT_SECRET, "BASIC": basic.expose() });
    let program = format!(
        "const {{ execFileSync }} = require('node:child_process');
         const PropertiesService = {{ getScriptProperties: () => ({{ getProperty: (name) => ({kept})[name] }}) }};
         const UrlFetchApp = {{ fetch: (url, options) => {{
             const headers = Object.entries(options.headers).flatMap(([name, value]) => ['-H', `${{name}}: ${{value}}`]);
             const type = options.contentType ? ['-H', `Content-Type: ${{options.contentType}}`] : [];
             const method = options.method ? ['-X', options.method.toUpperCase()] : [];
             const text = execFileSync('curl', ['-s', '--noproxy', '*', ...method, ...headers, ...type, url]).toString();
             return {{ getContentText: () => text }};
         }} }};
         {}
         console.log(JSON.stringify(hotmart('/payments/api/v1/sales/history')));",
        script.replace("https://", there.hotmart.url().as_str())
    );
    Told::by(Command::new("node").args(["-e", &program])).quietly().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_hands_the_credential_over_and_no_other_than_the_sellers_own() {
    let (_, _alone) = built_in_practice().await;
    let there = first_screen().await;
    let told = there.token(&["exec", "--credentials", "--", "true"]);
    assert_ne!(told.code, 0, "there is none yet");
    there.app.click("use-practice").await;
    there.app.wait_for_state("disconnected").await;
    let told = there.token(&["exec", "--credentials", "--", "true"]);
    assert!(told.code != 0 && !told.answer.contains("practice"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_looks_like_practice_and_ends_where_the_real_thing_begins() {
    let (_, _alone) = built_in_practice().await;
    let there = first_screen().await;
    let app = &there.app;
    assert_eq!(
        app.driver().script("return document.getElementById('more').open").await,
        false,
        "offered quietly"
    );
    assert!(!app.words().await.contains(&sentence("pt-BR", "practice.title")));
    app.click("use-practice").await;
    app.wait_for_state("disconnected").await;
    app.driver().wait_for("its mark", "return document.querySelector('#accounts.practice')").await;
    app.click("edit").await;
    app.driver().wait_for("the field for the real one", "return document.getElementById('pasted')").await;
    assert!(says(&app.words().await, "start.title"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_with_the_credentials_opens_in_the_browser() {
    let desktop = Desktop::start();
    let openers = Openers::on(&desktop);
    let app = App::start_with_path(&desktop, openers.folder()).await;
    app.click("open-credentials").await;
    let address = openers.opened();
    assert!(address.contains("https://app.hotmart.com/"), "{address}");
}
