//! The local door of the program with a window, and of the one in the tray:
//! keys are made where a person sees them, and one program leaves the door to the next.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tests::{
    Api, App, Desktop, Hotmart, TrayHost, answer, ends_at, free_port, pt, pt_with, record, says, tool,
    wait_until,
};

const SUMMARY: &str = "/payments/api/v1/sales/summary";

/// A desktop whose program has its door at a port of its own.
async fn with_a_door(keep_in_tray: bool) -> (Desktop, Hotmart, String) {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let port = free_port();
    let mut settings = desktop.settings();
    settings["door_port"] = json!(port);
    settings["keep_in_tray"] = json!(keep_in_tray);
    desktop.write_settings(&settings);
    (desktop, hotmart, format!("http://127.0.0.1:{port}{SUMMARY}"))
}

async fn status(url: &str, key: &str) -> u16 {
    let answer = tool().get(url).bearer_auth(key).send().await;
    answer.map_or(0, |answer| answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_made_in_the_window_is_copied_once_works_and_can_be_revoked() {
    let (desktop, hotmart, url) = with_a_door(false).await;
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    app.click("use-computer").await;
    app.driver().type_into("key-name", "Excel da Ana").await;
    app.click("create-key").await;
    app.wait_for_words(&pt_with("local.copied", &[("name", "Excel da Ana")])).await;
    let key = desktop.clipboard();
    assert!(key.starts_with("hmc_") && !app.words().await.contains(&key), "it is copied, and not shown");
    app.wait_for_words(&pt("local.never_used")).await;
    assert_eq!(status(&url, &key).await, 200);
    let lists = "return document.querySelectorAll('#key-list li').length";
    assert_eq!(app.driver().script(lists).await, 1);
    desktop.look_away_and_back();
    let used = "return document.getElementById('key-list').innerText";
    app.driver().wait_for("its use is shown", &format!("{used}.includes('24')")).await;

    // A tool without a name is none, and what is damaged or taken is said.
    app.click("create-key").await;
    app.wait_for_words(&pt("command.key_name")).await;

    let id = app.driver().script("return document.querySelector('#key-list [id^=revoke-]').id").await;
    app.click(id.as_str().unwrap()).await;
    app.click(&id.as_str().unwrap().replace("revoke-", "revoke-now-")).await;
    app.driver().wait_for("it is gone", "return document.getElementById('key-list') === null").await;
    assert_eq!(status(&url, &key).await, 401);
    let log = desktop.log();
    assert!(!log.contains(&key) && !log.contains(&hotmart.access_tokens()[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_moves_to_another_api_takes_no_token_along() {
    let (desktop, hotmart, url) = with_a_door(false).await;
    let (before, after) = (Api::start(|stream, _| ok(stream)), Api::start(|stream, _| ok(stream)));
    let door_port = desktop.settings()["door_port"].clone();
    hotmart.connect_with_api(&desktop, &before.address).await;
    let mut settings = desktop.settings();
    settings["door_port"] = door_port;
    desktop.write_settings(&settings);
    let key = desktop.local_key("main", "n8n", &[]);
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    assert_eq!(status(&url, &key).await, 200);
    assert!(before.seen().contains(&hotmart.access_tokens().pop().unwrap()));
    settings["accounts"][0]["endpoints"]["api"] = json!(after.address);
    desktop.write_settings(&settings);
    desktop.look_away_and_back();
    wait_until("the account is another", || {
        let answer = tests::run(desktop.command("curl").args(["-s", "--oauth2-bearer", &key, &url]));
        answer.contains("\"not_connected\"").then_some(())
    });
    assert_eq!(after.seen(), "", "what was given for the one API is not sent to the other");
}

fn ok(stream: &mut std::net::TcpStream) {
    answer("200 OK", "", "{}")(stream);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_disconnected_is_closed_to_tools_at_once() {
    let (desktop, _hotmart, url) = with_a_door(false).await;
    let key = desktop.local_key("main", "n8n", &[]);
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    assert_eq!(status(&url, &key).await, 200);
    app.click("more-title").await;
    app.click("disconnect").await;
    app.click("disconnect-now").await;
    app.wait_for_state("disconnected").await;
    let answer = tool().get(&url).bearer_auth(&key).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains("not_connected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_just_copied_outlives_the_window() {
    let (desktop, hotmart, _url) = with_a_door(true).await;
    let tray = TrayHost::start(&desktop);
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    tray.line(&pt("state.connected"));
    app.click("more-title").await;
    app.click("copy-token").await;
    let token = hotmart.access_tokens().pop().unwrap();
    wait_until("the token is copied", || (desktop.clipboard() == token).then_some(()));
    app.click("use-computer").await;
    app.driver().type_into("key-name", "Excel").await;
    app.click("create-key").await;
    wait_until("the key is copied", || desktop.clipboard().starts_with("hmc_").then_some(()));
    desktop.close_the_window();
    wait_until("there is no window", || (!desktop.shows_a_window()).then_some(()));
    tray.line(&pt("state.connected"));
    assert!(desktop.clipboard().starts_with("hmc_"), "{}", desktop.clipboard().len());
    tray.click(&pt("tray.quit"));
    wait_until("the program ends", || (!desktop.program_runs()).then_some(()));
    assert_eq!(desktop.clipboard(), "");
    drop(app);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_account_go_its_keys() {
    let (desktop, _hotmart, url) = with_a_door(false).await;
    let key = desktop.local_key("main", "n8n", &[]);
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    assert_eq!(status(&url, &key).await, 200);
    app.click("accounts").await;
    app.click("options-main-title").await;
    app.click("remove-main").await;
    app.click("remove-now-main").await;
    wait_until("the key is gone", || {
        desktop.token(&["key", "list", "--json"]).answer.contains("[]").then_some(())
    });
    assert_eq!(status(&url, &key).await, 401);
}

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    fn is(&self, name: &str) -> Option<()> {
        let program = std::fs::read_link(format!("/proc/{}/exe", self.0.id())).ok()?;
        program.ends_with(name).then_some(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_passes_from_window_to_tray_and_back_without_a_refused_call() {
    let (desktop, hotmart, url) = with_a_door(true).await;
    let key = desktop.local_key("main", "n8n", &[]);
    let tray = TrayHost::start(&desktop);
    let program = Program(desktop.quiet(desktop.program()).spawn().unwrap());
    wait_until("it can be used", || desktop.log().contains("the window can be used").then_some(()));
    tray.line(&pt("state.connected"));
    let goes_on = Arc::new(AtomicBool::new(true));
    let caller = |client: reqwest::Client| {
        let (goes_on, url, key) = (Arc::clone(&goes_on), url.clone(), key.clone());
        tokio::spawn(async move {
            let mut answers = Vec::new();
            while goes_on.load(Ordering::SeqCst) {
                let answer = client.get(&url).bearer_auth(&key).send().await;
                answers.push(
                    answer.map_or_else(|error| format!("{error:?}"), |answer| answer.status().to_string()),
                );
            }
            answers
        })
    };
    let callers = [(); 3].map(|()| caller(tool()));
    for _ in 0..2 {
        desktop.close_the_window();
        wait_until("it goes on without a window", || program.is("hotmart-connect-tray"));
        tray.line(&pt("state.connected"));
        assert_eq!(status(&url, &key).await, 200);
        tray.click(&pt("tray.open"));
        wait_until("the window is back", || desktop.shows_a_window().then_some(()));
        assert_eq!(status(&url, &key).await, 200);
    }
    goes_on.store(false, Ordering::SeqCst);
    for caller in callers {
        let answers = caller.await.unwrap();
        let wrong: Vec<_> = answers.iter().filter(|answer| *answer != "200 OK").collect();
        assert!(answers.len() > 20 && wrong.is_empty(), "of {}: {wrong:?}", answers.len());
    }
    assert_eq!(hotmart.refreshes(), 0);
    tray.click(&pt("tray.quit"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_finds_the_connection_over_calls_the_person() {
    let (desktop, hotmart, url) = with_a_door(true).await;
    let key = desktop.local_key("main", "n8n", &[]);
    let tray = TrayHost::start(&desktop);
    let _program = Program(desktop.quiet(desktop.program()).arg("--background").spawn().unwrap());
    tray.line(&pt("state.connected"));
    assert_eq!(status(&url, &key).await, 200);
    // Ended behind the program's back: it does not know before somebody calls.
    let mut session = record(&desktop, "main/tokens").unwrap();
    ends_at(&mut session, adapters::system_seconds() - 20);
    desktop.put_secret("main/tokens", &format!("whole:{session}"));
    hotmart.practice().end_every_session();
    hotmart.practice().forget_access_tokens();
    wait_until("calls are refused", || {
        let answer = tests::run(desktop.command("curl").args(["-s", "--oauth2-bearer", &key, &url]));
        answer.contains("\"reconnect\"").then_some(())
    });
    let called = wait_until("somebody is called", || tray.notified().first().cloned());
    assert!(says(&called.title, "notification.reconnect.title"), "{called:?}");
    tray.click(&pt("tray.quit"));
}
