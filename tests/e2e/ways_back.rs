//! How the answer comes back from the browser, on different desktops.

use tests::{App, Browser, Desktop, DesktopOptions, Environment, Hotmart, HotmartOptions, wait_until};

use crate::journeys::Ready;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_starts_the_program_which_finishes_the_login() {
    let Ready { desktop, hotmart, mut browser, app } = Ready::with(HotmartOptions::default()).await;
    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    browser.at(&desktop, &hotmart.url()).await;
    // A crash between the click and Allow: the program is gone, the request is kept.
    desktop.kill_program();
    wait_until("the program is gone", || (!desktop.program_runs()).then_some(()));

    browser.answer(&desktop, &hotmart.url(), "allow").await;
    let record = wait_until("the tokens are in the keyring", || desktop.secret("main/tokens"));
    assert!(record.contains(&hotmart.access_tokens()[0]));
    assert!(desktop.program_runs(), "the link started the program");
    wait_until("its window is there", || (desktop.focused_window() == "Hotmart Connect").then_some(()));
    desktop.kill_program();

    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    assert_eq!(hotmart.exchanges(), 1, "the code was used once");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_desktop_environment_plain_xdg_utils_brings_the_link() {
    for program_folder in ["bin", "My Shop (2026)/100% mine"] {
        let options =
            DesktopOptions { environment: Environment::Plain, program_folder, ..DesktopOptions::default() };
        answer_by_xdg_open(&Desktop::with(options)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_desktop_environment_gio_brings_the_link_from_a_folder_with_spaces() {
    let options = DesktopOptions { program_folder: "My Shop (2026)", ..DesktopOptions::default() };
    answer_by_xdg_open(&Desktop::with(options)).await;
}

/// Waits for the browser's answer and gives a denial with the desktop's own opener.
async fn answer_by_xdg_open(desktop: &Desktop) {
    let hotmart = Hotmart::start().await;
    hotmart.configure(desktop, 60);
    let _browser = Browser::install(desktop, None);
    let app = App::start(desktop).await;
    app.wait_for_state("disconnected").await;
    wait_until("the handler is registered", || desktop.log().contains("link handler: Written").then_some(()));
    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    let state = hotmart.last_state();
    desktop.open_link(format!("{}?error=access_denied&state={state}", connection::DEFAULT_REDIRECT_URI));
    app.wait_for_state("denied").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browsers_own_question_is_answered_by_hand() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    let mut browser = Browser::install(&desktop, None);
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    let page = browser.at(&desktop, &hotmart.url()).await;
    page.wait_for("the page has the focus", "return document.hasFocus()").await;
    page.click("allow").await;
    page.wait_for("the browser asks", "return !document.hasFocus()").await;
    // The question is the browser's own: no page can press it, the keyboard
    // can. From Cancel, the Tab key goes to Open; three more come round to it
    // again, if the first came while the browser still refused all input.
    let mut tabs = vec!["Tab"];
    wait_until("the question was answered", || {
        let _ = desktop.quiet("xdotool").arg("key").args(&tabs).arg("Return").status();
        tabs = vec!["Tab"; 3];
        let asked = std::time::Instant::now();
        while asked.elapsed().as_secs() < 2 && hotmart.exchanges() == 0 {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        (hotmart.exchanges() == 1).then_some(())
    });
    app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_browser_the_window_says_so_and_the_pasted_address_finishes_the_login() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    // Every opener there is, made to fail.
    let app = App::start_with_path(&desktop, &no_openers(&desktop)).await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    app.wait_for_words("O navegador não abriu").await;

    app.click("copy-link").await;
    app.wait_for_words("Link copiado").await;
    let link = desktop.clipboard();
    assert!(link.starts_with(hotmart.url().as_str()));

    // Another machine's browser, by hand: the answer comes as an address to paste.
    let answer = tests::answer_by_hand(&link, "allow").await;
    app.driver().script("document.querySelector('details').open = true").await;
    desktop.copy("not an address");
    app.click("paste").await;
    app.wait_for_words("não é a resposta deste pedido").await;
    desktop.copy(&format!("  {answer}\n"));
    app.click("paste").await;
    app.wait_for_state("connected").await;
}

fn no_openers(desktop: &Desktop) -> std::path::PathBuf {
    let folder = desktop.home().join("no-openers");
    std::fs::create_dir_all(&folder).unwrap();
    for opener in ["xdg-open", "gio", "gnome-open", "kde-open", "wslview"] {
        let path = folder.join(opener);
        std::fs::write(&path, "#!/bin/sh\nexit 3\n").unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_display_the_program_says_so() {
    let desktop = Desktop::start();
    let mut program = desktop.command(desktop.program());
    let output = program.env_remove("DISPLAY").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no display"));
}
