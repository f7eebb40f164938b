//! Wrong clocks and long absences.

use std::time::Duration;

use tests::{App, Desktop, Hotmart, HotmartOptions, Told, says, wait_until};

/// The program under a clock that is off, such as `+2h`; only its clock is.
fn at(desktop: &Desktop, off: &str, arguments: &[&str]) -> Told {
    let mut program = desktop.token_program(arguments);
    for (name, value) in tests::clock_that_is_off(off) {
        program.env(name, value);
    }
    Told::by(&mut program)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_two_hours_wrong_logs_nobody_out_and_makes_no_refresh_loop() {
    for off in ["+2h", "-2h"] {
        let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
        hotmart.configure_accounts(&desktop, &["main"]);
        hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
        for _ in 0..10 {
            let told = at(&desktop, off, &[]);
            assert_eq!((told.code, told.words.as_str()), (0, ""), "{off}: {told:?}");
            assert_eq!(Some(told.answer.trim_end()), hotmart.access_tokens().last().map(String::as_str));
        }
        // Ahead, the token seemed to be over, and behind, not to be there yet:
        // once, until the server told the time.
        assert_eq!(hotmart.refreshes(), 1, "{off}: in one lifetime");
        let known = hotmart.refreshes();
        // The clock is put right, and then wrong the other way.
        assert_eq!(desktop.token(&[]).code, 0);
        let other_way = if off == "+2h" { "-2h" } else { "+2h" };
        for _ in 0..5 {
            assert_eq!(at(&desktop, other_way, &[]).code, 0);
            assert_eq!(desktop.token(&[]).code, 0);
        }
        assert!(hotmart.refreshes() <= known + 2, "{off}: setting a clock costs a refresh, not a loop");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_token_under_a_wrong_clock_is_refreshed_once_per_lifetime() {
    const LIFETIME: u64 = 12;
    let options = HotmartOptions { lifetime: Duration::from_secs(LIFETIME), ..HotmartOptions::default() };
    for off in ["+2h", "-2h"] {
        let (desktop, hotmart) = (Desktop::start(), Hotmart::with(options).await);
        hotmart.configure_accounts(&desktop, &["main"]);
        hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
        // One refresh tells what time it is; from then on only life counts.
        assert_eq!(at(&desktop, off, &["--renew"]).code, 0);
        let started = adapters::system_seconds();
        let before = hotmart.refreshes();
        while adapters::system_seconds() < started + 2 * LIFETIME {
            let told = at(&desktop, off, &[]);
            assert_eq!(told.code, 0, "{off}: {told:?}");
            assert_eq!(hotmart.api_status(told.answer.trim_end()).await, 200, "{off}: it works");
        }
        let refreshes = hotmart.refreshes() - before;
        assert!((1..=2).contains(&refreshes), "{off}: {refreshes} in two lifetimes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_under_a_wrong_clock_stays_connected_and_asks_once() {
    for off in ["+2h", "-2h"] {
        let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
        hotmart.configure_accounts(&desktop, &["main"]);
        hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
        let app = App::start_under_clock(&desktop, off).await;
        app.wait_for_state("connected").await;
        // Several looks at the clock later it is still so.
        let looks = std::time::Instant::now();
        while looks.elapsed() < Duration::from_secs(12) {
            assert!(["connected", "refreshing"].contains(&app.state().await.as_str()), "{off}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(hotmart.refreshes(), 1, "{off}");
        assert!(desktop.log().contains("7200 s off; corrected for"), "{off}: its clock was wrong indeed");
        assert_eq!(app.state().await, "connected");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_for_the_whole_life_of_the_token_and_online_again_without_a_browser() {
    let options = HotmartOptions { lifetime: Duration::from_secs(8), ..HotmartOptions::default() };
    let (desktop, hotmart) = (Desktop::start(), Hotmart::with(options).await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    let offline = hotmart.go_offline();
    app.wait_for_state("retrying").await;
    wait_until("the token is over", || (desktop.token(&["--offline"]).code == 5).then_some(()));
    let told = desktop.token(&[]);
    assert_eq!((told.code, told.answer.as_str()), (5, ""), "{told:?}");
    assert!(says(&told.words, "cli.nothing_lost"), "{told:?}");
    assert_eq!(app.state().await, "retrying");

    let hotmart = offline.come_back().await;
    app.wait_for_state("connected").await;
    assert_eq!(hotmart.api_status(desktop.token(&[]).quietly()).await, 200);
    assert_eq!(hotmart.exchanges(), 1, "nobody was sent to a browser");
}
