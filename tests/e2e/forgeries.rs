//! Links that are not the answer. Whoever sends them, the wait goes on.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use tests::{App, Desktop, Hotmart, HotmartOptions, wait_until};

use crate::journeys::Ready;

const CALLBACK: &str = connection::DEFAULT_REDIRECT_URI;

#[tokio::test(flavor = "multi_thread")]
async fn forged_links_while_waiting_are_ignored_and_the_real_answer_still_works() {
    let mut ready = Ready::with(HotmartOptions::default()).await;
    ready.app.click("connect").await;
    ready.app.wait_for_state("awaiting_browser").await;
    ready.browser.at(&ready.desktop, &ready.hotmart.url()).await;
    let state = ready.hotmart.last_state();

    let links: Vec<OsString> = [
        format!("{CALLBACK}?code=forged&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        format!("{CALLBACK}?code=forged"),
        format!("{CALLBACK}?code=forged&code=again&state={state}"),
        format!("{CALLBACK}?code=forged&state={state}&state={state}"),
        format!("app.hotmart-connect:/other/path?code=forged&state={state}"),
        format!("app.hotmart-connect://oauth/callback?code=forged&state={state}"),
        format!("{CALLBACK}?error=access_denied"),
        format!("{CALLBACK}?error=access_denied&state=wrong"),
        format!("{CALLBACK}?code=forged&state={state}&iss=https%3A%2F%2Fevil.example"),
        format!("{CALLBACK}?code=%FF%FE&state={state}"),
        format!("other.scheme:/oauth/callback?code=forged&state={state}"),
        format!("{CALLBACK}?code={}&state={state}", "x".repeat(100_000)),
    ]
    .into_iter()
    .map(OsString::from)
    .chain([OsString::from_vec([format!("{CALLBACK}?state={state}&code=").as_bytes(), b"\xFF\xFE"].concat())])
    .collect();
    // As the operating system starts a handler: the program, with the link as its one argument.
    for link in &links {
        let status = ready.desktop.quiet(ready.desktop.program()).arg(link).status().unwrap();
        assert!(status.success(), "the second start hands its link over and ends: {status}");
    }
    // No command line carries a megabyte, but any process of the session can call us.
    call_single_instance(&ready.desktop, &format!("{CALLBACK}?state={state}&code={}", "x".repeat(1 << 20)))
        .await;

    // One is of another scheme and not even delivered; one came over the bus.
    let ignored = links.len();
    wait_until("every forgery was judged", || {
        (ready.desktop.log().matches("not the answer we wait for").count() >= ignored).then_some(())
    });
    assert_eq!(ready.app.state().await, "awaiting_browser");
    assert_eq!(ready.hotmart.seen().len(), 1, "the server was asked for nothing");

    ready.browser.answer(&ready.desktop, &ready.hotmart.url(), "allow").await;
    ready.app.wait_for_state("connected").await;
}

/// What `tauri-plugin-single-instance` listens to on the session bus.
async fn call_single_instance(desktop: &Desktop, link: &str) {
    let connection = zbus::connection::Builder::address(desktop.bus()).unwrap().build().await.unwrap();
    let arguments = vec!["hotmart-connect".to_owned(), link.to_owned()];
    connection
        .call_method(
            Some("app.hotmart-connect.SingleInstance"),
            "/app/hotmart_connect/SingleInstance",
            Some("org.SingleInstance.DBus"),
            "ExecuteCallback",
            &(arguments, "/"),
        )
        .await
        .expect("the program answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_link_twice_uses_the_code_once() {
    let ready = Ready::with(HotmartOptions::default()).await;
    ready.app.click("connect").await;
    ready.app.wait_for_state("awaiting_browser").await;
    let answer = tests::answer_by_hand(&ready.app.copied_link(&ready.desktop).await, "allow").await;
    for _ in 0..3 {
        ready.desktop.quiet(ready.desktop.program()).arg(&answer).status().unwrap();
    }
    ready.app.wait_for_state("connected").await;
    wait_until("the later links were judged", || {
        (ready.desktop.log().matches("nobody waits for").count() >= 2).then_some(())
    });
    assert_eq!(ready.app.state().await, "connected");
    assert_eq!(ready.hotmart.exchanges(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_not_text_does_not_keep_the_program_from_starting() {
    let desktop = Desktop::start();
    let link = OsString::from_vec([CALLBACK.as_bytes(), b"?code=\xFF\xFE"].concat());
    let mut program = desktop.command(desktop.program());
    let _running = tests::Running::start(program.arg(link));
    wait_until("its window is there", || (desktop.focused_window() == "Hotmart Connect").then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_program_that_waits_for_nothing_changes_nothing() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    let link = format!("{CALLBACK}?code=forged&state={}", "A".repeat(43));
    desktop.quiet(desktop.program()).arg(link).status().unwrap();
    wait_until("the link was judged", || desktop.log().contains("nobody waits for").then_some(()));
    assert_eq!(app.state().await, "disconnected");
    assert!(hotmart.seen().is_empty());
}
