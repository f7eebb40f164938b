//! `hotmart-token forget --everything`: nothing is left.

use std::process::{Command, Stdio};

use serde_json::json;
use tests::{
    App, Browser, Desktop, Hotmart, HotmartOptions, Told, TrayHost, run, says, sentence, wait_until,
};

/// Every file below the home that is ours by its name or by what is in it, but
/// for the programs themselves and the test's own servers.
fn traces(desktop: &Desktop) -> Vec<String> {
    let mut grep = Command::new("grep");
    grep.args(["-rIlE", "hotmart-connect|hotmart_connect|Hotmart Connect", "."]).current_dir(desktop.home());
    let inside = Told::by(&mut grep).answer;
    let mut find = Command::new("find");
    find.args([".", "-iname", "*hotmart*"]).current_dir(desktop.home());
    let named = run(&mut find);
    let program = desktop.program().parent().unwrap().strip_prefix(desktop.home()).unwrap().to_owned();
    let is_program =
        |path: &&str| std::path::Path::new(path).starts_with(std::path::Path::new(".").join(&program));
    let theirs = |path: &&str| path.starts_with("./driver.log") || path.contains("/keyrings/");
    let all = inside.lines().chain(named.lines()).filter(|path| !is_program(path) && !theirs(path));
    all.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_was_ever_written_goes_and_the_tokens_are_revoked() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main", "other"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    // A record in parts of an account that no settings name any more.
    for part in ["", ".a0", ".a1"] {
        desktop.put_secret(&format!("gone/tokens{part}"), "x");
    }
    let mut list = desktop.settings();
    list["keep_in_tray"] = json!(true);
    desktop.write_settings(&list);
    std::fs::write(
        desktop.home().join(".config/mimeapps.list"),
        "[Default Applications]\ntext/html=browser.desktop\n",
    )
    .unwrap();
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    app.click("settings").await;
    app.press("setting-login").await;
    let autostart = desktop.home().join(".config/autostart/app.hotmart-connect.desktop");
    wait_until("it starts with the session", || autostart.exists().then_some(()));
    let entry = std::fs::read_to_string(&autostart).unwrap();
    assert!(entry.contains(&format!("\nTryExec={}\n", desktop.program().display())), "{entry}");

    // What runs would write it again.
    let told = desktop.token(&["forget", "--everything", "--yes"]);
    assert!(told.code == 1 && says(&told.words, "cli.failure.still_runs"), "{told:?}");
    assert!(desktop.secret("main/tokens").is_some());
    desktop.kill_program();
    drop(app);
    wait_until("it ended", || (!desktop.program_runs()).then_some(()));

    // Nobody said yes.
    let told = desktop.token(&["forget", "--everything"]);
    assert!(told.code == 2 && says(&told.words, "cli.failure.not_confirmed"), "{told:?}");
    assert_eq!(desktop.token(&["forget"]).code, 2);
    let line =
        format!("'{}' forget --everything", desktop.program().with_file_name("hotmart-token").display());
    let at_a_terminal = |answer: &str| {
        let mut terminal = desktop.command("script");
        Told::by_with_input(
            terminal.args(["-qec", &line, "/dev/null"]).stdin(Stdio::piped()),
            &format!("{answer}\n"),
        )
    };
    let told = at_a_terminal("não");
    assert!(told.code == 2 && told.answer.contains("main") && told.answer.contains("gone"), "{told:?}");
    assert!(desktop.secret("main/tokens").is_some() && desktop.settings_file().exists());
    assert!(!traces(&desktop).is_empty());

    let told = at_a_terminal(&sentence("pt-BR", "cli.forget.yes"));
    assert_eq!(told.code, 0, "{told:?}");
    assert!(
        says(&told.answer, "removed.revocation_failed"),
        "what nobody knows the server of is said: {told:?}"
    );
    assert!(says(&told.answer, "removed.revoked") && says(&told.answer, "cli.forget.done"), "{told:?}");
    assert_eq!(traces(&desktop), Vec::<String>::new());
    let list = std::fs::read_to_string(desktop.home().join(".config/mimeapps.list")).unwrap();
    assert_eq!(list, "[Default Applications]\ntext/html=browser.desktop\n");
    let found =
        Told::by(desktop.command("secret-tool").args(["search", "--all", "service", "app.hotmart-connect"]));
    assert_eq!((found.answer.as_str(), found.words.trim()), ("", ""), "{found:?}");
    assert_eq!(hotmart.api_status(&hotmart.access_tokens()[0]).await, 401, "the tokens are void");
    // Once more changes nothing.
    assert_eq!(desktop.token(&["forget", "--everything", "--yes"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_asks_once_more_and_then_leaves_nothing_and_a_notification_says_so() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let host = TrayHost::start(&desktop);
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    app.click("settings").await;
    app.press("remove-_everything").await;
    app.wait_for_sentence("forget.question").await;
    app.press("keep-_everything").await;
    app.driver()
        .wait_for("the question is gone", "return !document.getElementById('keep-_everything')")
        .await;
    assert!(desktop.secret("main/tokens").is_some());
    app.press("remove-_everything").await;
    // A little later: the program ends, and with it the driver's way to it.
    let click = "setTimeout(() => document.getElementById('remove-now-_everything').click(), 200)";
    app.driver().script(click).await;
    wait_until("the notification", || {
        host.notified().iter().any(|said| says(&said.text, "cli.forget.done")).then_some(())
    });
    drop(app);
    wait_until("the program is gone", || (!desktop.program_runs()).then_some(()));
    assert_eq!(traces(&desktop), Vec::<String>::new());
    assert_eq!(desktop.secret("main/tokens"), None);
    assert_eq!(hotmart.api_status(&hotmart.access_tokens()[0]).await, 401, "the tokens are void");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_only_the_window_holds_are_revoked_before_it_goes() {
    let mut desktop = Desktop::start();
    desktop.remove_keyring();
    let options =
        HotmartOptions { authentication: practice::Authentication::None, ..HotmartOptions::default() };
    let hotmart = Hotmart::with(options).await;
    hotmart.configure(&desktop, 60);
    let mut browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start(&desktop).await;
    app.wait_for_state("keyring_missing").await;
    app.driver().script("document.querySelector('details').open = true").await;
    app.click("keep-in-memory").await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    app.wait_for_state("connected").await;
    let token = hotmart.access_tokens()[0].clone();
    assert_eq!(hotmart.api_status(&token).await, 200);
    app.click("settings").await;
    app.press("remove-_everything").await;
    let click = "setTimeout(() => document.getElementById('remove-now-_everything').click(), 200)";
    app.driver().script(click).await;
    wait_until("the settings are gone", || (!desktop.settings_file().exists()).then_some(()));
    assert_eq!(hotmart.api_status(&token).await, 401, "the tokens are void");
    drop(app);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_locked_keyring_nothing_is_deleted_and_without_hotmart_it_is_said() {
    let (mut desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    desktop.restart_keyring_locked();
    let told = desktop.token(&["forget", "--everything", "--yes"]);
    assert_eq!(told.code, 6, "{told:?}");
    assert!(desktop.settings_file().exists());
    desktop.restart_keyring_unlocked();
    let _offline = hotmart.go_offline();
    let told = desktop.token(&["forget", "--everything", "--yes"]);
    assert!(told.code == 0 && says(&told.words, "removed.revocation_failed"), "{told:?}");
    assert_eq!(traces(&desktop), Vec::<String>::new());
    assert_eq!(desktop.secret("main/tokens"), None);
}
