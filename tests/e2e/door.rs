//! The local door: what it lets in, what it refuses, and what it does when
//! there is no token to be had.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use tests::{Desktop, Hotmart, OpenDoor, expired, record, tool, wait_until};

const SUMMARY: &str = "/payments/api/v1/sales/summary";

async fn ready(accounts: &[&str]) -> (Desktop, Hotmart) {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, accounts);
    for account in accounts {
        hotmart.connect_by_hand(&desktop, account, |_| {}).await;
    }
    (desktop, hotmart)
}

/// Status, code and sentence of a refusal.
pub async fn refused(call: reqwest::RequestBuilder) -> (u16, String, String) {
    let answer = call.send().await.expect("the door answers");
    let status = answer.status().as_u16();
    let retry = answer.headers().get("retry-after").is_some();
    assert_eq!(retry, status == 503, "{status}");
    let text = answer.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).expect("the envelope is JSON");
    let said = |name: &str| body[name].as_str().expect("it is a string").to_owned();
    (status, said("error"), said("error_description"))
}

pub async fn status(call: reqwest::RequestBuilder) -> u16 {
    call.send().await.expect("the door answers").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_its_account_until_it_is_revoked_and_is_kept_nowhere() {
    let (desktop, hotmart) = ready(&["main", "second"]).await;
    let door = OpenDoor::open(&desktop);
    let key = desktop.local_key("main", "Excel", &[]);
    let answer = tool().get(door.url(SUMMARY)).bearer_auth(&key).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["ratelimit-limit"], "500");
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert!(body["items"][0]["total_items"].is_number(), "{body}");

    let listed = || {
        let list: Value = serde_json::from_str(desktop.token(&["key", "list", "--json"]).quietly()).unwrap();
        list["keys"][0].clone()
    };
    assert_eq!((listed()["name"].clone(), listed()["may_write"].clone()), (json!("Excel"), json!(false)));
    wait_until("the use is written down", || listed()["last_used_at"].is_number().then_some(()));
    assert_eq!(listed()["calls_in_the_last_24_hours"], 1);

    let told = desktop.token(&["key", "revoke", listed()["id"].as_str().unwrap()]);
    assert_eq!(told.code, 0, "{told:?}");
    let (status, code, _) = refused(tool().get(door.url(SUMMARY)).bearer_auth(&key)).await;
    assert_eq!((status, code.as_str()), (401, "unknown_key"));
    assert_eq!(desktop.token(&["key", "revoke", "Excel"]).code, 2);

    let characters = key.strip_prefix("hmc_").unwrap();
    let grep = ["-r", "-l", "-F", characters, "."];
    let found = desktop.command("grep").args(grep).current_dir(desktop.home()).output().unwrap();
    assert!(found.stdout.is_empty(), "{}", String::from_utf8_lossy(&found.stdout));
    let token = hotmart.access_tokens().pop().unwrap();
    assert!(!desktop.log().contains(&token) && desktop.log().contains("unknown_key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_accounts_key_never_opens_another() {
    let desktop = Desktop::start();
    let (one, other) = (Hotmart::start().await, Hotmart::start().await);
    one.configure_accounts(&desktop, &["main"]);
    one.connect_by_hand(&desktop, "main", |_| {}).await;
    let mut settings = desktop.settings();
    let mut second = other.account();
    second["id"] = json!("second");
    settings["accounts"].as_array_mut().unwrap().push(second);
    desktop.write_settings(&settings);
    other.connect_by_hand(&desktop, "second", |_| {}).await;
    let door = OpenDoor::open(&desktop);
    let calls = |hotmart: &Hotmart| {
        let is_call = |seen: &practice::Observation| matches!(seen, practice::Observation::ApiCalled { .. });
        hotmart.seen().iter().filter(|seen| is_call(seen)).count()
    };
    let key = desktop.local_key("second", "n8n", &[]);
    for _ in 0..3 {
        assert_eq!(status(tool().get(door.url(SUMMARY)).bearer_auth(&key)).await, 200);
    }
    assert_eq!((calls(&one), calls(&other)), (0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hostile_page_or_user_can_send_is_refused() {
    let (desktop, hotmart) = ready(&["main"]).await;
    let door = OpenDoor::open(&desktop);
    let key = desktop.local_key("main", "curl", &[]);
    let host = format!("Host: 127.0.0.1:{}\r\n", door.port());
    let bearer = format!("Authorization: Bearer {key}\r\n");
    let good = format!("{host}{bearer}");
    let get = format!("GET {SUMMARY} HTTP/1.1");
    assert_eq!(door.status(&get, &good), 200);
    for own in ["localhost", "[::1]"] {
        assert_eq!(door.status(&get, &format!("Host: {own}:{}\r\n{bearer}", door.port())), 200, "{own}");
    }

    let well_formed = format!("Authorization: Bearer hmc_{}\r\n", "A".repeat(43));
    let token = hotmart.access_tokens().pop().unwrap();
    for (head, expected) in [
        (host.clone(), 401),
        (format!("{host}{well_formed}"), 401),
        (format!("{host}Authorization: Bearer {token}\r\n"), 401),
        (format!("{host}Authorization: Basic {key}\r\n"), 401),
        (format!("{host}{bearer}{bearer}"), 401),
        (format!("{good}Origin: https://evil.example\r\n"), 403),
        (format!("{good}Origin: null\r\n"), 403),
        (format!("{good}Sec-Fetch-Site: cross-site\r\n"), 403),
        (format!("{good}Sec-Fetch-Site: same-origin\r\n"), 403),
        (format!("{good}X-Forwarded-For: 10.0.0.1\r\n"), 403),
        (format!("{good}Forwarded: for=10.0.0.1\r\n"), 403),
        // DNS rebinding: the page's own name, with the right port.
        (format!("Host: evil.example:{}\r\n{bearer}", door.port()), 421),
        (format!("Host: 127.0.0.1.evil.example:{}\r\n{bearer}", door.port()), 421),
        (format!("Host: host.docker.internal:{}\r\n{bearer}", door.port()), 421),
        (format!("Host: 127.0.0.1\r\n{bearer}"), 421),
        (format!("Host: 127.0.0.1:1\r\n{bearer}"), 421),
        (bearer.clone(), 421),
        (format!("{host}{good}"), 421),
        (format!("{good}Content-Length: 5\r\nContent-Length: 6\r\n"), 400),
        (format!("{good}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400),
        (format!("{good}Transfer-Encoding: gzip\r\n"), 400),
        (format!("{good}X: {}\r\n", "a".repeat(20_000)), 431),
    ] {
        assert_eq!(door.status(&get, &head), expected, "{}", &head[..head.len().min(300)]);
    }
    for (line, expected) in [
        (format!("GET {SUMMARY}?key={key} HTTP/1.1"), 400),
        (format!("GET /{key}/x HTTP/1.1"), 400),
        (format!("GET http://127.0.0.1:{}{SUMMARY} HTTP/1.1", door.port()), 400),
        (format!("GET http://evil.example{SUMMARY} HTTP/1.1"), 400),
        ("CONNECT evil.example:443 HTTP/1.1".into(), 400),
        (format!("TRACE {SUMMARY} HTTP/1.1"), 400),
        (format!("OPTIONS {SUMMARY} HTTP/1.1"), 403),
        (format!("POST {SUMMARY} HTTP/1.1"), 403),
        (format!("DELETE {SUMMARY} HTTP/1.1"), 403),
        ("GET /payments/../../etc HTTP/1.1".into(), 400),
        ("GET /payments/%2e%2e/x HTTP/1.1".into(), 400),
        ("GET //evil.example/x HTTP/1.1".into(), 400),
        ("GET /\\evil.example/x HTTP/1.1".into(), 400),
        ("GET /a%2f..%2fb HTTP/1.1".into(), 400),
        ("GET * HTTP/1.1".into(), 400),
    ] {
        assert_eq!(door.status(&line, &good), expected, "{line}");
    }
    // A second request that stands in the body of the first is never looked at.
    let smuggled = format!("GET /user/api/v1/me HTTP/1.1\r\n{good}\r\n");
    for length in [
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let said = door.says(&format!("{get}\r\n{good}{length}\r\n0\r\n\r\n{smuggled}"));
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{said}");
    }
    let log = desktop.log();
    for kind in ["no_key", "from_a_page", "foreign_host", "key_in_address", "leaves_the_api"] {
        assert!(log.contains(kind), "{kind}");
    }
    assert!(!log.contains(&key) && !log.contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_or_little_keep_no_tool_out() {
    let (desktop, _hotmart) = ready(&["main"]).await;
    let door = OpenDoor::open(&desktop);
    let key = desktop.local_key("main", "curl", &[]);
    let tools = tool();
    assert_eq!(status(tools.get(door.url(SUMMARY)).bearer_auth(&key)).await, 200);
    let connect = || TcpStream::connect(("127.0.0.1", door.port())).expect("it takes connections");
    // Slow heads: some bytes each, and never the end.
    let mut slow: Vec<_> = (0..200).map(|_| connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: 127").unwrap();
    }
    let mut open = std::collections::VecDeque::new();
    for number in 0..10_000 {
        open.push_back(connect());
        // This test may have fewer files open than that.
        if open.len() > 400 {
            open.pop_front();
        }
        if number % 2_500 == 0 {
            assert_eq!(status(tool().get(door.url(SUMMARY)).bearer_auth(&key)).await, 200);
        }
    }
    assert_eq!(status(tools.get(door.url(SUMMARY)).bearer_auth(&key)).await, 200);
    // Those that came first were hung up on for those that came later.
    slow[0].set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert!(matches!(slow[0].read(&mut [0; 16]), Ok(0) | Err(_)));
    let files = std::fs::read_dir(format!("/proc/{}/fd", door.id())).unwrap().count();
    assert!(files < 400, "{files} files are open");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_calls_at_once_with_a_token_that_is_over_are_one_refresh() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", expired).await;
    let door = OpenDoor::open(&desktop);
    let key = desktop.local_key("main", "curl", &[]);
    let calls = (0..50).map(|_| tokio::spawn(status(tool().get(door.url(SUMMARY)).bearer_auth(&key))));
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 200);
    }
    assert_eq!(hotmart.refreshes(), 1);
    // A server that was restarted knows no token any more: it is renewed once, and the call made again.
    let mut session = record(&desktop, "main/tokens").unwrap();
    session["obtained_at"] = json!(session["obtained_at"].as_u64().unwrap() - 60);
    drop(door);
    desktop.put_secret("main/tokens", &format!("whole:{session}"));
    let door = OpenDoor::open(&desktop);
    hotmart.practice().forget_access_tokens();
    let calls = (0..50).map(|_| tokio::spawn(status(tool().get(door.url(SUMMARY)).bearer_auth(&key))));
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 200);
    }
    assert_eq!(hotmart.refreshes(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stops_a_call_is_said_in_hotmarts_own_form_and_is_no_fault_of_the_key() {
    let (mut desktop, hotmart) = ready(&["main"]).await;
    let key = desktop.local_key("main", "Excel", &[]);
    let door = OpenDoor::open(&desktop);
    let port = door.port();
    let call = || tool().get(format!("http://127.0.0.1:{port}{SUMMARY}")).bearer_auth(&key);
    assert_eq!(status(call()).await, 200);

    hotmart.practice().limit_calls(0, 60);
    assert_eq!(status(call()).await, 429, "the API's own limit is passed on");
    hotmart.practice().limit_calls(1_000, 60);

    let offline = hotmart.go_offline();
    let (code, kind, sentence) = refused(call()).await;
    assert_eq!((code, kind.as_str()), (503, "offline"));
    assert_eq!(sentence, tests::sentence("pt-BR", "door.refused.offline"));
    let hotmart = offline.come_back().await;
    assert_eq!(status(call()).await, 200);

    drop(door);
    desktop.restart_keyring_locked();
    let door = OpenDoor::open_at(&desktop, port);
    let (code, kind, _) = refused(call()).await;
    assert_eq!((code, kind.as_str()), (503, "keyring_locked"));
    drop(door);
    desktop.restart_keyring_unlocked();

    let mut session = record(&desktop, "main/tokens").unwrap();
    expired(&mut session);
    desktop.put_secret("main/tokens", &format!("whole:{session}"));
    hotmart.practice().end_every_session();
    let door = OpenDoor::open_at(&desktop, port);
    let (code, kind, _) = refused(call()).await;
    assert_eq!((code, kind.as_str()), (503, "reconnect"));
    drop(door);

    assert_eq!(desktop.token(&["disconnect"]).code, 0);
    let _door = OpenDoor::open_at(&desktop, port);
    let (code, kind, _) = refused(call()).await;
    assert_eq!((code, kind.as_str()), (503, "not_connected"));
    let keys = desktop.home().join(".local/share/app.hotmart-connect/local-keys.json");
    std::fs::write(&keys, "{").unwrap();
    assert_eq!(refused(call()).await.1, "keys_unreadable");
    let told = desktop.token(&["key", "create", "Other"]);
    assert_eq!(told.code, 1);
    assert!(told.words.contains("local-keys.json"), "{told:?}");
    assert_eq!(std::fs::read_to_string(keys).unwrap(), "{", "what is damaged is not replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_doors_at_one_port_are_one_and_another_programs_port_is_left_alone() {
    let (desktop, _hotmart) = ready(&["main"]).await;
    let key = desktop.local_key("main", "curl", &[]);
    let first = OpenDoor::open(&desktop);
    let second = OpenDoor::open_at(&desktop, first.port());
    let call = || tool().get(second.url(SUMMARY)).bearer_auth(&key);
    for _ in 0..20 {
        assert_eq!(status(call()).await, 200);
    }
    drop(first);
    for _ in 0..20 {
        assert_eq!(status(call()).await, 200);
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let told = desktop.token(&["serve", "--port", &port]);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.words.contains(&port), "{told:?}");
}
