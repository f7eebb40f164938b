//! `hotmart-token`, as a seller's tools use it.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tests::{
    Desktop, Hotmart, HotmartOptions, Running, Told, ends_at, expired, nearly_over, record, says, wait_until,
};

async fn connected(desktop: &Desktop, hotmart: &Hotmart) {
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
async fn exec_gives_the_token_in_the_environment_and_passes_signals_and_the_exit_code_on() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    connected(&desktop, &hotmart).await;
    let script =
        "printf '%s %s %s' $HOTMART_ACCESS_TOKEN $HOTMART_API_BASE $HOTMART_ACCESS_TOKEN_EXPIRES_AT; exit 42";
    let told = desktop.token(&["exec", "--", "sh", "-c", script]);
    let base = hotmart.url().as_str().trim_end_matches('/').to_owned();
    let end = record(&desktop, "main/tokens").unwrap()["expires_at"].to_string();
    assert_eq!(told.answer, format!("{} {base} {end}", hotmart.access_tokens()[0]));
    assert_eq!(told.code, 42);

    let mut program = desktop.token_program(&[
        "exec",
        "--",
        "sh",
        "-c",
        "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done",
    ]);
    let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
    tests::run(std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]));
    assert_eq!(child.wait().unwrap().code(), Some(7), "the signal reached the program, and its code us");

    assert_eq!(desktop.token(&["exec", "--", "/etc/passwd"]).code, 126);
    let told = desktop.token(&["exec", "--", "no-such-program"]);
    assert_eq!(told.code, 127);
    assert!(told.words.contains("no-such-program"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn api_makes_a_call_and_a_401_renews_once_and_tries_again() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    // The server no longer knows the access token, although its time is not over.
    hotmart.connect_by_hand(&desktop, "main", |record| record["access_token"] = "gone".into()).await;
    let told = desktop.token(&["api", "GET", "/payments/api/v1/sales/summary"]);
    let body: Value = serde_json::from_str(told.quietly()).unwrap();
    assert!(body["items"].is_array(), "{body}");
    assert_eq!(hotmart.refreshes(), 1);

    let told = desktop.token(&["api", "get", "/payments/api/v1/sales/summary"]);
    assert!(told.quietly().starts_with('{'));
    let told = desktop.token(&["api", "GET", "payments"]);
    assert_eq!(told.code, 2, "{told:?}");
    assert_eq!(hotmart.refreshes(), 1);

    // A server that refuses every token is asked twice, and no more.
    hotmart.practice().refuse_every_access_token(true);
    let told = desktop.token(&["api", "GET", "/payments/api/v1/sales/summary"]);
    let body: Value = serde_json::from_str(&told.answer).unwrap();
    assert!(told.code == 11 && told.words.contains("401") && body["error"].is_string(), "{told:?}");
    assert_eq!(hotmart.refreshes(), 2);
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

#[tokio::test(flavor = "multi_thread")]
async fn exec_gives_each_variable_the_token_of_its_account() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main", "shop"]);
    for account in ["main", "shop"] {
        hotmart.connect_by_hand(&desktop, account, |_| {}).await;
    }
    let of = |account: &str| desktop.token(&["--account", account]).quietly().to_owned();
    let echo = ["--", "sh", "-c", "echo $USUAL $SHOP_2 ${HOTMART_ACCESS_TOKEN-none}"];
    let told = desktop.token(&[&["exec", "-e", "USUAL", "--env", "SHOP_2:shop"], &echo[..]].concat());
    assert_eq!(told.quietly(), format!("{} {} none", of("main"), of("shop")));
    for (variable, code, sentence) in [
        ("2ND:shop", 2, "cli.usage.env"),
        ("A B", 2, "cli.usage.env"),
        ("", 2, "cli.usage.env"),
        ("SHOP:nobody", 2, "cli.failure.unknown_account"),
    ] {
        let told = desktop.token(&["exec", "-e", variable, "--", "true"]);
        assert!(told.code == code && says(&told.words, sentence), "{variable}: {told:?}");
    }
    let told = desktop.token(&["exec", "--credentials", "-e", "X", "--", "true"]);
    assert_eq!(told.code, 2, "one or the other: {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_of_a_list_come_in_each_form_and_within_the_limit_of_calls() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    connected(&desktop, &hotmart).await;
    let history = "/payments/api/v1/sales/history?max_results=2";
    let one: Value = serde_json::from_str(desktop.token(&["api", "GET", history]).quietly()).unwrap();
    assert_eq!(one["items"].as_array().unwrap().len(), 2, "one page, unless all are wanted");
    let all: Value =
        serde_json::from_str(desktop.token(&["api", "GET", history, "--paginate"]).quietly()).unwrap();
    let sales = all["items"].as_array().unwrap().clone();
    let transactions: Vec<_> = sales.iter().map(|sale| sale["purchase"]["transaction"].clone()).collect();
    let expected: Vec<_> = (1..=5).map(|number| Value::from(format!("HP{number:010}"))).collect();
    assert_eq!(transactions, expected, "each once, in their order");

    let lines = desktop.token(&["api", "GET", history, "--paginate", "--ndjson"]);
    let lines: Vec<Value> = lines.quietly().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, sales);

    // Two calls in two seconds: three pages take one wait, and nobody is refused.
    hotmart.practice().limit_calls(2, 2);
    let table = desktop.token(&["api", "GET", history, "--csv", "--paginate"]);
    let rows: Vec<_> = table.quietly().lines().collect();
    assert_eq!(rows.len(), 6);
    let place = rows[0].split(',').position(|name| name == "purchase.transaction").unwrap();
    assert!(rows[5].split(',').nth(place) == Some("HP0000000005"), "{table:?}");
    // Whoever begins when there is none left waits as well.
    hotmart.practice().limit_calls(0, 1);
    let told = desktop.token(&["api", "GET", history]);
    assert_eq!(told.code, 11, "one call is not waited for: {told:?}");
    hotmart.practice().limit_calls(1, 1);
    assert_eq!(
        desktop.token(&["api", "GET", history, "--ndjson", "--paginate"]).quietly().lines().count(),
        5
    );

    let told = desktop.token(&["api", "GET", "/user/api/v1/me", "--ndjson"]);
    assert!(told.code == 11 && says(&told.words, "cli.failure.not_a_list"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_lives_longer_than_its_token_is_started_again_with_a_new_one() {
    let desktop = Desktop::start();
    let options = HotmartOptions { lifetime: Duration::from_secs(8), ..HotmartOptions::default() };
    let hotmart = Hotmart::with(options).await;
    connected(&desktop, &hotmart).await;
    let script = "trap 'echo told; exit 0' TERM; echo $HOTMART_ACCESS_TOKEN; while :; do sleep 0.1; done";
    let arguments = ["exec", "--min-ttl", "4s", "--restart-on-renewal", "--", "sh", "-c", script];
    let mut child = desktop.token_program(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let mut next = || lines.next().unwrap().unwrap();
    let tokens: Vec<_> = (0..3)
        .map(|_| {
            let token = next();
            assert_eq!(hotmart.access_tokens().last(), Some(&token), "the newest there is");
            assert_eq!(next(), "told", "it is asked to end");
            token
        })
        .collect();
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2]);
    // Only once it says something can it hear something.
    assert_eq!(next(), hotmart.access_tokens().pop().unwrap());
    tests::run(std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]));
    assert_eq!(next(), "told");
    assert_eq!(child.wait().unwrap().code(), Some(0), "its code is ours");

    let told = desktop.token(&["exec", "--restart-on-renewal", "--", "sh", "-c", "exit 42"]);
    assert_eq!(told.code, 42);
    assert_eq!(desktop.token(&["exec", "--restart-on-renewal", "--", "no-such-program"]).code, 127);
}
