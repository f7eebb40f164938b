//! What passes through the local door, either way, when the API is a good one and when it is not.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use tests::{Api, Desktop, Hotmart, OpenDoor, answer, tool};

use crate::door::{refused, status};

/// A connected account whose API this is.
async fn at_api(desktop: &Desktop, api: &Api) -> Hotmart {
    let hotmart = Hotmart::start().await;
    hotmart.connect_with_api(desktop, &api.address).await;
    hotmart
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_allowed_for_a_key_is_allowed_and_no_more() {
    let desktop = Desktop::start();
    let api = Api::start(|stream, head| answer("200 OK", "", &head.len().to_string())(stream));
    let _hotmart = at_api(&desktop, &api).await;
    let door = OpenDoor::open(&desktop);
    let writes = desktop.local_key("main", "n8n", &["--write", "--containers"]);
    let call = || tool().post(door.url("/x")).bearer_auth(&writes);
    assert_eq!(status(call().body("a=b")).await, 200);
    let seen = api.seen();
    assert!(seen.starts_with("POST /x HTTP/1.1") && seen.ends_with("a=b"), "{seen}");
    assert!(seen.to_lowercase().contains("content-length: 3") && !seen.contains(&writes), "{seen}");
    let from_container =
        format!("Host: host.docker.internal:{}\r\nAuthorization: Bearer {writes}\r\n", door.port());
    assert_eq!(door.status("GET /x HTTP/1.1", &from_container), 200);
    let large = vec![b'a'; 9 * 1024 * 1024];
    assert_eq!(refused(call().body(large)).await.1, "too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_sends_calls_elsewhere_or_repeats_the_token_gives_nothing_away() {
    let desktop = Desktop::start();
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = format!("Location: http://{}/\r\n", elsewhere.local_addr().unwrap());
    let api = Api::start(move |stream, head| match head.split(' ').nth(1).unwrap_or_default() {
        "/redirect" => answer("302 Found", &to, "")(stream),
        "/error" => {
            let token = head.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
            let words =
                format!(r#"{{"error":"bad","error_description":"with {}"}}"#, token.unwrap_or("none"));
            answer("400 Bad Request", "Set-Cookie: a=b\r\n", &words)(stream);
        }
        _ => answer("401 Unauthorized", "", "{}")(stream),
    });
    let hotmart = at_api(&desktop, &api).await;
    let door = OpenDoor::open(&desktop);
    let key = desktop.local_key("main", "curl", &[]);
    let call = |path: &str| tool().get(door.url(path)).bearer_auth(&key);
    let (code, kind, _) = refused(call("/redirect")).await;
    assert_eq!((code, kind.as_str()), (502, "redirected"));
    assert!(elsewhere.accept().is_err(), "nobody was sent there");
    let answer = call("/error").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.headers().get("set-cookie").is_none());
    assert_eq!(answer.text().await.unwrap(), r#"{"error":"bad","error_description":"with ***"}"#);
    // 401 is for a bad key alone, and renewing does not help: the token is new.
    for _ in 0..3 {
        let (code, kind, _) = refused(call("/refused")).await;
        assert_eq!((code, kind.as_str()), (502, "token_refused"));
    }
    assert!(hotmart.refreshes() <= 1, "{}", hotmart.refreshes());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_arrives_while_the_api_is_still_sending_it() {
    let desktop = Desktop::start();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let api = Api::start(move |stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst").unwrap();
        let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(30));
        let _ = stream.write_all(b"after");
    });
    let _hotmart = at_api(&desktop, &api).await;
    let door = OpenDoor::open(&desktop);
    let key = desktop.local_key("main", "curl", &[]);
    let mut answer = tool().get(door.url("/long")).bearer_auth(&key).send().await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "first");
    go.send(()).unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "after");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_never_reads_its_answer_is_hung_up_on() {
    let desktop = Desktop::start();
    let (ended, wait) = std::sync::mpsc::channel::<()>();
    let ended = Mutex::new(ended);
    let api = Api::start(move |stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
        while stream.write_all(&[b'a'; 65_536]).is_ok() {}
        let _ = ended.lock().unwrap().send(());
    });
    let _hotmart = at_api(&desktop, &api).await;
    let door = OpenDoor::open(&desktop);
    let key = desktop.local_key("main", "curl", &[]);
    let mut stream = TcpStream::connect(("127.0.0.1", door.port())).unwrap();
    let host = format!("Host: 127.0.0.1:{}\r\n", door.port());
    write!(stream, "GET /long HTTP/1.1\r\n{host}Authorization: Bearer {key}\r\n\r\n").unwrap();
    wait.recv_timeout(Duration::from_secs(90)).expect("the API need not go on");
    drop(stream);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_turns_out_too_large_is_refused_as_such() {
    let desktop = Desktop::start();
    let api = Api::start(|stream, _| answer("200 OK", "", "")(stream));
    let _hotmart = at_api(&desktop, &api).await;
    let door = OpenDoor::open(&desktop);
    let key = desktop.local_key("main", "n8n", &["--write"]);
    let file = desktop.home().join("large");
    std::fs::write(&file, vec![b'a'; 9 * 1024 * 1024]).unwrap();
    let mut curl = desktop.command("curl");
    curl.args([
        "-s",
        "--noproxy",
        "*",
        "-H",
        "Transfer-Encoding: chunked",
        "-H",
        "Expect:",
        "--oauth2-bearer",
        &key,
    ])
    .args(["--data-binary", &format!("@{}", file.display()), &door.url("/x")]);
    let said = tests::Told::by(&mut curl);
    assert!(said.answer.contains("too_large"), "{said:?}");
}
