//! Connecting and disconnecting without a window.

use std::process::Stdio;

use serde_json::{Value, json};
use tests::{
    BASIC_DEVELOPER_ID, CLIENT_ID, Connecting, Desktop, Hotmart, LOOPBACK_REDIRECT_URI, Told, answer_by_hand,
    pt, says, wait_until,
};

/// Registered, and not where anybody listens.
const OTHER_URI: &str = connection::DEFAULT_REDIRECT_URI;

#[tokio::test(flavor = "multi_thread")]
async fn the_pasted_address_finishes_the_login_and_nonsense_does_not_end_the_wait() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    let mut connecting = Connecting::start(desktop.token_program(&["connect", "--no-browser"]));
    for nonsense in
        ["", "hello", "app.hotmart-connect:/oauth/callback?code=x&state=y", &connecting.link.clone()]
    {
        connecting.paste(nonsense);
    }
    let address = answer_by_hand(&connecting.link, "allow").await;
    connecting.paste(&address);
    assert_eq!(connecting.end(), 0);
    assert_eq!(desktop.secret("main/pending-request"), None);
    assert_eq!(desktop.token(&[]).quietly(), hotmart.access_tokens()[0]);

    let told = desktop.token(&["connect"]);
    assert_eq!((told.code, told.answer.as_str()), (0, ""));
    assert!(told.words.contains("--again"), "{told:?}");
    let told = desktop.token(&["disconnect"]);
    assert!(told.code == 0 && says(&told.words, "notice.revoked"), "{told:?}");
    assert_eq!(desktop.secret("main/tokens"), None);
    assert_eq!(desktop.token(&[]).code, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn saying_no_saves_nothing_and_the_connection_there_was_goes_on() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    for connected in [false, true] {
        if connected {
            hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
        }
        let record = desktop.secret("main/tokens");
        let mut connecting =
            Connecting::start(desktop.token_program(&["connect", "--no-browser", "--again"]));
        let address = answer_by_hand(&connecting.link, "deny").await;
        connecting.paste(&address);
        assert_eq!(connecting.end(), 3);
        assert_eq!(desktop.secret("main/tokens"), record);
        assert_eq!(desktop.secret("main/pending-request"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loopback_redirect_brings_the_answer_and_the_page_tells_the_truth() {
    let _alone = tests::loopback_port().await;
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    let arguments = ["connect", "--no-browser", "--redirect-uri", LOOPBACK_REDIRECT_URI];
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let port = LOOPBACK_REDIRECT_URI.split(['/', ':']).nth(4).unwrap().to_owned();

    let mut connecting = Connecting::start(desktop.token_program(&arguments));
    // A scanner, a page on the web, and a forged answer: none of them ends the wait.
    let get = async |path: &str, header: (&'static str, &str)| {
        let url = format!("http://127.0.0.1:{port}{path}");
        client.get(url).header(header.0, header.1).send().await.unwrap().status().as_u16()
    };
    assert_eq!(get("/", ("accept", "*/*")).await, 404);
    assert_eq!(get("/callback", ("host", "evil.example")).await, 421);
    assert_eq!(get("/callback?code=x", ("origin", "https://evil.example")).await, 403);
    assert_eq!(get("/callback?code=x", ("sec-fetch-mode", "no-cors")).await, 403);
    assert_eq!(get("/callback?code=x&state=y", ("accept", "*/*")).await, 400);

    // A scanner that opens connections and says nothing, and a page that fires without end.
    let silent: Vec<_> =
        (0..60).map(|_| std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap()).collect();
    let fired = (0..100).map(|index| get_status(&client, &port, index)).collect::<Vec<_>>();
    let fired = futures_of(fired).await;
    assert!(fired.iter().all(|status| *status == 400), "{fired:?}");

    let address = answer_by_hand(&connecting.link, "allow").await;
    let page = client.get(&address).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    drop(silent);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'"));
    let page = page.text().await.unwrap();
    assert!(
        page.contains("lang=\"pt-BR\"") && page.contains(&format!("<h1>{}</h1>", pt("page.connected.title"))),
        "{page}"
    );
    assert!(!page.contains("code="), "no secret in the page");
    assert_eq!(connecting.end(), 0);
    let gone = std::net::TcpStream::connect(format!("127.0.0.1:{port}"));
    assert!(gone.is_err(), "nothing listens any more");
    assert_eq!(desktop.token(&[]).quietly(), hotmart.access_tokens()[0]);

    // Somebody else has the port: said before any link.
    let _taken = std::net::TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    let told = desktop.token(&["connect", "--no-browser", "--again"]);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(says(&told.words, "error.loopback_taken"), "{told:?}");
    assert!(!told.words.contains("/authorize"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_set_up_without_a_window_and_its_secret_is_in_no_argument_and_no_file() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    let told = desktop.token(&["connect", "--client-id", "abc"]);
    assert!(told.code == 2 && told.words.contains("--environment"), "{told:?}");
    // The server's address stands in the settings; the application is new.
    let mut account = hotmart.account();
    account["client_id"] = json!("another");
    let settings = json!({ "version": 1, "language": "en", "accounts": [account] });
    std::fs::create_dir_all(desktop.settings_file().parent().unwrap()).unwrap();
    std::fs::write(desktop.settings_file(), settings.to_string()).unwrap();

    let mut program =
        desktop.token_program(&["connect", "--no-browser", "--account", "main", "--client-id", CLIENT_ID]);
    program.stdin(Stdio::piped());
    let mut connecting = Connecting::start_with_input(program, &format!("  {}  ", tests::CLIENT_SECRET));
    let address = answer_by_hand(&connecting.link, "allow").await;
    connecting.paste(&address);
    assert_eq!(connecting.end(), 0);
    assert!(desktop.secret("main/client-secret").unwrap().contains(tests::CLIENT_SECRET));
    let settings = std::fs::read_to_string(desktop.settings_file()).unwrap();
    assert!(!settings.contains(tests::CLIENT_SECRET));
    let settings: Value = serde_json::from_str(&settings).unwrap();
    assert_eq!(settings["accounts"][0]["client_id"], CLIENT_ID);
    assert_ne!(desktop.token(&["--renew"]).quietly(), hotmart.access_tokens()[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_the_application_before_are_revoked_once_another_one_works() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let mut settings = desktop.settings();
    settings["accounts"][0]["scope"] = json!("sales");
    desktop.write_settings(&settings);
    let before = desktop.token(&[]).quietly().to_owned();
    let other = || {
        desktop.token_program(&[
            "connect",
            "--account",
            "main",
            "--developer-credentials",
            "--client-id",
            BASIC_DEVELOPER_ID,
        ])
    };
    assert_ne!(Told::by_with_input(&mut other(), "a-wrong-secret\n").code, 0);
    assert_eq!(hotmart.api_status(&before).await, 200, "nothing has taken their place");
    let told = Told::by_with_input(&mut other(), &format!("{}\n", tests::CLIENT_SECRET));
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(hotmart.api_status(&before).await, 401);
    assert_eq!(hotmart.api_status(desktop.token(&[]).quietly()).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_login_leaves_no_request_behind() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    let mut connecting = Connecting::start(desktop.token_program(&["connect", "--no-browser"]));
    assert!(desktop.secret("main/pending-request").is_some());
    connecting.interrupt();
    assert_eq!(connecting.end(), 130);
    wait_until("the request is gone", || desktop.secret("main/pending-request").is_none().then_some(()));
    let nobody = Told::by(desktop.token_program(&["connect", "--no-browser"]).env_remove("DISPLAY"));
    assert_eq!(nobody.code, 3, "nobody can answer: {nobody:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_fails_leaves_settings_secret_and_session_as_they_were() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let before = || {
        let secrets = ["main/tokens", "main/client-secret"].map(|name| desktop.secret(name));
        (secrets, std::fs::read_to_string(desktop.settings_file()).unwrap())
    };
    let known = before();
    hotmart.practice().break_token_endpoint(401, "application/json", None, r#"{"error":"invalid_client"}"#);
    let program = desktop.token_program(&["connect", "--no-browser", "--again", "--redirect-uri", OTHER_URI]);
    let mut connecting = Connecting::start(program);
    let address = answer_by_hand(&connecting.link, "allow").await;
    connecting.paste(&address);
    assert_eq!(connecting.end(), 10);
    assert_eq!(before(), known);
    hotmart.practice().recover();
    assert_ne!(desktop.token(&["--renew"]).quietly(), hotmart.access_tokens()[0]);
    assert!(!desktop.log().contains(&address), "the address is in no log");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_logins_of_two_accounts_at_once_each_get_their_own_answer() {
    let _alone = tests::loopback_port().await;
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["one", "two"]);
    let start = |account: &str, uri: &str| {
        let arguments = ["connect", "--no-browser", "--account", account, "--redirect-uri", uri];
        Connecting::start(desktop.token_program(&arguments))
    };
    // The second on a machine that has IPv6 alone.
    let mut one = start("one", LOOPBACK_REDIRECT_URI);
    let mut two = start("two", tests::IPV6_REDIRECT_URI);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let for_two = answer_by_hand(&two.link, "allow").await;
    // Sent to the other one's door it opens nothing.
    let astray = for_two.replace(tests::IPV6_REDIRECT_URI, LOOPBACK_REDIRECT_URI);
    assert_eq!(client.get(&astray).send().await.unwrap().status().as_u16(), 400);
    assert_eq!(client.get(&for_two).send().await.unwrap().status().as_u16(), 200);
    assert_eq!(two.end(), 0);
    let for_one = answer_by_hand(&one.link, "allow").await;
    assert_eq!(client.get(&for_one).send().await.unwrap().status().as_u16(), 200);
    assert_eq!(one.end(), 0);
    assert_ne!(desktop.token(&["-a", "one"]).quietly(), desktop.token(&["-a", "two"]).quietly());
}

async fn get_status(client: &reqwest::Client, port: &str, index: usize) -> u16 {
    let url = format!("http://127.0.0.1:{port}/callback?code={index}&state=forged");
    client.get(url).send().await.unwrap().status().as_u16()
}

/// All of them at the same time.
async fn futures_of<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
