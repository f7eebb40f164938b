//! The whole journey in each environment, at a server that plays Hotmart's and
//! is as strict as that one may be. The program is told so by one variable,
//! which works for addresses on this machine alone.

use std::path::Path;
use std::process::Command;

use practice::Authentication;
use serde_json::{Value, json};
use tests::{
    App, Browser, CLIENT_ID, CLIENT_SECRET, DEVELOPER_ID, Desktop, Hotmart, HotmartOptions, SANDBOX_ID, Told,
    pt, says, wait_until,
};

pub const STAND_IN: &str = "HOTMART_CONNECT_STAND_IN";

/// A desktop on which the program takes a server of the test's for Hotmart.
pub struct AsHotmart {
    pub desktop: Desktop,
    pub hotmart: Hotmart,
    pub browser: Browser,
    pub app: App,
}

impl AsHotmart {
    pub async fn with(authentication: Authentication, accounts: &[Value]) -> Self {
        let desktop = Desktop::start();
        let hotmart = Hotmart::with(HotmartOptions { authentication, ..HotmartOptions::default() }).await;
        hotmart.configure_as_hotmart(&desktop, accounts);
        let browser = Browser::install(&desktop, Some(&hotmart.url()));
        let app = App::start_with(&desktop, STAND_IN, Path::new(hotmart.url().as_str())).await;
        Self { desktop, hotmart, browser, app }
    }

    /// Runs `hotmart-token`, which is told the same.
    pub fn token(&self, arguments: &[&str]) -> Told {
        let mut program: Command = self.desktop.token_program(arguments);
        Told::by(program.env(STAND_IN, self.hotmart.url().as_str()))
    }

    /// Clicks Connect and says yes in the browser.
    pub async fn connect_in_browser(&mut self) {
        self.app.click("connect").await;
        self.browser.answer(&self.desktop, &self.hotmart.url(), "allow").await;
    }

    /// What the last check found, in words.
    pub async fn verdict(&self) -> String {
        self.app.driver().wait_for("a verdict", "return document.querySelector('#verdict')").await;
        self.app.driver().text("verdict").await
    }

    /// Checked, renewed, copied, printed and called: what a connection is good for.
    async fn is_good(&self, host: &str) {
        let verdict = self.verdict().await;
        assert!(says(&verdict, "check.works"), "{verdict}");
        let before = self.token(&[]).answer;
        assert_eq!(self.hotmart.api_status_at(host, before.trim()).await, 200);
        self.app.click("refresh").await;
        wait_until("another token", || (self.token(&[]).answer != before).then_some(()));
        self.app.wait_for_state("connected").await;
        self.app.click("copy-token").await;
        self.app.wait_for_sentence("connected.copied").await;
        let copied = self.desktop.clipboard();
        assert_eq!(copied, self.token(&[]).answer.trim());
        assert_eq!(self.hotmart.api_status_at(host, &copied).await, 200);
        let told = self.token(&["check"]);
        assert!(told.code == 0 && says(&told.answer, "check.works_as"), "{told:?}");
    }

    async fn disconnect_and_hear(&self, sentence: &str) {
        self.app.click("disconnect").await;
        self.app.click("disconnect-now").await;
        self.app.wait_for_state("disconnected").await;
        self.app.wait_for_sentence(sentence).await;
        assert!(self.desktop.secret("main/tokens").is_none());
    }
}

pub fn account(environment: &str, client_id: &str) -> Value {
    json!({ "id": "main", "environment": environment, "client_id": client_id })
}

pub fn developer(environment: &str, client_id: &str) -> Value {
    let mut account = account(environment, client_id);
    account["grant_type"] = json!("client_credentials");
    account
}

#[tokio::test(flavor = "multi_thread")]
async fn hotmarts_classic_endpoints_with_a_registered_application() {
    let mut there = AsHotmart::with(Authentication::Body, &[account("hotmart", CLIENT_ID)]).await;
    there.connect_in_browser().await;
    there.app.wait_for_state("connected").await;
    there.is_good("developers.hotmart.com").await;
    assert_eq!((there.hotmart.exchanges(), there.hotmart.refreshes()), (1, 1));
    there.disconnect_and_hear("notice.revocation_not_offered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_is_no_in_both_dialects_and_the_sandbox_takes_an_application_too() {
    for (environment, authentication) in [
        ("hotmart", Authentication::Body),
        ("hotmart-authentication", Authentication::Basic),
        ("sandbox", Authentication::Body),
    ] {
        let mut there = AsHotmart::with(authentication, &[account(environment, CLIENT_ID)]).await;
        there.app.click("connect").await;
        there.browser.answer(&there.desktop, &there.hotmart.url(), "deny").await;
        there.app.wait_for_state("denied").await;
        assert!(there.desktop.secret("main/tokens").is_none());
        if environment == "sandbox" {
            there.connect_in_browser().await;
            there.app.wait_for_state("connected").await;
            // This application is production's, and that is found out.
            there.app.wait_for_sentence("check.belongs_to_production").await;
            there.app.click("move").await;
            there.app.wait_for_sentence("check.works").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_ones_own_takes_credentials_alone() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    let base = hotmart.url();
    let settings = json!({
        "id": "main", "environment": "custom", "grant_type": "client_credentials", "client_id": DEVELOPER_ID,
        "client_authentication": "query", "body_encoding": "json",
        "endpoints": { "token": format!("{base}security/oauth/token"), "api": base.as_str() },
    });
    hotmart.configure_as_hotmart(&desktop, &[settings]);
    let app = App::start(&desktop).await;
    app.wait_for_state("disconnected").await;
    app.wait_for_words(&format!("{} (127.0.0.1)", pt("environment.custom"))).await;
    app.click("connect").await;
    app.wait_for_state("connected").await;
    app.wait_for_sentence("check.works").await;
    assert_eq!(hotmart.api_status(desktop.token(&[]).quietly()).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn hotmart_authentication_gives_the_id_token_to_the_api() {
    let mut there =
        AsHotmart::with(Authentication::Basic, &[account("hotmart-authentication", CLIENT_ID)]).await;
    there.connect_in_browser().await;
    there.app.wait_for_words("Ana Souza").await;
    there.is_good("developers.hotmart.com").await;
    let token = there.token(&[]).answer;
    assert_eq!(token.trim().split('.').count(), 3, "a JSON Web Token");
    let access_token = there.hotmart.access_tokens().pop().unwrap();
    assert_eq!(there.hotmart.api_status_at("developers.hotmart.com", &access_token).await, 401);
    there.disconnect_and_hear("notice.revoked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn developer_credentials_connect_without_a_browser_in_production_and_in_the_sandbox() {
    for (environment, client_id, host) in
        [("hotmart", DEVELOPER_ID, "developers.hotmart.com"), ("sandbox", SANDBOX_ID, "sandbox.hotmart.com")]
    {
        let there = AsHotmart::with(Authentication::Basic, &[developer(environment, client_id)]).await;
        there.app.wait_for_state("disconnected").await;
        there.app.click("connect").await;
        there.app.wait_for_state("connected").await;
        there.app.wait_for_sentence("connected.text").await;
        there.is_good(host).await;
        assert_eq!(there.hotmart.exchanges(), 0, "nobody was sent to a browser");
        // The secret goes through an address, and addresses are never logged.
        let written = there.desktop.log() + &there.desktop.settings().to_string();
        let secrets = there.hotmart.access_tokens();
        for secret in secrets.iter().map(String::as_str).chain([CLIENT_SECRET]) {
            assert!(!written.contains(secret), "a log or a file holds a secret");
        }
        there.disconnect_and_hear("notice.revocation_not_offered").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn developer_credentials_connect_in_a_terminal_too() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    let run = |arguments: &[&str]| {
        let mut program = desktop.token_program(arguments);
        program.env(STAND_IN, hotmart.url().as_str());
        program
    };
    let connect =
        ["connect", "--environment", "sandbox", "--developer-credentials", "--client-id", SANDBOX_ID];
    let told = Told::by_with_input(&mut run(&connect), &format!("{CLIENT_SECRET}\n"));
    assert_eq!(told.code, 0, "{told:?}");
    let token = Told::by(&mut run(&[])).answer;
    assert_eq!(hotmart.api_status_at("sandbox.hotmart.com", token.trim()).await, 200);
    assert_eq!(desktop.settings()["accounts"][0]["grant_type"], "client_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_token_of_developer_credentials_is_renewed_when_a_program_asks() {
    let there = AsHotmart::with(Authentication::Basic, &[developer("hotmart", DEVELOPER_ID)]).await;
    there.app.wait_for_state("disconnected").await;
    there.app.click("connect").await;
    there.app.wait_for_state("connected").await;
    let first = there.token(&[]).answer;
    there.hotmart.practice().forget_access_tokens();
    let told = there.token(&["api", "GET", "/payments/api/v1/sales/summary"]);
    assert!(told.code == 0 && told.answer.contains("total_items"), "{told:?}");
    assert_ne!(there.token(&[]).answer, first);
}
