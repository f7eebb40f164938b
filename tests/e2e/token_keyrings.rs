//! A keyring that is locked, missing, slow or full, at each step `hotmart-token` takes.

use std::process::{Child, Stdio};
use std::time::Duration;

use tests::{Connecting, Desktop, Hotmart, Told, expired, nearly_over, record, says, wait_until};

/// Longer than a careful person would wait, shorter than we do.
const SLOW: Duration = Duration::from_secs(5);

async fn ready() -> (Desktop, Hotmart) {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    (desktop, hotmart)
}

/// Every command fails with this code and these words, and nothing is asked of the server.
fn everything_says(desktop: &Desktop, hotmart: &Hotmart, code: i32, words: &str) {
    let asked = hotmart.seen().len();
    for arguments in [
        &[][..],
        &["--renew"],
        &["--offline"],
        &["exec", "--", "echo", "run"],
        &["api", "GET", "/payments/api/v1/sales/summary"],
        &["connect", "--no-browser"],
        &["disconnect"],
    ] {
        let told = desktop.token(arguments);
        assert_eq!((told.code, told.answer.as_str()), (code, ""), "{arguments:?}: {told:?}");
        assert!(told.words.contains(words), "{arguments:?}: {told:?}");
        assert!(!told.words.contains("http://"), "no link before it is known that tokens can be kept");
    }
    assert_eq!(desktop.token(&["status"]).code, code);
    assert_eq!(hotmart.seen().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_or_missing_every_command_says_so_at_once_and_afterwards_works_again() {
    let (mut desktop, hotmart) = ready().await;
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let token = desktop.token(&[]).quietly().to_owned();

    desktop.restart_keyring_locked();
    everything_says(&desktop, &hotmart, 6, "trancado");
    desktop.restart_keyring_unlocked();
    assert_eq!(desktop.token(&[]).quietly(), token, "nothing was lost");

    desktop.remove_keyring();
    everything_says(&desktop, &hotmart, 7, "gnome-keyring");
    desktop.restart_keyring_unlocked();
    assert_eq!(desktop.token(&[]).quietly(), token, "nothing was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_keyring_is_waited_for_at_every_step() {
    let (desktop, hotmart) = ready().await;
    desktop.keyring().pause_for(SLOW);
    desktop.connect_with_token_program(&[]).await;
    desktop.keyring().pause_for(SLOW);
    assert_eq!(desktop.token(&[]).quietly(), hotmart.access_tokens()[0]);
    desktop.keyring().pause_for(SLOW);
    let new = desktop.token(&["--renew"]).quietly().to_owned();
    assert_eq!(new, hotmart.access_tokens()[1]);

    // Slow just when the new tokens are to be stored.
    let renewing = while_the_server_works(&desktop, &hotmart, || desktop.keyring().pause_for(SLOW));
    assert_eq!(renewing.code, 0, "{renewing:?}");
    assert_eq!(renewing.answer.trim_end(), hotmart.access_tokens()[2]);
    assert_eq!(hotmart.refreshes(), 2);
    desktop.keyring().pause_for(SLOW);
    assert_eq!(desktop.token(&["disconnect"]).code, 0);
    assert_eq!(desktop.secret("main/tokens"), None);
}

/// Renews, and lets something happen between the server's work and its answer.
fn while_the_server_works(desktop: &Desktop, hotmart: &Hotmart, happens: impl FnOnce()) -> Told {
    let before = hotmart.refreshes();
    hotmart.practice().slow_down_token_endpoint(Duration::from_secs(2));
    let renewing = spawn(desktop, &["--renew"]);
    wait_until("the server has done its work", || (hotmart.refreshes() > before).then_some(()));
    hotmart.practice().slow_down_token_endpoint(Duration::ZERO);
    happens();
    Told::of(&renewing.wait_with_output().unwrap())
}

fn spawn(desktop: &Desktop, arguments: &[&str]) -> Child {
    let mut program = desktop.token_program(arguments);
    program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_what_must_be_written_and_nothing_else() {
    let (desktop, hotmart) = ready().await;
    hotmart.connect_by_hand(&desktop, "main", nearly_over).await;
    let token = hotmart.access_tokens()[0].clone();
    desktop.keyring().find_the_disk_full(true);
    let told = desktop.token(&[]);
    assert_eq!((told.code, told.answer.trim_end()), (0, token.as_str()), "{told:?}");
    assert!(says(&told.words, "cli.not_renewed_yet"), "{told:?}");
    let told = desktop.token(&["--renew"]);
    assert_eq!((told.code, told.answer.as_str()), (8, ""), "{told:?}");
    assert_eq!(hotmart.refreshes(), 0, "what cannot be written is not asked for");
    let told = desktop.token(&["connect", "--no-browser", "--again"]);
    assert_eq!(told.code, 8, "{told:?}");
    assert!(!told.words.contains("http://"), "{told:?}");

    desktop.keyring().find_the_disk_full(false);
    assert_eq!(desktop.token(&[]).quietly(), hotmart.access_tokens()[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_cannot_be_stored_are_held_and_stored_when_the_keyring_can() {
    let (mut desktop, hotmart) = ready().await;
    hotmart.connect_by_hand(&desktop, "main", expired).await;
    let renewing = while_the_server_works(&desktop, &hotmart, || {
        desktop.keyring().find_the_disk_full(true);
        std::thread::sleep(Duration::from_secs(4));
        let kept = record(&desktop, "main/tokens").unwrap();
        assert_eq!(
            kept["access_token"],
            hotmart.access_tokens()[0].as_str(),
            "the old record is still there"
        );
        desktop.keyring().find_the_disk_full(false);
    });
    assert_eq!((renewing.code, renewing.answer.trim_end()), (0, hotmart.access_tokens()[1].as_str()));
    assert!(says(&renewing.words, "cli.storing_again"), "{renewing:?}");

    // Locked in that moment, and unlocked a little later: the same.
    hotmart.practice().slow_down_token_endpoint(Duration::from_secs(2));
    let renewing = spawn(&desktop, &["--renew"]);
    wait_until("the server has done its work", || (hotmart.refreshes() == 2).then_some(()));
    desktop.restart_keyring_locked();
    std::thread::sleep(Duration::from_secs(4));
    desktop.restart_keyring_unlocked();
    let told = Told::of(&renewing.wait_with_output().unwrap());
    assert_eq!((told.code, told.answer.trim_end()), (0, hotmart.access_tokens()[2].as_str()), "{told:?}");
    hotmart.practice().slow_down_token_endpoint(Duration::ZERO);
    assert_eq!(desktop.token(&[]).quietly(), hotmart.access_tokens()[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_whose_tokens_cannot_be_stored_yet_holds_them_too() {
    let (desktop, hotmart) = ready().await;
    let mut connecting = Connecting::start(desktop.token_program(&["connect", "--no-browser"]));
    let address = tests::answer_by_hand(&connecting.link, "allow").await;
    hotmart.practice().slow_down_token_endpoint(Duration::from_secs(2));
    connecting.paste(&address);
    wait_until("the code is exchanged", || (hotmart.exchanges() == 1).then_some(()));
    desktop.keyring().find_the_disk_full(true);
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(desktop.secret("main/tokens"), None);
    desktop.keyring().find_the_disk_full(false);
    assert_eq!(connecting.end(), 0);
    assert_eq!(desktop.token(&[]).quietly(), hotmart.access_tokens()[0]);
}
