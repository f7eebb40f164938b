//! The seller's journeys, with the real window, keyring, browser and scheme handler.

use std::time::Duration;

use practice::Authentication;
use tests::{App, Browser, Desktop, Hotmart, HotmartOptions, wait_until};

/// A desktop, a server and a browser, with the window ready to connect.
pub struct Ready {
    pub desktop: Desktop,
    pub hotmart: Hotmart,
    pub browser: Browser,
    pub app: App,
}

impl Ready {
    pub async fn with(options: HotmartOptions) -> Self {
        Self::shown(options, Hotmart::configure, "disconnected").await
    }

    /// The same, but the client secret is nowhere yet.
    pub async fn unconfigured(options: HotmartOptions) -> Self {
        Self::shown(options, Hotmart::configure_without_secret, "unconfigured").await
    }

    async fn shown(options: HotmartOptions, configure: fn(&Hotmart, &Desktop, u64), state: &str) -> Self {
        let desktop = Desktop::start();
        let hotmart = Hotmart::with(options).await;
        configure(&hotmart, &desktop, 60);
        let browser = Browser::install(&desktop, Some(&hotmart.url()));
        let app = App::start(&desktop).await;
        app.wait_for_state(state).await;
        Self { desktop, hotmart, browser, app }
    }

    pub async fn connected(options: HotmartOptions) -> Self {
        let mut ready = Self::with(options).await;
        ready.connect_and("allow").await;
        ready.app.wait_for_state("connected").await;
        ready
    }

    /// Clicks Connect and answers on the consent page: `allow` or `deny`.
    pub async fn connect_and(&mut self, button: &str) {
        self.app.click("connect").await;
        self.app.wait_for_state("awaiting_browser").await;
        self.browser.answer(&self.desktop, &self.hotmart.url(), button).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn allow_and_the_token_is_in_the_keyring_and_the_clipboard_and_the_api_takes_it() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    let issued = ready.hotmart.access_tokens();
    assert_eq!(issued.len(), 1);
    assert_eq!(ready.desktop.focused_window(), "Hotmart Connect", "the window came to the front");

    let record = ready.desktop.secret("main/tokens").expect("secret-tool finds the record");
    assert!(record.contains(&issued[0]));
    assert!(ready.desktop.secret("main/pending-request").is_none(), "the request is answered and gone");

    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    assert_eq!(ready.desktop.clipboard(), issued[0]);
    assert!(ready.desktop.clipboard_targets().contains("x-kde-passwordManagerHint"));
    assert_eq!(ready.hotmart.api_status(&issued[0]).await, 200);
    assert_eq!(ready.hotmart.api_status("another").await, 401);

    let Ready { app, desktop, .. } = ready;
    app.close(&desktop).await;
    assert_eq!(desktop.clipboard(), "", "after the end nothing of ours is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn deny_saves_nothing_and_connecting_again_works() {
    let mut ready = Ready::with(HotmartOptions::default()).await;
    ready.connect_and("deny").await;
    ready.app.wait_for_state("denied").await;
    ready.app.wait_for_sentence("denied.text").await;
    assert!(ready.desktop.secret("main/tokens").is_none());
    assert_eq!(ready.hotmart.exchanges(), 0);

    ready.connect_and("allow").await;
    ready.app.wait_for_state("connected").await;
    assert!(ready.desktop.secret("main/tokens").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_forgets_the_request_and_connecting_again_works() {
    let mut ready = Ready::with(HotmartOptions::default()).await;
    ready.app.click("connect").await;
    ready.app.wait_for_state("awaiting_browser").await;
    let first = ready.hotmart.last_state();
    wait_until("the request is kept", || ready.desktop.secret("main/pending-request"));
    ready.app.click("cancel").await;
    ready.app.wait_for_state("disconnected").await;
    wait_until("the request is gone", || {
        ready.desktop.secret("main/pending-request").is_none().then_some(())
    });

    ready.app.click("connect").await;
    wait_until("a new request with a state of its own", || {
        (ready.hotmart.last_state() != first).then_some(())
    });
    let second = ready.hotmart.last_state();
    // The first page is still open in the browser; its answer would be ignored.
    let page = ready.browser.at_request(&ready.desktop, &ready.hotmart.url(), &second).await;
    page.click("allow").await;
    ready.app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_while_connected_needs_no_browser() {
    let Ready { desktop, hotmart, browser, app } = Ready::connected(HotmartOptions::default()).await;
    drop(browser);
    app.close(&desktop).await;

    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    assert_eq!((hotmart.exchanges(), hotmart.refreshes()), (1, 0));
    app.click("copy-token").await;
    app.wait_for_sentence("connected.copied").await;
    assert_eq!(desktop.clipboard(), hotmart.access_tokens()[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn renewal_happens_without_a_click_and_the_new_token_is_stored() {
    let options = HotmartOptions { lifetime: Duration::from_secs(12), ..HotmartOptions::default() };
    let ready = Ready::connected(options).await;
    wait_until("the server saw a renewal", || (ready.hotmart.refreshes() >= 1).then_some(()));
    let newest = ready.hotmart.access_tokens().pop().unwrap();
    wait_until("the new token is in the keyring", || {
        ready.desktop.secret("main/tokens").filter(|record| record.contains(&newest))
    });
    ready.app.wait_for_state("connected").await;
    assert_eq!(ready.hotmart.exchanges(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_now_gives_a_new_token_and_the_copy_is_the_new_one() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    ready.app.click("refresh").await;
    wait_until("the server saw a renewal", || (ready.hotmart.refreshes() == 1).then_some(()));
    ready.app.wait_for_state("connected").await;
    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    assert_eq!(ready.desktop.clipboard(), ready.hotmart.access_tokens()[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_refresh_token_ends_the_session_and_reconnecting_keeps_all_settings() {
    let mut ready = Ready::connected(HotmartOptions::default()).await;
    let settings = std::fs::read(ready.desktop.settings_file()).unwrap();
    ready.hotmart.practice().end_every_session();
    ready.app.click("refresh").await;
    ready.app.wait_for_state("expired").await;
    ready.app.wait_for_sentence("expired.refused").await;

    ready.connect_and("allow").await;
    ready.app.wait_for_state("connected").await;
    assert_eq!(std::fs::read(ready.desktop.settings_file()).unwrap(), settings);
    assert_eq!(ready.hotmart.exchanges(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_trouble_loses_nothing_and_is_tried_again() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    let kept = || {
        let mut record = tests::record(&ready.desktop, "main/tokens").unwrap();
        // A portal may have swallowed an answer: that is noted.
        record.as_object_mut().unwrap().remove("unanswered_since");
        record
    };
    let record = kept();
    let (good, unknown) = ("retrying.still_valid", "retrying.may_be_lost");
    for (status, kind, body, said) in [
        (503, "text/html", "<html>maintenance</html>", good),
        (429, "application/json", r#"{"error":"too_many_requests"}"#, good),
        (500, "application/json", r#"{"error":"invalid_grant"}"#, good),
        // Whatever swallowed this answer, the server may have given new tokens in it.
        (200, "text/html", "<html>a portal</html>", unknown),
        (503, "text/html", "<html>maintenance</html>", unknown),
    ] {
        ready.hotmart.practice().break_token_endpoint(status, kind, Some(30), body);
        ready.app.click("refresh").await;
        ready.app.wait_for_state("retrying").await;
        ready.app.wait_for_sentence(said).await;
        assert_eq!(kept(), record, "{status}: nothing was touched");
    }
    ready.app.press("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;

    ready.hotmart.practice().recover();
    ready.app.click("refresh").await;
    ready.app.wait_for_state("connected").await;
    assert_eq!(ready.hotmart.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn reconnecting_and_saying_no_keeps_the_old_connection() {
    let mut ready = Ready::connected(HotmartOptions::default()).await;
    let record = ready.desktop.secret("main/tokens");
    ready.app.click("details-title").await;
    ready.app.click("reconnect").await;
    ready.app.wait_for_state("awaiting_browser").await;
    ready.browser.answer(&ready.desktop, &ready.hotmart.url(), "deny").await;
    ready.app.wait_for_state("connected").await;
    ready.app.wait_for_sentence("notice.still_connected_after_denial").await;
    assert_eq!(ready.desktop.secret("main/tokens"), record);
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnect_revokes_at_the_server_and_leaves_nothing_here() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    let token = ready.hotmart.access_tokens().remove(0);
    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    ready.app.click("disconnect").await;
    ready.app.click("disconnect-now").await;
    ready.app.wait_for_state("disconnected").await;
    ready.app.wait_for_sentence("notice.revoked").await;
    assert!(ready.desktop.secret("main/tokens").is_none());
    assert_eq!(ready.hotmart.api_status(&token).await, 401);
    wait_until("the copied token is wiped", || ready.desktop.clipboard().is_empty().then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_classic_dialect_and_every_way_to_authenticate() {
    for authentication in [Authentication::None, Authentication::Body] {
        let options = HotmartOptions { dialect: "classic", authentication, ..HotmartOptions::default() };
        let ready = Ready::connected(options).await;
        ready.app.click("refresh").await;
        wait_until("the server saw a renewal", || (ready.hotmart.refreshes() == 1).then_some(()));
        ready.app.wait_for_state("connected").await;
        ready.app.click("disconnect").await;
        ready.app.click("disconnect-now").await;
        ready.app.wait_for_sentence("notice.revocation_not_offered").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_token_is_wiped_after_its_time_and_what_others_copied_is_not() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 2);
    let browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    let mut ready = Ready { desktop, hotmart, browser, app };
    ready.connect_and("allow").await;
    ready.app.wait_for_state("connected").await;

    let countdown_is_over = "return !document.querySelector('.copied')";
    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    assert!(!ready.desktop.clipboard().is_empty());
    ready.app.driver().wait_for("the countdown is over", countdown_is_over).await;
    wait_until("the clipboard is empty", || ready.desktop.clipboard().is_empty().then_some(()));

    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    ready.desktop.copy("a shopping list");
    ready.app.driver().wait_for("the countdown is over", countdown_is_over).await;
    assert_eq!(ready.desktop.clipboard(), "a shopping list");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_in_the_middle_of_a_renewal_loses_nothing() {
    let Ready { desktop, hotmart, browser, app } = Ready::connected(HotmartOptions::default()).await;
    drop(browser);
    hotmart.practice().slow_down_token_endpoint(Duration::from_secs(3));
    app.click("refresh").await;
    app.wait_for_state("refreshing").await;
    app.close(&desktop).await;
    assert_eq!(hotmart.refreshes(), 1);
    let newest = hotmart.access_tokens().pop().unwrap();
    assert!(desktop.secret("main/tokens").unwrap().contains(&newest), "what the server rotated is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_in_the_background_steals_no_focus_and_closes_nothing() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    ready.hotmart.practice().slow_down_token_endpoint(Duration::from_secs(1));
    ready.app.driver().script("document.querySelector('#language').focus()").await;
    ready.app.driver().script("document.querySelector('#refresh').click()").await;
    ready.app.wait_for_state("refreshing").await;
    ready.app.wait_for_state("connected").await;
    let focused = ready.app.driver().script("return document.activeElement.id").await;
    assert_eq!(focused, "language");
    ready.app.click("disconnect").await;
    ready.app.click("stay").await;
    assert_eq!(ready.app.state().await, "connected", "one click does not disconnect");
    assert_eq!(ready.app.driver().script("return document.activeElement.id").await, "disconnect");
}
