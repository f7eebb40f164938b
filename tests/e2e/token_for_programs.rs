//! `hotmart-token exec` and `hotmart-token api`: programs that are handed a token, and calls without one.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tests::{Desktop, Hotmart, HotmartOptions, record, says};

use crate::token::connected;

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
    hotmart.practice().limit_calls(100, 1);
    let file = desktop.home().join("sales.csv");
    let written =
        desktop.token(&["api", "GET", history, "--csv", "--paginate", "--output", file.to_str().unwrap()]);
    assert_eq!(written.quietly(), "");
    // Marked as UTF-8, which a spreadsheet would not guess.
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("\u{feff}{}\n", table.quietly()));
    // Whoever begins when there is none left waits as well.
    hotmart.practice().limit_calls(0, 1);
    let told = desktop.token(&["api", "GET", history, "--output", file.to_str().unwrap()]);
    assert_eq!(told.code, 11, "one call is not waited for: {told:?}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("HP0000000005"), "no error takes its place");
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
