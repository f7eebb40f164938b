//! Servers that mean ill, or are broken, at the token endpoint: whatever they
//! answer, `hotmart-token` ends in time, with a code that is documented and a
//! sentence, and the session that was there is there still.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use adapters::{HttpsClient, ServerClock};
use serde_json::{Value, json};
use tests::{Desktop, Told, record};

use crate::http_client::{client_at, raw_server};

/// The HTTP client's own deadline is 30 seconds; the rest is a slow machine's.
const IN_TIME: Duration = Duration::from_secs(50);
/// Waiting is no work.
const CPU_SECONDS: f64 = 3.0;
const GOOD: &str =
    r#"{"access_token":"new-access","refresh_token":"new-refresh","token_type":"bearer","expires_in":3600}"#;
/// What such an answer can end with: new tokens, trouble, a refusal, the session's end.
const CODES: [i32; 4] = [0, 4, 5, 10];

type Misbehaviour = Box<dyn Fn(&mut TcpStream) + Send + Sync>;

/// A server that does this with every connection.
fn server(misbehaves: Misbehaviour) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/token", listener.local_addr().unwrap());
    let misbehaves = Arc::new(misbehaves);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let misbehaves = Arc::clone(&misbehaves);
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 8192]);
                misbehaves(&mut stream);
            });
        }
    });
    address
}

fn says(answer: impl Into<Vec<u8>>) -> Misbehaviour {
    let answer = answer.into();
    Box::new(move |stream| drop(stream.write_all(&answer)))
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Writes this again and again, until nobody listens or the pause is too long for the test.
fn repeats(first: &'static str, again: &'static [u8], pause: Duration) -> Misbehaviour {
    Box::new(move |stream| {
        let mut going_on = stream.write_all(first.as_bytes());
        let until = Instant::now() + 2 * IN_TIME;
        while going_on.is_ok() && Instant::now() < until {
            std::thread::sleep(pause);
            going_on = stream.write_all(again);
        }
    })
}

/// Each with a name for the one who reads a failure.
fn misbehaviours() -> Vec<(String, Misbehaviour)> {
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let drip = Duration::from_millis(100);
    let mut all: Vec<(String, Misbehaviour)> = vec![
        ("headers drip".into(), repeats("HTTP/1.1 200 OK\r\nX: ", b"x", drip)),
        ("the body drips".into(), repeats("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{", b" ", drip)),
        ("nothing is said".into(), repeats("", b"", drip)),
        ("continue, for ever".into(), repeats("", b"HTTP/1.1 100 Continue\r\n\r\n", drip)),
        ("the body has no end".into(), repeats(CHUNKED, b"10\r\n0123456789abcdef\r\n", Duration::ZERO)),
        (
            "headers have no end".into(),
            repeats("HTTP/1.1 200 OK\r\n", b"X-Y: zzzzzzzzzzzzzzzz\r\n", Duration::ZERO),
        ),
        (
            "a length that is too long".into(),
            says(http("200 OK", "", GOOD).replace("Content-Length: ", "Content-Length: 9")),
        ),
        (
            "a length that is too short".into(),
            says(
                http("200 OK", "", GOOD)
                    .replace(&format!("Content-Length: {}", GOOD.len()), "Content-Length: 20"),
            ),
        ),
        ("two lengths".into(), says(http("200 OK", "Content-Length: 7\r\n", GOOD))),
        ("a negative length".into(), says("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}")),
        ("a chunk that lies".into(), says(format!("{CHUNKED}ffffffffffffffff\r\n{{}}\r\n"))),
        ("another protocol".into(), says("SSH-2.0-OpenSSH_9.2\r\n")),
        ("noise".into(), says((0..=255).cycle().take(4_096).collect::<Vec<u8>>())),
        ("hung up on".into(), says("")),
        (
            "a bomb".into(),
            says(
                [http("200 OK", "Content-Encoding: gzip\r\n", "").into_bytes(), vec![0x1f, 0x8b, 8, 0, 0]]
                    .concat(),
            ),
        ),
        ("a page".into(), says(http("200 OK", "", "<html>Welcome to the airport</html>"))),
        ("a deep nest".into(), says(http("200 OK", "", &"[".repeat(100_000)))),
        ("a byte order mark".into(), says(http("200 OK", "", &format!("\u{FEFF}{GOOD}")))),
        (
            "what is no text".into(),
            says([&b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"[..], b"\xff\xfe"].concat()),
        ),
    ];
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let answer = http(status, "Location: https://evil.example/token\r\n", GOOD);
        all.push((status.into(), says(answer)));
    }
    for status in ["101 Switching Protocols", "204 No Content", "299 Odd", "400 Bad", "418 Teapot", "999 No"]
    {
        all.push((status.into(), says(http(status, "", ""))));
    }
    for wait in ["99999999999999999999", "-5", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "1e9"] {
        for status in ["429 Too Many", "503 Busy"] {
            let answer = http(status, &format!("Retry-After: {wait}\r\n"), "");
            all.push((format!("{status}, wait {wait}"), says(answer)));
        }
    }
    for name in ["access_token", "refresh_token", "id_token", "token_type", "expires_in", "scope", "error"] {
        for value in [
            json!(null),
            json!(7),
            json!(true),
            json!([]),
            json!({}),
            json!(""),
            json!("a\nb: c"),
            json!(-1e308),
        ] {
            let mut body: Value = serde_json::from_str(GOOD).unwrap();
            body[name] = value.clone();
            all.push((format!("{name}: {value}"), says(http("200 OK", "", &body.to_string()))));
        }
    }
    for life in ["-1", "0", "1e308", "999999999999999999999999", "\"NaN\"", "\"a week\"", "0.0000001"] {
        let body = GOOD.replace("3600", life);
        all.push((format!("expires_in: {life}"), says(http("200 OK", "", &body))));
    }
    for error in [
        "old-refresh",
        "\u{1b}[2J\u{202e}",
        "invalid_grant_or_something_much_longer_that_never_ends_at_all_ever",
    ] {
        let body = json!({ "error": error, "error_description": format!("old-refresh {error}") }).to_string();
        all.push((format!("error {}", error.escape_debug()), says(http("400 Bad", "", &body))));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_server_answers_it_ends_in_time_and_the_session_is_there_still() {
    let desktop = Desktop::start();
    let now = adapters::system_seconds();
    let cases: Vec<_> = misbehaviours().into_iter().enumerate().collect();
    let mut accounts = Vec::new();
    let mut names = Vec::new();
    for (number, (name, misbehaves)) in cases {
        let (id, address) = (format!("case-{number}"), server(misbehaves));
        let kept = json!({
            "version": 1, "issued_for": format!("{address} client"), "access_token": "old-access",
            "refresh_token": "old-refresh", "id_token": null, "expires_at": now + 100, "scope": null,
            "obtained_at": now - 3_500,
        });
        desktop.put_secret(&format!("{id}/tokens"), &format!("whole:{kept}"));
        accounts.push(json!({
            "id": id, "environment": "custom", "client_id": "client", "client_authentication": "none",
            "endpoints": { "authorize": "http://127.0.0.1:9/a", "token": address },
        }));
        names.push((id, name));
    }
    desktop.write_settings(&json!({ "version": 1, "language": "en", "accounts": accounts }));
    let open = std::sync::Mutex::new(names);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let Some((id, name)) = open.lock().unwrap().pop() else { return };
                    let started = Instant::now();
                    let (told, cpu) =
                        Told::measured(&desktop.token_program(&["--renew", "--account", &id]), ":");
                    assert!(started.elapsed() < IN_TIME, "{name}: {:?}", started.elapsed());
                    assert!(cpu < CPU_SECONDS, "{name}: {cpu} s of a processor");
                    assert!(CODES.contains(&told.code), "{name}: {told:?}");
                    assert!(!told.words.contains("panicked"), "{name}: {told:?}");
                    let kept = record(&desktop, &format!("{id}/tokens"))
                        .unwrap_or_else(|| panic!("{name}: no record"));
                    if told.code == 0 {
                        assert_eq!(
                            (told.answer.trim(), &kept["access_token"]),
                            ("new-access", &json!("new-access")),
                            "{name}"
                        );
                        continue;
                    }
                    assert_eq!(told.answer, "", "{name}: {told:?}");
                    assert!(
                        told.words.len() > 20 && told.words.ends_with(|c: char| !c.is_control()),
                        "{name}: {told:?}"
                    );
                    for hidden in ["old-refresh", "old-access", "\u{1b}", "\u{202e}", "2912114 d"] {
                        assert!(!told.words.contains(hidden), "{name}: {told:?}");
                    }
                    assert_eq!(kept["refresh_token"], "old-refresh", "{name}");
                    assert_eq!(kept["refused"], Value::Null, "{name}: only invalid_grant ends a session");
                }
            });
        }
    });
    let log = desktop.log();
    assert!(!log.contains("old-refresh") && !log.contains("new-refresh"), "a token is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_off_at_any_byte_gives_no_tokens_and_no_panic() {
    use connection::ports::HttpClient;

    let whole = http("200 OK", "", GOOD);
    for length in 0..whole.len() {
        let (address, _requests) = raw_server(whole.as_bytes()[..length].to_vec());
        let client = client_at(&address);
        let http = HttpsClient::default().with_clock(Arc::new(ServerClock::default()));
        let request = oauth::refresh_request(&client, &oauth::Secret::new("old-refresh".into()));
        let now = oauth::Timestamp::from_seconds(adapters::system_seconds());
        let tokens = http
            .send(request)
            .await
            .ok()
            .map(|response| oauth::parse_token_response(&response, &client, &[], now));
        assert!(!matches!(tokens, Some(Ok(_))), "cut off after {length} bytes");
    }
}
