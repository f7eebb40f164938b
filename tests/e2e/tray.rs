//! The tray, and the program behind it without a window.
#![allow(clippy::print_stdout)] // Says how much memory it takes.

use std::process::Child;

use serde_json::json;
use tests::{
    App, Browser, Desktop, Hotmart, MOST_MEMORY_IN_THE_TRAY, TrayHost, built_programs, nearly_over, pt, says,
    settled_memory_of_tree, wait_until,
};

struct InTray {
    desktop: Desktop,
    hotmart: Hotmart,
    tray: TrayHost,
}

impl InTray {
    async fn with(change: impl Fn(&mut serde_json::Value)) -> Self {
        let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
        let tray = TrayHost::start(&desktop);
        hotmart.configure_accounts(&desktop, &["main"]);
        hotmart.connect_by_hand(&desktop, "main", change).await;
        let mut settings = desktop.settings();
        settings["keep_in_tray"] = json!(true);
        settings["accounts"][0]["name"] = json!("Loja da Ana");
        desktop.write_settings(&settings);
        Self { desktop, hotmart, tray }
    }

    fn start(&self, arguments: &[&str]) -> Program {
        Program(self.desktop.quiet(self.desktop.program()).args(arguments).spawn().unwrap())
    }
}

/// The program, whichever of its two faces it has.
struct Program(Child);

impl Program {
    fn is_without_a_window(&self) -> bool {
        let program = std::fs::read_link(format!("/proc/{}/exe", self.0.id()));
        program.is_ok_and(|program| program.ends_with("hotmart-connect-tray"))
    }

    fn end(mut self) {
        wait_until("the program ends", || self.0.try_wait().unwrap().map(|_| ()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_leaves_a_small_program_with_the_token_at_hand() {
    let there = InTray::with(|_| {}).await;
    let (desktop, tray) = (&there.desktop, &there.tray);
    let program = there.start(&[]);
    tray.line(&format!("Loja da Ana: {}", pt("state.connected")));
    wait_until("the window is there", || desktop.shows_a_window().then_some(()));
    wait_until("it can be used", || desktop.log().contains("the window can be used").then_some(()));
    desktop.close_the_window();
    wait_until("it goes on without a window", || {
        (program.is_without_a_window() && !desktop.shows_a_window()).then_some(())
    });
    tray.line(&format!("Loja da Ana: {}", pt("state.connected")));

    let mut empty = desktop.quiet(built_programs().join("empty-window")).spawn().unwrap();
    let window = settled_memory_of_tree(empty.id());
    let ours = settled_memory_of_tree(program.0.id());
    empty.kill().unwrap();
    empty.wait().unwrap();
    let share = ours as f64 / window as f64;
    println!("in the tray: {} MiB; an empty window: {} MiB; {share:.2} of it", ours / 1024, window / 1024);
    assert!(share < MOST_MEMORY_IN_THE_TRAY, "{share:.2}");

    tray.click(&pt("action.copy_token"));
    let token = there.hotmart.access_tokens().remove(0);
    wait_until("the token is copied", || (desktop.clipboard() == token).then_some(()));
    tray.line(&pt("tray.copied"));
    tray.click(&pt("tray.open"));
    wait_until("the window is back", || desktop.shows_a_window().then_some(()));
    wait_until("what was copied is still there", || (desktop.clipboard() == token).then_some(()));
    desktop.copy("a shopping list");
    desktop.close_the_window();
    wait_until("it goes on without a window again", || program.is_without_a_window().then_some(()));
    tray.line(&format!("Loja da Ana: {}", pt("state.connected")));
    assert_eq!(desktop.clipboard(), "a shopping list", "what others copied is not touched");
    tray.click(&pt("action.copy_token"));
    wait_until("the token is copied", || (desktop.clipboard() == token).then_some(()));
    tray.click(&pt("tray.quit"));
    program.end();
    assert_eq!(desktop.clipboard(), "", "after the end nothing of ours is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_called_when_they_must_act_and_not_for_a_renewal() {
    let there = InTray::with(nearly_over).await;
    let program = there.start(&["--background"]);
    wait_until("it renewed", || (there.hotmart.refreshes() == 1).then_some(()));
    there.tray.line(&format!("Loja da Ana: {}", pt("state.connected")));
    assert_eq!(there.tray.notified(), [], "a renewal is no news");
    there.tray.click(&pt("tray.quit"));
    program.end();

    there.hotmart.connect_by_hand(&there.desktop, "main", nearly_over).await;
    there.hotmart.practice().end_every_session();
    let program = there.start(&["--background"]);
    let called = wait_until("somebody is called", || there.tray.notified().first().cloned());
    assert!(says(&called.title, "notification.reconnect.title") && called.title.contains("Loja da Ana"));
    assert!(says(&called.text, "notification.reconnect.text"));
    there.tray.line(&format!("Loja da Ana: {}", pt("state.expired")));
    assert!(!there.desktop.shows_a_window());
    there.tray.click_notification(called.id);
    wait_until("the window is there", || there.desktop.shows_a_window().then_some(()));
    there.tray.line(&pt("action.connect_again"));
    assert_eq!(there.tray.notified().len(), 1, "once is enough");
    there.tray.click(&pt("tray.quit"));
    program.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_arrives_while_there_is_no_window_ends_the_login_and_opens_one() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    let tray = TrayHost::start(&desktop);
    hotmart.configure(&desktop, 60);
    let mut settings = desktop.settings();
    settings["keep_in_tray"] = json!(true);
    desktop.write_settings(&settings);
    let mut browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    tray.line(&pt("state.disconnected"));
    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    browser.at(&desktop, &hotmart.url()).await;
    desktop.close_the_window();
    wait_until("there is no window", || (!desktop.shows_a_window()).then_some(()));
    tray.line(&pt("state.awaiting_browser"));
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    wait_until("the window is back", || desktop.shows_a_window().then_some(()));
    tray.line(&pt("state.connected"));
    assert_eq!(hotmart.exchanges(), 1);
    assert!(desktop.secret("main/tokens").is_some());
    tray.click(&pt("tray.quit"));
    wait_until("the program ends", || (!desktop.program_runs()).then_some(()));
    drop(app);
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_in_the_tray_connects_the_account_whose_line_was_clicked() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    let tray = TrayHost::start(&desktop);
    hotmart.configure_accounts(&desktop, &["doces", "teste"]);
    let mut settings = desktop.settings();
    settings["keep_in_tray"] = json!(true);
    settings["current_account"] = json!("doces");
    settings["accounts"][0]["name"] = json!("Loja de Doces");
    desktop.write_settings(&settings);
    let program = Program(desktop.quiet(desktop.program()).arg("--background").spawn().unwrap());
    tray.line(&format!("Loja de Doces: {}", pt("state.disconnected")));

    // Another program shows another account, of which the tray has not heard yet.
    settings["current_account"] = json!("teste");
    desktop.write_settings(&settings);
    tray.click(&pt("action.connect"));
    wait_until("its login begins", || desktop.secret("doces/pending-request"));
    assert_eq!(desktop.secret("teste/pending-request"), None);
    assert_eq!(desktop.settings()["current_account"], "doces", "the window shows what was clicked on");
    tray.line(&format!("Loja de Doces: {}", pt("state.awaiting_browser")));
    tray.click(&pt("tray.quit"));
    program.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tray_closing_the_window_ends_the_program() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure(&desktop, 60);
    let mut settings = desktop.settings();
    settings["keep_in_tray"] = json!(true);
    desktop.write_settings(&settings);
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    app.close(&desktop).await;
}
