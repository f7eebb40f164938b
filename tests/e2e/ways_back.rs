//! How the answer comes back from the browser, on different desktops.

use tests::{
    App, Browser, Desktop, DesktopOptions, Environment, Hotmart, HotmartOptions, LOOPBACK_REDIRECT_URI,
    answer_by_hand, loopback_port, says, wait_until,
};

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
    let app = clicked_connect(&desktop).await;
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
    app.wait_for_sentence("awaiting.did_not_open").await;

    let link = app.copied_link(&desktop).await;
    assert!(link.starts_with(hotmart.url().as_str()));

    // Another machine's browser, by hand: the answer comes as an address to paste.
    let answer = answer_by_hand(&link, "allow").await;
    app.driver().script("document.querySelector('details').open = true").await;
    desktop.copy("not an address");
    app.click("paste").await;
    app.wait_for_sentence("notice.nothing_to_paste").await;
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

/// The program, started and sent to the browser.
async fn clicked_connect(desktop: &Desktop) -> App {
    let app = App::start(desktop).await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    app
}

/// An account that registered both ways back.
async fn with_both_ways() -> (Desktop, Hotmart, Browser) {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure(&desktop, 60);
    let mut settings: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(desktop.settings_file()).unwrap()).unwrap();
    settings["accounts"][0]["loopback_redirect_uri"] = LOOPBACK_REDIRECT_URI.into();
    std::fs::write(desktop.settings_file(), settings.to_string()).unwrap();
    let browser = Browser::install(&desktop, None);
    (desktop, hotmart, browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dismissed_question_of_the_browser_leaves_the_wait_open_and_paste_works() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure(&desktop, 60);
    let mut browser = Browser::install(&desktop, None);
    let app = clicked_connect(&desktop).await;
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    // The browser asks whether to open the program, and somebody says no.
    wait_until("the code was given out", || (!hotmart.codes().is_empty()).then_some(()));
    desktop.press("Escape");
    assert_eq!((app.state().await.as_str(), hotmart.exchanges()), ("awaiting_browser", 0));

    // What such a browser shows in its address bar, or tells somebody who looks it up.
    let address = answer_by_hand(&app.copied_link(&desktop).await, "allow").await;
    desktop.copy(&address);
    app.driver().script("document.querySelector('#no-answer').open = true").await;
    app.click("paste").await;
    app.wait_for_state("connected").await;
    app.wait_for_sentence("notice.came_back_paste").await;
    assert_eq!(hotmart.exchanges(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_never_arrives_is_overtaken_by_the_other_way_in_the_real_browser() {
    let _alone = loopback_port().await;
    let (desktop, hotmart, mut browser) = with_both_ways().await;
    let app = clicked_connect(&desktop).await;
    // The browser's question stays unanswered.
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    let first = hotmart.last_state();
    app.driver().script("document.querySelector('#other').open = true").await;
    app.click("second-path").await;
    let another = || Some(hotmart.last_state()).filter(|state| *state != first);
    let state = wait_until("the browser shows the second request", another);
    let page = browser.at_request(&desktop, &hotmart.url(), &state).await;
    page.click("allow").await;
    wait_until("the code is exchanged", || (hotmart.exchanges() == 1).then_some(()));
    let answered = std::time::Instant::now();
    let port = LOOPBACK_REDIRECT_URI.split(['/', ':']).nth(4).unwrap();
    let gone = || std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_err();
    wait_until("nobody listens any more", || gone().then_some(()));
    assert!(answered.elapsed() < std::time::Duration::from_secs(1));
    app.wait_for_state("connected").await;
    app.wait_for_sentence("notice.came_back_loopback").await;
    let page = browser.ended_on(LOOPBACK_REDIRECT_URI).await;
    assert!(says(&page.text, "page.connected.title"), "{page:?}");
    assert!(!page.address.contains("code="), "the code is not in the address any more: {page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn paste_works_with_either_request_and_two_answers_at_once_are_one_exchange() {
    let _alone = loopback_port().await;
    let (desktop, hotmart, _browser) = with_both_ways().await;
    let app = clicked_connect(&desktop).await;
    // Its window is up: what is clicked from now on is clicked undisturbed.
    let _ = hotmart.last_state();
    let link = app.copied_link(&desktop).await;
    app.driver().script("document.querySelector('#other').open = true").await;
    app.click("second-path").await;
    app.driver().wait_for("the second request", "return !document.querySelector('#second-path')").await;
    let second = app.copied_link(&desktop).await;

    // One answer is pasted while the other one arrives.
    let pasted = answer_by_hand(&link, "allow").await;
    let arriving = answer_by_hand(&second, "allow").await;
    desktop.copy(&pasted);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    app.driver().script("document.querySelector('#no-answer').open = true").await;
    let paste = app.driver().script("document.querySelector('#paste')?.click()");
    let (_page, _) = tokio::join!(client.get(&arriving).send(), paste);
    app.wait_for_state("connected").await;
    assert_eq!(hotmart.exchanges(), 1);
    assert_eq!(desktop.secret("main/pending-request"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_minute_the_other_way_is_offered_unasked_and_the_wait_can_be_made_longer() {
    let (desktop, hotmart, _browser) = with_both_ways().await;
    let app = clicked_connect(&desktop).await;
    // Its window is up: what is clicked from now on is clicked undisturbed.
    let _ = hotmart.last_state();
    app.wait_for_state("awaiting_browser").await;
    let primary = "return document.querySelector('#second-path')?.classList.contains('primary')";
    assert_ne!(app.driver().script(primary).await, true);
    app.driver().wait_for("a minute passed", primary).await;
    app.wait_for_sentence("awaiting.second_path").await;
    let until = "return Number(document.querySelector('.clock').dataset.until)";
    let before = app.driver().script(until).await.as_u64().unwrap();
    app.click("extend").await;
    app.driver().wait_for("more time", &format!("{until} > {before} + 50")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_moved_takes_its_links_along_and_says_so() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    let mut browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start(&desktop).await;
    wait_until("the handler is written", || desktop.log().contains("link handler: Written").then_some(()));
    app.close(&desktop).await;
    // As an AppImage that somebody dragged to another folder.
    let desktop = desktop.moved_to("Meus Programas");
    let app = App::start(&desktop).await;
    app.wait_for_sentence("links.repaired").await;
    let entry = desktop.home().join(".local/share/applications/app.hotmart-connect-handler.desktop");
    assert!(!std::fs::read_to_string(entry).unwrap().contains("/bin/hotmart-connect"));
    app.click("connect").await;
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    app.wait_for_state("connected").await;
    app.wait_for_sentence("notice.came_back_link").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_that_took_the_links_gives_them_back_before_the_browser_is_sent() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure(&desktop, 60);
    let mut browser = Browser::install(&desktop, Some(&hotmart.url()));
    let app = App::start(&desktop).await;
    wait_until("the handler is written", || desktop.log().contains("link handler: Written").then_some(()));
    let applications = desktop.home().join(".local/share/applications");
    let entry = "[Desktop Entry]\nType=Application\nName=Thief\nExec=/bin/true %u\n\
                 MimeType=x-scheme-handler/app.hotmart-connect;\n";
    std::fs::write(applications.join("thief.desktop"), entry).unwrap();
    let mime = "x-scheme-handler/app.hotmart-connect";
    tests::run(desktop.command("xdg-mime").args(["default", "thief.desktop", mime]));
    app.click("connect").await;
    wait_until("the handler is repaired", || desktop.log().contains("link handler: Repaired").then_some(()));
    browser.answer(&desktop, &hotmart.url(), "allow").await;
    app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_cannot_be_had_are_said_to_be_so_and_paste_works() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    let _browser = Browser::install(&desktop, None);
    // A program of that name that cannot do its work, as on a system without xdg-utils.
    let folder = desktop.home().join("broken");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("xdg-mime"), "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::set_permissions(folder.join("xdg-mime"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let app = App::start_with_path(&desktop, &folder).await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    // Its window is up: what is clicked from now on is clicked undisturbed.
    let _ = hotmart.last_state();
    app.wait_for_sentence("links.do_not_come_back").await;
    let address = answer_by_hand(&app.copied_link(&desktop).await, "allow").await;
    desktop.copy(&address);
    app.driver().script("document.querySelector('#no-answer').open = true").await;
    app.click("paste").await;
    app.wait_for_state("connected").await;
    app.wait_for_sentence("notice.came_back_paste").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_seller_in_the_browser_replaces_nobody_unasked() {
    let mut ready = Ready::connected(HotmartOptions::default()).await;
    ready.app.wait_for_words("Ana Souza (ana@exemplo.com)").await;
    for (choice, connected) in [("keep-seller", "Ana Souza"), ("replace-seller", "Bruno Lima")] {
        let before = ready.hotmart.last_state();
        ready.app.click("details-title").await;
        ready.app.click("another-account").await;
        ready.app.wait_for_state("awaiting_browser").await;
        let another = || Some(ready.hotmart.last_state()).filter(|state| *state != before);
        let state = wait_until("the browser shows the new request", another);
        let page = ready.browser.at_request(&ready.desktop, &ready.hotmart.url(), &state).await;
        page.script("document.querySelector('#seller').value = '1'").await;
        page.click("allow").await;
        ready.app.wait_for_state("other_seller").await;
        ready.app.wait_for_sentence("seller.text").await;
        let record = ready.desktop.secret("main/tokens").unwrap();
        assert!(record.contains(&ready.hotmart.access_tokens()[0]), "nothing is replaced unasked");
        ready.app.click(choice).await;
        ready.app.wait_for_state("connected").await;
        ready.app.wait_for_words(connected).await;
    }
    assert!(ready.desktop.secret("main/tokens").unwrap().contains(&ready.hotmart.access_tokens()[2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opener_that_hangs_is_said_to_be_still_at_it_and_the_link_can_be_copied() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure(&desktop, 60);
    let folder = desktop.home().join("hanging");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("xdg-open"), "#!/bin/sh\nexec sleep 1000\n").unwrap();
    std::fs::set_permissions(folder.join("xdg-open"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let app = App::start_with_path(&desktop, &folder).await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    let clicked = std::time::Instant::now();
    app.wait_for_sentence("awaiting.may_have_opened").await;
    assert!(clicked.elapsed() < std::time::Duration::from_millis(2_900), "{:?}", clicked.elapsed());
    let address = answer_by_hand(&app.copied_link(&desktop).await, "allow").await;
    desktop.copy(&address);
    app.driver().script("document.querySelector('#no-answer').open = true").await;
    app.click("paste").await;
    app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_answered_by_link_and_paste_at_the_same_moment_is_one_exchange() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure(&desktop, 60);
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    wait_until("the handler is written", || desktop.log().contains("link handler: Written").then_some(()));
    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    let address = answer_by_hand(&app.copied_link(&desktop).await, "allow").await;
    desktop.copy(&address);
    let paste = app.driver().script("document.querySelector('#paste')?.click()");
    let (_clicked, ()) =
        tokio::join!(paste, async { tokio::task::block_in_place(|| desktop.open_link(&address)) });
    app.wait_for_state("connected").await;
    assert_eq!((hotmart.exchanges(), hotmart.codes().len()), (1, 1));
    assert_eq!(desktop.secret("main/pending-request"), None);
}
