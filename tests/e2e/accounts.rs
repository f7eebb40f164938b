//! Several accounts: added, named, switched, moved, removed, brought from
//! another machine, and two hundred of them.

use practice::Authentication;
use serde_json::{Value, json};
use tests::{
    App, CLIENT_SECRET, DEVELOPER_ID, Desktop, Hotmart, HotmartOptions, SANDBOX_ID, Told, pt, wait_until,
};

use crate::environments::{AsHotmart, developer};
use crate::journeys::Ready;

fn named(mut account: Value, id: &str, name: &str) -> Value {
    account["id"] = json!(id);
    account["name"] = json!(name);
    account
}

fn ids(desktop: &Desktop) -> Vec<String> {
    let settings = desktop.settings();
    let accounts = settings["accounts"].as_array().unwrap();
    accounts.iter().map(|account| account["id"].as_str().unwrap().to_owned()).collect()
}

async fn two() -> AsHotmart {
    let accounts = [
        named(developer("hotmart", DEVELOPER_ID), "doces", "Loja de Doces"),
        named(developer("sandbox", SANDBOX_ID), "teste", "Loja de Teste"),
    ];
    let there = AsHotmart::with(Authentication::Basic, &accounts).await;
    there.app.wait_for_state("disconnected").await;
    there
}

/// Holds a button down, has the program show another account meanwhile, as the
/// tray or a finished login does, and lets the button go.
async fn click_while_another_is_shown(app: &App, button: &str, other: &str) {
    let script = format!(
        "const button = document.getElementById({});
        button.dispatchEvent(new PointerEvent('pointerdown', {{ bubbles: true }}));
        window.__TAURI__.core.invoke('change_account', {{ account: {}, change: {{ name: 'show' }} }}).then(() => {{
            button.click();
            document.dispatchEvent(new PointerEvent('pointerup'));
        }});",
        json!(button),
        json!(other)
    );
    app.driver().wait_for(button, &format!("return document.getElementById({})", json!(button))).await;
    app.driver().script(&script).await;
}

async fn show(app: &App, account: &str) {
    let change = json!({ "account": account, "change": { "name": "show" } });
    app.driver().script(&format!("window.__TAURI__.core.invoke('change_account', {change})")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_clicked_on_reaches_the_account_that_was_drawn_or_none() {
    let there = two().await;
    let app = &there.app;
    app.click("connect").await;
    app.wait_for_state("connected").await;
    app.click("accounts").await;
    app.click("open-teste").await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    app.wait_for_state("connected").await;
    let token = |account| there.token(&["--account", account]).answer.trim().to_owned();
    let (doces, teste) = (token("doces"), token("teste"));

    click_while_another_is_shown(app, "copy-token", "doces").await;
    app.wait_for_words("Loja de Doces").await;
    wait_until("a token is copied", || Some(there.desktop.clipboard()).filter(|copied| *copied == teste));

    // A question about one account is not another's.
    app.click("disconnect").await;
    app.driver().wait_for("the question", "return document.querySelector('#disconnect-now')").await;
    show(app, "teste").await;
    app.wait_for_words("Loja de Teste").await;
    assert_eq!(app.driver().script("return !document.querySelector('#disconnect-now')").await, json!(true));

    app.click("disconnect").await;
    click_while_another_is_shown(app, "disconnect-now", "doces").await;
    wait_until("the one that was drawn is disconnected", || {
        there.desktop.secret("teste/tokens").is_none().then_some(())
    });
    assert!(there.desktop.secret("doces/tokens").unwrap().contains(&doces), "the other one is as it was");
    app.wait_for_state("connected").await;

    let gone = json!({ "account": "gone", "request": { "name": "disconnect" } });
    let asked = format!("window.__TAURI__.core.invoke('request', {gone}).then(() => (window.asked = true))");
    app.driver().script(&asked).await;
    app.driver().wait_for("it is answered", "return window.asked").await;
    assert_eq!(app.state().await, "connected", "an account that is gone is no other account");
    assert!(there.desktop.secret("doces/tokens").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_account_connects_by_itself_and_programs_name_the_one_they_want() {
    let there = two().await;
    there.app.click("connect").await;
    there.app.wait_for_state("connected").await;
    there.app.click("accounts").await;
    there.app.click("open-teste").await;
    there.app.wait_for_state("disconnected").await;
    there.app.wait_for_words("Loja de Teste").await;
    there.app.click("connect").await;
    there.app.wait_for_state("connected").await;

    let [by_default, doces, teste, by_name] =
        [&[][..], &["-a", "doces"], &["--account", "teste"], &["-a", "Loja de Teste"]]
            .map(|arguments| there.token(arguments).quietly().to_owned());
    assert_eq!(by_default, doces, "looking at another account changes no script");
    assert_eq!(by_name, teste);
    assert_eq!(there.hotmart.api_status_at("sandbox.hotmart.com", &teste).await, 200);
    assert_eq!(there.hotmart.api_status_at("sandbox.hotmart.com", &doces).await, 401);

    there.app.click("accounts").await;
    there.app.click("options-teste-title").await;
    there.app.click("default-teste").await;
    wait_until("programs use the other", || (there.token(&[]).answer.trim() == teste).then_some(()));
    let status = there.token(&["status"]).answer;
    assert!(status.contains("* teste “Loja de Teste”"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_added_named_and_moved_with_the_keyboard_alone() {
    const DOWN: char = '\u{E015}';
    const ENTER: char = '\u{E007}';
    let there = two().await;
    let app = &there.app;
    let focused = async || app.driver().script("return document.activeElement.id").await;
    let press = async |id: &str, key: char| app.driver().type_into(id, &key.to_string()).await;
    press("accounts", ENTER).await;
    app.driver().wait_for("the list is open", "return document.querySelector('#account-list')").await;
    press("open-doces", DOWN).await;
    assert_eq!(focused().await, "open-teste");
    press("options-teste-title", ENTER).await;
    app.driver().type_into("name-teste", &format!(" dois{ENTER}")).await;
    app.wait_for_words("Loja de Teste dois").await;
    press("up-teste", ENTER).await;
    wait_until("it is first", || (ids(&there.desktop) == ["teste", "doces"]).then_some(()));
    assert_eq!(there.desktop.settings()["default_account"], "doces", "moving changes no script");

    press("add-account", ENTER).await;
    press("fill-in", ENTER).await;
    app.driver().type_into("client-id", DEVELOPER_ID).await;
    app.driver().type_into("client-secret", CLIENT_SECRET).await;
    app.driver().type_into("account-name", &format!("Café & Pão{ENTER}")).await;
    app.wait_for_state("disconnected").await;
    app.wait_for_words("Café & Pão").await;
    assert_eq!(ids(&there.desktop), ["teste", "doces", "caf-p-o"]);
    assert_eq!(there.desktop.settings()["default_account"], "doces", "programs go on with what they had");
    press("connect", ENTER).await;
    app.wait_for_state("connected").await;
}

/// Everything under our service in the keyring.
fn keyring_entries(desktop: &Desktop) -> String {
    let mut search = desktop.command("secret-tool");
    let output = search.args(["search", "--all", "service", "app.hotmart-connect"]).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_an_account_leaves_nothing_behind_and_says_what_became_of_its_tokens() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    let tokens = ready.hotmart.access_tokens();
    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    // A login that is open meanwhile is forgotten too.
    ready.app.click("details-title").await;
    ready.app.click("reconnect").await;
    ready.app.wait_for_state("awaiting_browser").await;
    wait_until("the request is kept", || ready.desktop.secret("main/pending-request"));
    let code_requests = ready.hotmart.exchanges();

    ready.app.click("accounts").await;
    ready.app.click("options-main-title").await;
    ready.app.click("remove-main").await;
    ready.app.wait_for_sentence_with("accounts.remove_question", &[("name", &pt("fact.main_account"))]).await;
    assert!(ready.desktop.secret("main/tokens").is_some(), "one click removes nothing");
    ready.app.click("remove-now-main").await;
    ready.app.wait_for_sentence("removed.revoked").await;
    ready.app.wait_for_state("unconfigured").await;

    assert_eq!(ready.hotmart.api_status(&tokens[0]).await, 401, "revoked");
    assert_eq!(keyring_entries(&ready.desktop), "", "the keyring is empty");
    assert_eq!(ready.desktop.settings()["accounts"], json!([]));
    assert_eq!(ready.desktop.settings()["current_account"], Value::Null);
    wait_until("the clipboard is empty", || ready.desktop.clipboard().is_empty().then_some(()));
    let folder = ready.desktop.home().join(".local/share/app.hotmart-connect");
    assert!(!folder.join("clocks/main.json").exists());
    let log = ready.desktop.log();
    for secret in tokens.iter().chain(&ready.hotmart.codes()).chain([&CLIENT_SECRET.to_owned()]) {
        assert!(!log.contains(secret.as_str()), "the log holds a secret");
    }
    // At its most verbose it holds what the window was shown.
    let mut lines = log.lines().filter(|line| !line.contains("to the window:"));
    assert!(!lines.any(|line| line.contains("ana@exemplo.com")), "the log names the seller");
    assert_eq!(ready.hotmart.exchanges(), code_requests);
    ready.app.click("dismiss-removed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_goes_on_when_the_keyring_is_unlocked_and_says_that_hotmart_was_not_told() {
    let Ready { mut desktop, hotmart, browser, app } = Ready::connected(HotmartOptions::default()).await;
    drop(browser);
    app.close(&desktop).await;
    desktop.restart_keyring_locked();
    let _offline = hotmart.go_offline();
    let app = App::start(&desktop).await;
    app.wait_for_state("keyring_locked").await;
    app.press("accounts").await;
    app.press("options-main-title").await;
    app.press("remove-main").await;
    app.press("remove-now-main").await;
    app.press("close-accounts").await;
    app.wait_for_sentence("keyring.removing").await;
    // Called off, and asked for again.
    app.press("cancel").await;
    app.wait_for_sentence("keyring.nothing_lost").await;
    app.press("accounts").await;
    app.press("options-main-title").await;
    app.press("remove-main").await;
    app.press("remove-now-main").await;
    app.press("close-accounts").await;
    app.wait_for_sentence("keyring.removing").await;
    assert_eq!(ids(&desktop), ["main"], "it is not taken out before its secrets are gone");
    desktop.restart_keyring_unlocked();
    app.wait_for_sentence("removed.revocation_failed").await;
    assert_eq!(keyring_entries(&desktop), "");
    assert_eq!(desktop.settings()["accounts"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settings_file_of_another_machine_asks_for_nothing_but_secrets() {
    let there = two().await;
    let other = json!({ "version": 1, "accounts": [
        named(developer("hotmart", DEVELOPER_ID), "doces", "Loja de Doces"),
        named(developer("sandbox", SANDBOX_ID), "doces-2", "Outra Loja"),
    ]});
    let file = there.desktop.home().join("from another machine.json");
    std::fs::write(&file, other.to_string()).unwrap();
    there.app.click("accounts").await;
    there.app.click("import-title").await;
    there.app.driver().type_into("import-file", file.to_str().unwrap()).await;
    there.app.wait_for_sentence_with("accounts.imported", &[("count", "1")]).await;
    there.app.click("open-doces-2").await;
    there.app.wait_for_state("unconfigured").await;
    there.app.wait_for_sentence("form.missing_client_secret").await;
    let id = there.app.driver().script("return document.querySelector('#client-id').value").await;
    assert_eq!(id, SANDBOX_ID);
    there.app.driver().type_into("client-secret", CLIENT_SECRET).await;
    there.app.click("save").await;
    there.app.wait_for_state("disconnected").await;
    there.app.click("connect").await;
    there.app.wait_for_state("connected").await;

    // Accounts that live elsewhere are named before anything is brought.
    let elsewhere = json!({ "version": 1, "accounts": [{
        "id": "friend", "name": "Hotmart", "environment": "custom", "client_id": "x",
        "client_authentication": "none",
        "endpoints": { "authorize": "https://evil.example/a", "token": "https://token.evil.example/t" },
    }]});
    std::fs::write(&file, elsewhere.to_string()).unwrap();
    there.app.press("accounts").await;
    there.app.click("import-title").await;
    there.app.driver().type_into("import-file", file.to_str().unwrap()).await;
    there
        .app
        .wait_for_sentence_with(
            "accounts.import_servers",
            &[("servers", "evil.example e token.evil.example")],
        )
        .await;
    assert_eq!(ids(&there.desktop).len(), 3);
    there.app.press("import-no").await;
    there.app.press("close-accounts").await;

    let junk = there.desktop.home().join("junk.json");
    std::fs::write(&junk, "<html>").unwrap();
    there.app.press("accounts").await;
    there.app.click("import-title").await;
    there.app.driver().type_into("import-file", junk.to_str().unwrap()).await;
    there.app.wait_for_sentence("command.import_unusable").await;
    assert_eq!(ids(&there.desktop).len(), 3);
}

/// Writes this many accounts, the last of them connected.
async fn many(desktop: &Desktop, hotmart: &Hotmart, count: usize) {
    let names: Vec<_> = (0..count).map(|number| format!("loja-{number}")).collect();
    let accounts: Vec<_> = names
        .iter()
        .map(|name| {
            let mut account = hotmart.account();
            account["id"] = json!(name);
            account["name"] = json!(format!("Loja número {name}"));
            account
        })
        .collect();
    let last = names.last().unwrap();
    hotmart.connect_by_hand(desktop, last, |_| {}).await;
    desktop.write_settings(&json!({
        "version": 1, "language": "pt-BR", "current_account": last, "default_account": last, "accounts": accounts,
    }));
}

/// How long of a processor it takes until the window shows the account as connected.
async fn opened(desktop: &Desktop) -> f64 {
    let app = App::start(desktop).await;
    app.wait_for_state("connected").await;
    let took = desktop.processor_time();
    app.close(desktop).await;
    took
}

/// How many times as much of a processor 200 accounts may take as one.
const SLOWEST_WINDOW: f64 = 1.3;
const SLOWEST_PROGRAM: f64 = 1.5;
/// How often both are measured.
const ROUNDS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::print_stdout)] // The ratios are what one wants to read.
async fn two_hundred_accounts_are_as_fast_as_one_and_are_found_by_typing() {
    let options = HotmartOptions { authentication: Authentication::None, ..HotmartOptions::default() };
    let hotmart = Hotmart::with(options).await;
    let (one, all) = (Desktop::start(), Desktop::start());
    many(&one, &hotmart, 1).await;
    many(&all, &hotmart, 200).await;

    // A clock would count what else the machine does as well.
    let token = |desktop: &Desktop, account: &str| {
        let (told, cpu) = Told::measured(&desktop.token_program(&["--account", account]), ":");
        assert_eq!(told.code, 0, "{told:?}");
        cpu
    };
    let [mut window_of_one, mut window_of_all, mut token_of_one, mut token_of_all] = [f64::MAX; 4];
    for _ in 0..ROUNDS {
        window_of_one = window_of_one.min(opened(&one).await);
        window_of_all = window_of_all.min(opened(&all).await);
        for _ in 0..5 {
            token_of_one = token_of_one.min(token(&one, "loja-0"));
            token_of_all = token_of_all.min(token(&all, "loja-199"));
        }
    }
    let window = window_of_all / window_of_one;
    let program = token_of_all / token_of_one;
    println!(
        "200 accounts beside one: the window {window:.2} ({window_of_one} s of a processor), hotmart-token {program:.2} ({token_of_one} s)"
    );
    assert!(window < SLOWEST_WINDOW, "the window takes {window:.2} times as much");
    assert!(program < SLOWEST_PROGRAM, "hotmart-token takes {program:.2} times as much");

    const DOWN: char = '\u{E015}';
    const ENTER: char = '\u{E007}';
    let app = App::start(&all).await;
    app.wait_for_state("connected").await;
    app.click("accounts").await;
    let in_sight = "return document.querySelectorAll('#account-list li:not([hidden])').length";
    assert_eq!(app.driver().script(in_sight).await, 200);
    app.driver().type_into("account-search", "NUMERO loja-17").await;
    assert_eq!(app.driver().script(in_sight).await, 11, "capitals and accents do not matter");
    app.driver().type_into("account-search", &DOWN.to_string()).await;
    assert_eq!(app.driver().script("return document.activeElement.id").await, "open-loja-17");
    app.driver().type_into("account-search", &format!("3{ENTER}")).await;
    app.wait_for_words("Loja número loja-173").await;
    app.wait_for_state("disconnected").await;
    app.click("accounts").await;
    app.driver().type_into("account-search", "nobody has this name").await;
    app.wait_for_sentence("accounts.nothing_found").await;
}
