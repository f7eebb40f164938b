//! Behind a company's proxy, with the real window.

use std::path::Path;

use serde_json::json;
use tests::{App, DEVELOPER_ID, Desktop, Hotmart, PROXIED_SERVER, Proxy};

struct Behind {
    desktop: Desktop,
    proxy: Proxy,
    hotmart: Hotmart,
}

impl Behind {
    async fn a_proxy() -> Self {
        let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
        let proxy = Proxy::start(&hotmart.url()).await;
        let base = format!("https://{PROXIED_SERVER}/");
        let account = json!({
            "id": "main", "environment": "custom", "grant_type": "client_credentials", "client_id": DEVELOPER_ID,
            "client_authentication": "query", "body_encoding": "json",
            "endpoints": { "token": format!("{base}security/oauth/token"), "api": base },
        });
        hotmart.configure_as_hotmart(&desktop, &[account]);
        Self { desktop, proxy, hotmart }
    }

    async fn app(&self, store: Option<&Path>, proxy: &str) -> App {
        let mut variables = vec![("HTTPS_PROXY", proxy.to_owned())];
        variables.extend(store.map(|store| ("SSL_CERT_FILE", store.display().to_string())));
        let app = App::start_with_all(&self.desktop, &variables).await;
        app.wait_for_state("disconnected").await;
        app.click("connect").await;
        app
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connecting_works_through_a_proxy_whose_authority_the_system_knows() {
    let behind = Behind::a_proxy().await;
    let store = behind.proxy.store_with_its_authority(&behind.desktop);
    let proxy = format!("http://{}", behind.proxy.address());
    let app = behind.app(Some(&store), &proxy).await;
    app.wait_for_state("connected").await;
    app.wait_for_sentence("check.works").await;
    assert!(behind.proxy.asked().iter().all(|asked| asked == &format!("{PROXIED_SERVER}:443")));
    // The tools too.
    let mut token = behind.desktop.token_program(&["--renew"]);
    token.env("HTTPS_PROXY", &proxy).env("SSL_CERT_FILE", &store);
    let told = tests::Told::by(&mut token);
    assert_eq!((told.code, behind.hotmart.api_status(told.answer.trim()).await), (0, 200), "{}", told.words);
    app.click("settings").await;
    app.click("check-computer").await;
    app.wait_for_sentence_with("computer.server.through_proxy", &[("value", behind.proxy.address())]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_whose_authority_is_not_known_is_named_as_the_cause() {
    let behind = Behind::a_proxy().await;
    let app = behind.app(None, &format!("http://{}", behind.proxy.address())).await;
    app.wait_for_state("failed").await;
    app.wait_for_sentence_with("error.unknown_issuer_proxy", &[("proxy", behind.proxy.address())]).await;
    app.wait_for_sentence_with("failed.code", &[("code", "unknown_issuer")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_there_is_named_without_its_password() {
    let behind = Behind::a_proxy().await;
    let app = behind.app(None, "http://ana:canary-proxy-77b1@127.0.0.1:9").await;
    app.wait_for_state("failed").await;
    app.wait_for_sentence_with("error.proxy_unreachable_proxy", &[("proxy", "127.0.0.1:9")]).await;
    assert!(!app.words().await.contains("canary-proxy") && !behind.desktop.log().contains("canary-proxy"));
}

/// What a desktop's own settings say, as its portal tells it.
struct Portal(String);

#[zbus::interface(name = "org.freedesktop.portal.ProxyResolver")]
impl Portal {
    fn lookup(&self, _address: String) -> Vec<String> {
        vec![self.0.clone()]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktops_own_proxy_settings_are_heeded() {
    let behind = Behind::a_proxy().await;
    let portal = Portal(format!("http://{}", behind.proxy.address()));
    let _bus = zbus::connection::Builder::address(behind.desktop.bus())
        .unwrap()
        .serve_at("/org/freedesktop/portal/desktop", portal)
        .unwrap()
        .name("org.freedesktop.portal.Desktop")
        .unwrap()
        .build()
        .await
        .unwrap();
    let store = behind.proxy.store_with_its_authority(&behind.desktop);
    let mut token = behind.desktop.token_program(&["--renew"]);
    token.env("SSL_CERT_FILE", &store);
    // Not connected yet: `connect` asks for the token.
    let mut connect = behind.desktop.token_program(&["connect"]);
    connect.env("SSL_CERT_FILE", &store);
    assert_eq!(tests::Told::by(&mut connect).code, 0);
    assert_eq!(tests::Told::by(&mut token).code, 0);
    assert!(!behind.proxy.asked().is_empty());
}
