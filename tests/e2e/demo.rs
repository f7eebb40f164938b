//! The whole journey on Practice Hotmart, with a picture of each state.
//! `make demo` runs this alone; the pictures are in `tests/artifacts`.

use std::path::{Path, PathBuf};

use tests::{App, Browser, Desktop, DesktopOptions, HotmartOptions, built_in_practice};

use crate::journeys::Ready;

fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_journey_on_practice_hotmart_leaves_a_picture_of_each_state() {
    let (practice, _alone) = built_in_practice().await;
    let folder = pictures();
    let shoot = async |app: &App, name: &str| app.picture(&folder.join(format!("{name}.png"))).await;
    let desktop = Desktop::start();
    let mut browser = Browser::install(&desktop, Some(&practice));
    let app = App::start(&desktop).await;

    app.wait_for_state("unconfigured").await;
    shoot(&app, "01-first-run").await;
    app.click("use-practice").await;
    app.wait_for_state("disconnected").await;
    shoot(&app, "02-ready").await;

    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    app.driver()
        .wait_for("the time left is shown", "return document.querySelector('.clock').textContent")
        .await;
    shoot(&app, "03-waiting").await;
    let page = browser.at(&desktop, &practice).await;
    std::fs::write(folder.join("04-consent-page.png"), page.picture().await).unwrap();
    page.click("deny").await;
    app.wait_for_state("denied").await;
    shoot(&app, "05-denied").await;

    app.click("connect").await;
    browser.answer(&desktop, &practice, "allow").await;
    app.wait_for_state("connected").await;
    shoot(&app, "06-connected").await;
    desktop.picture(&folder.join("07-desktop.png"));
    app.click("copy-token").await;
    app.wait_for_sentence("connected.copied").await;
    shoot(&app, "08-copied").await;
    app.click("disconnect").await;
    app.click("disconnect-now").await;
    app.wait_for_state("disconnected").await;
    shoot(&app, "09-disconnected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_states_of_trouble_are_pictured_too() {
    let folder = pictures();
    let shoot = async |app: &App, name: &str| app.picture(&folder.join(format!("{name}.png"))).await;
    let mut ready = Ready::connected(HotmartOptions::default()).await;
    ready.hotmart.practice().break_token_endpoint(503, "text/html", Some(30), "<html>maintenance</html>");
    ready.app.click("refresh").await;
    ready.app.wait_for_state("retrying").await;
    shoot(&ready.app, "10-retrying").await;
    ready.hotmart.practice().recover();
    ready.hotmart.practice().end_every_session();
    ready.app.click("refresh").await;
    ready.app.wait_for_state("expired").await;
    shoot(&ready.app, "11-expired").await;
    ready.hotmart.practice().break_token_endpoint(
        401,
        "application/json",
        None,
        r#"{"error":"invalid_client"}"#,
    );
    ready.connect_and("allow").await;
    ready.app.wait_for_state("failed").await;
    shoot(&ready.app, "12-failed").await;
    let Ready { mut desktop, browser, app, .. } = ready;
    drop(browser);
    app.close(&desktop).await;
    desktop.restart_keyring_locked();
    let app = App::start(&desktop).await;
    app.wait_for_state("keyring_locked").await;
    shoot(&app, "13-keyring-locked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_screen_is_pictured_in_every_language_and_in_the_dark() {
    for (language, name) in [("pt_BR.UTF-8", "pt"), ("es_MX.UTF-8", "es"), ("en_US.UTF-8", "en")] {
        let desktop = Desktop::with(DesktopOptions { language, dark: true, ..DesktopOptions::default() });
        let app = App::start(&desktop).await;
        app.wait_for_state("unconfigured").await;
        let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
        app.driver().wait_for("the window is dark", dark).await;
        app.picture(Path::new(&pictures().join(format!("14-first-run-{name}-dark.png")))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_and_the_form_of_each_kind_are_pictured() {
    use crate::environments::{AsHotmart, developer};
    let named = |environment: &str, client_id: &str, id: &str, name: &str| {
        let mut account = developer(environment, client_id);
        account["id"] = id.into();
        account["name"] = name.into();
        account
    };
    let accounts = [
        named("hotmart", tests::DEVELOPER_ID, "doces", "Loja de Doces"),
        named("sandbox", tests::DEVELOPER_ID, "teste", "Loja de Teste"),
    ];
    let there = AsHotmart::with(practice::Authentication::Basic, &accounts).await;
    let (app, folder) = (&there.app, pictures());
    let shoot = async |name: &str| app.picture(&folder.join(format!("{name}.png"))).await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    app.wait_for_sentence("check.works").await;
    shoot("15-checked").await;
    app.click("accounts").await;
    app.click("options-teste-title").await;
    app.driver()
        .wait_for("the options are open", "return document.querySelector('#options-teste').open")
        .await;
    shoot("16-accounts").await;
    app.click("open-teste").await;
    app.click("connect").await;
    app.wait_for_sentence("check.belongs_to_production").await;
    shoot("17-wrong-environment").await;
    app.click("accounts").await;
    app.click("add-account").await;
    shoot("18-new-account").await;
    app.click("fill-in").await;
    app.click("kind-authorization_code").await;
    crate::first_run::choose(app, "environment-choice", "custom").await;
    shoot("19-another-server").await;
}
