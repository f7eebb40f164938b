//! The HTTP client against servers that misbehave on the wire.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use adapters::{ForwardedRequest, HttpsClient, ServerClock};
use connection::HttpProblem;
use connection::ports::{Clock, HttpClient};
use oauth::{
    AuthorizationServer, BearerToken, BodyEncoding, Client, ClientAuthentication, Endpoint, GrantType,
    RedirectUri, Response, Secret, refresh_request,
};

/// Answers each connection with these bytes, and tells how many came.
pub fn raw_server(answer: Vec<u8>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/token", listener.local_addr().unwrap());
    let (asked, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).unwrap_or_default();
            let _ = asked.send(String::from_utf8_lossy(&request[..read]).into_owned());
            let _ = stream.write_all(&answer);
        }
    });
    (address, requests)
}

/// A client whose token endpoint is there.
pub fn client_at(address: &str) -> Client {
    let server = AuthorizationServer {
        authorization_endpoint: None,
        key_set_endpoint: None,
        bearer: BearerToken::AccessToken,
        token_endpoint: Endpoint::parse(address).unwrap(),
        revocation_endpoint: None,
        issuer: None,
        issuer_required: false,
        unknown_issuer_is_foreign: false,
        body_encoding: BodyEncoding::Form,
    };
    Client {
        server,
        grant_type: GrantType::AuthorizationCode,
        id: "id".into(),
        secret: None,
        authentication: ClientAuthentication::None,
        redirect_uri: RedirectUri::parse(connection::DEFAULT_REDIRECT_URI).unwrap(),
        scope: String::new(),
    }
}

async fn send(address: &str, clock: Arc<ServerClock>) -> Result<Response, HttpProblem> {
    let request = refresh_request(&client_at(address), &Secret::new("refresh".into()));
    HttpsClient::default().with_clock(clock).send(request).await
}

fn answer(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, stolen) = raw_server(answer("200 OK", "{}"));
    let (address, _) = raw_server(answer(&format!("307 Temporary Redirect\r\nlocation: {elsewhere}"), ""));
    let response = send(&address, Arc::default()).await.unwrap();
    assert_eq!(response.status, 307);
    assert!(stolen.recv_timeout(Duration::from_millis(300)).is_err(), "the refresh token went nowhere else");
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let endless = "x".repeat(oauth::MAX_RESPONSE_BYTES + 1);
    let (address, _) = raw_server(answer("200 OK", &endless));
    assert_eq!(send(&address, Arc::default()).await.unwrap_err(), HttpProblem::Unreadable);
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_is_no_http_is_told_apart_from_no_answer() {
    let mut short = answer("200 OK", "{\"access_token\":");
    short.truncate(short.len() - 4);
    let (address, _) = raw_server(short);
    assert_eq!(send(&address, Arc::default()).await.unwrap_err(), HttpProblem::Unreadable);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = format!("http://{closed}/token");
    assert_eq!(send(&address, Arc::default()).await.unwrap_err(), HttpProblem::Unreachable);
}

#[tokio::test]
async fn a_server_without_tls_on_an_https_address_is_a_problem_of_the_connection_s_security() {
    let (address, _) = raw_server(answer("200 OK", "{}"));
    let address = address.replace("http://", "https://");
    assert_eq!(send(&address, Arc::default()).await.unwrap_err(), HttpProblem::Tls);
}

#[tokio::test]
async fn retry_after_and_the_servers_time_are_heard() {
    let head = "429 Too Many Requests\r\nretry-after: 17\r\ndate: Thu, 31 Dec 2099 00:00:00 GMT";
    let (address, _) = raw_server(answer(head, ""));
    let clock = Arc::<ServerClock>::default();
    let response = send(&address, Arc::clone(&clock)).await.unwrap();
    assert_eq!(response.retry_after, Some(Duration::from_secs(17)));
    assert!(clock.now().seconds() >= 4_102_358_400, "the clock follows the server");
}

#[tokio::test]
async fn a_server_that_asks_for_years_is_left_alone_for_an_hour() {
    for wait in ["251606505600", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let (address, _requests) = raw_server(answer(&format!("503 Busy\r\nretry-after: {wait}"), ""));
        let response = send(&address, Arc::default()).await.unwrap();
        assert_eq!(response.retry_after, Some(Duration::from_secs(3_600)), "{wait}");
    }
}

#[tokio::test]
async fn an_api_may_be_silent_for_longer_than_a_token_endpoint() {
    const SILENCE: Duration = Duration::from_secs(31);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Endpoint::parse(&format!("http://{}/slow", listener.local_addr().unwrap())).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        std::thread::sleep(SILENCE);
        let _ = stream.write_all(&answer("200 OK", "{}"));
    });
    let request = ForwardedRequest::<reqwest::Body> {
        method: reqwest::Method::GET,
        headers: reqwest::header::HeaderMap::new(),
        body: None,
    };
    let answer = HttpsClient::default().forward(&address, request, &Secret::new("token".into())).await;
    assert_eq!(answer.expect("it is waited for").status(), 200);
}
