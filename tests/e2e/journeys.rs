//! The seller's journeys, with the real window, keyring, browser and scheme handler.

use tests::{App, Browser, Desktop, Hotmart};

#[tokio::test(flavor = "multi_thread")]
async fn connect_allow_and_the_token_is_in_the_keyring_and_the_clipboard() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    let mut browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;

    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    app.wait_for_state("connected").await;
    app.close(&desktop).await;
}
