//! A keyring that is locked, missing, or comes and goes.

use std::time::Duration;

use tests::{App, Browser, Desktop, DesktopOptions, Hotmart, HotmartOptions, PASSWORD, wait_until};

use crate::journeys::Ready;

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keyring_is_its_own_state_and_is_unlocked_with_its_password() {
    let Ready { mut desktop, hotmart, browser, app } = Ready::connected(HotmartOptions::default()).await;
    drop(browser);
    app.close(&desktop).await;
    desktop.restart_keyring_locked();

    let app = App::start(&desktop).await;
    app.wait_for_state("keyring_locked").await;
    app.wait_for_sentence("keyring.nothing_lost").await;
    app.click("unlock").await;
    app.wait_for_sentence("keyring.unlocking").await;
    // The system's own window, outside of ours.
    wait_until("the password was typed", || {
        let _ = desktop.quiet("xdotool").args(["type", "--clearmodifiers", PASSWORD]).status();
        let _ = desktop.quiet("xdotool").args(["key", "Return"]).status();
        std::thread::sleep(Duration::from_millis(500));
        desktop.log().contains("Unlocked(Ok").then_some(())
    });
    app.wait_for_state("connected").await;
    assert_eq!(
        (hotmart.exchanges(), hotmart.refreshes()),
        (1, 0),
        "no browser, no refresh: nothing was lost"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_keyring_comes_back_no_click_is_needed() {
    let Ready { mut desktop, hotmart, browser, app } = Ready::connected(HotmartOptions::default()).await;
    drop(browser);
    // It goes away while the program runs; a renewal then has nowhere to put its tokens.
    desktop.restart_keyring_locked();
    app.click("refresh").await;
    app.wait_for_state("keyring_locked").await;
    assert_eq!(hotmart.refreshes(), 0, "nothing is asked for that could not be stored");
    desktop.restart_keyring_unlocked();
    app.wait_for_state("connected").await;
    app.click("refresh").await;
    wait_until("the server saw a renewal", || (hotmart.refreshes() == 1).then_some(()));
    app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_nothing_is_written_and_going_on_in_memory_is_a_choice() {
    let desktop = Desktop::with(DesktopOptions { keyring: false, ..DesktopOptions::default() });
    let hotmart = Hotmart::with(HotmartOptions {
        authentication: practice::Authentication::None,
        ..HotmartOptions::default()
    })
    .await;
    hotmart.configure(&desktop, 60);
    let mut browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start(&desktop).await;
    app.wait_for_state("keyring_missing").await;
    app.wait_for_sentence("keyring.missing.title").await;

    app.driver().script("document.querySelector('details').open = true").await;
    app.click("keep-in-memory").await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    app.wait_for_state("connected").await;
    app.wait_for_sentence("connected.only_in_memory").await;
    app.click("copy-token").await;
    app.wait_for_sentence("connected.copied").await;
    assert_eq!(desktop.clipboard(), hotmart.access_tokens()[0]);
    app.close(&desktop).await;

    let app = App::start(&desktop).await;
    app.wait_for_state("keyring_missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_in_the_middle_of_a_login_or_a_renewal_loses_nothing_and_needs_no_click() {
    let mut ready = Ready::with(HotmartOptions::default()).await;
    let (slow, at_once) = (Duration::from_secs(2), Duration::ZERO);
    ready.hotmart.practice().slow_down_token_endpoint(slow);
    ready.connect_and("allow").await;
    wait_until("the code is exchanged", || (ready.hotmart.exchanges() == 1).then_some(()));
    ready.desktop.keyring().find_the_disk_full(true);
    ready.app.wait_for_state("keyring_missing").await;
    ready.app.wait_for_sentence("keyring.tokens_waiting").await;
    assert_eq!(ready.desktop.secret("main/tokens"), None);
    ready.desktop.keyring().find_the_disk_full(false);
    ready.app.wait_for_state("connected").await;
    assert!(ready.desktop.secret("main/tokens").unwrap().contains(&ready.hotmart.access_tokens()[0]));

    ready.app.click("refresh").await;
    wait_until("the server has renewed", || (ready.hotmart.refreshes() == 1).then_some(()));
    ready.desktop.keyring().find_the_disk_full(true);
    ready.app.wait_for_state("keyring_missing").await;
    let kept = ready.desktop.secret("main/tokens").unwrap();
    assert!(kept.contains(&ready.hotmart.access_tokens()[0]), "the old record is still there");
    ready.desktop.keyring().find_the_disk_full(false);
    ready.app.wait_for_state("connected").await;
    assert!(ready.desktop.secret("main/tokens").unwrap().contains(&ready.hotmart.access_tokens()[1]));
    ready.hotmart.practice().slow_down_token_endpoint(at_once);
    assert_eq!(ready.hotmart.exchanges() + ready.hotmart.refreshes(), 2, "nothing was asked for twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_keyring_is_waited_for_and_nothing_is_lost() {
    let mut ready = Ready::with(HotmartOptions::default()).await;
    let slow = Duration::from_secs(5);
    ready.desktop.keyring().pause_for(slow);
    ready.connect_and("allow").await;
    ready.app.wait_for_state("connected").await;
    ready.desktop.keyring().pause_for(slow);
    ready.app.click("refresh").await;
    wait_until("the server saw a renewal", || (ready.hotmart.refreshes() == 1).then_some(()));
    ready.app.wait_for_state("connected").await;
    ready.desktop.keyring().pause_for(slow);
    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    assert_eq!(Some(ready.desktop.clipboard()), ready.hotmart.access_tokens().pop());
}
