//! A disk that is full at each write there is, for the program alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use tests::{App, Connecting, DEVELOPER_ID, Desktop, Hotmart, Told, answer_by_hand, run, says};

/// More writes than any of these commands makes.
const MOST_WRITES: u32 = 60;

/// The library that makes the disk full, built for this test.
fn library(folder: &Path) -> PathBuf {
    let (source, built) = (folder.join("full_disk.c"), folder.join("full_disk.so"));
    std::fs::write(&source, include_str!("full_disk.c")).unwrap();
    run(Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&built).arg(&source).arg("-ldl"));
    built
}

/// A desktop with an account that is connected, and the library.
async fn connected() -> (Desktop, Hotmart, PathBuf) {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    let library = library(desktop.home());
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    (desktop, hotmart, library)
}

/// What lets a program find the disk full below these folders from its `at`-th write on.
fn full_disk(library: &Path, under: &str, at: u32) -> [(&'static str, String); 3] {
    [
        ("LD_PRELOAD", library.display().to_string()),
        ("FULL_DISK_UNDER", under.to_owned()),
        ("FULL_DISK_AT", at.to_string()),
    ]
}

/// Lets a program find the disk full from its `at`-th write on, or at that one alone.
fn fill_up(program: &mut Command, library: &Path, home: &Path, at: u32, once: bool) {
    program.envs(full_disk(library, &home.display().to_string(), at));
    if once {
        program.env("FULL_DISK_ONCE", "1");
    }
}

/// Tries a command with the disk full from the first write on, the second, and
/// so on, until it is so late that nothing is missed several times in a row.
/// Gives how many times something went wrong.
fn at_every_write(mut attempt: impl FnMut(u32, bool) -> Told) -> u32 {
    let mut troubles = 0;
    for once in [false, true] {
        let mut untroubled = 0;
        for at in 0..MOST_WRITES {
            let told = attempt(at, once);
            assert!(!told.words.contains("panicked"), "write {at}: {told:?}");
            assert!([0, 1, 8].contains(&told.code), "write {at}: {told:?}");
            assert!(told.code == 0 || !told.words.is_empty(), "write {at}: {told:?}");
            troubles += u32::from(told.code != 0);
            untroubled = if told.code == 0 { untroubled + 1 } else { 0 };
            if untroubled == 12 {
                break;
            }
        }
    }
    troubles
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_with_the_disk_full_at_any_write_loses_nothing() {
    let (desktop, _hotmart, library) = connected().await;
    let data = desktop.home().join(".local/share/app.hotmart-connect");
    let settings = std::fs::read(desktop.settings_file()).unwrap();
    let troubles = at_every_write(|at, once| {
        let _ = std::fs::remove_dir_all(&data);
        let mut program = desktop.token_program(&["--renew"]);
        fill_up(&mut program, &library, desktop.home(), at, once);
        let told = Told::by(&mut program);
        assert!(told.code != 1 || says(&told.words, "error.lock_unavailable"), "write {at}: {told:?}");
        told
    });
    assert!(troubles > 0, "the disk was full for nobody");
    assert_eq!(desktop.token(&["--renew"]).code, 0, "the session is there still");
    assert_eq!(std::fs::read(desktop.settings_file()).unwrap(), settings);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_written_down_leaves_nothing_in_the_keyring() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    let library = library(desktop.home());
    let arguments =
        ["connect", "--environment", "hotmart", "--developer-credentials", "--client-id", DEVELOPER_ID];
    let mut saved = Vec::new();
    let troubles = at_every_write(|at, once| {
        for folder in [".local/share/app.hotmart-connect", ".config/app.hotmart-connect"] {
            let _ = std::fs::remove_dir_all(desktop.home().join(folder));
        }
        for secret in ["main/tokens", "main/client-secret"] {
            if desktop.secret(secret).is_some() {
                desktop.forget_secret(secret);
            }
        }
        let mut program = desktop.token_program(&arguments);
        program.env("HOTMART_CONNECT_STAND_IN", hotmart.url().as_str());
        fill_up(&mut program, &library, desktop.home(), at, once);
        let told = Told::by_with_input(&mut program, &format!("{}\n", tests::CLIENT_SECRET));
        let is_written = desktop.settings_file().exists() && desktop.settings()["accounts"][0].is_object();
        assert_eq!(is_written, told.code == 0, "write {at}: {told:?}");
        let kept =
            ["tokens", "client-secret"].map(|secret| desktop.secret(&format!("main/{secret}")).is_some());
        assert_eq!(kept, [is_written; 2], "write {at}: {told:?}");
        saved.push(is_written);
        told
    });
    assert!(troubles > 0 && saved.contains(&true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_the_browser_is_not_begun_where_its_account_cannot_be_written_down() {
    let (desktop, _hotmart, library) = connected().await;
    let token = desktop.token(&[]).quietly().to_owned();
    // Another redirect URI is a change of the settings.
    let uri = "http://127.0.0.1:8377/elsewhere";
    let mut program = desktop.token_program(&["connect", "--again", "--no-browser", "--redirect-uri", uri]);
    fill_up(&mut program, &library, &desktop.home().join(".config"), 0, false);
    let told = Told::by(&mut program);
    assert!(told.code == 1 && says(&told.words, "command.settings_not_saved"), "{told:?}");
    assert!(!told.words.contains("http://"), "no link is given: {told:?}");
    assert_eq!(desktop.token(&[]).quietly(), token);
    let mut connecting = Connecting::start(desktop.token_program(&["connect", "--again", "--no-browser"]));
    let address = answer_by_hand(&connecting.link, "allow").await;
    connecting.paste(&address);
    assert_eq!(connecting.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_on_a_full_disk_says_so_and_loses_nothing() {
    let (desktop, hotmart, library) = connected().await;
    let settings = std::fs::read(desktop.settings_file()).unwrap();
    let home = desktop.home().display();
    // What the webview keeps is another matter: WebDriver gets no session without it.
    let under = format!("{home}/.config:{home}/.local/share/app.hotmart-connect/locks");
    let app = App::start_alone_with(&desktop, &full_disk(&library, &under, 0)).await;
    app.wait_for_state("connected").await;
    app.click("refresh").await;
    app.wait_for_sentence("error.lock_unavailable").await;
    let token = desktop.token(&[]).quietly().to_owned();
    assert_eq!((hotmart.refreshes(), hotmart.api_status(&token).await), (0, 200));
    app.click("settings").await;
    crate::first_run::choose(&app, "language", "es").await;
    app.wait_for_sentence("command.settings_not_saved").await;
    assert_eq!(std::fs::read(desktop.settings_file()).unwrap(), settings);
    app.close(&desktop).await;
    assert_eq!(desktop.token(&["--renew"]).code, 0, "the session is there still");
}
