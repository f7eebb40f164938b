//! A Practice Hotmart that the test holds in its hand: short lives, and eyes on everything.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connection::{AccountSettings, Deployment};
use oauth::Endpoint;
use practice::{Authentication, Client, Observation, Options, Practice};
use serde_json::json;
use url::Url;

use crate::desktop::Desktop;
use crate::process::{free_port, wait_until};

/// The registered application.
pub const CLIENT_ID: &str = "seller-app-7f3d";
/// Its secret: a canary that must be found nowhere but in the keyring.
pub const CLIENT_SECRET: &str = "canary-secret-5b1e0c9a7d42";

/// A developer credential of production; its secret is the same.
pub const DEVELOPER_ID: &str = "developer-4c81";
/// Another, which a server of one's own knows that reads RFC 6749 alone.
pub const BASIC_DEVELOPER_ID: &str = "developer-9d20";
/// A developer credential of the sandbox; its secret is the same.
pub const SANDBOX_ID: &str = "sandbox-9e20";

/// Registered besides the default one.
pub const LOOPBACK_REDIRECT_URI: &str = connection::LOOPBACK_REDIRECT_URI;
/// The same for machines that have IPv6 alone.
pub const IPV6_REDIRECT_URI: &str = "http://[::1]:47992/callback";

/// How the server is set up.
#[derive(Clone, Copy, Debug)]
pub struct HotmartOptions {
    /// How long an access token lives.
    pub lifetime: Duration,
    /// How the application must authenticate.
    pub authentication: Authentication,
    /// `oidc` or `classic`.
    pub dialect: &'static str,
    /// How many random bytes a classic access token is made of.
    pub token_bytes: usize,
    /// The port to listen at; any if 0.
    pub port: u16,
}

impl Default for HotmartOptions {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(7_200),
            authentication: Authentication::Basic,
            dialect: "oidc",
            token_bytes: 1_200,
            port: 0,
        }
    }
}

/// The server, outside of the program, as the real one is.
pub struct Hotmart {
    practice: Practice,
    options: HotmartOptions,
    seen: Arc<Mutex<Vec<Observation>>>,
    remembered: Arc<Mutex<String>>,
}

/// A server that cannot be reached.
pub struct OfflineHotmart {
    options: HotmartOptions,
    ledger: String,
    seen: Arc<Mutex<Vec<Observation>>>,
}

impl OfflineHotmart {
    /// The same server, at the same address.
    pub async fn come_back(self) -> Hotmart {
        let port = self.options.port;
        let hotmart = Hotmart::serve(self.options, Some(self.ledger), self.seen).await;
        assert_eq!(hotmart.url().port(), Some(port), "it is where it was");
        hotmart
    }
}

impl Hotmart {
    /// A server like the newer Hotmart.
    pub async fn start() -> Self {
        Self::with(HotmartOptions::default()).await
    }

    /// A server of a certain kind.
    pub async fn with(chosen: HotmartOptions) -> Self {
        Self::serve(chosen, None, Arc::default()).await
    }

    async fn serve(
        chosen: HotmartOptions,
        ledger: Option<String>,
        seen: Arc<Mutex<Vec<Observation>>>,
    ) -> Self {
        let secret = if chosen.authentication == Authentication::None { "" } else { CLIENT_SECRET };
        // The last one is that of a server of one's own at this port.
        let own = format!("{}/127.0.0.1_{}_oidc_accesstoken", connection::DEFAULT_REDIRECT_URI, chosen.port);
        let redirect_uris =
            [connection::DEFAULT_REDIRECT_URI, LOOPBACK_REDIRECT_URI, IPV6_REDIRECT_URI, own.as_str()];
        let client = Client::new(CLIENT_ID, secret, chosen.authentication, &redirect_uris);
        let developer = |id, sandbox| Client {
            developer: true,
            sandbox,
            ..Client::new(id, CLIENT_SECRET, Authentication::Query, &[])
        };
        let basic = Client { authentication: Authentication::Basic, ..developer(BASIC_DEVELOPER_ID, false) };
        let clients = vec![client, developer(DEVELOPER_ID, false), developer(SANDBOX_ID, true), basic];
        let mut options = Options::new(clients, adapters::system_seconds, adapters::fill_random);
        options.access_token_lifetime = chosen.lifetime;
        options.code_lifetime = Duration::from_secs(120);
        options.token_bytes = chosen.token_bytes;
        // One at which it can come back after it was offline.
        options.port = if chosen.port == 0 { free_port() } else { chosen.port };
        options.ledger = ledger;
        let remembered = Arc::new(Mutex::new(String::new()));
        let memory = Arc::clone(&remembered);
        options.remember = Arc::new(move |ledger| ledger.clone_into(&mut memory.lock().unwrap()));
        let observer = Arc::clone(&seen);
        options.observe = Arc::new(move |observation| observer.lock().unwrap().push(observation));
        let practice = practice::serve(options).await.expect("a port is free");
        Self { practice, options: chosen, seen, remembered }
    }

    /// Takes the server off the net. It forgets nothing.
    pub fn go_offline(self) -> OfflineHotmart {
        let port = self.url().port().expect("it has a port");
        OfflineHotmart {
            options: HotmartOptions { port, ..self.options },
            ledger: self.remembered.lock().unwrap().clone(),
            seen: self.seen,
        }
    }

    /// Its address.
    pub fn url(&self) -> Url {
        self.practice.url()
    }

    /// The server itself.
    pub fn practice(&self) -> &Practice {
        &self.practice
    }

    /// Everything that happened so far.
    pub fn seen(&self) -> Vec<Observation> {
        self.seen.lock().unwrap().clone()
    }

    /// The access tokens that were given out, oldest first.
    pub fn access_tokens(&self) -> Vec<String> {
        let tokens = |observation| match observation {
            Observation::Exchanged { tokens, .. }
            | Observation::Refreshed { tokens }
            | Observation::Given { tokens } => tokens.first().cloned(),
            _ => None,
        };
        self.seen().into_iter().filter_map(tokens).collect()
    }

    /// How often tokens were refreshed.
    pub fn refreshes(&self) -> usize {
        self.seen().iter().filter(|seen| matches!(seen, Observation::Refreshed { .. })).count()
    }

    /// How often a code was exchanged.
    pub fn exchanges(&self) -> usize {
        self.seen().iter().filter(|seen| matches!(seen, Observation::Exchanged { .. })).count()
    }

    /// The codes that were given out.
    pub fn codes(&self) -> Vec<String> {
        let code = |observation| match observation {
            Observation::CodeIssued { code } => Some(code),
            _ => None,
        };
        self.seen().into_iter().filter_map(code).collect()
    }

    /// The state of the authorization request that was shown last, once there is one.
    pub fn last_state(&self) -> String {
        wait_until("the browser shows the consent page", || {
            self.seen().into_iter().rev().find_map(|seen| match seen {
                Observation::Asked { state } => Some(state),
                _ => None,
            })
        })
    }

    /// The account's settings for this server.
    pub fn account(&self) -> serde_json::Value {
        let base = self.url();
        let endpoints = match self.options.dialect {
            "classic" => json!({
                "authorize": format!("{base}security/oauth/authorize"),
                "token": format!("{base}security/oauth/token"),
                "issuer": format!("{base}security/oauth"),
                "api": base.as_str(),
            }),
            _ => json!({
                "authorize": format!("{base}oidc/authorize"),
                "token": format!("{base}oidc/accessToken"),
                "revoke": format!("{base}oidc/revoke"),
                "issuer": format!("{base}oidc"),
                "api": base.as_str(),
            }),
        };
        let scope = if self.options.dialect == "classic" { "all" } else { "openid developers sales" };
        let authentication = match self.options.authentication {
            Authentication::None => "none",
            Authentication::Basic => "basic",
            Authentication::Body => "body",
            Authentication::Query => "query",
        };
        json!({
            "id": "main", "environment": "custom", "client_id": CLIENT_ID, "scope": scope,
            "client_authentication": authentication, "endpoints": endpoints,
        })
    }

    /// What is around a program for which this server plays all of Hotmart's.
    fn as_hotmart(&self) -> Deployment {
        let stand_in = Some(Endpoint::parse(self.url().as_str()).expect("a URL"));
        Deployment { stand_in, ..Deployment::default() }
    }

    /// Writes settings with these accounts, for a program that takes this
    /// server for Hotmart's, and the secret of each into the keyring.
    pub fn configure_as_hotmart(&self, desktop: &Desktop, accounts: &[serde_json::Value]) {
        for account in accounts {
            let settings: AccountSettings = serde_json::from_value(account.clone()).expect("an account");
            let setup = settings.resolve(&self.as_hotmart()).expect("it can be used");
            let record = json!({ "issued_for": setup.fingerprint(), "secret": CLIENT_SECRET });
            desktop.put_secret(&format!("{}/client-secret", settings.id), &format!("whole:{record}"));
        }
        desktop.write_settings(&json!({ "version": 1, "language": "pt-BR", "accounts": accounts }));
    }

    /// Calls an API with the name of Hotmart's with a token; gives the status.
    pub async fn api_status_at(&self, host: &str, token: &str) -> u16 {
        let url = format!("{}{host}/payments/api/v1/sales/summary", self.url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(url).bearer_auth(token).send().await.expect("the API answers").status().as_u16()
    }

    /// The secret as it stands in the keyring, bound to this server and client.
    pub(crate) fn secret_record(&self) -> serde_json::Value {
        let account = self.account();
        let token = account["endpoints"]["token"].as_str().unwrap();
        json!({ "issued_for": format!("{token} {CLIENT_ID}"), "secret": CLIENT_SECRET })
    }

    /// Writes settings that point at this server, and the secret into the keyring, as if the form had.
    pub fn configure(&self, desktop: &Desktop, clipboard_seconds: u64) {
        self.configure_without_secret(desktop, clipboard_seconds);
        if self.options.authentication == Authentication::None {
            return;
        }
        desktop.put_secret("main/client-secret", &format!("whole:{}", self.secret_record()));
    }

    /// Writes settings that point at this server; the secret is still to be typed.
    pub fn configure_without_secret(&self, desktop: &Desktop, clipboard_seconds: u64) {
        let settings = json!({
            "version": 1, "language": "pt-BR", "clipboard_seconds": clipboard_seconds,
            "current_account": "main", "accounts": [self.account()],
        });
        desktop.write_settings(&settings);
    }

    /// Calls the API with a token, as a seller's tool does; gives the status.
    pub async fn api_status(&self, token: &str) -> u16 {
        let url = format!("{}payments/api/v1/sales/summary", self.url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(url).bearer_auth(token).send().await.expect("the API answers").status().as_u16()
    }
}

/// The right to use the registered loopback port: there is one on a machine.
pub async fn loopback_port() -> tokio::sync::MutexGuard<'static, ()> {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ALONE.lock().await
}

/// The address of the Practice Hotmart inside the program, and the right to
/// use it: there is one such port on a machine, so one test at a time.
pub async fn built_in_practice() -> (Url, tokio::sync::MutexGuard<'static, ()>) {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let url = Url::parse(&format!("http://127.0.0.1:{}/", connection::PRACTICE_PORT)).expect("a URL");
    (url, ALONE.lock().await)
}
