//! `hotmart-token`, as a seller's tools use it.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tests::{
    Desktop, Hotmart, HotmartOptions, Running, Told, ends_at, expired, nearly_over, record, says, wait_until,
};

pub async fn connected(desktop: &Desktop, hotmart: &Hotmart) {
    hotmart.configure_accounts(desktop, &["main"]);
    hotmart.connect_by_hand(desktop, "main", |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_prints_the_token_that_is_stored_and_nothing_else() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    connected(&desktop, &hotmart).await;
    let told = desktop.token(&[]);
    assert_eq!(told.quietly(), hotmart.access_tokens()[0]);
    assert_eq!(told.answer, format!("{}\n", hotmart.access_tokens()[0]));
    assert_eq!(hotmart.refreshes(), 0);

    let json: Value = serde_json::from_str(desktop.token(&["--format", "json"]).quietly()).unwrap();
    assert_eq!(json["access_token"], hotmart.access_tokens()[0]);
    assert!((7_100..=7_200).contains(&json["expires_in"].as_u64().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_about_to_end_is_renewed_first_and_offline_never() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", nearly_over).await;
    let old = hotmart.access_tokens()[0].clone();
    assert_eq!(desktop.token(&["--offline"]).quietly(), old);
    assert_eq!(desktop.token(&["--min-ttl", "2m"]).quietly(), old);
    assert_eq!(hotmart.refreshes(), 0);

    let new = desktop.token(&[]).quietly().to_owned();
    assert_eq!(new, hotmart.access_tokens()[1]);
    assert_eq!(hotmart.api_status(&new).await, 200);
    assert_eq!(
        desktop.token(&["--min-ttl", "30d"]).quietly(),
        new,
        "no token lives so long: a tenth is enough"
    );
    assert_eq!(hotmart.refreshes(), 1);
    assert_ne!(desktop.token(&["--renew"]).quietly(), new);
    assert_eq!(hotmart.refreshes(), 2);

    hotmart
        .connect_by_hand(&desktop, "main", |record| ends_at(record, adapters::system_seconds() + 3_660))
        .await;
    desktop.token(&["--min-ttl", "60m"]).quietly();
    assert_eq!(hotmart.refreshes(), 2, "61 minutes are left");
    desktop.token(&["--min-ttl", "90m"]).quietly();
    assert_eq!(hotmart.refreshes(), 3);

    hotmart.connect_by_hand(&desktop, "main", expired).await;
    let told = desktop.token(&["--offline"]);
    assert_eq!((told.code, told.answer.as_str()), (5, ""));
    assert!(told.words.contains("--offline"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_says_how_every_account_stands_and_no_secret() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    assert_eq!(desktop.token(&["status"]).code, 0);
    hotmart.configure_accounts(&desktop, &["main", "second", "third"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    hotmart.connect_by_hand(&desktop, "second", expired).await;
    let told = desktop.token(&["status", "--json"]);
    let status: Value = serde_json::from_str(told.quietly()).unwrap();
    let states: Vec<_> =
        status["accounts"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["connected", "spent", "not_connected"]);
    assert_eq!(status["accounts"][0]["stored_in"], "keyring");
    assert_eq!(status["accounts"][0]["default"], true);
    let told_to_people = desktop.token(&["status"]);
    assert!(told_to_people.answer.contains("* main (Outro servidor): conectada"), "{told_to_people:?}");
    for text in [&told.answer, &told_to_people.answer] {
        for token in hotmart.access_tokens() {
            assert!(!text.contains(&token));
        }
        assert!(!text.contains(tests::CLIENT_SECRET));
    }
    let one: Value =
        serde_json::from_str(desktop.token(&["status", "--json", "--account", "second"]).quietly()).unwrap();
    assert_eq!(one["accounts"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_goes_wrong_has_its_code_and_its_words() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    let expect = |arguments: &[&str], code: i32, said: &str| {
        let told = desktop.token(arguments);
        assert_eq!((told.code, told.answer.as_str()), (code, ""), "{arguments:?}: {told:?}");
        // A key of a sentence, or what was typed.
        assert!(told.words.contains(said) || says(&told.words, said), "{arguments:?}: {told:?}");
    };
    expect(&[], 3, "cli.failure.no_credentials");
    expect(&["--nonsense"], 2, "--nonsense");
    expect(&["--format", "xml"], 2, "xml");
    expect(&["exec"], 2, "cli.usage.missing");
    hotmart.configure_accounts(&desktop, &["main"]);
    expect(&[], 3, "cli.failure.not_connected");
    expect(&["--account", "other"], 2, "other");
    expect(&["--account"], 2, "cli.usage.missing");
    expect(&["--offline", "--renew"], 2, "cli.usage.conflict");
    expect(&["--format", "json", "status"], 2, "cli.usage.conflict");
    assert_eq!(desktop.token(&["--account", "main", "status"]).code, 0);

    hotmart.connect_by_hand(&desktop, "main", expired).await;
    hotmart.practice().break_token_endpoint(503, "application/json", Some(120), "{}");
    expect(&[], 5, "2 min");
    hotmart.practice().break_token_endpoint(401, "application/json", None, r#"{"error":"invalid_client"}"#);
    expect(&[], 10, "error.client_refused");
    hotmart.practice().break_token_endpoint(200, "text/html", None, "<html>");
    expect(&[], 5, "cli.answer_may_be_lost");
    hotmart.practice().recover();
    hotmart.practice().end_every_session();
    expect(&[], 4, "cli.how_to_reconnect");
    let refused = hotmart.seen().len();
    expect(&[], 4, "cli.how_to_reconnect");
    assert_eq!(hotmart.seen().len(), refused, "what is over is not asked for again");
    let status: Value = serde_json::from_str(&desktop.token(&["status", "--json"]).answer).unwrap();
    assert_eq!(status["accounts"][0]["next"], "reconnect");

    std::fs::write(desktop.settings_file(), "{ broken").unwrap();
    expect(&[], 1, "settings.json");
    assert_eq!(std::fs::read_to_string(desktop.settings_file()).unwrap(), "{ broken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_still_works_is_handed_out_although_it_could_not_be_renewed() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", nearly_over).await;
    let token = hotmart.access_tokens()[0].clone();
    let offline = hotmart.go_offline();
    let told = desktop.token(&[]);
    assert_eq!((told.code, told.answer.trim_end()), (0, token.as_str()), "{told:?}");
    assert!(says(&told.words, "cli.not_renewed_yet"), "{told:?}");
    let told = desktop.token(&["--renew"]);
    assert_eq!((told.code, told.answer.as_str()), (5, ""), "who asks for a new one gets no old one");
    let hotmart = offline.come_back().await;
    assert_ne!(desktop.token(&[]).quietly(), token);
    assert_eq!(hotmart.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_hangs_blocks_nobody_for_ever() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", expired).await;
    let locks = desktop.home().join(".local/share/app.hotmart-connect/locks");
    std::fs::create_dir_all(&locks).unwrap();
    let mut holder = desktop.command("flock");
    holder.arg(locks.join("main.lock")).args(["sleep", "1000"]);
    let holder = Running::start(&mut holder);
    let held = || {
        !std::process::Command::new("flock")
            .arg("-n")
            .arg(locks.join("main.lock"))
            .arg("true")
            .status()
            .unwrap()
            .success()
    };
    wait_until("the lock is held", || held().then_some(()));
    let told = desktop.token(&["--wait", "1s"]);
    assert_eq!((told.code, told.answer.as_str()), (9, ""), "{told:?}");

    hotmart.connect_by_hand(&desktop, "main", nearly_over).await;
    let told = desktop.token(&["--wait", "1s"]);
    assert_eq!((told.code, told.answer.trim_end()), (0, hotmart.access_tokens()[1].as_str()), "{told:?}");

    drop(holder);
    wait_until("the lock of a dead process is free", || (!held()).then_some(()));
    assert!(desktop.token(&[]).quietly() != hotmart.access_tokens()[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_response_of_20_kilobytes_is_stored_read_and_refreshed_also_with_windows_limit() {
    let options = HotmartOptions { dialect: "classic", token_bytes: 14_500, ..HotmartOptions::default() };
    let (desktop, hotmart) = (Desktop::start(), Hotmart::with(options).await);
    hotmart.configure_accounts(&desktop, &["main"]);
    desktop.connect_with_token_program(&[]).await;
    assert!(hotmart.access_tokens()[0].len() > 20_000);
    for limit in ["65536", "2560"] {
        let call = |arguments: &[&str]| {
            Told::by(desktop.token_program(arguments).env("HOTMART_CONNECT_ENTRY_LIMIT", limit))
        };
        let before = hotmart.access_tokens().last().unwrap().clone();
        assert_eq!(call(&[]).quietly(), before);
        let new = call(&["--renew"]).quietly().to_owned();
        assert_eq!(Some(&new), hotmart.access_tokens().last());
        assert_eq!(call(&[]).quietly(), new);
        assert_eq!(hotmart.api_status(&new).await, 200);
    }
    let head = desktop.secret("main/tokens").unwrap();
    assert!(head.starts_with("split:"), "{head}");
    let parts = ["main/tokens.a0", "main/tokens.b0"].map(|part| desktop.secret(part));
    assert!(parts.iter().flatten().any(|part| (1..=2_560).contains(&part.len())));
    // A program without the lower limit reads it all the same.
    assert_eq!(Some(&desktop.token(&[]).quietly().to_owned()), hotmart.access_tokens().last());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_told_to_end_first_stores_what_the_server_gave() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", expired).await;
    hotmart.practice().slow_down_token_endpoint(Duration::from_secs(1));
    for (count, (signal, number)) in [("-INT", 2), ("-TERM", 15), ("-HUP", 1)].into_iter().enumerate() {
        let mut program = desktop.token_program(&["--renew"]);
        let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until("the server has renewed", || (hotmart.refreshes() == count + 1).then_some(()));
        tests::run(std::process::Command::new("kill").args([signal, &child.id().to_string()]));
        let told = Told::of(&child.wait_with_output().unwrap());
        assert_eq!((told.code, told.answer.as_str()), (128 + number, ""), "{told:?}");
        let kept = record(&desktop, "main/tokens").unwrap();
        assert_eq!(
            Some(kept["access_token"].as_str().unwrap()),
            hotmart.access_tokens().last().map(String::as_str)
        );
    }
    assert_eq!(Some(desktop.token(&[]).quietly()), hotmart.access_tokens().last().map(String::as_str));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnect_in_the_middle_of_a_renewal_stays() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    connected(&desktop, &hotmart).await;
    hotmart.practice().slow_down_token_endpoint(Duration::from_secs(2));
    let mut program = desktop.token_program(&["--renew"]);
    let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the server has renewed", || (hotmart.refreshes() == 1).then_some(()));
    // As somebody does who could not wait for the lock any longer.
    desktop.forget_secret("main/tokens");
    let told = Told::of(&child.wait_with_output().unwrap());
    assert_eq!((told.code, told.answer.as_str()), (3, ""), "{told:?}");
    assert_eq!(desktop.secret("main/tokens"), None);
    let new = hotmart.access_tokens().pop().unwrap();
    assert_eq!(hotmart.api_status(&new).await, 401, "what nobody keeps is revoked");
    assert_eq!(desktop.token(&["disconnect"]).code, 3, "there is nothing to disconnect");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clear_choice_of_account_is_kept_whatever_the_window_shows() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main", "second"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    hotmart.connect_by_hand(&desktop, "second", |_| {}).await;
    let tokens = hotmart.access_tokens();
    assert_eq!(desktop.token(&[]).quietly(), tokens[0]);
    assert_eq!(desktop.token(&["-a", "second"]).quietly(), tokens[1]);
    let told = Told::by(desktop.token_program(&[]).env("HOTMART_CONNECT_ACCOUNT", "second"));
    assert_eq!(told.quietly(), tokens[1]);
}
