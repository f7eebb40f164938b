//! A build that brings a registered application along: the seller fills in nothing.

use std::path::Path;

use practice::Authentication;
use tests::{
    App, Browser, CLIENT_SECRET, DEVELOPER_ID, Desktop, DesktopOptions, Hotmart, HotmartOptions, Told, says,
    wait_until,
};

use crate::environments::STAND_IN;

#[tokio::test(flavor = "multi_thread")]
async fn a_distributors_build_connects_with_one_click() {
    // `make build` puts it there, with the id and secret of the test's application.
    let desktop = Desktop::with(DesktopOptions { distributor: true, ..DesktopOptions::default() });
    let options = HotmartOptions { authentication: Authentication::Basic, ..HotmartOptions::default() };
    let hotmart = Hotmart::with(options).await;
    let mut browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start_with(&desktop, STAND_IN, Path::new(hotmart.url().as_str())).await;
    app.wait_for_state("disconnected").await;
    let buttons = "return [...document.querySelectorAll('main button.primary')].map((button) => button.id)";
    assert_eq!(
        app.driver().script(buttons).await,
        serde_json::json!(["connect"]),
        "one button, and nothing to fill in"
    );
    assert!(!says(&app.words().await, "form.client_id"));
    app.click("connect").await;
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    app.wait_for_state("connected").await;
    app.wait_for_words("Ana Souza").await;
    app.wait_for_sentence("check.works").await;
    assert!(desktop.secret("main/client-secret").is_none(), "it is in the program, not in the keyring");

    let mut token = desktop.token_program(&[]);
    let told = Told::by(token.env(STAND_IN, hotmart.url().as_str()));
    assert_eq!(hotmart.api_status_at("developers.hotmart.com", told.quietly()).await, 200);

    // A seller's own credentials are still a choice, beside it.
    app.press("edit").await;
    app.wait_for_sentence("form.client_id").await;
    app.driver().type_into("client-id", DEVELOPER_ID).await;
    app.driver().type_into("client-secret", CLIENT_SECRET).await;
    app.press("save").await;
    app.wait_for_state("disconnected").await;
    app.press("connect").await;
    app.wait_for_sentence("check.works").await;
    let accounts = desktop.settings()["accounts"].as_array().unwrap().clone();
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0]["client_id"], "");

    // Without any account there is the one button again; and it makes a second one.
    for id in ["main-2", "main"] {
        app.press("accounts").await;
        app.press(&format!("options-{id}-title")).await;
        app.press(&format!("remove-{id}")).await;
        app.press(&format!("remove-now-{id}")).await;
        app.driver().wait_for("it is removed", "return document.querySelector('#removed')").await;
        app.press("dismiss-removed").await;
        app.press("close-accounts").await;
    }
    app.wait_for_state("disconnected").await;
    assert_eq!(app.driver().script(buttons).await, serde_json::json!(["connect"]));
    app.press("accounts").await;
    app.press("add-account").await;
    app.press("use-built-in").await;
    // The state is shown before the account is written down.
    wait_until("there are two", || {
        (desktop.settings()["accounts"].as_array().unwrap().len() == 2).then_some(())
    });
    app.wait_for_state("disconnected").await;
}
